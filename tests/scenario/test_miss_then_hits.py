"""The main job: the first reader pays one upstream call, the next ones get the same bytes from memory."""

import re

from harness.twilio_facts import new_sid
from harness.wire import annotation, request, target

PER_REQUEST = ("Twilio-Request-Id", "Twilio-Request-Duration", "Twilio-Concurrent-Requests")


def test_a_miss_and_ten_hits_are_one_upstream_call_and_identical_bytes(gateway, simulator):
    sid = new_sid()
    answers = [gateway.ask(sid) for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 11
    assert {answer.body for answer in answers} == {simulator.ask(sid).body}
    assert simulator.count(sid) == 2, "one by the gateway, one by this test past the gateway"


def test_the_cache_status_tells_a_miss_from_a_hit(gateway):
    sid = new_sid()
    assert gateway.ask(sid).cache == {"fwd": "uri-miss", "fwd-status": 200, "stored": True}
    hit = gateway.ask(sid).cache
    assert set(hit) == {"hit", "ttl"}
    assert 0 < hit["ttl"] <= 3600, "fresh for an hour by default"


def test_a_hit_says_how_old_it_is_and_may_be_revalidated(gateway):
    sid = new_sid()
    miss, hit = gateway.ask(sid), gateway.ask(sid)
    assert re.fullmatch(r"\d+", hit.header("Age"))
    assert int(hit.header("Age")) < 60
    assert re.fullmatch(r'"[\x21\x23-\x7e]+"', hit.header("ETag")), "a strong validator"
    assert miss.header("ETag") == hit.header("ETag")
    assert gateway.ask(new_sid()).header("ETag") != hit.header("ETag"), "another body, another ETag"


def test_every_200_says_who_may_keep_it(gateway):
    sid = new_sid()
    for answer in (gateway.ask(sid), gateway.ask(sid)):
        assert answer.header("Vary") == "Authorization, Accept-Encoding"
        assert answer.header("Cache-Control") == "private, no-cache"
        assert answer.header("Content-Type").startswith("application/json")


def test_the_access_control_fields_of_upstream_reach_hits_too(gateway, simulator):
    sid = new_sid()
    upstream = {name.lower(): value for name, value in simulator.ask(sid).fields if name.lower().startswith("access-control-")}
    assert upstream, "the simulator sends some"
    for answer in (gateway.ask(sid), gateway.ask(sid)):
        assert {name.lower(): value for name, value in answer.fields if name.lower().startswith("access-control-")} == upstream


def test_the_miss_shows_upstreams_request_id_and_a_hit_shows_it_as_history(gateway):
    sid = new_sid()
    miss, hit = gateway.ask(sid), gateway.ask(sid)
    original = miss.header("Twilio-Request-Id") or miss.header("X-Origin-Twilio-Request-Id")
    assert original.startswith("RQ")
    assert hit.header("X-Origin-Twilio-Request-Id") == original
    for name in PER_REQUEST:
        assert hit.header(name) is None, f"{name} describes a request that this was not"


def test_all_wordings_of_complete_are_answered_by_the_one_stored_summary(gateway, simulator):
    sid = new_sid()
    first = gateway.ask(sid)
    for state in ("complete", "all"):
        answer = gateway.ask(sid, state)
        assert answer.cache.get("hit"), state
        assert answer.body == first.body
    assert simulator.count(sid) == 1


def test_an_odd_spelling_of_the_query_is_refused_or_the_same_question(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    for query in ("?", "?&", "?ProcessingState=complete&", "?ProcessingState=c%6fmplete", "?%50rocessingState=complete"):
        answer = gateway.send(request(target(sid) + query))
        assert answer.cache.get("hit"), query
    assert simulator.count(sid) == 1


def test_a_sane_request_id_is_kept_and_an_odd_one_replaced(gateway):
    sid = new_sid()
    assert gateway.ask(sid, headers=[("X-Request-Id", "checkout-7f3a.91_b")]).header("X-Request-Id") == "checkout-7f3a.91_b"
    made = {gateway.ask(sid).header("X-Request-Id") for _ in range(3)}
    assert len(made) == 3 and None not in made, "made here, one per request"
    for odd in ("x" * 500, 'a" b; c=<script>'):
        answer = gateway.ask(sid, headers=[("X-Request-Id", odd)]).header("X-Request-Id")
        assert answer and answer != odd


def test_several_worker_threads_share_one_memory(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    for _ in range(20):
        # A new connection each time, so that the kernel spreads them over the workers.
        assert gateway.ask(sid).cache.get("hit")
    assert simulator.count(sid) == 1


def test_upstream_is_asked_with_the_clients_credential_and_nothing_hop_by_hop(gateway, simulator):
    sid = new_sid()
    hop_by_hop = [("Keep-Alive", "timeout=5"), ("Connection", "close, X-Private"), ("X-Private", "1"), ("TE", "gzip")]
    gateway.send(request(target(sid), headers=hop_by_hop))
    (seen,) = simulator.requests(sid)
    assert seen["method"] == "GET"
    assert seen["user"].startswith("AC") and seen["user"].endswith("1")
    assert not {"keep-alive", "x-private", "te"} & set(seen["headers"])
    assert seen["headers"]["host"].startswith("localhost"), "the configured upstream, whatever the client's Host says"


def test_the_annotation_path_is_not_a_summary(gateway, simulator):
    sid = new_sid()
    kept = gateway.ask(sid)
    answer = gateway.send(request(annotation(sid)))
    assert "processing_state" not in answer.json() and answer.body != kept.body
    assert "hit" not in answer.cache and simulator.count(sid) == 2
