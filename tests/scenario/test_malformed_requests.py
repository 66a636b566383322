"""Every way of sending HTTP that two parsers could read differently: refused, closed, nothing forwarded."""

import pytest

from harness.twilio_facts import PARENT, new_sid
from harness.wire import Connection

WARM, HIDDEN = new_sid(), new_sid()
PATH = f"/v1/Voice/{WARM}/Summary"
LINE = f"GET {PATH} HTTP/1.1\r\n".encode()
HOST = b"Host: localhost\r\n"
AUTH = f"Authorization: {PARENT}\r\n".encode()
END = b"\r\n"
# What a smuggler wants answered: a request of its own for a call that nobody has asked for.
SECRET = f"GET /v1/Voice/{HIDDEN}/Summary HTTP/1.1\r\n".encode() + HOST + AUTH + END


def with_fields(*fields, line=LINE, host=HOST, after=b""):
    return line + host + AUTH + b"".join(field + b"\r\n" for field in fields) + END + after


def target_of(text):
    return with_fields(line=b"GET " + text + b" HTTP/1.1\r\n")


def framed(*fields, body=b""):
    """A body in doubt, and behind it the request that must never be answered."""
    return with_fields(*fields, after=body + SECRET)


def chunked(body):
    return framed(b"Transfer-Encoding: chunked", body=body)


# case: (bytes, statuses that fit, why)
FRAMING = {
    "content length and chunked": (framed(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), {400}, "two lengths"),
    "chunked and content length": (framed(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n"), {400}, "two lengths"),
    "gzip coding": (framed(b"Transfer-Encoding: gzip"), {400, 501}, "no end in sight"),
    "chunked not last": (framed(b"Transfer-Encoding: chunked, gzip"), {400, 501}, "no end in sight"),
    "gzip then chunked": (framed(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), {400, 501}, "a coding nobody undoes"),
    "chunked twice": (framed(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"), {400, 501}, "RFC 9112 6.1"),
    "chunked in two fields": (framed(*[b"Transfer-Encoding: chunked"] * 2, body=b"0\r\n\r\n"), {400, 501}, "the same"),
    "nearly chunked": (framed(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), {400, 501}, "one parser looks for the word"),
    "quoted chunked": (framed(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"), {400, 501}, "not a token"),
    "identity": (framed(b"Transfer-Encoding: identity"), {400, 501}, "withdrawn in RFC 7230"),
    "empty coding": (framed(b"Transfer-Encoding:"), {400, 501}, "no coding"),
    "chunked behind a vertical tab": (framed(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"), {400, 501}, "not a blank"),
    "chunked in HTTP/1.0": (
        with_fields(b"Transfer-Encoding: chunked", line=LINE.replace(b"1.1", b"1.0"), after=b"0\r\n\r\n" + SECRET),
        {400, 501},
        "Pingora CVE-2026-2835",
    ),
    "length with plus": (framed(b"Content-Length: +5", body=b"hello"), {400}, "digits only"),
    "length negative": (framed(b"Content-Length: -1"), {400}, "digits only"),
    "length hexadecimal": (framed(b"Content-Length: 0x5", body=b"hello"), {400}, "digits only"),
    "length fractional": (framed(b"Content-Length: 5.0", body=b"hello"), {400}, "digits only"),
    "length with letters": (framed(b"Content-Length: 5a", body=b"hello"), {400}, "digits only"),
    "length in two words": (framed(b"Content-Length: 5 5", body=b"hello"), {400}, "digits only"),
    "length 2^64": (framed(b"Content-Length: 18446744073709551616"), {400, 413}, "wraps to 0"),
    "length 2^64 + 5": (framed(b"Content-Length: 18446744073709551621", body=b"hello"), {400, 413}, "wraps to 5"),
    "length empty": (framed(b"Content-Length:", body=b"hello"), {400}, "HAProxy CVE-2023-40225"),
    "length a list": (framed(b"Content-Length: 5, 5", body=b"hello"), {400}, "one number"),
    "length twice, the same": (framed(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"), {400}, "one field"),
    "length twice, different": (framed(b"Content-Length: 5", b"Content-Length: 0", body=b"hello"), {400}, "which?"),
}
CHUNKS = {
    "no CRLF after the data": (chunked(b"5\r\nhello0\r\n\r\n"), {400, 501}, "the next line is not a size"),
    "size with 0x": (chunked(b"0x5\r\nhello\r\n0\r\n\r\n"), {400, 501}, "hexadecimal digits only"),
    "size negative": (chunked(b"-5\r\nhello\r\n0\r\n\r\n"), {400, 501}, "hexadecimal digits only"),
    "size empty": (chunked(b"\r\nhello\r\n0\r\n\r\n"), {400, 501}, "hexadecimal digits only"),
    "size overflow": (chunked(b"10000000000000005\r\nhello\r\n0\r\n\r\n"), {400, 413, 501}, "17 digits wrap to 5"),
    "line feed alone": (chunked(b"5\nhello\r\n0\r\n\r\n"), {400, 501}, "one parser ends the line here"),
    "line feed in a quoted extension": (chunked(b'5;a="\n"\r\nhello\r\n0\r\n\r\n'), {400, 501}, "and another one here"),
    "a bad trailer": (chunked(b"0\r\nbad trailer\r\n\r\n"), {400, 501}, "not a field"),
}
HEAD = {
    "no host": (LINE + AUTH + END, {400}, "RFC 9112 3.2"),
    "two hosts": (with_fields(b"Host: localhost"), {400}, "RFC 9112 3.2"),
    "a list of hosts": (with_fields(host=b"Host: localhost, other\r\n"), {400}, "one host"),
    "user info in host": (with_fields(host=b"Host: user@localhost\r\n"), {400}, "no user"),
    "a path in host": (with_fields(host=b"Host: localhost/v1\r\n"), {400}, "no path"),
    "a blank in host": (with_fields(host=b"Host: local host\r\n"), {400}, "no blank"),
    "folded field": (with_fields(b"X-Long: one", b" two"), {400}, "obs-fold"),
    "folded first field": (LINE + b" X: y\r\n" + HOST + AUTH + END, {400}, "obs-fold of nothing"),
    "NUL in a value": (with_fields(b"X-Nul: a\0b"), {400}, "ends a C string"),
    "control byte in a value": (with_fields(b"X-Bell: a\x07b"), {400}, "not a field value"),
    "CR alone in a value": (with_fields(b"X-Cr: a\rb"), {400}, "one parser ends the line here"),
    "CR alone ends the line": (LINE[:-1] + HOST + AUTH + END, {400}, "no line feed"),
    "LF alone in the request line": (LINE[:-2] + b"\n" + HOST + AUTH + END, {400}, "no carriage return"),
    "LF alone behind a field": (LINE + HOST + b"X: y\n" + AUTH + END, {400}, "no carriage return"),
    "LF alone at the end": (LINE + HOST + AUTH[:-2] + b"\n\n" + SECRET, {400}, "no carriage return"),
    "blank before the colon": (with_fields(b"X-Blank : y"), {400}, "RFC 9112 5.1"),
    "blank in content length's name": (framed(b"Content-Length : 5", body=b"hello"), {400}, "one parser sees a length"),
    "no name": (with_fields(b": nameless"), {400}, "a field has a name"),
    "no colon": (with_fields(b"X-Nothing"), {400}, "a field has a colon"),
    "a bracket in a name": (with_fields(b"X(y): z"), {400}, "not a token"),
    "UTF-8 in a name": (with_fields("X-ä: z".encode()), {400}, "not a token"),
    "a NUL in a name": (with_fields(b"X\0y: z"), {400}, "not a token"),
    "a fragment": (target_of(PATH.encode() + b"#top"), {400}, "stays with the client"),
    "raw UTF-8 in the target": (target_of(PATH.encode() + "?ä=1".encode()), {400}, "not a URI"),
    "a control byte in the target": (target_of(PATH.encode() + b"\x01"), {400}, "not a URI"),
    "DEL in the target": (target_of(PATH.encode() + b"\x7f"), {400}, "not a URI"),
    "a NUL in the target": (target_of(PATH.encode() + b"\0"), {400}, "not a URI"),
    "a blank in the target": (target_of(PATH.encode() + b" x"), {400}, "four words"),
    "a relative target": (target_of(PATH[1:].encode()), {400}, "no leading slash"),
    "absolute form of another host": (target_of(b"http://elsewhere.example" + PATH.encode()), {400}, "contradicts Host"),
    "a scheme nobody serves": (target_of(b"ftp://localhost" + PATH.encode()), {400}, "not ours"),
    "two blanks": (LINE.replace(b" HTTP", b"  HTTP") + HOST + AUTH + END, {400}, "one blank"),
    "a tab": (LINE.replace(b" HTTP", b"\tHTTP") + HOST + AUTH + END, {400}, "one blank"),
    "a leading blank": (b" " + LINE + HOST + AUTH + END, {400}, "starts with the method"),
    "a trailing blank": (LINE[:-2] + b" \r\n" + HOST + AUTH + END, {400}, "ends with the version"),
    "no version": (f"GET {PATH}\r\n".encode() + HOST + AUTH + END, {400, 505}, "HTTP/0.9"),
    "a method that is no token": (LINE.replace(b"GET", b"G@T") + HOST + AUTH + END, {400}, "not a token"),
    "no method": (LINE[3:] + HOST + AUTH + END, {400}, "not a token"),
    "version in lower case": (LINE.replace(b"HTTP", b"http") + HOST + AUTH + END, {400, 505}, "case-sensitive"),
    "version 2": (LINE.replace(b"1.1", b"2.0") + HOST + AUTH + END, {400, 505}, "not spoken here"),
    "version 1.10": (LINE.replace(b"1.1", b"1.10") + HOST + AUTH + END, {400, 505}, "one digit"),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}, "not spoken here"),
    "a TLS client on the plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32) + END * 2, {400}, "https to http"),
    "noise": (bytes(range(128, 256)) + b"\r\n\r\n", {400}, "not HTTP"),
    "connect": (b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n", {400, 405, 501}, "no tunnel"),
}
TABLE = {**FRAMING, **{f"chunk: {name}": row for name, row in CHUNKS.items()}, **HEAD}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_it_is_refused_and_closed_and_nothing_of_it_goes_upstream(gateway, simulator, row):
    sent, fitting, why = row
    gateway.ask(WARM)
    before = len(simulator.requests())
    with gateway.connect() as connection:
        connection.send_what_it_takes(sent)
        answer = connection.read()
        assert answer.status in fitting, f"{why}: {answer.raw[:300]!r}"
        # CONNECT is well-formed HTTP with a method of its own: no tunnel is enough.
        if not sent.startswith(b"CONNECT"):
            assert answer.header("Connection") == "close", answer.raw[:300]
            connection.ends()
    assert answer.fault and answer.json()["status"] == answer.status and isinstance(answer.json()["code"], int)
    assert answer.cache is not None and answer.header("X-Request-Id")
    assert len(simulator.requests()) == before, why
    assert gateway.ask(WARM).cache.get("hit"), "the canary, on a new connection"


def test_a_body_on_a_cache_hit_is_never_read_as_a_request(gateway, simulator):
    gateway.ask(WARM)
    second = new_sid()
    gateway.ask(second)
    hiding = with_fields(b"Content-Length: %d" % len(SECRET), after=SECRET)
    with gateway.connect() as connection:
        connection.send(hiding + with_fields(b"Connection: close", line=LINE.replace(WARM.encode(), second.encode())))
        answers = connection.rest()
    assert HIDDEN.encode() not in answers
    # Either the body is drained and the next request answered, or the connection is closed after the first.
    assert answers.count(b"HTTP/1.1 ") in (1, 2)
    assert answers.count(second.encode()) <= 1
    assert simulator.requests(HIDDEN) == []


@pytest.mark.parametrize("protocol", ["websocket", "h2c", "TLS/1.3"])
def test_an_upgrade_is_ignored_and_opens_no_tunnel(gateway, simulator, protocol):
    gateway.ask(WARM)
    with gateway.connect() as connection:
        upgrade = with_fields(b"Connection: Upgrade", f"Upgrade: {protocol}".encode(), b"HTTP2-Settings: AAMAAABkAAQAAP__")
        connection.send(upgrade + with_fields())
        for _ in range(2):
            answer = connection.read()
            assert answer.status == 200 and answer.json()["call_sid"] == WARM
            assert answer.header("Upgrade") is None
    assert simulator.requests(HIDDEN) == []


def test_absolute_form_that_agrees_with_host_is_served(gateway):
    gateway.ask(WARM)
    answer = gateway.send(target_of(b"http://localhost" + PATH.encode()))
    assert answer.status == 200 and answer.cache.get("hit")


@pytest.mark.parametrize("host", ["insights.twilio.com", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST", "a-service.namespace.svc:80"])
def test_any_well_formed_host_is_accepted(gateway, host):
    assert gateway.send(with_fields(host=f"Host: {host}\r\n".encode())).status == 200


@pytest.mark.parametrize("named", ["Authorization", "Host", "close, Authorization", "Accept, authorization"])
def test_naming_the_credential_in_connection_makes_nobody_anonymous(gateway, simulator, named):
    sid = new_sid()
    with Connection(gateway.port) as connection:
        connection.send(with_fields(f"Connection: {named}".encode(), line=LINE.replace(WARM.encode(), sid.encode())))
        answer = connection.read()
    assert answer.status in (200, 400)
    for seen in simulator.requests(sid):
        assert seen["user"].endswith("1"), "the credential went upstream"
    anonymous = LINE.replace(WARM.encode(), sid.encode()) + HOST + END
    assert gateway.send(anonymous).status == 401
