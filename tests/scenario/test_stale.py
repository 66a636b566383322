"""An entry past its freshness is still served at once, while one refresh runs behind it."""

import json

import pytest

from harness.eventually import eventually
from harness.twilio_facts import account, basic, key, new_sid
from harness.wire import request, target


@pytest.fixture
def gateway(start_gateway):
    return start_gateway(cache={"fresh_for": "2s", "refresh_backoff": "1s"})


def summary(sid, comment):
    return json.dumps({"call_sid": sid, "processing_state": "complete", "annotation": {"comment": comment}})


def stored(gateway, simulator, comment="first"):
    sid = new_sid()
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, comment))
    assert gateway.ask(sid).status == 200
    return sid


def stale(gateway, sid):
    """Asks until the answer says that its time is over; every answer until then is a hit too."""

    def ask():
        answer = gateway.ask(sid)
        assert answer.status == 200 and answer.cache.get("hit"), answer.raw[:400]
        return answer if answer.cache["ttl"] < 0 else None

    return eventually(ask)


def test_a_stale_entry_is_served_while_upstream_is_slow(gateway, simulator):
    sid = stored(gateway, simulator)
    simulator.barrier(True)
    first = stale(gateway, sid)
    assert first.json()["annotation"]["comment"] == "first"
    eventually(lambda: simulator.state()["in_flight"] == 1, what="the refresh")
    for _ in range(50):
        assert gateway.ask(sid).body == first.body
    assert simulator.state()["in_flight"] == 1, "one refresh, not fifty"
    simulator.barrier(False)
    eventually(lambda: gateway.ask(sid).cache["ttl"] > 0, what="fresh again")


def test_the_refresh_brings_the_new_annotation(gateway, simulator):
    sid = stored(gateway, simulator)
    before = gateway.ask(sid).header("ETag")
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, "second"))
    assert gateway.ask(sid).json()["annotation"]["comment"] == "first", "fresh: nobody asks yet"
    after = eventually(lambda: (answer := gateway.ask(sid)).json()["annotation"]["comment"] == "second" and answer)
    assert after.header("ETag") != before
    assert gateway.ask(sid, headers=[("If-None-Match", before)]).status == 200, "the old validator is no longer right"


FAILURES = {
    "503": {"action": "status", "status": 503},
    "429": {"action": "status", "status": 429, "code": 20429},
    "cut": {"action": "cut", "after_bytes": 10},
    "wrong body": {"action": "wrong_body"},
}


@pytest.mark.parametrize("fault", FAILURES.values(), ids=FAILURES)
def test_a_failing_refresh_keeps_the_old_summary_in_service(gateway, simulator, fault):
    sid = stored(gateway, simulator)
    simulator.fault_for(sid, **fault)
    stale(gateway, sid)
    eventually(lambda: simulator.count(sid) >= 2, what="a refresh was tried")
    answer = gateway.ask(sid)
    assert answer.status == 200 and answer.cache.get("hit")
    before = simulator.count(sid)
    for _ in range(30):
        assert gateway.ask(sid).status == 200
    assert simulator.count(sid) - before <= 2, "backing off"


def test_a_served_error_names_itself(gateway, simulator):
    sid = stored(gateway, simulator)
    simulator.fault_for(sid, "status", status=503)
    stale(gateway, sid)
    answer = eventually(lambda: (answer := gateway.ask(sid)).cache.get("detail") == "stale_if_error" and answer)
    assert answer.cache.get("hit") and answer.cache["ttl"] <= 0


def test_a_revoked_credential_loses_its_entry_at_the_refresh(gateway, simulator):
    sid = stored(gateway, simulator)
    simulator.fault_for(sid, "status", status=401, code=20003)
    eventually(lambda: gateway.ask(sid).status == 401, what="upstream's refusal reaches the reader")
    assert gateway.ask(sid).status == 401


def test_a_summary_that_is_gone_upstream_goes_here_too(gateway, simulator):
    sid = stored(gateway, simulator)
    simulator.fault_for(sid, "status", status=404, code=17002)
    eventually(lambda: gateway.ask(sid).status == 404, what="gone")


def test_a_partial_at_the_refresh_replaces_nothing(gateway, simulator):
    sid = stored(gateway, simulator)
    simulator.register(sid, ended_ago_s=7200, body=json.dumps({"call_sid": sid, "processing_state": "partial"}))
    stale(gateway, sid)
    eventually(lambda: simulator.count(sid) >= 2)
    assert gateway.ask(sid).json()["processing_state"] == "complete"


def test_a_stale_entry_may_be_revalidated_by_the_client(gateway, simulator):
    sid = stored(gateway, simulator)
    etag = gateway.ask(sid).header("ETag")
    simulator.barrier(True)
    stale(gateway, sid)
    assert gateway.send(request(target(sid), headers=[("If-None-Match", etag)])).status == 304


def test_what_has_been_stale_for_long_is_asked_for_first(start_gateway, simulator):
    gateway = start_gateway(cache={"fresh_for": "1s", "stale_for": "0s", "refresh_backoff": "100ms"})
    sid, revoked = stored(gateway, simulator), new_sid()
    simulator.credential(key(7), "once-good", account(1))
    former = basic(key(7), "once-good")
    assert gateway.ask(revoked, auth=former).status == 200
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, "second"))
    simulator.credential(key(7), "once-good", account(1), state="revoked")
    answer = eventually(lambda: (got := gateway.ask(sid)).cache.get("fwd") and got)
    assert answer.json()["annotation"]["comment"] == "second"
    assert answer.cache == {"fwd": "stale", "fwd-status": 200, "stored": True}
    assert eventually(lambda: gateway.ask(revoked, auth=former).status == 401), "not once more from memory"
    simulator.fault_for(sid, "status", status=503)
    kept = eventually(lambda: (got := gateway.ask(sid)).cache.get("detail") == "stale_if_error" and got)
    assert (kept.status, kept.body) == (200, answer.body)
