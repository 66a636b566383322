"""What counts as a look upstream, what as a failure, and what makes the kept summary old: only an answer to the same question is a look,
only a failure is a failure, and nobody is given an older version after a newer one."""

import json

import pytest

from harness.eventually import eventually
from harness.gateway import settings_for, yaml
from harness.twilio_facts import new_sid
from harness.wire import request, target

AGAIN = ("Cache-Control", "no-cache")
UNSEEN = ("Cache-Control", "no-cache, no-store")


def summary(sid, comment):
    return json.dumps({"call_sid": sid, "processing_state": "complete", "annotation": {"comment": comment}})


def stored(gateway, simulator, comment="first"):
    sid = new_sid()
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, comment))
    assert gateway.ask(sid).cache.get("stored")
    return sid


def comment(answer):
    assert answer.status == 200, answer.raw[:300]
    return answer.json()["annotation"]["comment"]


def kept(gateway, sid):
    """What is known of the one kept entry, without using it."""
    (only,) = gateway.admin(f"/api/explain?call_sid={sid}").json()["entries"]
    return only


# --- a look is no failure ------------------------------------------------------------------------------------------------
def test_revalidations_that_are_not_stored_are_no_failures(start_gateway, simulator):
    gateway = start_gateway(cache={"fresh_for": "1s", "stale_for": "1s", "revalidate_after": "0s", "refresh_backoff": "10m"})
    sid = stored(gateway, simulator)

    def looked_at_until_it_is_overdue():
        assert gateway.ask(sid, headers=[UNSEEN]).cache.get("detail") == "no_store"
        return kept(gateway, sid)["next"]["outcome"] == "overdue" or kept(gateway, sid)["age"] > 2

    eventually(looked_at_until_it_is_overdue)
    answer = gateway.ask(sid)
    assert answer.cache == {"fwd": "stale", "fwd-status": 200, "stored": True}, "it was overdue, and nothing had failed"


def test_a_shed_refresh_is_no_failure(start_gateway, simulator):
    """Nothing was asked: who reads on after that is told nothing else."""
    gateway = start_gateway(cache={"fresh_for": "1s", "refresh_backoff": "100ms"}, upstream={"max_in_flight": 1})
    sid = stored(gateway, simulator)
    simulator.barrier(True)
    with gateway.connect() as busy:
        busy.send(request(target(new_sid())))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        eventually(lambda: kept(gateway, sid)["freshness"] == "stale")
        details = {gateway.ask(sid).cache.get("detail") for _ in range(20)}
        simulator.barrier(False)
        assert busy.read().status == 200
    assert details == {"stale_while_revalidate"}


def test_a_failure_is_forgotten_once_upstream_answers(start_gateway, simulator):
    gateway = start_gateway(cache={"fresh_for": "1s", "stale_for": "1h", "refresh_backoff": "100ms", "revalidate_after": "0s"}, upstream={"error_backoff": "0s"})
    sid = stored(gateway, simulator)
    simulator.fault_for(sid, "status", status=503)
    eventually(lambda: gateway.ask(sid).cache.get("detail") == "stale_if_error")
    simulator.faults()
    assert comment(gateway.ask(sid, headers=[UNSEEN])) == "first"
    assert gateway.ask(sid, headers=[("Cache-Control", "only-if-cached")]).cache.get("detail") == "stale_while_revalidate"


# --- another question is no look -----------------------------------------------------------------------------------------
def test_who_polls_for_a_partial_keeps_nobody_from_the_upstream(start_gateway, simulator):
    gateway = start_gateway(cache={"not_ready_for": "1m", "revalidate_after": "1m"})
    sid = simulator.register(new_sid(), ended_ago_s=700)
    assert gateway.ask(sid).json()["code"] == 17001
    for _ in range(3):
        assert gateway.ask(sid, "partial").status == 200
        before = simulator.count(sid)
    answer = gateway.ask(sid, headers=[AGAIN])
    assert "hit" not in answer.cache and simulator.count(sid) == before + 1
    assert gateway.ask(sid, headers=[AGAIN]).cache.get("detail") == "recently_revalidated", "that one was a look"


def test_a_partial_that_fails_is_no_failure_of_what_is_stored(start_gateway, simulator):
    gateway = start_gateway(upstream={"error_backoff": "0s"})
    sid = stored(gateway, simulator)
    simulator.fault_for(sid, "status", times=2, status=503)
    assert gateway.ask(sid, "partial").status == 502
    assert not kept(gateway, sid)["refresh_failed"]
    assert gateway.ask(sid, headers=[AGAIN]).cache.get("detail") == "stale_if_error"
    assert kept(gateway, sid)["refresh_failed"], "that one was"


# --- nobody is given an older version after a newer one --------------------------------------------------------------------
@pytest.mark.parametrize("field", [None, AGAIN], ids=["plain", "no-cache"])
def test_after_a_newer_version_was_given_no_client_gets_the_older_one(start_gateway, simulator, field):
    gateway = start_gateway(cache={"revalidate_after": "1m"})
    sid = stored(gateway, simulator)
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, "second"))
    assert comment(gateway.ask(sid, headers=[UNSEEN])) == "second"
    answer = gateway.ask(sid, headers=[field] if field else [])
    assert comment(answer) == "second" and answer.cache.get("stored")
    assert comment(gateway.ask(sid)) == "second"


def test_the_same_version_is_a_revalidation(start_gateway, simulator):
    gateway = start_gateway(cache={"revalidate_after": "1m"})
    sid = stored(gateway, simulator)
    assert comment(gateway.ask(sid, headers=[UNSEEN])) == "first"
    assert gateway.ask(sid, headers=[AGAIN]).cache.get("detail") == "recently_revalidated"
    assert simulator.count(sid) == 2


@pytest.mark.parametrize("fields", [{"code": 20404}, {"code": 17001}], ids=["20404", "17001"])
def test_what_is_not_there_any_more_is_not_given_without_asking(gateway, simulator, fields):
    sid = stored(gateway, simulator)
    simulator.fault_for(sid, "status", status=404, **fields)
    assert gateway.ask(sid, headers=[UNSEEN]).status == 404
    assert gateway.ask(sid).status == 404


# --- the settings of now ---------------------------------------------------------------------------------------------------
def test_a_reload_of_fresh_for_counts_for_what_is_stored(start_gateway, simulator):
    gateway = start_gateway(cache={"fresh_for": "1h"})
    sid = stored(gateway, simulator)
    assert gateway.ask(sid).cache["ttl"] > 3000

    def reload(fresh_for):
        gateway.config_path.write_text(yaml(settings_for(simulator, cache={"fresh_for": fresh_for})))
        assert gateway.admin("/api/reload", "POST").json()["changed"] == ["cache.fresh_for"]

    reload("2h")
    assert gateway.ask(sid).cache["ttl"] > 7000
    reload("0s")
    answer = gateway.ask(sid)
    assert answer.cache["ttl"] <= 0 and answer.cache["detail"] == "stale_while_revalidate"


# --- the upstream's own word -----------------------------------------------------------------------------------------------
def upstream_says(simulator, sid, name, value):
    simulator.fault_for(sid, "header", name=name, value=value)
    return sid


def test_an_age_of_before_counts(gateway, simulator):
    sid = upstream_says(simulator, new_sid(), "Age", "600")
    assert gateway.ask(sid).cache.get("stored")
    answer = gateway.ask(sid)
    assert 600 <= int(answer.header("Age")) <= 660 and 2930 <= answer.cache["ttl"] <= 3000
    old = upstream_says(simulator, new_sid(), "Age", "4000")
    gateway.ask(old)
    assert gateway.ask(old).cache["ttl"] < 0


SHORTER = {
    "max-age": ("max-age", "Cache-Control", "max-age=1"),
    "s-maxage": ("s-maxage", "Cache-Control", "max-age=3600, s-maxage=1"),
    "Expires": ("Expires", "Expires", "0"),
}


@pytest.mark.parametrize("row", SHORTER.values(), ids=SHORTER)
def test_upstream_cache_control_shortens_freshness_if_the_operator_lets_it(start_gateway, simulator, row):
    word, name, value = row
    for words, fresh in ((f"[no-store, {word}]", False), ("[no-store]", True)):
        gateway = start_gateway(cache={"honour_upstream": words})
        sid = upstream_says(simulator, new_sid(), name, value)
        gateway.ask(sid)
        answer = gateway.ask(sid)
        assert answer.cache.get("hit") and (answer.cache["ttl"] > 60) == fresh
        if not fresh:
            eventually(lambda: kept(gateway, sid)["freshness"] == "stale")


def test_no_cache_upstream_has_each_reader_wait_but_not_more_often_than_once_a_while(start_gateway, simulator):
    gateway = start_gateway(cache={"honour_upstream": "[no-cache]", "revalidate_after": "2s"})
    sid = upstream_says(simulator, new_sid(), "Cache-Control", "no-cache")
    assert gateway.ask(sid).cache.get("stored")
    assert gateway.ask(sid).cache.get("hit") and simulator.count(sid) == 1
    answer = eventually(lambda: (got := gateway.ask(sid)).cache.get("fwd") and got)
    assert answer.cache["fwd"] == "stale" and simulator.count(sid) == 2


@pytest.mark.parametrize("words", ["[no-store]", "[]"])
def test_what_upstream_wants_stored_by_no_cache_says_so_to_clients(start_gateway, simulator, words):
    gateway = start_gateway(cache={"honour_upstream": words})
    sid = upstream_says(simulator, new_sid(), "Cache-Control", "no-store")
    for _ in range(2):
        answer = gateway.ask(sid)
        assert answer.header("Cache-Control") == "no-store"
    unchanged = gateway.ask(sid, headers=[("If-None-Match", answer.header("ETag"))])
    assert (unchanged.status, unchanged.header("Cache-Control")) == (304, "no-store")
    assert gateway.ask(new_sid()).header("Cache-Control") == "private, no-cache"
