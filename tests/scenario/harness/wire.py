"""A client that sends exact bytes and reads exact responses, pipelined ones included."""

import json
import os
import re
import socket
import ssl
from dataclasses import dataclass

from .cache_status import parse_cache_status
from .twilio_facts import PARENT

TIMEOUT = 20
_STATUS_LINE = re.compile(rb"HTTP/(1\.[01]) (\d{3}) ([\t\x20-\x7e]*)")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)")


@dataclass
class Response:
    version: str
    status: int
    reason: str
    fields: list
    body: bytes
    raw: bytes

    def header(self, name):
        """The field's value, or None; a field that may stand once stands once."""
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} stands {len(values)} times: {values}"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)

    @property
    def cache(self):
        return parse_cache_status(self.header("Cache-Status"))

    @property
    def fault(self):
        return self.header("Gateway-Fault")


def connected(port, host, receive_buffer, source=None):
    if isinstance(port, os.PathLike):
        family, address = socket.AF_UNIX, str(port)
    else:
        family, address = socket.AF_INET6 if ":" in host else socket.AF_INET, (host, port)
    plain = socket.socket(family)
    if receive_buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    plain.settimeout(TIMEOUT)
    if source:
        plain.bind((source, 0))
    plain.connect(address)
    if family != socket.AF_UNIX:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return plain


class Connection:
    """One TCP (or TLS) connection to a program under test; a path in the port's place names a unix socket."""

    def __init__(self, port, tls=None, server_name="localhost", host="127.0.0.1", receive_buffer=None, source=None):
        plain = connected(port, host, receive_buffer, source)
        self.socket = tls.wrap_socket(plain, server_hostname=server_name) if tls else plain
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)
        return self

    def send_what_it_takes(self, data):
        """For senders whose peer may have hung up before the end."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass
        return self

    def _more(self):
        piece = self.socket.recv(65536)
        self._buffer += piece
        return bool(piece)

    def _until(self, count):
        while len(self._buffer) < count:
            assert self._more(), f"the connection ended inside a body, after {self._buffer[-200:]!r}"
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _line(self):
        while b"\r\n" not in self._buffer:
            assert self._more(), f"the connection ended inside a line: {self._buffer[-200:]!r}"
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line

    def read(self, method="GET"):
        """The next response, or an assertion that says what came instead."""
        while b"\r\n\r\n" not in self._buffer:
            assert self._more(), f"the connection ended without a whole response: {self._buffer[:400]!r}"
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        lines = head.split(b"\r\n")
        start = _STATUS_LINE.fullmatch(lines[0])
        assert start, f"not a status line: {lines[0]!r}"
        fields = []
        for line in lines[1:]:
            field = _FIELD.fullmatch(line)
            assert field, f"not a header field: {line!r}"
            fields.append((field.group(1).decode(), field.group(2).decode().strip()))
        response = Response(start.group(1).decode(), int(start.group(2)), start.group(3).decode(), fields, b"", head + b"\r\n\r\n")
        response.body = self._body(response, method)
        response.raw += response.body
        return response

    def _body(self, response, method):
        if method == "HEAD" or response.status in (204, 304) or response.status < 200:
            return b""
        length, coding = response.header("Content-Length"), response.header("Transfer-Encoding")
        assert not (length and coding), "Content-Length and Transfer-Encoding in one response"
        if length is not None:
            return self._until(int(length))
        if coding is not None:
            assert coding.lower() == "chunked", coding
            return self._chunks()
        while self._more():
            pass
        taken, self._buffer = self._buffer, b""
        return taken

    def _chunks(self):
        body = b""
        while True:
            size = int(self._line().split(b";")[0], 16)
            if size == 0:
                while self._line():
                    pass
                return body
            body += self._until(size)
            assert self._line() == b"", "a chunk does not end with CRLF"

    def has_ended(self):
        """Waits for the first byte of an answer: True if the connection ends in its place. A reset is an error."""
        return not self._buffer and not self._more()

    def rest(self):
        """Everything up to the end of the connection; a reset is an end too."""
        try:
            while self._more():
                pass
        except (ConnectionResetError, ssl.SSLError):
            pass
        except TimeoutError:
            raise AssertionError(f"the connection stays open; after {self._buffer[-200:]!r}") from None
        taken, self._buffer = self._buffer, b""
        return taken

    def ends(self):
        left = self.rest()
        assert left == b"", f"bytes after the last response: {left[:400]!r}"

    def silent(self):
        """True while the connection is open and no byte of an answer has arrived."""
        self.socket.settimeout(0)
        try:
            return self._more() and not self._buffer
        except (BlockingIOError, ssl.SSLWantReadError):
            return not self._buffer
        except ConnectionResetError:
            return False
        finally:
            self.socket.settimeout(TIMEOUT)


def target(sid, state=None):
    return f"/v1/Voice/{sid}/Summary" + (f"?ProcessingState={state}" if state else "")


def annotation(sid):
    return f"/v1/Voice/{sid}/Annotation"


def request(path, auth=PARENT, method="GET", headers=(), body=b"", host="localhost", version="1.1"):
    """The bytes of one request, exactly as written here."""
    lines = [f"{method} {path} HTTP/{version}", f"Host: {host}"]
    if auth:
        lines.append(f"Authorization: {auth}")
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def exchange(port, data, method="GET", tls=None, host="127.0.0.1"):
    """One request on a connection of its own."""
    with Connection(port, tls=tls, host=host) as connection:
        return connection.send(data).read(method)
