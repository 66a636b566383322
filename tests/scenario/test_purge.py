"""A purge is a line in time: nothing that was fetched before it is an answer to anybody who asks after it."""

import pytest

from harness.eventually import eventually
from harness.twilio_facts import new_sid
from harness.wire import request, target

FORMS = ["one call", "everything"]


def purge(gateway, which, sid):
    answer = gateway.admin(f"/api/purge?call_sid={sid}" if which == "one call" else "/api/purge?all=true", "POST")
    assert answer.status == 200, answer.raw
    return answer.json()["purged"]


def in_flight(simulator, count):
    eventually(lambda: simulator.state()["in_flight"] == count, what=f"{count} in flight upstream")


@pytest.mark.parametrize("which", FORMS)
def test_what_is_purged_is_fetched_anew(gateway, simulator, which):
    sid = new_sid()
    gateway.ask(sid)
    assert gateway.ask(sid).cache.get("hit")
    assert purge(gateway, which, sid) >= 1
    assert "hit" not in gateway.ask(sid).cache
    assert simulator.count(sid) == 2


def test_purging_one_call_leaves_the_others(gateway):
    kept, gone = new_sid(), new_sid()
    gateway.ask(kept), gateway.ask(gone)
    assert purge(gateway, "one call", gone) == 1
    assert gateway.ask(kept).cache.get("hit")
    assert purge(gateway, "one call", gone) == 0


@pytest.mark.parametrize("which", FORMS)
def test_a_fetch_under_way_answers_its_reader_and_is_then_forgotten(gateway, simulator, which):
    sid = new_sid()
    simulator.barrier(True)
    with gateway.connect() as waiting:
        waiting.send(request(target(sid)))
        in_flight(simulator, 1)
        purge(gateway, which, sid)
        simulator.barrier(False)
        answer = waiting.read()
    assert (answer.status, answer.json()["call_sid"]) == (200, sid), "it asked before the purge"
    assert "stored" not in answer.cache
    after = gateway.ask(sid)
    assert after.status == 200 and "hit" not in after.cache and after.cache.get("stored")
    assert simulator.count(sid) == 2
    assert gateway.ask(sid).cache.get("hit"), "what was fetched after the purge stays"


@pytest.mark.parametrize("which", FORMS)
def test_a_request_after_the_purge_does_not_join_the_old_flight(gateway, simulator, which):
    sid = new_sid()
    simulator.barrier(True)
    with gateway.connect() as before, gateway.connect() as after:
        before.send(request(target(sid)))
        in_flight(simulator, 1)
        purge(gateway, which, sid)
        after.send(request(target(sid)))
        in_flight(simulator, 2)
        simulator.barrier(False)
        old, new = before.read(), after.read()
    assert (old.status, new.status) == (200, 200)
    assert "stored" not in old.cache and "collapsed" not in new.cache and new.cache.get("stored")
    assert simulator.count(sid) == 2
