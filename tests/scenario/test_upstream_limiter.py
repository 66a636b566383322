"""The upstream limiter: no more upstream calls than needed, the upstream's limit found and kept to, and the truth for whoever must come again."""

import re
import threading
import time

import pytest

from harness.eventually import eventually
from harness.strangers import prove
from harness.twilio_facts import API_KEY, OTHER, PARENT, new_sid
from harness.wire import request, target

READERS = 1000
THROTTLED = {"action": "status", "status": 429, "code": 20429}


def crowd(gateway, sids, **more):
    return [gateway.connect().send(request(target(sid), **more)) for sid in sids]


def answers(connections):
    out = [connection.read() for connection in connections]
    for connection in connections:
        connection.close()
    return out


def statuses(some):
    counted = {}
    for answer in some:
        counted[answer.status] = counted.get(answer.status, 0) + 1
    return counted


def asked(simulator):
    return [row["status"] for row in simulator.requests()]


def test_a_thousand_readers_of_a_failing_call_are_a_few_upstream_calls(start_gateway, simulator):
    """Two at once; whoever has the time waits the back-off out, and all of them share what is asked then."""
    gateway, sid = start_gateway(upstream={"error_backoff": "3s"}), new_sid()
    prove(gateway)
    simulator.fault_for(sid, "status", status=503)
    got = answers(crowd(gateway, [sid] * READERS))
    assert set(statuses(got)) <= {502, 429}, statuses(got)
    assert simulator.count(sid) <= 4
    held_up = gateway.ask(sid, headers=[("X-Request-Timeout", "20")])
    assert (held_up.status, held_up.fault) == (429, "call_failing")
    assert 1 <= int(held_up.header("Retry-After")) <= 15 and "503" in held_up.json()["message"]
    simulator.faults()
    assert eventually(lambda: (answer := gateway.ask(sid)).status == 200 and answer, what="the end of the back-off")


def test_a_thousand_readers_of_a_call_that_is_not_ready_are_one_upstream_call_in_ten_seconds(start_gateway, simulator):
    gateway, sid = start_gateway(), simulator.register(new_sid(), ended_ago_s=60)
    begun, seen = time.monotonic(), []
    with gateway.connect() as connection:
        for number in range(READERS):
            # Their own pace: it is the load, not a wait for anything.
            time.sleep(max(0.0, begun + number * 9.9 / READERS - time.monotonic()))
            seen.append(connection.send(request(target(sid))).read())
    assert {(answer.status, answer.json()["code"]) for answer in seen} == {(404, 17001)}
    assert simulator.count(sid) == 1
    assert all(1 <= int(answer.header("Retry-After")) <= 15 for answer in seen)


def test_the_upstreams_limit_is_found_and_kept_to(start_gateway, simulator):
    """Ten at once are allowed, four hundred come: nearly all are served in time, and hardly any is refused once the limit is known."""
    gateway = start_gateway()
    simulator.limit(10)
    simulator.latency("100ms")
    calls = [new_sid() for _ in range(400)]
    got = answers(crowd(gateway, calls))
    assert statuses(got).get(200, 0) >= 380, statuses(got)
    upstream = asked(simulator)
    settled = upstream[40 + 4 * 20 :]  # five round trips of what was sent at most
    assert settled.count(429) < 0.01 * len(settled), f"{settled.count(429)} of {len(settled)}"
    assert upstream.count(429) <= 45, "the first guess and what it took to correct it"
    metrics = gateway.metrics()
    assert 9 <= metrics.total("upstream_limit") <= 11
    assert metrics.total("upstream_cool_downs_total") >= 1
    assert metrics.total("upstream_retries_total", reason="throttled") > 0


def test_a_greedy_client_does_not_make_a_modest_one_wait(start_gateway, simulator):
    """Two hundred of one client stand in the queue; who asks for one is served in the next round."""
    gateway = start_gateway(upstream={"max_in_flight": 5})
    prove(gateway)
    prove(gateway, API_KEY)
    simulator.latency("100ms")
    greedy = crowd(gateway, [new_sid() for _ in range(200)])
    eventually(lambda: gateway.metrics().total("upstream_queue") >= 150)
    begun = time.monotonic()
    assert gateway.ask(new_sid(), auth=API_KEY).status == 200
    assert time.monotonic() - begun < 1, "its fair share is every second turn"
    assert statuses(answers(greedy))[200] >= 190


def test_who_joins_a_greedy_clients_fetch_does_not_wait_in_its_queue(start_gateway, simulator):
    """Twenty of one client stand in the queue, and another one wants the last of these, too: it comes in the second one's turn."""
    gateway = start_gateway(upstream={"max_in_flight": 1})
    prove(gateway)
    simulator.control("DELETE", "/requests")
    simulator.barrier(True)
    sids = [new_sid() for _ in range(21)]
    greedy = crowd(gateway, sids[:1])
    eventually(lambda: gateway.metrics().total("upstream_in_flight") == 1)
    for queued, sid in enumerate(sids[1:], start=1):
        greedy += crowd(gateway, [sid])
        eventually(lambda queued=queued: gateway.metrics().total("upstream_queue") == queued)
    with gateway.connect(source="127.0.0.2") as modest:
        modest.send(request(target(sids[-1])))
        eventually(lambda: gateway.admin(f"/api/explain?call_sid={sids[-1]}").json()["flights"][0]["waiting"] == 2)
        simulator.barrier(False)
        assert modest.read().status == 200
    assert statuses(answers(greedy)) == {200: 21}
    order = [row["call_sid"] for row in simulator.requests()]
    assert order.index(sids[-1]) <= 2, "one under way, one of the greedy client's, then this"
    assert len(order) == 21


def test_a_request_that_would_wait_too_long_is_shed_at_once(start_gateway, simulator):
    """Turns come every 50 ms: of one client, no more are let in than can be served within the timeout; the next is told when."""
    gateway = start_gateway(upstream={"max_in_flight": 2, "timeout": "3s"})
    prove(gateway)
    simulator.latency("100ms")
    greedy = crowd(gateway, [new_sid() for _ in range(150)])
    eventually(lambda: gateway.metrics().total("upstream_requests_total") >= 20)
    begun = time.monotonic()
    hopeless = gateway.ask(new_sid())
    assert (hopeless.status, hopeless.fault) == (429, "upstream_busy")
    assert time.monotonic() - begun < 1, "it does not wait until its time is up"
    assert 2 <= int(hopeless.header("Retry-After")) <= 8, "so long its client's others will take"
    with gateway.connect(source="127.0.0.2") as modest:
        assert modest.send(request(target(new_sid()))).read().status == 200
    assert set(statuses(answers(greedy))) == {200, 429}


def test_a_full_queue_sheds_whoever_asks_for_most(start_gateway, simulator):
    gateway = start_gateway(upstream={"max_in_flight": 2, "max_queued": 20})
    prove(gateway)
    prove(gateway, API_KEY)
    simulator.barrier(True)
    greedy = crowd(gateway, [new_sid() for _ in range(22)])
    eventually(lambda: gateway.metrics().total("upstream_queue") == 20)
    with gateway.connect() as modest:
        modest.send(request(target(new_sid()), auth=API_KEY))
        eventually(lambda: gateway.metrics().total("upstream_sheds_total", reason="queue_full") == 1)
        one_more = gateway.ask(new_sid())
        assert (one_more.status, one_more.fault) == (429, "upstream_busy")
        simulator.barrier(False)
        assert modest.read().status == 200
    assert statuses(answers(greedy)) == {200: 21, 429: 1}


def test_a_429_is_waited_out_if_there_is_time(start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    simulator.fault_for(sid, times=1, headers={"Retry-After": "1"}, **THROTTLED)
    begun = time.monotonic()
    answer = gateway.ask(sid)
    assert answer.status == 200 and time.monotonic() - begun >= 1
    assert simulator.count(sid) == 2


def test_a_429_without_end_reaches_the_client_as_it_is(start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    simulator.fault_for(sid, **THROTTLED)
    answer = gateway.ask(sid)
    assert (answer.status, answer.json()["code"], answer.fault) == (429, 20429, None)
    assert simulator.count(sid) <= 4


def test_an_account_that_asked_to_be_left_alone_is_and_others_are_not(start_gateway, simulator):
    gateway, warm, sid = start_gateway(), new_sid(), new_sid()
    assert gateway.ask(warm).status == 200
    simulator.fault_for(sid, headers={"Retry-After": "20"}, **THROTTLED)
    relayed = gateway.ask(sid)
    assert (relayed.status, relayed.header("Retry-After")) == (429, "20")
    begun = time.monotonic()
    for _ in range(20):
        shed = gateway.ask(new_sid())
        assert (shed.status, shed.json()["code"], shed.fault) == (429, 20429, "upstream_cooling_down")
        assert 15 <= int(shed.header("Retry-After")) <= 20
        assert re.fullmatch(r'"upstream";r=0;t=\d+', shed.header("RateLimit"))
    assert time.monotonic() - begun < 5, "at once"
    assert gateway.ask(warm).cache.get("hit"), "hits do not notice"
    assert gateway.ask(new_sid(), auth=OTHER).status != 429, "another account"
    assert simulator.count(sid) == 1 and len(simulator.requests()) == 3
    metrics = gateway.metrics()
    assert metrics.total("upstream_accounts", state="cooling_down") == 1
    assert metrics.total("upstream_sheds_total", reason="cooling_down") == 20


@pytest.mark.parametrize("text", ["561635", "-5", "soon", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_an_absurd_retry_after_does_not_park_the_account(start_gateway, simulator, text):
    gateway, sid = start_gateway(upstream={"max_retry_after": "2s"}), new_sid()
    simulator.fault_for(sid, times=1, headers={"Retry-After": text}, **THROTTLED)
    gateway.ask(sid)
    assert eventually(lambda: gateway.ask(new_sid()).status == 200, timeout=5)


def test_upstreams_retry_after_reaches_the_client_within_its_bound(start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    prove(gateway)
    assert gateway.ask(new_sid(), auth=OTHER).status == 403, "not its call, but it is known"
    for text, told in {"561635": "30", "-5": None, "soon": None}.items():
        simulator.fault_for(sid, headers={"Retry-After": text}, **THROTTLED)
        answer = gateway.ask(sid, auth=OTHER if told is None else PARENT)
        assert (answer.status, answer.fault, answer.header("Retry-After")) == (429, None, told), text


def test_after_a_cool_down_one_probe_goes_first(start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    prove(gateway)
    simulator.fault_for(sid, times=1, headers={"Retry-After": "2"}, **THROTTLED)
    waiting = crowd(gateway, [sid])
    eventually(lambda: gateway.metrics().total("upstream_accounts", state="cooling_down") == 1)
    simulator.barrier(True)
    waiting += crowd(gateway, [new_sid() for _ in range(10)])
    eventually(lambda: gateway.metrics().total("upstream_queue") == 11)
    metrics = eventually(lambda: (now := gateway.metrics()).total("upstream_in_flight") and now, what="the end of the cool-down")
    assert (metrics.total("upstream_in_flight"), metrics.total("upstream_queue")) == (1, 10)
    simulator.barrier(False)
    assert statuses(answers(waiting)) == {200: 11}
    assert asked(simulator).count(429) == 1
    assert gateway.metrics().total("upstream_accounts", state="cooling_down") == 0, "one success heals"


def test_an_outage_is_survived_on_what_is_cached_and_healed_by_one_probe(start_gateway, simulator):
    gateway = start_gateway(cache={"fresh_for": "1s", "refresh_backoff": "100ms"}, upstream={"failures_to_break": 5, "max_retry_after": "2s"})
    cached = [new_sid() for _ in range(30)]
    for sid in cached:
        assert gateway.ask(sid).status == 200
    eventually(lambda: gateway.ask(cached[-1]).cache["ttl"] < 0, what="stale")
    simulator.faults({"match": {}, "times": 0, "action": "status", "status": 503})

    def circuit_is_open():
        return all(gateway.ask(sid).status == 200 for sid in cached) and gateway.metrics().total("upstream_accounts", state="circuit_open") == 1

    # As many as were under way together may fail before it is known; what counts is what comes after.
    eventually(circuit_is_open)
    eventually(lambda: gateway.metrics().total("upstream_in_flight") == 0)
    simulator.control("DELETE", "/requests")
    begun, rounds = time.monotonic(), 0
    while time.monotonic() - begun < 6:
        for sid in cached:
            answer = gateway.ask(sid)
            assert answer.status == 200 and answer.cache.get("hit")
        missing = gateway.ask(new_sid())
        assert missing.status in (502, 429), "never cached"
        rounds += 1
    attempts = len(simulator.requests())
    assert rounds > 5 and attempts <= 6, f"{attempts} attempts in six seconds"
    assert gateway.metrics().total("upstream_accounts", state="circuit_open") == 1
    shed = gateway.ask(new_sid())
    if shed.status == 429:
        assert shed.fault == "upstream_failing" and 1 <= int(shed.header("Retry-After")) <= 2
    simulator.faults()
    before = len(simulator.requests())
    assert eventually(lambda: gateway.ask(new_sid()).status == 200)
    assert len(simulator.requests()) - before <= 1 + 2, "a probe, and what its success let through"
    assert gateway.metrics().total("upstream_accounts", state="circuit_open") == 0


def test_a_429_is_no_failure(start_gateway, simulator):
    gateway = start_gateway(upstream={"failures_to_break": 2})
    prove(gateway)
    simulator.faults({"match": {}, "times": 6, **THROTTLED})
    for _ in range(4):
        gateway.ask(new_sid())
    assert gateway.metrics().total("upstream_breaks_total") == 0
    assert eventually(lambda: gateway.ask(new_sid()).status == 200)


def test_readers_of_one_answer_are_bounded(start_gateway, simulator):
    gateway, sid = start_gateway(limits={"max_waiters_per_call": 3}, workers=1), new_sid()
    simulator.barrier(True)
    waiting = crowd(gateway, [sid] * 3)
    eventually(lambda: [one["waiting"] for one in gateway.admin(f"/api/explain?call_sid={sid}").json()["flights"]] == [3])
    refused = gateway.ask(sid)
    assert (refused.status, refused.json()["code"], refused.fault) == (429, 20429, "too_many_waiters")
    assert int(refused.header("Retry-After")) >= 1
    simulator.barrier(False)
    assert statuses(answers(waiting)) == {200: 3}


CLIENT_DEADLINES = {"seconds": ("X-Request-Timeout", "0.5"), "milliseconds": ("X-Request-Timeout", "500ms")}


@pytest.mark.parametrize("field", CLIENT_DEADLINES.values(), ids=CLIENT_DEADLINES)
def test_a_clients_own_deadline_is_kept_and_the_flight_goes_on(start_gateway, simulator, field):
    gateway, sid = start_gateway(), new_sid()
    simulator.barrier(True)
    with gateway.connect() as patient:
        patient.send(request(target(sid)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        begun = time.monotonic()
        hasty = gateway.ask(sid, headers=[field])
        assert (hasty.status, hasty.fault) == (504, "upstream_timeout")
        assert 0.4 < time.monotonic() - begun < 3
        simulator.barrier(False)
        assert patient.read().status == 200
    assert gateway.ask(sid).cache.get("hit") and simulator.count(sid) == 1


def test_a_preference_to_wait_does_not_shorten_the_exchange(start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    simulator.fault_for(sid, "latency", ms=1500)
    assert gateway.ask(sid, headers=[("Prefer", "wait=1")]).status == 200


def test_a_clients_deadline_is_never_longer_than_the_gateways(start_gateway, simulator):
    gateway = start_gateway(upstream={"timeout": "1s"})
    simulator.barrier(True)
    begun = time.monotonic()
    assert gateway.ask(new_sid(), headers=[("X-Request-Timeout", "3600")]).status == 504
    assert time.monotonic() - begun < 4


def test_who_was_sent_upstream_is_told_of_its_limit(start_gateway, simulator):
    gateway, sid = start_gateway(upstream={"max_in_flight": 7}), new_sid()
    first = gateway.ask(sid)
    assert first.header("RateLimit-Policy") == '"upstream";q=7;qu="concurrent-requests"'
    assert first.header("RateLimit") == '"upstream";r=7'
    assert gateway.ask(sid).header("RateLimit") is None, "a hit is not limited by the upstream"


def test_hits_go_on_while_the_upstream_answers_nobody(start_gateway, simulator):
    """At upstream limit 0 nothing of the cache is lost."""
    gateway, warm = start_gateway(upstream={"max_in_flight": 1, "max_queued": 5}), new_sid()
    assert gateway.ask(warm).status == 200
    simulator.barrier(True)
    stop = threading.Event()

    def insist():
        while not stop.is_set():
            gateway.ask(new_sid())

    asking = threading.Thread(target=insist)
    blocked = crowd(gateway, [new_sid() for _ in range(6)], auth=PARENT)
    asking.start()
    try:
        with gateway.connect() as reader:
            for _ in range(500):
                assert reader.send(request(target(warm))).read().cache.get("hit")
    finally:
        stop.set()
        simulator.barrier(False)
        asking.join()
    answers(blocked)
