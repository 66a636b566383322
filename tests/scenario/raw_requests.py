"""Raw requests that two parsers could read differently, and what must become of each: THE table to extend.

A row: name -> (bytes, statuses that fit, why it is dangerous). Every row of REFUSED is sent on a connection of its own; it must be
answered with one of its statuses, its connection must end, nothing of it may go upstream, and canaries must be served rightly
afterwards (test_malformed_requests). Every row of SERVED must be answered with 200, however odd it looks. Write a new row where its
kind stands; the helpers below put the line, Host and Authorization around what is odd.
"""

from harness.twilio_facts import PARENT, new_sid

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
    """A body whose length is unclear, and behind it the request that must never be answered."""
    return with_fields(*fields, after=body + SECRET)


def chunked(body):
    return framed(b"Transfer-Encoding: chunked", body=body)


# case: (bytes, statuses that fit, why)
FRAMING = {
    "content length and chunked": (framed(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), {400}, "two lengths"),
    "chunked and content length": (framed(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n"), {400}, "two lengths"),
    "gzip coding": (framed(b"Transfer-Encoding: gzip"), {400}, "no end in sight"),
    "chunked not last": (framed(b"Transfer-Encoding: chunked, gzip"), {400}, "no end in sight"),
    "gzip then chunked": (framed(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), {501}, "a coding nobody undoes: RFC 9112 6.1"),
    "chunked twice": (framed(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"), {400}, "RFC 9112 6.1"),
    "chunked in two fields": (framed(*[b"Transfer-Encoding: chunked"] * 2, body=b"0\r\n\r\n"), {400}, "the same"),
    "nearly chunked": (framed(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), {400}, "one parser looks for the word"),
    "quoted chunked": (framed(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"), {400}, "not a token"),
    "identity": (framed(b"Transfer-Encoding: identity"), {400}, "withdrawn in RFC 7230"),
    "empty coding": (framed(b"Transfer-Encoding:"), {400}, "no coding"),
    "chunked behind a vertical tab": (framed(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"), {400}, "not a blank"),
    "chunked in HTTP/1.0": (
        with_fields(b"Transfer-Encoding: chunked", line=LINE.replace(b"1.1", b"1.0"), after=b"0\r\n\r\n" + SECRET),
        {400},
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
    "no CRLF after the data": (chunked(b"5\r\nhello0\r\n\r\n"), {400}, "the next line is not a size"),
    "size with 0x": (chunked(b"0x5\r\nhello\r\n0\r\n\r\n"), {400}, "hexadecimal digits only"),
    "size negative": (chunked(b"-5\r\nhello\r\n0\r\n\r\n"), {400}, "hexadecimal digits only"),
    "size empty": (chunked(b"\r\nhello\r\n0\r\n\r\n"), {400}, "hexadecimal digits only"),
    "size overflow": (chunked(b"10000000000000005\r\nhello\r\n0\r\n\r\n"), {400, 413}, "17 digits wrap to 5"),
    "line feed alone": (chunked(b"5\nhello\r\n0\r\n\r\n"), {400}, "one parser ends the line here"),
    "line feed in a quoted extension": (chunked(b'5;a="\n"\r\nhello\r\n0\r\n\r\n'), {400}, "and another one here"),
    "size with underscore": (chunked(b"1_0\r\nhello world!!!!!\r\n0\r\n\r\n"), {400}, "some number parsers skip it"),
    "size with plus": (chunked(b"+5\r\nhello\r\n0\r\n\r\n"), {400}, "hexadecimal digits only"),
    "a blank before the size": (chunked(b" 5\r\nhello\r\n0\r\n\r\n"), {400}, "hexadecimal digits only"),
    "a blank behind the size": (chunked(b"5 \r\nhello\r\n0\r\n\r\n"), {400}, "white space belongs to an extension"),
    "CR alone ends the size": (chunked(b"5\rhello\r\n0\r\n\r\n"), {400}, "not a line end"),
    "an extension without a name": (chunked(b"5;\r\nhello\r\n0\r\n\r\n"), {400}, "RFC 9112 7.1.1"),
    "an extension that is no token": (chunked(b"5;bad[=x\r\nhello\r\n0\r\n\r\n"), {400}, "RFC 9112 7.1.1"),
    "a NUL in an extension": (chunked(b"5;a\0\r\nhello\r\n0\r\n\r\n"), {400}, "a control byte"),
    "CR in an extension": (chunked(b"5;a\rX\r\nhello\r\n0\r\n\r\n"), {400}, "one parser ends the line here"),
    "an extension of 100 KB": (chunked(b"5;a=" + b"x" * 100_000 + b"\r\nhello\r\n0\r\n\r\n"), {400, 413, 431}, "a line has a bound"),
    "more data than its size": (chunked(b"5\r\nhello!!\r\n0\r\n\r\n"), {400}, "spills into the next line"),
    "a line feed alone behind the data": (chunked(b"5\r\nhello\n0\r\n\r\n"), {400}, "no carriage return"),
    "a line feed alone behind the last chunk": (chunked(b"0\r\n\n"), {400}, "no carriage return"),
    "a folded trailer": (chunked(b"0\r\nA: b\r\n c\r\n\r\n"), {400}, "obs-fold"),
    "POST, a malformed chunk": (chunked(b"0x5\r\nhello\r\n0\r\n\r\n").replace(b"GET", b"POST", 1), {400}, "framing before method"),
    "POST, length and chunked": (framed(b"Content-Length: 4", b"Transfer-Encoding: chunked").replace(b"GET", b"POST", 1), {400}, "the same"),
    "a bad trailer": (chunked(b"0\r\nbad trailer\r\n\r\n"), {400}, "not a field"),
}
BODIES = {
    "a body on GET": (framed(b"Content-Length: %d" % len(SECRET), body=SECRET), {400}, "Pingora CVE-2025-4366"),
    "a chunked body on GET": (framed(b"Transfer-Encoding: chunked", body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(SECRET), SECRET)), {400}, "the same"),
    "a body on HEAD": (framed(b"Content-Length: 5", body=b"hello").replace(b"GET", b"HEAD", 1), {400}, "the same"),
    "a body on OPTIONS": (framed(b"Content-Length: 5", body=b"hello").replace(b"GET", b"OPTIONS", 1), {400}, "the same"),
    "a body of 1 GB": (framed(b"Content-Length: 1000000000"), {413}, "a bound before a byte of it is read"),
    "a body in chunks of 1 GB": (chunked(b"40000000\r\n"), {413}, "the same"),
}
HEAD = {
    "no host": (LINE + AUTH + END, {400}, "RFC 9112 3.2"),
    "two hosts": (with_fields(b"Host: localhost"), {400}, "RFC 9112 3.2"),
    "a list of hosts": (with_fields(host=b"Host: localhost, other\r\n"), {400}, "one host"),
    "an empty host": (with_fields(host=b"Host:\r\n"), {400}, "RFC 9110 4.2.1"),
    "an empty host in HTTP/1.0": (with_fields(line=LINE.replace(b"1.1", b"1.0"), host=b"Host: \r\n"), {400}, "the same"),
    "a port without a host": (with_fields(host=b"Host: :80\r\n"), {400}, "the same"),
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
    "version 1": (LINE.replace(b"1.1", b"1") + HOST + AUTH + END, {400, 505}, "one digit, a dot, one digit"),
    "version 01.01": (LINE.replace(b"1.1", b"01.01") + HOST + AUTH + END, {400, 505}, "one digit, a dot, one digit"),
    "a blank in the version": (LINE.replace(b"HTTP/1.1", b"HTTP/ 1.1") + HOST + AUTH + END, {400, 505}, "one word"),
    "version 0.9": (LINE.replace(b"1.1", b"0.9") + HOST + AUTH + END, {400, 505}, "not spoken here"),
    "asterisk with GET": (target_of(b"*"), {400}, "OPTIONS only"),
    "no target": (b"GET  HTTP/1.1\r\n" + HOST + AUTH + END, {400}, "three words"),
    "a backslash in the target": (target_of(PATH.encode() + b"\\"), {400}, "not a URI"),
    "a percent sign alone": (target_of(PATH.encode() + b"%"), {400}, "not a URI"),
    "a method of a tunnel": (with_fields(line=b"CONNECT evil.example:443 HTTP/1.1\r\n", host=b"Host: other.example:443\r\n"), {400, 405, 501}, "no tunnel"),
    "an expectation": (with_fields(b"Expect: the-moon"), {417}, "RFC 9110 10.1.1"),
    "two credentials": (with_fields(f"Authorization: {PARENT}".encode()), {400}, "which?"),
    "version 1.10": (LINE.replace(b"1.1", b"1.10") + HOST + AUTH + END, {400, 505}, "one digit"),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}, "not spoken here"),
    "a TLS client on the plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32) + END * 2, {400}, "https to http"),
    "noise": (bytes(range(128, 256)) + b"\r\n\r\n", {400}, "not HTTP"),
    "connect": (b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n", {400, 405, 501}, "no tunnel"),
}
REFUSED = {**FRAMING, **{f"chunk: {name}": row for name, row in CHUNKS.items()}, **BODIES, **HEAD}

SERVED = {
    "blanks and tabs around a value": with_fields(b"X-Blank: \t y \t"),
    "no blank behind the colon": with_fields(host=b"Host:localhost\r\n"),
    "an empty value": with_fields(b"X-Empty:"),
    "names in any case": (LINE + HOST + AUTH + END).replace(b"Host", b"hOsT").replace(b"Authorization", b"aUTHORIZATION"),
    "Latin-1 in a value": with_fields(b"X-Name: caf\xe9"),
    "empty lines before it": b"\r\n\r\n" + with_fields(),
    "a content length of nothing": with_fields(b"Content-Length: 0"),
    "chunked and nothing in it": with_fields(b"Transfer-Encoding: chunked", after=b"0\r\n\r\n"),
    "chunked and only a trailer in it": with_fields(b"Transfer-Encoding: CHUNKED", after=b"0;a=\"b\"\r\nA: b\r\n\r\n"),
    "a content type on GET, as Go's SDK sends": with_fields(b"Content-Type: application/x-www-form-urlencoded"),
    "a later version of HTTP/1": LINE.replace(b"1.1", b"1.2") + HOST + AUTH + END,
    "HTTP/1.0 without a host": LINE.replace(b"1.1", b"1.0") + AUTH + END,
    "the absolute form": target_of(b"http://localhost" + PATH.encode()),
    "the absolute form, the default port said once": target_of(b"http://localhost:80" + PATH.encode()),
    "the absolute form, https": target_of(b"HTTPS://LOCALHOST" + PATH.encode()),
    "expecting 100-continue with nothing to send": with_fields(b"Expect: 100-continue"),
    "Accept-Encoding as Java sends it": with_fields(b"Accept-Encoding: utf-8"),
    "a range": with_fields(b"Range: bytes=0-3"),
    "a range that is none": with_fields(b"Range: lines=1"),
    "an unknown Accept": with_fields(b"Accept: image/x-nothing"),
    "two content types": with_fields(b"Content-Type: a/b", b"Content-Type: c/d"),
    "an upgrade": with_fields(b"Connection: Upgrade", b"Upgrade: websocket"),
    "trailers announced": with_fields(b"TE: trailers", b"Connection: TE"),
}
