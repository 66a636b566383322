"""More is asked than upstream can bear: a steady share is served, the rest is told to come again, and hits do not notice."""

import time

import pytest

from harness.eventually import eventually
from harness.twilio_facts import new_sid
from harness.wire import annotation, request, target

PACE, SECONDS = 8, 4


def paced(gateway, calls):
    """One new connection and request per beat, whatever becomes of those before."""
    begun, crowd = time.monotonic(), []
    for number, sid in enumerate(calls):
        # The crowd's own pace: it is the load, not a wait for anything.
        time.sleep(max(0.0, begun + number / PACE - time.monotonic()))
        crowd.append(gateway.connect().send(request(target(sid))))
    return crowd


def test_four_times_too_many_misses_do_not_become_misses_for_all(start_gateway, simulator):
    """Upstream can answer two a second. A place given to whoever waited longest would go to deadlines only: 504 for everybody."""
    gateway = start_gateway(upstream={"max_in_flight": 2, "timeout": "2s"})
    simulator.latency("1s")
    crowd = paced(gateway, [new_sid() for _ in range(PACE * SECONDS)])
    answers = [connection.read() for connection in crowd]
    statuses = [answer.status for answer in answers]
    assert set(statuses) <= {200, 429, 504}, statuses
    assert statuses.count(200) >= SECONDS, statuses
    assert statuses[len(statuses) // 2 :].count(200) >= 2, f"served in the second half too: {statuses}"
    assert statuses.count(504) <= statuses.count(200) // 2, f"who cannot be served is told early: {statuses}"
    assert statuses.count(429) >= len(statuses) // 4, statuses
    for answer in answers:
        if answer.status == 429:
            assert (answer.json()["code"], answer.fault) == (20429, "upstream_busy")
            assert int(answer.header("Retry-After")) >= 1
    assert simulator.state()["max_in_flight"] <= 2


def test_a_hit_is_served_at_once_while_misses_queue(start_gateway, simulator):
    gateway, warm = start_gateway(upstream={"max_in_flight": 2, "timeout": "2s"}), new_sid()
    assert gateway.ask(warm).status == 200
    simulator.barrier(True)
    crowd = [gateway.connect().send(request(target(new_sid()))) for _ in range(20)]
    eventually(lambda: simulator.state()["in_flight"] == 2, what="upstream is full")
    for _ in range(20):
        begun = time.monotonic()
        assert gateway.ask(warm).cache.get("hit")
        assert time.monotonic() - begun < 1
    simulator.barrier(False)
    assert {connection.read().status for connection in crowd} <= {200, 429}


def test_those_who_wait_are_bounded_in_total(start_gateway, simulator):
    """Whatever they wait for: readers of one call, of several, and of what is only passed on."""
    gateway, warm, sid = start_gateway(limits={"max_waiters": 5}), new_sid(), new_sid()
    assert gateway.ask(warm).status == 200
    simulator.barrier(True)
    paths = [target(sid), target(sid), target(new_sid()), target(new_sid(), "partial"), annotation(new_sid())]
    crowd = [gateway.connect().send(request(path)) for path in paths]
    eventually(lambda: simulator.state()["in_flight"] == 4, what="four questions, one of them asked twice")
    for _ in range(20):
        assert gateway.ask(warm).cache.get("hit"), "hits do not wait"
    for path in (target(sid), target(new_sid()), annotation(new_sid())):
        refused = gateway.send(request(path))
        assert (refused.status, refused.json()["code"], refused.fault) == (429, 20429, "too_many_waiters")
        assert int(refused.header("Retry-After")) >= 1
    simulator.barrier(False)
    assert [connection.read().status for connection in crowd] == [200] * 5
    assert gateway.ask(new_sid()).status == 200, "their places are free again"


ENTRIES = 20


def entries_grown_stale(gateway, simulator):
    """Stored, then past their freshness; the first one's refresh is already held upstream."""
    calls = [new_sid() for _ in range(ENTRIES)]
    for sid in calls:
        assert gateway.ask(sid).status == 200
    simulator.barrier(True)
    # The last one stored is the last one to age.
    eventually(lambda: gateway.ask(calls[-1]).cache["ttl"] < 0, what="stale")
    eventually(lambda: simulator.state()["in_flight"] == 1, what="its refresh")
    return calls


def test_refreshes_take_no_more_than_is_free_and_never_queue(start_gateway, simulator):
    """Twenty stale entries wanted at once are twenty answers, but not twenty calls ahead of the next miss."""
    gateway = start_gateway(cache={"fresh_for": "1s"}, upstream={"max_in_flight": 2}, workers=1)
    calls = entries_grown_stale(gateway, simulator)
    for sid in calls:
        begun = time.monotonic()
        answer = gateway.ask(sid)
        assert answer.status == 200 and answer.cache.get("hit") and answer.cache["ttl"] < 0, answer.raw[:400]
        assert time.monotonic() - begun < 1
    eventually(lambda: simulator.state()["in_flight"] == 2, what="as many refreshes as there are places")
    missing = new_sid()
    with gateway.connect() as reader:
        reader.send(request(target(missing)))
        assert gateway.ask(calls[0]).cache.get("hit"), "the miss stands before this hit"
        simulator.barrier(False)
        assert reader.read().status == 200
    eventually(lambda: simulator.state()["in_flight"] == 0)
    assert simulator.count(missing) == 1
    assert len(simulator.requests()) == ENTRIES + 2 + 1, "each once, two refreshes, one miss"
    assert simulator.state()["max_in_flight"] <= 2


@pytest.mark.parametrize("status, code", [(429, 20429), (503, None)], ids=["throttled", "unavailable"])
def test_a_refresh_that_upstream_refuses_is_named_in_the_hits_after_it(start_gateway, simulator, status, code):
    gateway, sid = start_gateway(cache={"fresh_for": "1s"}), new_sid()
    assert gateway.ask(sid).status == 200
    simulator.fault_for(sid, "status", status=status, **({"code": code} if code else {}))
    told = eventually(lambda: (answer := gateway.ask(sid)).cache.get("detail") == "stale_if_error" and answer)
    assert told.status == 200 and told.cache.get("hit") and told.cache["ttl"] <= 0
    assert gateway.ask(sid).cache.get("detail") == "stale_if_error", "until a refresh succeeds"
