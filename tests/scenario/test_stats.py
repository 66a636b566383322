"""GET /api/stats: what the dashboard draws agrees with what was sent, remembers what came before it was asked, and names nobody."""

import json
import re

import pytest

from harness.eventually import eventually
from harness.twilio_facts import PARENT, new_sid
from harness.wire import exchange, request


def stats(gateway, query=""):
    answer = gateway.admin("/api/stats" + query)
    assert answer.status == 200 and answer.header("Content-Type") == "application/json", answer.raw[:300]
    return answer.json()


def after_the_next_sample(gateway):
    """The statistics once all that happened until now is in a sample."""
    newest = newest_sample(stats(gateway))
    return eventually(lambda: newest_sample(said := stats(gateway)) > newest and said, what="another sample")


def newest_sample(said):
    return said["history"]["first"] + len(said["history"]["at_ms"]) - 1


def test_the_totals_are_those_of_the_metrics(start_gateway):
    gateway = start_gateway()
    sid = new_sid()
    for _ in range(5):
        gateway.ask(sid)
    gateway.ask("CA12")
    eventually(lambda: gateway.metrics().total("requests_total") == 6)
    said, metrics = stats(gateway), gateway.metrics()
    assert {name: n for name, n in said["totals"]["requests"].items() if n} == {"miss": 1, "hit": 4, "rejected": 1}
    assert said["totals"]["faults"]["invalid_call_sid"] == 1
    assert said["totals"]["upstream"]["found"] == metrics.total("upstream_requests_total", result="found") == 1
    assert said["cache"]["entries"] == 1 and 0 < said["cache"]["bytes"] < said["cache"]["max_bytes"] == 256 << 20
    assert said["state"] == {"ready": True, "cooling_down": 0, "circuit_open": 0, "credentials_refused": 0}
    assert sum(said["durations"]["hit"]["buckets"]) == 4
    assert len(said["bounds_us"]) + 1 == len(said["durations"]["hit"]["buckets"])


def test_whoever_comes_later_sees_what_was_before(start_gateway, simulator):
    gateway = start_gateway()
    simulator.latency("30ms")
    sid = new_sid()
    for _ in range(20):
        gateway.ask(sid)
    past = after_the_next_sample(gateway)["history"]
    lengths = {len(past[name]) for name in ("at_ms", "span_ms", "limit", "in_flight", "queue", "cache_bytes", "evictions", "upstream_calls")}
    assert lengths == {len(past["requests"]["hit"])} == {len(past["latency_us"]["all"]["p99"])}
    assert sum(past["requests"]["hit"]) == 19 and sum(past["requests"]["miss"]) == 1 == sum(past["upstream_calls"])
    slow = [p for p in past["latency_us"]["upstream"]["p50"] if p is not None]
    quick = [p for p in past["latency_us"]["memory"]["p50"] if p is not None]
    assert min(slow) >= 25_000 > max(quick), "what waited for the upstream is told from what did not"
    assert all(1000 <= span <= 10_000 for span in past["span_ms"])


def test_a_stall_is_charged_to_its_hop_among_many_fast_requests(start_gateway, simulator):
    gateway = start_gateway()
    sid, slow = new_sid(), new_sid()
    for _ in range(300):
        gateway.ask(sid)
    simulator.latency("600ms")
    gateway.ask(slow)
    minute = after_the_next_sample(gateway)["profiles"][0]
    ranks = {rank["of"]: rank for rank in minute["ranks"]}
    assert set(ranks) == {"p50", "p99", "slowest"}
    assert ranks["p50"]["hops_us"]["first_byte"] == 0, "the median is a hit"
    slowest = ranks["slowest"]
    assert slowest["from_us"] == 500_000 and slowest["requests"] == 1
    assert 590_000 <= slowest["hops_us"]["first_byte"] <= sum(slowest["hops_us"].values()) < 900_000
    assert slowest["hops_us"]["first_byte"] == max(slowest["hops_us"].values())


def test_only_newer_samples_for_a_page_that_has_the_others(start_gateway):
    gateway = start_gateway()
    known = after_the_next_sample(gateway)["history"]
    last = newest_sample({"history": known})
    newer = eventually(lambda: (h := stats(gateway, f"?after={last}")["history"])["at_ms"] and h, what="newer samples")
    assert newer["first"] == last + 1 and len(newer["at_ms"]) <= 2
    assert stats(gateway, f"?after={last + 1000}")["history"]["first"] == 1, "a number of another life: all there is"


@pytest.mark.parametrize("query", ["?after=", "?after=-1", "?after=x", "?since=3", "?after=1&x=2", "?after=99999999999999999999999"])
def test_a_question_it_does_not_understand_is_refused(gateway, query):
    answer = gateway.admin("/api/stats" + query)
    assert answer.status == 400 and answer.fault == "unknown_parameter"


def test_it_reads_only_and_asks_for_the_token(start_gateway, tmp_path):
    (tmp_path / "token").write_text("an-operator-s-token")
    (tmp_path / "token").chmod(0o600)
    gateway = start_gateway(admin={"token_file": tmp_path / "token"})
    assert gateway.admin("/api/stats").status == 401
    assert gateway.admin("/api/stats", "POST").status == 401
    assert stats_with(gateway, "wrong").status == 401
    answer = stats_with(gateway, "an-operator-s-token")
    assert answer.status == 200 and answer.json()["state"]["ready"]


def stats_with(gateway, token):
    return exchange(gateway.admin_port, request("/api/stats", f"Bearer {token}", headers=[("Connection", "close")]))


def test_it_names_no_call_no_credential_and_nothing_that_strangers_wrote(start_gateway):
    gateway = start_gateway()
    sid = new_sid()
    gateway.ask(sid, headers=[("User-Agent", "<script>alert(1)</script>"), ("X-Request-Id", "tracer-4711")])
    gateway.send(request("/v1/<b>hello"))
    text = json.dumps(after_the_next_sample(gateway))
    for secret in (sid, PARENT.split()[1], "parent-token", "/v1/", "script", "tracer", "hello"):
        assert secret not in text
    assert not re.search(r"\b(CA|AC|SK|RQ)[0-9a-f]{32}\b", text)
