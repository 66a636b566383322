"""One connection, many requests: answered in order, however the bytes arrive."""

import socket

import pytest

from harness.twilio_facts import new_sid
from harness.wire import request, target


def test_a_hundred_pipelined_requests_are_answered_in_order(gateway, simulator):
    calls = [new_sid() for _ in range(10)]
    gateway.ask(calls[3])
    asked = [calls[number % 10] for number in range(100)]
    with gateway.connect() as connection:
        connection.send(b"".join(request(target(sid)) for sid in asked))
        assert [connection.read().json()["call_sid"] for _ in asked] == asked
    assert len(simulator.requests()) == 10, "the first of each call was a miss, the others hits"


def test_refusals_keep_their_place_in_the_row(gateway):
    sid = new_sid()
    row = [(target(sid), 200), ("/nothing", 404), (target("CA1"), 400), (target(sid), 200), (target(sid, "x"), 400), (target(sid), 200)] * 5
    with gateway.connect() as connection:
        connection.send(b"".join(request(path) for path, _ in row))
        assert [connection.read().status for _ in row] == [status for _, status in row]


def test_what_came_before_a_malformed_request_is_still_answered(gateway, simulator):
    sid, hidden = new_sid(), new_sid()
    with gateway.connect() as connection:
        connection.send_what_it_takes(request(target(sid)) * 3 + b"BROKEN\r\n\r\n" + request(target(hidden)))
        assert [connection.read().status for _ in range(4)] == [200, 200, 200, 400]
        connection.ends()
    assert simulator.requests(hidden) == []


def test_a_request_split_at_every_byte(gateway):
    sid = new_sid()
    whole = request(target(sid, "complete"), headers=[("Accept", "application/json"), ("User-Agent", "split")])
    expected = gateway.ask(sid).body
    with gateway.connect() as connection:
        for cut in range(1, len(whole)):
            connection.send(whole[:cut])
            connection.send(whole[cut:])
            answer = connection.read()
            assert (answer.status, answer.body) == (200, expected), f"cut after {cut} bytes"


def test_a_request_that_arrives_byte_by_byte(gateway):
    sid = new_sid()
    expected = gateway.ask(sid).body
    with gateway.connect() as connection:
        for byte in request(target(sid)):
            connection.send(bytes([byte]))
        assert connection.read().body == expected


def test_a_connection_serves_many_requests_one_after_the_other(gateway):
    sid = new_sid()
    with gateway.connect() as connection:
        for _ in range(200):
            assert connection.send(request(target(sid))).read().status == 200


@pytest.mark.parametrize("cold", [True, False], ids=["on a miss", "on a hit"])
def test_the_client_may_ask_to_close(gateway, cold):
    sid = new_sid()
    if not cold:
        gateway.ask(sid)
    with gateway.connect() as connection:
        answer = connection.send(request(target(sid), headers=[("Connection", "close")])).read()
        assert (answer.status, answer.header("Connection")) == (200, "close")
        connection.ends()


def test_a_client_of_http_1_0_gets_its_answer_and_the_end(gateway):
    sid = new_sid()
    for _ in range(2):
        with gateway.connect() as connection:
            answer = connection.send(request(target(sid), version="1.0")).read()
            assert (answer.status, answer.json()["call_sid"]) == (200, sid)
            assert answer.header("Transfer-Encoding") is None
            connection.ends()


def test_a_client_that_stops_sending_still_reads_its_answer(gateway):
    sid = new_sid()
    with gateway.connect() as connection:
        connection.send(request(target(sid)))
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.read().json()["call_sid"] == sid


def test_clients_that_vanish_while_they_are_answered_disturb_nobody(gateway):
    sid = new_sid()
    expected = gateway.ask(sid).body
    for number in range(50):
        with gateway.connect() as connection:
            # Half of them leave during a miss, half with unread hits on the way.
            connection.send(request(target(new_sid())) if number % 2 else request(target(sid)) * 50)
    assert gateway.ask(sid).body == expected
