"""A purge is soft: the next reader waits for upstream, and only if that fails gets the old summary. hard=true leaves nothing."""

import json

import pytest

from harness.eventually import eventually
from harness.twilio_facts import SUB, account, new_sid
from harness.wire import exchange, request


def purge(gateway, query, headers=()):
    return exchange(gateway.admin_port, request(f"/api/purge?{query}", None, "POST", [*headers, ("Connection", "close")]), "POST")


def purged(gateway, query):
    answer = purge(gateway, query)
    assert answer.status == 200, answer.raw
    return answer.json()["purged"]


def summary(sid, comment):
    return json.dumps({"call_sid": sid, "processing_state": "complete", "annotation": {"comment": comment}})


def test_the_next_reader_waits_for_upstream(gateway, simulator):
    sid = new_sid()
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, "old"))
    gateway.ask(sid)
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, "new"))
    assert purged(gateway, f"call_sid={sid}") == 1
    answer = gateway.ask(sid)
    assert answer.json()["annotation"]["comment"] == "new"
    assert answer.cache == {"fwd": "stale", "fwd-status": 200, "stored": True}
    assert gateway.ask(sid).cache.get("hit")


FAILURES = {"503": {"action": "status", "status": 503}, "429": {"action": "status", "status": 429, "code": 20429}, "cut": {"action": "cut", "after_bytes": 10},
            "another call's": {"action": "wrong_body"}}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_only_if_upstream_fails_is_the_old_one_given(gateway, simulator, failure):
    sid = new_sid()
    first = gateway.ask(sid)
    purged(gateway, f"call_sid={sid}")
    simulator.fault_for(sid, **failure)
    for calls in (2, 3):
        answer = gateway.ask(sid)
        assert (answer.status, answer.body) == (200, first.body)
        assert answer.cache.get("hit") and answer.cache["detail"] == "stale_if_error"
        assert simulator.count(sid) >= calls, "upstream is asked each time first"
    simulator.faults()
    eventually(lambda: gateway.ask(sid).cache.get("fwd") == "stale", what="the end of a back-off")
    assert gateway.ask(sid).cache["ttl"] > 0


def test_what_upstream_has_instead_is_believed(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    purged(gateway, f"call_sid={sid}")
    simulator.fault_for(sid, "status", status=404, code=20404)
    for _ in range(3):
        assert gateway.ask(sid).json()["code"] == 20404
    assert simulator.count(sid) == 2, "a purged summary protects itself no longer"


def test_a_hard_purge_leaves_nothing(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    assert purged(gateway, f"call_sid={sid}&hard=true") == 1
    assert purged(gateway, f"call_sid={sid}&hard=true") == 0
    simulator.fault_for(sid, "status", status=503)
    assert gateway.ask(sid).status == 502


def test_an_account_and_nothing_else(gateway, simulator):
    subs = [simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200) for _ in range(3)]
    others = [new_sid() for _ in range(2)]
    for sid in subs + others:
        gateway.ask(sid)
    gateway.ask(subs[0], auth=SUB)
    assert purged(gateway, f"account_sid={account(2)}") == 4, "every credential's"
    assert all(gateway.ask(sid).cache.get("fwd") == "stale" for sid in subs)
    assert all(gateway.ask(sid).cache.get("hit") for sid in others)


@pytest.mark.parametrize("query", ["", "all=false", "all=1", "call_sid=CA12", "account_sid=CA" + "a" * 32, "all=true&hard=yes", "hard=true",
                                   "all=true&call_sid=CA" + "a" * 32, "all=true&all=true", "all=true&x=1", "ALL=true", "call%5fsid=CA" + "a" * 32])
def test_an_order_that_is_not_clear_purges_nothing(gateway, query):
    sid = new_sid()
    gateway.ask(sid)
    answer = purge(gateway, query)
    assert (answer.status, answer.fault) == (400, "unknown_parameter")
    assert gateway.ask(sid).cache.get("hit")


FOREIGN = {
    "another origin": [("Origin", "https://evil.example")],
    "a sandboxed frame": [("Origin", "null")],
    "cross-site": [("Sec-Fetch-Site", "cross-site")],
    "same-site is not same-origin": [("Sec-Fetch-Site", "same-site")],
}


@pytest.mark.parametrize("fields", FOREIGN.values(), ids=FOREIGN)
def test_a_page_of_another_site_cannot_purge(gateway, fields):
    sid = new_sid()
    gateway.ask(sid)
    answer = purge(gateway, "all=true", fields)
    assert (answer.status, answer.fault) == (403, "cross_site")
    assert set(answer.json()) == {"code", "message", "more_info", "status"}
    assert gateway.ask(sid).cache.get("hit")


def test_our_own_page_may(gateway):
    sid = new_sid()
    gateway.ask(sid)
    own = [("Origin", "http://localhost"), ("Sec-Fetch-Site", "same-origin")]
    assert purge(gateway, f"call_sid={sid}", own).json()["purged"] == 1
