"""A thousand connections that want nothing but our time and memory: a probe is answered meanwhile, memory stays flat, and all of them
are gone when their deadline has passed."""

import os
import time

import pytest

from harness.eventually import eventually
from harness.twilio_facts import PARENT, new_sid
from harness.wire import Connection, request, target

MANY = 1000
SID = new_sid()
HEAD = f"GET {target(SID)} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {PARENT}\r\n".encode()


def slow_header(gateway, number):
    return gateway.connect().send(HEAD[: 1 + number % len(HEAD)])


def slow_content(gateway, number):
    return gateway.connect().send(HEAD.replace(b"GET", b"POST", 1) + b"Content-Length: 1000\r\n\r\n" + b"x" * (number % 100))


def slow_chunks(gateway, number):
    return gateway.connect().send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * (number % 100))


def no_request(gateway, _number):
    return gateway.connect()


def one_request(gateway, _number):
    connection = gateway.connect()
    connection.send(HEAD + b"\r\n").read()
    return connection


def no_reading(gateway, _number):
    """A window of next to nothing, and more answers than fit anywhere."""
    return Connection(gateway.port, receive_buffer=1024).send_what_it_takes((HEAD + b"\r\n") * 100)


def resident(gateway):
    with open(f"/proc/{gateway.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("kind", [slow_header, slow_content, slow_chunks, no_request, one_request, no_reading], ids=lambda kind: kind.__name__)
def test_a_thousand_connections_of_a_kind(start_gateway, kind):
    times = {"header_timeout": "3s", "idle_timeout": "3s", "write_timeout": "3s"}
    gateway = start_gateway(limits=times)
    assert gateway.ask(SID).status == 200
    before = resident(gateway)
    crowd = [kind(gateway, number) for number in range(MANY)]
    slowest = 0
    for _ in range(20):
        begun = time.monotonic()
        assert gateway.ask(SID).cache.get("hit")
        slowest = max(slowest, time.monotonic() - begun)
    # With a sanitizer and a busy machine; a release build takes milliseconds.
    assert slowest < 4, "a probe does not wait for the crowd"
    # The sanitizer's share included. The largest are those that do not read: a batch of answers each.
    assert resident(gateway) - before < MANY * 256 * 1024
    eventually(lambda: gateway.metrics().total("connections") <= 2, timeout=15, what="the crowd is gone")
    for connection in crowd:
        connection.close()
    assert gateway.ask(SID).cache.get("hit")
