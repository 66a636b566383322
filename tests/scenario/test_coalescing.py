"""Readers of one cold call who come together cost one upstream call, and nobody's leaving hurts the rest."""

import pytest

from harness.eventually import eventually
from harness.twilio_facts import BEARER, new_sid
from harness.wire import request, target

# Far more readers than the workers have threads, sockets or buffers to spare.
READERS = 1000


@pytest.fixture
def held(simulator):
    """Upstream reads requests and answers none until release."""
    simulator.barrier(True)
    yield simulator
    simulator.barrier(False)


def in_flight(simulator, count):
    eventually(lambda: simulator.state()["in_flight"] == count, what=f"{count} in flight upstream")


def readers(gateway, sid, count, **more):
    return [gateway.connect().send(request(target(sid), **more)) for _ in range(count)]


def everyone_has_arrived(gateway, warm):
    """Hits on new connections queue behind what was sent before; several, so that each worker serves some."""
    for _ in range(20):
        assert gateway.ask(warm).cache.get("hit")


@pytest.fixture
def warm(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    return sid


def answers(connections):
    out = [connection.read() for connection in connections]
    for connection in connections:
        connection.close()
    return out


def test_a_thousand_cold_readers_are_one_upstream_call(gateway, simulator, warm):
    sid = new_sid()
    simulator.barrier(True)
    crowd = readers(gateway, sid, READERS)
    in_flight(simulator, 1)
    everyone_has_arrived(gateway, warm)
    assert all(connection.silent() for connection in crowd)
    simulator.barrier(False)
    got = answers(crowd)
    assert {answer.status for answer in got} == {200}
    assert len({answer.body for answer in got}) == 1
    assert simulator.count(sid) == 1
    assert sum("collapsed" in answer.cache for answer in got) > READERS // 2
    assert sum(answer.cache.get("stored", False) and "collapsed" not in answer.cache for answer in got) == 1, "one leader"
    assert gateway.ask(sid).cache.get("hit")


def test_a_collapsed_answer_is_as_good_as_the_leaders(gateway, held):
    sid = new_sid()
    first = readers(gateway, sid, 1)
    in_flight(held, 1)
    others = readers(gateway, sid, 5)
    held.barrier(False)
    leader, *followers = answers(first + others)
    for follower in followers:
        assert (follower.status, follower.body, follower.header("ETag")) == (200, leader.body, leader.header("ETag"))
        assert follower.header("Twilio-Request-Id") in (None, leader.header("Twilio-Request-Id"))


def test_the_leader_may_leave(gateway, simulator, warm):
    sid = new_sid()
    simulator.barrier(True)
    (leader,) = readers(gateway, sid, 1)
    in_flight(simulator, 1)
    followers = readers(gateway, sid, 10)
    everyone_has_arrived(gateway, warm)
    leader.close()
    everyone_has_arrived(gateway, warm)
    simulator.barrier(False)
    assert {answer.status for answer in answers(followers)} == {200}
    assert simulator.count(sid) == 1


def test_all_clients_may_leave_and_the_result_is_stored(gateway, simulator, warm):
    sid = new_sid()
    simulator.barrier(True)
    crowd = readers(gateway, sid, 10)
    in_flight(simulator, 1)
    everyone_has_arrived(gateway, warm)
    for connection in crowd:
        connection.close()
    simulator.barrier(False)
    eventually(lambda: gateway.ask(sid).cache.get("hit"))
    assert simulator.count(sid) == 1


def test_plain_and_complete_are_one_question(gateway, simulator, warm):
    sid = new_sid()
    simulator.barrier(True)
    first = readers(gateway, sid, 1)
    in_flight(simulator, 1)
    with gateway.connect() as second:
        second.send(request(target(sid, "complete")))
        everyone_has_arrived(gateway, warm)
        simulator.barrier(False)
        assert answers(first)[0].body == second.read().body
    assert simulator.count(sid) == 1


def test_two_credentials_are_two_questions(gateway, held):
    sid = new_sid()
    crowd = readers(gateway, sid, 5) + readers(gateway, sid, 5, auth=BEARER)
    in_flight(held, 2)
    held.barrier(False)
    assert {answer.status for answer in answers(crowd)} == {200}
    assert held.count(sid) == 2


FAILURES = {
    "a 500": ({"action": "status", "status": 500}, 502),
    "a cut": ({"action": "cut", "after_bytes": 50}, 502),
    "a wrong body": ({"action": "wrong_body"}, 502),
    "a 404/17001": ({"action": "status", "status": 404, "code": 17001}, 404),
    "a 403/17000": ({"action": "status", "status": 403, "code": 17000}, 403),
    "a 429/20429": ({"action": "status", "status": 429, "code": 20429}, 429),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_failed_flight_is_one_answer_for_all(start_gateway, simulator, failure):
    fault, status = failure
    gateway, sid, warm = start_gateway(), new_sid(), new_sid()
    gateway.ask(warm)
    simulator.fault_for(sid, **fault)
    simulator.barrier(True)
    crowd = readers(gateway, sid, 50)
    in_flight(simulator, 1)
    everyone_has_arrived(gateway, warm)
    simulator.barrier(False)
    got = answers(crowd)
    assert {answer.status for answer in got} == {status}
    assert len({answer.body for answer in got}) == 1
    # A retry or two is the flight's own business; fifty readers must not become fifty calls.
    assert simulator.count(sid) <= 4


def test_a_timeout_is_one_answer_for_all_and_the_key_is_free_again(start_gateway, simulator):
    gateway, sid = start_gateway(upstream={"timeout": "1s"}), new_sid()
    simulator.barrier(True)
    got = answers(readers(gateway, sid, 20))
    assert {(answer.status, answer.json()["code"]) for answer in got} == {(504, 20504)}
    simulator.barrier(False)
    assert gateway.ask(sid).status == 200


def test_readers_of_different_calls_do_not_wait_for_each_other(gateway, held):
    calls = [new_sid() for _ in range(8)]
    crowd = [gateway.connect().send(request(target(sid))) for sid in calls]
    in_flight(held, 8)
    held.barrier(False)
    assert [answer.json()["call_sid"] for answer in answers(crowd)] == calls


# What is not kept, and in how many upstream calls twenty readers get it together.
UNCACHEABLE = {
    "a partial": ({"path": "partial"}, None, 20),
    "a reader's no-store": ({"headers": [("Cache-Control", "no-store")]}, None, 1),
    "a state nobody knows": ({}, '{"call_sid":"<sid>","processing_state":"predicted"}', 1),
    "a page of HTML": ({}, "<html></html>", 1),
}


@pytest.mark.parametrize("asked, body, calls", UNCACHEABLE.values(), ids=UNCACHEABLE)
def test_readers_of_what_is_not_stored_do_not_queue(start_gateway, simulator, asked, body, calls):
    """All of them have their answer when the first one has: nobody waits for the next call, and the next."""
    gateway, sid, warm = start_gateway(), new_sid(), new_sid()
    gateway.ask(warm)
    if body:
        simulator.register(sid, ended_ago_s=7200, body=body.replace("<sid>", sid))
    simulator.barrier(True)
    message = request(target(sid, asked.get("path")), headers=asked.get("headers", ()))
    crowd = [gateway.connect().send(message) for _ in range(20)]
    in_flight(simulator, calls)
    everyone_has_arrived(gateway, warm)
    simulator.barrier(False)
    assert len({answer.status for answer in answers(crowd)}) == 1
    assert simulator.count(sid) == calls
    assert "hit" not in gateway.send(message).cache


def test_no_more_upstream_at_once_than_allowed(start_gateway, simulator):
    gateway = start_gateway(upstream={"max_in_flight": 4})
    simulator.control("DELETE", "/requests")
    simulator.latency("20ms")
    calls = [new_sid() for _ in range(40)]
    crowd = [gateway.connect().send(request(target(sid))) for sid in calls]
    assert {answer.status for answer in answers(crowd)} <= {200, 429}
    assert simulator.state()["max_in_flight"] <= 4
