"""What is counted adds up to what was sent, and no client can make the metrics grow."""

import math
import re

import pytest

from harness.eventually import eventually
from harness.prometheus_text import PREFIX
from harness.strangers import prove
from harness.twilio_facts import PARENT, SIBLING, WRONG_SECRET, error_sid, new_sid
from harness.wire import Connection, exchange, request, target

OUTCOMES = {"hit", "stale", "negative_hit", "miss", "coalesced", "bypass", "held", "rejected", "shed", "failed"}


@pytest.fixture
def gateway(start_gateway):
    """One of its own, so that the counters start at zero."""
    return start_gateway()


def outcomes(metrics):
    return {name: count for name, count in metrics.by("requests_total", "outcome").items() if count}


def settled(gateway, requests):
    """A request is counted once its answer is written, which its reader may see a moment earlier."""
    eventually(lambda: gateway.metrics().total("requests_total") >= requests, what=f"{requests} requests counted")
    return gateway.metrics()


def test_each_request_is_counted_once_by_its_outcome(gateway, simulator):
    sid, young = new_sid(), simulator.register(new_sid(), ended_ago_s=60)
    etag = gateway.ask(sid).header("ETag")  # miss
    for _ in range(3):
        gateway.ask(sid)  # hit
    gateway.ask(sid, headers=[("If-None-Match", etag)])  # hit, 304
    gateway.ask(sid, method="HEAD")  # hit
    gateway.ask(sid, "partial")  # bypass
    gateway.ask(young)  # miss, 404
    gateway.ask(young)  # negative hit
    gateway.ask("CA12")  # rejected
    gateway.ask(sid, auth=None)  # rejected
    gateway.send(request("/nothing"))  # rejected
    gateway.ask(error_sid(17008))  # failed
    metrics = settled(gateway, 13)
    assert outcomes(metrics) == {"miss": 2, "hit": 5, "bypass": 1, "negative_hit": 1, "rejected": 3, "failed": 1}
    assert metrics.total("requests_total", outcome="hit", status="304") == 1
    assert metrics.total("requests_total", outcome="miss", status="404") == 1
    assert metrics.total("requests_total", outcome="failed", status="502") == 1
    assert metrics.total("requests_total", outcome="rejected", status="401") == 1
    timed = {name: count for name, count in metrics.by("request_duration_seconds_count", "outcome").items() if count}
    assert timed == outcomes(metrics)


def test_there_are_no_other_outcomes_than_the_documented(gateway):
    gateway.ask(new_sid())
    metrics = gateway.metrics()
    for name in ("requests_total", "request_duration_seconds_count"):
        assert set(metrics.by(name, "outcome")) <= OUTCOMES


def test_coalesced_readers_and_their_leader(gateway, simulator):
    sid = new_sid()
    simulator.barrier(True)
    crowd = [gateway.connect().send(request(target(sid))) for _ in range(10)]
    simulator.barrier(False)
    for connection in crowd:
        assert connection.read().status == 200
        connection.close()
    counted = outcomes(settled(gateway, 10))
    assert counted["miss"] == 1
    assert counted.get("coalesced", 0) + counted.get("hit", 0) == 9


def test_upstream_calls_are_counted_as_upstream_counts_them(gateway, simulator):
    simulator.control("DELETE", "/requests")
    for _ in range(7):
        gateway.ask(new_sid())
    gateway.ask(error_sid(20404))
    gateway.ask(new_sid(), auth=SIBLING)
    gateway.ask(new_sid(), auth=WRONG_SECRET)
    metrics = settled(gateway, 10)
    assert metrics.total("upstream_requests_total") == simulator.state()["requests"] == 10
    assert metrics.total("upstream_in_flight") == 0
    assert metrics.total("upstream_tls_handshakes_total") >= 1
    assert metrics.total("upstream_connections") >= 1


def test_the_cache_gauges_follow_the_cache(gateway):
    empty = gateway.metrics()
    assert empty.total("cache_entries") == 0
    stored = sum(len(gateway.ask(new_sid()).body) for _ in range(20))
    full = gateway.metrics()
    assert full.total("cache_entries") == 20
    assert stored < full.total("cache_bytes") < 3 * stored, "keys and overhead included"


def test_the_cache_stays_within_its_bytes(start_gateway, simulator):
    gateway = start_gateway(cache={"max_bytes": "1MiB"})
    sids = [simulator.register(new_sid(), ended_ago_s=7200, bytes=16_000) for _ in range(150)]
    with gateway.connect() as connection:
        for sid in sids:
            assert connection.send(request(target(sid))).read().status == 200
    metrics = gateway.metrics()
    assert metrics.total("cache_bytes") <= 1 << 20
    assert metrics.total("cache_evictions_total") > 50
    assert metrics.total("cache_entries") + metrics.total("cache_evictions_total") == 150
    assert gateway.ask(sids[-1]).cache.get("hit"), "the youngest stays"
    assert "hit" not in gateway.ask(sids[0]).cache, "the oldest went"


def test_histograms_are_histograms_and_the_hops_sum_to_the_whole(gateway, simulator):
    simulator.latency("20ms")
    for _ in range(10):
        gateway.ask(new_sid())
    metrics = settled(gateway, 10)
    for family in ("request_duration_seconds", "hop_duration_seconds"):
        label = "outcome" if family.startswith("request") else "hop"
        for value, count in metrics.by(family + "_count", label).items():
            buckets = sorted(
                (float(dict(pairs)["le"]), sample)
                for (name, pairs), sample in metrics.samples.items()
                if name == PREFIX + family + "_bucket" and dict(pairs)[label] == value
            )
            assert buckets[-1] == (math.inf, count)
            assert [sample for _, sample in buckets] == sorted(sample for _, sample in buckets), "cumulative"
    whole, hops = metrics.total("request_duration_seconds_sum"), metrics.total("hop_duration_seconds_sum")
    assert whole >= 10 * 0.02
    assert hops == pytest.approx(whole, rel=0.02, abs=0.002), "disjoint hops that sum to the duration"


def test_faults_are_counted_by_name(gateway):
    for number in range(3):
        gateway.ask(f"CA{number}")
    gateway.ask(new_sid(), auth=None)
    metrics = settled(gateway, 4)
    assert metrics.total("faults_total", fault="invalid_call_sid") == 3
    assert metrics.total("faults_total") == 4


def test_connections_are_counted_while_they_are_open(gateway):
    crowd = [gateway.connect() for _ in range(25)]
    eventually(lambda: gateway.metrics().total("connections") >= 25, what="25 connections counted")
    for connection in crowd:
        connection.close()
    eventually(lambda: gateway.metrics().total("connections") < 5, what="their end counted")


def test_odd_methods_paths_and_credentials_add_no_series(gateway):
    def one_of_each(word):
        yield request(f"/{word}")
        yield request(f"/v1/Voice/{word}/Summary")
        yield request(target(new_sid()) + f"?{word}=1")
        yield request(target(new_sid(), word))
        yield request(target(new_sid()), method=word.upper())
        yield request(target(new_sid()), auth=f"Basic {word}")
        yield request("/", headers=[(word, word)], host=f"{word}.example")

    def malformed(word):
        yield f"{word} {word} {word}\r\n\r\n".encode()
        yield request("/x", headers=[("Content-Length", word)])
        yield request("/x", headers=[("Transfer-Encoding", word)])

    def send(word):
        with gateway.connect() as connection:
            for sent in one_of_each(word):
                connection.send(sent).read()
        for sent in malformed(word):
            exchange(gateway.port, sent)

    send("warmup")
    before = set(gateway.metrics().samples)
    for number in range(50):
        send(f"odd{number}")
    after = gateway.metrics()
    assert set(after.samples) - before == set()
    assert not re.search(r"odd\d", after.text)


def test_no_label_holds_a_sid_a_credential_or_a_path(gateway):
    sid = new_sid()
    gateway.ask(sid)
    gateway.ask(sid)
    gateway.ask(error_sid(17001))
    text = gateway.metrics().text
    for secret in (sid, PARENT.split()[1], "parent-token", "/v1/"):
        assert secret not in text
    assert not re.search(r"\b(CA|AC|SK|RQ)[0-9a-f]{32}\b", text)


def test_scraping_counts_no_request_of_the_data_listener(gateway):
    for _ in range(3):
        gateway.metrics()
    assert gateway.metrics().total("requests_total") == 0


def test_a_client_that_vanishes_leaves_no_gauge_behind(gateway, simulator):
    prove(gateway)
    simulator.barrier(True)
    crowd = [Connection(gateway.port).send(request(target(new_sid()))) for _ in range(5)]
    eventually(lambda: simulator.state()["in_flight"] == 5)
    assert gateway.metrics().total("upstream_in_flight") == 5
    for connection in crowd:
        connection.close()
    simulator.barrier(False)
    eventually(lambda: gateway.metrics().total("upstream_in_flight") == 0)


def test_listeners_of_one_address_are_told_apart(start_gateway):
    """Port 0 may stand twice: the page would be no Prometheus text if both had one name."""
    gateway = start_gateway(listeners=[{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0"}])
    with gateway.connect() as connection:
        connection.send(request(target(new_sid()))).read()
        assert {"127.0.0.1:0": 1, "127.0.0.1:0#2": 0}.items() <= gateway.metrics().by("connections", "listener").items()
