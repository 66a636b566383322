"""What a client's Cache-Control asks of the cache: one look upstream, nothing but the cache, or no trace (RFC 9111 §5.2.1)."""

import json

import pytest

from harness.eventually import eventually
from harness.strangers import prove
from harness.twilio_facts import new_sid
from harness.wire import request, target


def summary(sid, comment):
    return json.dumps({"call_sid": sid, "processing_state": "complete", "annotation": {"comment": comment}})


def insist(gateway, sid, value="no-cache", name="Cache-Control"):
    return gateway.ask(sid, headers=[(name, value)])


@pytest.fixture
def patient(start_gateway):
    """A gateway that lets clients force the upstream only once a minute."""
    return start_gateway(cache={"revalidate_after": "1m"})


INSISTING = {
    "no-cache": ("Cache-Control", "no-cache"),
    "no-cache in capitals, among others": ("Cache-Control", "foo, No-Cache"),
    "max-age=0": ("Cache-Control", "max-age=0"),
    "min-fresh beyond freshness": ("Cache-Control", "min-fresh=7200"),
    "Pragma": ("Pragma", "no-cache"),
}


@pytest.mark.parametrize("field", INSISTING.values(), ids=INSISTING)
def test_who_insists_gets_what_upstream_says_now(gateway, simulator, field):
    sid = new_sid()
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, "old"))
    assert gateway.ask(sid).json()["annotation"]["comment"] == "old"
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, "new"))
    assert gateway.ask(sid).json()["annotation"]["comment"] == "old", "nobody insisted"
    answer = insist(gateway, sid, field[1], field[0])
    assert answer.json()["annotation"]["comment"] == "new"
    assert answer.cache == {"fwd": "request", "fwd-status": 200, "stored": True}
    assert gateway.ask(sid).json()["annotation"]["comment"] == "new", "and everybody after it"
    assert simulator.count(sid) == 2


CONTENT = {
    "max-age that it keeps": ("Cache-Control", "max-age=3600"),
    "max-stale": ("Cache-Control", "max-stale"),
    "a word in a quoted string": ("Cache-Control", 'x="no-cache"'),
    "an unknown Pragma": ("Pragma", "please"),
    "only-if-cached": ("Cache-Control", "only-if-cached"),
    "no-store": ("Cache-Control", "no-store"),
    "Range": ("Range", "bytes=0-9"),
}


@pytest.mark.parametrize("field", CONTENT.values(), ids=CONTENT)
def test_who_does_not_insist_gets_the_hit(gateway, simulator, field):
    sid = new_sid()
    first = gateway.ask(sid)
    answer = insist(gateway, sid, field[1], field[0])
    assert (answer.status, answer.body) == (200, first.body)
    assert answer.cache.get("hit")
    assert simulator.count(sid) == 1


def test_pragma_counts_only_without_cache_control(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    assert gateway.ask(sid, headers=[("Pragma", "no-cache"), ("Cache-Control", "max-age=3600")]).cache.get("hit")
    assert simulator.count(sid) == 1


def test_a_hundred_insisting_readers_cost_one_revalidation(patient, simulator):
    sid = new_sid()
    patient.ask(sid)
    simulator.barrier(True)
    crowd = [patient.connect().send(request(target(sid), headers=[("Cache-Control", "no-cache")])) for _ in range(100)]
    eventually(lambda: simulator.count(sid) == 2)
    simulator.barrier(False)
    answers = [connection.read() for connection in crowd]
    for connection in crowd:
        connection.close()
    assert {answer.status for answer in answers} == {200}
    assert simulator.count(sid) == 2
    assert sum("fwd" in answer.cache and "collapsed" not in answer.cache for answer in answers) == 1
    late = insist(patient, sid)
    assert late.cache.get("hit") and late.cache["detail"] == "recently_revalidated"
    assert simulator.count(sid) == 2, "and after it, for a while, nobody can force another"


def test_a_poller_that_insists_cannot_defeat_the_memory_of_not_ready(patient, simulator):
    sid = simulator.register(new_sid(), ended_ago_s=60)
    for _ in range(20):
        assert insist(patient, sid).json()["code"] == 17001
    assert simulator.count(sid) == 2


@pytest.mark.parametrize("failure", [{"status": 503}, {"status": 429, "code": 20429}], ids=["503", "429"])
def test_a_client_that_insists_gets_the_stored_summary_if_upstream_fails(patient, simulator, failure):
    sid = new_sid()
    first = patient.ask(sid)
    simulator.fault_for(sid, "status", **failure)
    answer = insist(patient, sid)
    assert (answer.status, answer.body) == (200, first.body)
    assert answer.cache.get("hit") and answer.cache["detail"] == "stale_if_error"
    assert insist(patient, sid).cache.get("hit")
    assert simulator.count(sid) == 2, "a failed look is a look"


def test_a_summary_erased_while_its_reader_waits_does_not_come_back(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    simulator.fault_for(sid, "status", status=503)
    simulator.barrier(True)
    with gateway.connect() as reader:
        reader.send(request(target(sid), headers=[("Cache-Control", "no-cache")]))
        eventually(lambda: simulator.count(sid) == 2)
        gateway.admin(f"/api/purge?call_sid={sid}&hard=true", "POST")
        simulator.barrier(False)
        assert reader.read().status == 502


def test_a_client_that_insists_on_an_unready_call_hears_of_upstreams_failure(gateway, simulator):
    sid = simulator.register(new_sid(), ended_ago_s=60)
    gateway.ask(sid)
    simulator.fault_for(sid, "status", status=503)
    assert insist(gateway, sid).status == 502, "a remembered refusal comforts nobody"


def test_who_insists_hears_a_refusal(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    simulator.fault_for(sid, "status", status=401, code=20003)
    assert insist(gateway, sid).status == 401
    assert gateway.ask(sid).status == 401, "and the summary is gone for this credential"


def test_only_if_cached_never_goes_upstream(gateway, simulator):
    sid = new_sid()
    answer = insist(gateway, sid, "only-if-cached")
    assert (answer.status, answer.json()["code"], answer.fault) == (504, 20504, "not_cached")
    assert insist(gateway, sid, "only-if-cached, no-cache").status == 504
    assert gateway.ask(sid, "partial", headers=[("Cache-Control", "only-if-cached")]).status == 504
    assert simulator.requests() == []
    gateway.ask(sid)
    assert insist(gateway, sid, "only-if-cached").cache.get("hit")


def test_no_store_leaves_no_trace(gateway, simulator):
    sid = new_sid()
    answer = insist(gateway, sid, "no-store")
    assert answer.status == 200
    assert answer.cache == {"fwd": "uri-miss", "fwd-status": 200, "detail": "no_store"}
    assert "hit" not in gateway.ask(sid).cache
    assert insist(gateway, sid, "no-store").cache.get("hit"), "what is there already may be used"
    assert simulator.count(sid) == 2


def test_a_no_store_reader_does_not_spoil_the_flight_of_others(gateway, simulator):
    sid = new_sid()
    prove(gateway)
    simulator.barrier(True)
    with gateway.connect() as quiet, gateway.connect() as plain:
        quiet.send(request(target(sid), headers=[("Cache-Control", "no-store")]))
        eventually(lambda: simulator.count(sid) == 1)
        plain.send(request(target(sid)))
        eventually(lambda: simulator.count(sid) == 2)
        simulator.barrier(False)
        answer = quiet.read()
        assert answer.status == 200 and "stored" not in answer.cache
        assert plain.read().cache.get("stored")
    assert gateway.ask(sid).cache.get("hit")


def test_a_stale_summary_is_good_enough_for_who_wants_only_the_cache(start_gateway, simulator):
    gateway = start_gateway(cache={"fresh_for": "0s"})
    sid = new_sid()
    gateway.ask(sid)
    answer = insist(gateway, sid, "only-if-cached")
    assert answer.status == 200 and answer.cache["ttl"] < 0


HONOUR = {"default": (None, {"no-store": False, "private": True}), "both": ("[no-store, private]", {"no-store": False, "private": False}),
          "none": ("[]", {"no-store": True, "private": True})}


@pytest.mark.parametrize("row", HONOUR.values(), ids=HONOUR)
def test_upstreams_own_directives_count_as_the_operator_says(start_gateway, simulator, row):
    setting, expected = row
    gateway = start_gateway(cache={"honour_upstream": setting} if setting else {})
    for directive, stored in expected.items():
        sid = new_sid()
        simulator.fault_for(sid, "header", name="Cache-Control", value=f"max-age=60, {directive}")
        assert bool(gateway.ask(sid).cache.get("stored")) == stored, directive
        assert bool(gateway.ask(sid).cache.get("hit")) == stored, directive
    if setting is None:
        assert gateway.metrics().total("not_stored_total", reason="upstream_forbids") == 2


def test_what_upstream_forbids_to_store_replaces_what_was_stored(start_gateway, simulator):
    gateway = start_gateway(cache={"fresh_for": "0s"})
    sid = new_sid()
    gateway.ask(sid)
    simulator.fault_for(sid, "header", name="Cache-Control", value="no-store")
    eventually(lambda: "hit" not in gateway.ask(sid).cache, what="the older summary is withdrawn")
    assert gateway.metrics().total("cache_evictions_total", reason="withdrawn") == 1
