"""The Cache-Status field (RFC 9211) as a dictionary."""

import re

_PARAMETER = re.compile(r'\s*;\s*([a-z*][a-z0-9_.*-]*)(?:=("(?:[^"\\]|\\.)*"|[A-Za-z0-9_.:/%*!#$&\'^`|~+-]+))?')


def parse_cache_status(text):
    """`name; hit; ttl=5` becomes {"hit": True, "ttl": 5}; anything off the grammar fails the test."""
    assert text is not None, "the answer has no Cache-Status"
    name = "summary-gateway"
    assert text.startswith(name), text
    parameters, position = {}, len(name)
    while position < len(text):
        found = _PARAMETER.match(text, position)
        assert found, f"not RFC 9211: {text!r}"
        value = found.group(2)
        if value is None:
            value = True
        elif re.fullmatch(r"-?\d+", value):
            value = int(value)
        else:
            value = value.strip('"')
        parameters[found.group(1)] = value
        position = found.end()
    return parameters
