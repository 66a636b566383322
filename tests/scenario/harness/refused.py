"""A gateway that must not start."""

from .gateway import BINARY, yaml
from .program import Program


def fails_to_start(directory, settings, name="refused", preexec=None):
    """Its exit code and everything it said."""
    path = directory / f"{name}.yaml"
    path.write_text(yaml(settings))
    program = Program([BINARY, "--config", path], directory, name, preexec)
    code = program.wait()
    program.no_sanitizer_report()
    return code, program.output()
