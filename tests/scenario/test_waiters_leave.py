"""Who waits for a shared answer counts while it waits: not when its time is up, not when it has gone, and no shorter than its own time."""

import threading
import time

import pytest

from harness.eventually import eventually
from harness.strangers import abort
from harness.twilio_facts import new_sid
from harness.wire import request, target

POLLERS = 20
POLITE = [("X-Request-Timeout", "0.25")]


def waiting(gateway, sid):
    return sum(flight["waiting"] for flight in gateway.admin(f"/api/explain?call_sid={sid}").json()["flights"])


def poll(gateway, sid, headers, until, seen):
    """One client that asks again whenever its time is up."""
    with gateway.connect() as connection:
        while time.monotonic() < until:
            answer = connection.send(request(target(sid), headers=headers)).read()
            seen.append((answer.status, answer.fault))


@pytest.mark.strangers
def test_pollers_with_short_deadlines_are_as_many_as_they_are(start_gateway, simulator):
    """Each round leaves twenty whose time is up; fifty may wait."""
    gateway, sid = start_gateway(limits={"max_waiters_per_call": 50}), new_sid()
    simulator.fault_for(sid, "latency", ms=6000)
    seen, until = [], time.monotonic() + 1.5
    pollers = [threading.Thread(target=poll, args=(gateway, sid, POLITE, until, seen)) for _ in range(POLLERS)]
    for one in pollers:
        one.start()
    for one in pollers:
        one.join()
    assert len(seen) >= 3 * POLLERS and set(seen) == {(504, "upstream_timeout")}
    assert simulator.count(sid) == 1


@pytest.mark.strangers
def test_whose_time_is_up_is_off_the_list(gateway, simulator):
    sid = new_sid()
    simulator.barrier(True)
    with gateway.connect() as patient:
        patient.send(request(target(sid)))
        eventually(lambda: waiting(gateway, sid) == 1)
        for _ in range(3):
            assert gateway.ask(sid, headers=[("X-Request-Timeout", "0.05")]).status == 504
        eventually(lambda: waiting(gateway, sid) == 1, timeout=3, what="the patient one alone")
        simulator.barrier(False)
        assert patient.read().status == 200


@pytest.mark.strangers
def test_who_has_gone_is_off_the_list(start_gateway, simulator):
    gateway, sid = start_gateway(limits={"max_waiters_per_call": 5}), new_sid()
    simulator.barrier(True)
    with gateway.connect() as patient, gateway.connect() as late:
        patient.send(request(target(sid)))
        eventually(lambda: waiting(gateway, sid) == 1)
        leavers = [gateway.connect().send(request(target(sid))) for _ in range(4)]
        eventually(lambda: waiting(gateway, sid) == 5)
        for one in leavers:
            abort(one)
        eventually(lambda: waiting(gateway, sid) == 1, timeout=3, what="the patient one alone")
        late.send(request(target(sid)))
        eventually(lambda: waiting(gateway, sid) == 2)
        simulator.barrier(False)
        assert (patient.read().status, late.read().status) == (200, 200)


@pytest.mark.strangers
def test_a_leader_is_never_turned_away_by_its_own_flights_bound(start_gateway):
    """Several come at once, on several lanes: one is served, the others perhaps told to come again. Nobody meets an internal error."""
    gateway = start_gateway(limits={"max_waiters_per_call": 1}, workers=8)
    together = [gateway.connect() for _ in range(24)]
    rounds = []
    for _ in range(1000):
        asked = request(target(new_sid()))
        for connection in together:
            connection.send(asked)
        rounds.append({connection.read().status for connection in together})
    for connection in together:
        connection.close()
    odd = [seen for seen in rounds if 200 not in seen or not seen <= {200, 429}]
    assert not odd, f"{len(odd)} of {len(rounds)}, such as {odd[0]}"


@pytest.mark.strangers
def test_a_late_joiner_has_its_own_time(start_gateway, simulator):
    """The leader's is up after two seconds, the upstream takes nearly three, and who joined later can wait until it answers."""
    gateway, sid = start_gateway(upstream={"timeout": "2s"}), new_sid()
    simulator.fault_for(sid, "latency", ms=2900)
    with gateway.connect() as leader, gateway.connect() as joiner:
        begun = time.monotonic()
        leader.send(request(target(sid)))
        eventually(lambda: simulator.count(sid) == 1)
        time.sleep(max(0.0, begun + 1.5 - time.monotonic()))
        joiner.send(request(target(sid)))
        assert leader.read().status == 504
        answer = joiner.read()
        assert (answer.status, answer.fault) == (200, None), f"after {time.monotonic() - begun:.1f} s"
    assert simulator.count(sid) == 1


@pytest.mark.strangers
def test_a_late_joiner_of_a_fetch_that_waits_for_its_permit_has_its_own_time(start_gateway, simulator):
    """A turn after 2 of its 4 seconds would be too late for the leader; it comes after 2.6, in time for who joined later."""
    gateway, held, sid = start_gateway(upstream={"max_in_flight": 1, "timeout": "4s"}), new_sid(), new_sid()
    simulator.fault_for(held, "latency", ms=2600)
    with gateway.connect() as first, gateway.connect() as leader, gateway.connect() as joiner:
        first.send(request(target(held)))
        eventually(lambda: simulator.count(held) == 1)
        begun = time.monotonic()
        leader.send(request(target(sid)))
        eventually(lambda: gateway.metrics().total("upstream_queue") == 1)
        time.sleep(max(0.0, begun + 1.2 - time.monotonic()))
        joiner.send(request(target(sid)))
        assert first.read().status == 200
        assert joiner.read().status == 200, "its turn came in its time"
        assert leader.read().status in (200, 429)
    assert simulator.count(sid) == 1
