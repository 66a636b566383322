"""A lease that its leader cannot give back, because the engine is in trouble, holds up nobody once the engine is well."""

import pytest

from harness.eventually import eventually
from harness.fleet import becomes
from harness.replicas import Fleet, Reader, tier
from harness.twilio_facts import new_sid


@pytest.fixture
def fleet(start_gateway, engine):
    return Fleet(start_gateway, engine, 2)


def leases(engine):
    with engine.client() as client:
        return [field for key in client.ask("KEYS", "{sg}:c:*") for field in client.ask("HKEYS", key) if field.startswith(b"l:")]


def is_led_by_none(fleet, engine):
    """Long before a lease ends by itself, after twice upstream.timeout."""
    for one in fleet:
        fleet.usable(one)
    eventually(lambda: not leases(engine), what="no lease is left")


def test_a_fetch_that_ended_while_the_engine_was_stopped(fleet, simulator, engine):
    sid = new_sid()
    simulator.barrier(True)
    first = Reader(fleet[0], sid)
    eventually(lambda: leases(engine) and simulator.state()["in_flight"] == 1)
    engine.stop()
    becomes(fleet[0], "away")
    simulator.barrier(False)
    assert first.answer().status == 200
    eventually(lambda: tier(fleet[0], "lost") == 1, what="its answer is not stored for the fleet")
    engine.go_on()
    is_led_by_none(fleet, engine)
    assert fleet[1].ask(sid).status == 200
    assert simulator.count(sid) == 2


def test_a_claim_that_the_engine_carried_out_too_late(fleet, simulator, engine):
    sid = new_sid()
    assert fleet[0].ask(new_sid()).status == 200, "and the engine knows the script"
    engine.stop()
    assert fleet[0].ask(sid).status == 200
    eventually(lambda: tier(fleet[0], "no_reply") == 1)
    engine.go_on()
    is_led_by_none(fleet, engine)
    assert fleet[1].ask(sid).status == 200
    assert simulator.count(sid) == 2
