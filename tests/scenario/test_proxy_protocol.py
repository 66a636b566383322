"""The PROXY protocol: demanded from whom it is expected, and nothing special from anybody else."""

import ssl
import struct
import time

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.twilio_facts import new_sid
from harness.wire import Connection, connected, request, target
from test_clients import PLAIN, clients

PROXY = "127.0.0.9"
LISTENER = {"address": "127.0.0.1:0", "proxy_protocol": {"from": [PROXY]}}
V1 = b"PROXY TCP4 192.0.2.7 198.51.100.1 12345 443\r\n"
ADDRESSES = bytes([192, 0, 2, 7, 198, 51, 100, 1, 0x30, 0x39, 1, 0xBB])


def v2(rest=ADDRESSES, command=0x21, family=0x11, size=None):
    return b"\r\n\r\n\0\r\nQUIT\n" + bytes([command, family]) + struct.pack(">H", len(rest) if size is None else size) + rest


@pytest.fixture(scope="module")
def sid():
    return new_sid()


@pytest.fixture
def announced(start_gateway):
    return start_gateway(listeners=[LISTENER], limits={"header_timeout": "1s"}, **PLAIN)


def refusals(gateway):
    counts = gateway.metrics().by("connections_refused_total", "reason")
    return {reason: int(count) for reason, count in counts.items() if reason.startswith("proxy") and count}


@pytest.mark.parametrize("header", [V1, v2(), v2(ADDRESSES + b"\x04\0\x02xx")], ids=["v1", "v2", "v2 with an extension"])
def test_header_and_request_may_come_in_any_pieces(announced, sid, header):
    sent = header + request(target(sid))
    for size in (1, 7, len(header) - 1, len(header), len(header) + 1, len(sent)):
        with Connection(announced.port, source=PROXY) as connection:
            for start in range(0, len(sent), size):
                connection.send(sent[start : start + size])
            assert connection.read().status == 200
    assert set(clients(announced)) == {"192.0.2.7"}


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", v2(b"", command=0x20, family=0), v2(b"", family=0)], ids=["v1 unknown", "v2 local", "v2 unspecified"])
def test_who_is_not_named_is_the_proxy_itself(announced, sid, header):
    with Connection(announced.port, source=PROXY) as connection:
        assert connection.send(header + request(target(sid))).read().status == 200
    assert set(clients(announced)) == {PROXY}


NO_HEADERS = {
    "a request": (request("/"), "proxy_missing"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "proxy_missing"),
    "malformed v1": (b"PROXY TCP4 192.0.2.7\r\n", "proxy_malformed"),
    "endless v1": (b"PROXY TCP4 " + b"1" * 200, "proxy_too_long"),
    "another command": (v2(command=0x2F), "proxy_malformed"),
    "addresses cut short": (v2(ADDRESSES[:5]), "proxy_malformed"),
    "an extension that does not end": (v2(ADDRESSES + b"\x04\xff\xff"), "proxy_malformed"),
    "64 KB": (v2(b"", size=65535), "proxy_too_long"),
    "a wrong checksum": (v2(ADDRESSES + b"\x03\0\x04abcd"), "proxy_malformed"),
}


@pytest.mark.parametrize("sent, reason", NO_HEADERS.values(), ids=NO_HEADERS)
def test_without_a_well_formed_header_the_connection_is_closed(announced, simulator, sent, reason):
    before = refusals(announced).get(reason, 0)
    with Connection(announced.port, source=PROXY) as connection:
        connection.send_what_it_takes(sent).ends()
    eventually(lambda: refusals(announced).get(reason, 0) == before + 1)
    assert clients(announced) == {} and simulator.requests() == []


def test_a_header_that_does_not_end_is_closed_at_its_deadline(announced):
    begun = time.monotonic()
    with Connection(announced.port, source=PROXY) as silent, Connection(announced.port, source=PROXY) as partial:
        partial.send(V1[:20])
        silent.ends()
        partial.ends()
    assert 0.5 < time.monotonic() - begun < 6
    assert announced.metrics().total("connection_deadlines_total") == 2


@pytest.mark.parametrize("header", [V1, v2()], ids=["v1", "v2"])
def test_from_anybody_else_it_is_malformed_http(announced, simulator, sid, header):
    with Connection(announced.port, source="127.0.0.2") as connection:
        answer = connection.send_what_it_takes(header + request(target(sid))).read()
        assert answer.status == 400 and answer.fault.startswith("malformed_")
        connection.rest()
    assert set(clients(announced)) == {"127.0.0.2"} and simulator.requests() == []
    with Connection(announced.port, source="127.0.0.2") as connection:
        assert connection.send(request(target(sid))).read().status == 200, "they are served as ever"


def test_tls_begins_behind_the_header(start_gateway, tmp_path, sid):
    authority = Authority(tmp_path, "authority")
    leaf = authority.leaf()
    gateway = start_gateway(listeners=[{**LISTENER, "tls": {"certificate": leaf.certificate, "key": leaf.key}}], **PLAIN)
    context = ssl.create_default_context(cafile=str(authority.certificate))
    plain = connected(gateway.port, "127.0.0.1", None, PROXY)
    plain.sendall(v2())
    with context.wrap_socket(plain, server_hostname="localhost") as secured:
        secured.sendall(request(target(sid)))
        assert secured.recv(12) == b"HTTP/1.1 200"
    assert set(clients(gateway)) == {"192.0.2.7"}
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        Connection(gateway.port, tls=context, source=PROXY)
    assert refusals(gateway) == {"proxy_missing": 1}


def test_on_a_unix_socket_too(start_gateway, tmp_path, sid):
    path = tmp_path / "http.sock"
    gateway = start_gateway(listeners=[{"address": f"unix:{path}", "proxy_protocol": {"from": ["unix"]}}], **PLAIN)
    with Connection(path) as connection:
        assert connection.send(V1 + request(target(sid))).read().status == 200
    with Connection(path) as connection:
        connection.send_what_it_takes(request(target(sid))).ends()
    assert set(clients(gateway)) == {"192.0.2.7"}
    assert refusals(gateway) == {"proxy_missing": 1}
