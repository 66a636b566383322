"""Every way of sending HTTP that two parsers could read differently: refused, closed, nothing forwarded (the table: raw_requests)."""

import pytest

from harness.twilio_facts import PARENT, new_sid
from harness.wire import Connection
from raw_requests import AUTH, END, HIDDEN, HOST, LINE, PATH, REFUSED, SECRET, SERVED, WARM, chunked, target_of, with_fields


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_and_closed_and_nothing_of_it_goes_upstream(gateway, simulator, row):
    sent, fitting, why = row
    gateway.ask(WARM)
    before = len(simulator.requests())
    with gateway.connect() as connection:
        connection.send_what_it_takes(sent)
        heads_only = sent.startswith(b"HEAD ")
        answer = connection.read("HEAD" if heads_only else "GET")
        assert answer.status in fitting, f"{why}: {answer.raw[:300]!r}"
        # CONNECT is well-formed HTTP with a method of its own: no tunnel is enough.
        if answer.status != 405:
            assert answer.header("Connection") == "close", answer.raw[:300]
            connection.ends()
    assert answer.fault and (heads_only or answer.json()["status"] == answer.status and isinstance(answer.json()["code"], int))
    assert answer.cache is not None and answer.header("X-Request-Id")
    assert len(simulator.requests()) == before, why
    assert gateway.ask(WARM).cache.get("hit"), "the canary, on a new connection"


def test_content_in_pieces_is_the_same_as_content_at_once(gateway, simulator):
    before = len(simulator.requests())
    with gateway.connect() as connection:
        for byte in chunked(b"5;a=b\r\nhello\r\n0\r\n\r\n").replace(b"GET", b"POST", 1).removesuffix(SECRET):
            connection.send(bytes([byte]))
        assert connection.read().status == 405
        assert connection.send(with_fields(b"Connection: close")).read().status == 200
        connection.ends()
    assert len(simulator.requests()) <= before + 1


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


@pytest.mark.parametrize("sent", SERVED.values(), ids=SERVED)
def test_what_is_odd_but_right_is_served(gateway, simulator, sent):
    gateway.ask(WARM)
    before = len(simulator.requests())
    with gateway.connect() as connection:
        # Whatever was odd about the first, the second is read from its first byte.
        close = b"" if b"HTTP/1.0" in sent else with_fields(b"Connection: close")
        connection.send(sent + close)
        answers = [connection.read() for _ in range(2 if close else 1)]
        connection.ends()
    for answer in answers:
        assert answer.status == 200 and answer.json()["call_sid"] == WARM and answer.cache.get("hit"), answer.raw[:300]
    assert len(simulator.requests()) == before


def test_content_that_is_expected_to_be_waited_for(gateway):
    """The interim answer comes once, and the request behind the content is a request."""
    with gateway.connect() as connection:
        connection.send(with_fields(b"Expect: 100-continue", b"Content-Length: 5").replace(b"GET", b"POST", 1))
        assert connection.read().status == 100
        connection.send(b"hello" + with_fields())
        assert connection.read().status == 405
        assert connection.read().status == 200


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
