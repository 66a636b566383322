"""A real engine that runs and refuses: full, busy, without a disk, still loading. Its gateways go on alone, say why, and come back."""

import pytest

from harness.engine import Engine
from harness.eventually import eventually
from harness.fleet import connected, engine_of, is_served, none_serves, purge, report
from harness.replicas import second_tier
from harness.server_faults import Busy, Full, Loading, Unsaved
from harness.twilio_facts import new_sid


def are_alone(gateways):
    for one in gateways:
        eventually(lambda: report(one)["budget"]["state"] == "alone" and second_tier(one) == "paused", what=f"{one.name} is alone")


def are_one(gateways):
    connected(*gateways)
    for one in gateways:
        eventually(lambda: report(one)["budget"] == {"state": "shared", "gateways": len(gateways)} and second_tier(one) == "on", what=f"{one.name} shares")


def asked_upstream(gateways, simulator):
    """How often the upstream is asked, if a new call is read through each gateway, and then once more."""
    sid = new_sid()
    for one in gateways:
        assert one.ask(sid).status == 200
        assert one.ask(sid).cache.get("hit")
    return simulator.count(sid)


@pytest.mark.parametrize("kind", [Full, Busy, Unsaved, Loading], ids=lambda kind: kind.code)
def test_gateways_of_an_engine_that_refuses_go_on_alone_and_come_back(start_gateway, simulator, tmp_path, kind):
    with Engine(tmp_path, **kind.settings) as engine:
        # On a busy machine a reply takes its time.
        gateways = [start_gateway(fleet=engine.fleet(timeout="1s")) for _ in range(2)]
        are_one(gateways)
        assert asked_upstream(gateways, simulator) == 1
        erased = new_sid()
        assert {one.ask(erased).status for one in gateways} == {200}
        trouble = kind(engine)
        trouble.begin()
        are_alone(gateways)
        for one in gateways:
            eventually(lambda: engine_of(one).get("why", "").startswith(kind.code), what=f"{one.name} says {kind.code}")
            eventually(lambda: kind.advice in one.output(), what="the log says what would be right")
        assert asked_upstream(gateways, simulator) == 2, "each asks for itself"
        assert purge(gateways[0], f"call_sid={erased}&hard=true")["fleet"] == "pending"
        assert is_served(gateways[1], erased), "it cannot know yet"
        trouble.end()
        are_one(gateways)
        none_serves(gateways, erased)
        assert asked_upstream(gateways, simulator) == 1
        for one in gateways:
            eventually(lambda: "why" not in engine_of(one), what=f"{one.name} has nothing to say any more")
