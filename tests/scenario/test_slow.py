"""What was slow is remembered and told: by GET /api/slow, in the access log, and in a dump, with the hop in which its time went."""

import json
import signal
import threading
import time

import pytest

from harness.eventually import eventually
from harness.late_path import LatePath
from harness.twilio_facts import PARENT, error_sid, new_sid
from harness.wire import request, target

STALL = 0.4
SLOW = {"slow_after": "300ms"}


def told(gateway, query=""):
    answer = gateway.admin("/api/slow" + query)
    assert answer.status == 200 and answer.header("Content-Type") == "application/json", answer.raw
    return answer.json()["requests"]


def logged(gateway):
    """The lines of a gateway that has ended."""
    return [json.loads(line) for line in gateway.output().splitlines() if line.startswith("{")]


def where_time_went(entry):
    return max(entry["hops_us"], key=entry["hops_us"].get)


def late_answer(gateway, simulator, sid):
    simulator.fault_for(sid, "stall", times=1, at="before_headers", seconds=STALL)
    gateway.ask(sid)


def late_body(gateway, simulator, sid):
    simulator.fault_for(sid, "stall", times=1, at="body", seconds=STALL)
    gateway.ask(sid)


def in_background(*asked):
    threads = [threading.Thread(target=one) for one in asked]
    for one in threads:
        one.start()
    return threads


def held_up_by_another(gateway, simulator, sid):
    """There is one turn, and another call has it."""
    other = new_sid()
    simulator.fault_for(other, "stall", times=1, at="before_headers", seconds=STALL)
    (first,) = in_background(lambda: gateway.ask(other))
    eventually(lambda: simulator.count(other) == 1)
    gateway.ask(sid)
    first.join()


def joined_a_flight(gateway, simulator, sid):
    simulator.fault_for(sid, "stall", times=1, at="before_headers", seconds=STALL)
    (first,) = in_background(lambda: gateway.ask(sid))
    eventually(lambda: simulator.count(sid) == 1)
    gateway.ask(sid, headers=[("X-Request-Id", "the-one")])
    first.join()


def slow_reader(gateway, simulator, sid):
    simulator.register(sid, ended_ago_s=7200, bytes=900_000)
    with gateway.connect(receive_buffer=4096) as connection:
        connection.send(request(target(sid), headers=[("X-Request-Id", "the-one")]))
        time.sleep(STALL)  # this is the stall
        connection.read()


STALLS = {
    "first_byte": (late_answer, {}),
    "body": (late_body, {}),
    "budget_wait": (held_up_by_another, {"upstream": {"max_in_flight": 1}}),
    "flight_wait": (joined_a_flight, {}),
    "write": (slow_reader, {"cache": {"max_entry_bytes": "2MiB", "gzip": False}}),
}


@pytest.mark.parametrize("hop, how", STALLS.items(), ids=STALLS)
def test_a_stall_is_counted_as_its_hop_everywhere(start_gateway, simulator, hop, how):
    stall, settings = how
    gateway, sid = start_gateway(log={**SLOW, "call_sids": "plain"}, **settings), new_sid()
    stall(gateway, simulator, sid)
    # A writer may be a moment behind its reader.
    eventually(lambda: any(where_time_went(entry) == hop for entry in told(gateway, "?min=300ms")))
    entries = [entry for entry in told(gateway, "?min=300ms") if entry["call"] == sid and where_time_went(entry) == hop]
    assert len(entries) == 1, entries
    assert entries[0]["duration_us"] >= entries[0]["hops_us"][hop] > 300_000
    gateway.stop()
    assert entries[0] in logged(gateway), "the same in the log"


@pytest.mark.parametrize("hop", ["connect", "tls_handshake"])
def test_a_stall_on_the_way_is_counted_as_its_hop(start_gateway, simulator, hop):
    with LatePath(simulator.port) as path:
        gateway, sid = start_gateway(log=SLOW, upstream={"url": f"https://localhost:{path.port}"}), new_sid()
        if hop == "tls_handshake":
            path.hold_bytes = STALL
            gateway.ask(sid)
        else:
            path.stop_taking()
            (asked,) = in_background(lambda: gateway.ask(sid))
            time.sleep(STALL)  # this is the stall; the kernel tries again a second after its first attempt
            path.take_again()
            asked.join()
        (entry,) = eventually(lambda: told(gateway))
        assert where_time_went(entry) == hop and entry["hops_us"][hop] > 300_000
        path.hold_bytes = 0
        gateway.ask(new_sid())
        gateway.stop()
    assert [line["hops_us"].get(hop, 0) > 300_000 for line in logged(gateway)] == [True], "only who paid for it is told of"


def test_three_seconds_lost_by_one_request_of_ten_thousand_are_found(start_gateway, simulator):
    gateway, sid, unlucky = start_gateway(), new_sid(), new_sid()
    gateway.ask(sid)
    simulator.fault_for(unlucky, "stall", times=1, at="before_headers", seconds=3)
    (asked,) = in_background(lambda: gateway.ask(unlucky, headers=[("X-Request-Id", "unlucky")]))
    with gateway.connect() as connection:
        for _ in range(500):
            connection.send(request(target(sid)) * 20)
            for _ in range(20):
                connection.read()
    asked.join()
    (entry,) = eventually(lambda: told(gateway))
    assert entry["request_id"] == "unlucky" and entry["outcome"] == "miss" and entry["weight"] == 1
    assert 2_900_000 < entry["hops_us"]["first_byte"] <= entry["duration_us"] < 4_000_000
    metrics = eventually(lambda: (now := gateway.metrics()).total("requests_total") == 10_002 and now)
    below, above = (metrics.total("hop_duration_seconds_bucket", hop="first_byte", le=bound) for bound in ("2.5", "5"))
    assert above - below == 1, "in the histogram of its hop, too"
    gateway.stop()
    assert [line["request_id"] for line in logged(gateway)] == ["unlucky"]


def test_failed_and_sampled_requests_are_remembered_too_whatever_the_log_does(start_gateway, simulator):
    gateway = start_gateway(log={"access": "none", "sample": 1})
    gateway.ask(error_sid(17008), headers=[("X-Request-Id", "failed")])
    gateway.ask(new_sid(), headers=[("X-Request-Id", "sampled")])
    gateway.ask(new_sid(), auth=None, headers=[("X-Request-Id", "refused")])
    eventually(lambda: len(told(gateway)) == 3)  # what is told has been read by its client before
    assert sorted((entry["request_id"], entry["status"]) for entry in told(gateway)) == [("failed", 502), ("refused", 401), ("sampled", 200)]
    assert told(gateway, "?min=1m") == []
    assert len(told(gateway, "?limit=1")) == 1
    gateway.stop()
    assert logged(gateway) == []


@pytest.mark.parametrize("query", ["?min=50", "?min=-1ms", "?limit=0", "?limit=1001", "?limit=x", "?max=1s", "?fault=busy", "?outcome=slow", "?client="])
def test_what_cannot_be_understood_is_refused(start_gateway, query):
    answer = start_gateway().admin("/api/slow" + query)
    assert answer.status == 400 and answer.json()["message"].startswith(query[1:4] if query != "?max=1s" else "The parameters are")


def test_identical_failures_are_one_entry_with_their_number(start_gateway, simulator):
    gateway, sid = start_gateway(workers=2, log=SLOW, client_limit={"requests": 2, "per": "1h"}), new_sid()
    late_answer(gateway, simulator, sid)
    assert gateway.ask(sid).status == 200
    for number in range(600):
        assert gateway.ask(sid, headers=[("X-Request-Id", f"refused-{number}")]).status == 429
    eventually(lambda: sum(entry["weight"] for entry in told(gateway, "?outcome=shed")) == 600)
    (entry,) = told(gateway, "?fault=client_limit")
    assert entry["weight"] == 600 and entry["request_id"] == "refused-599" and entry["first_us"] < entry["time_us"]
    (slow,) = told(gateway, "?min=300ms")
    assert slow["outcome"] == "miss", "the slow one is still there"
    assert slow["client"] == entry["client"]
    assert told(gateway, f"?client={entry['client']}&outcome=miss") == [slow]
    assert told(gateway, "?client=somebody") == []
    gateway.stop()
    lines = [line for line in logged(gateway) if line.get("fault") == "client_limit"]
    assert 0 < len(lines) < 600 and {line["client"] for line in lines} == {entry["client"]}
    assert 0 <= 600 - sum(line["weight"] for line in lines) < 600, "those since the last line are still to be counted"


def test_a_flood_of_one_fault_hides_no_other_in_the_log(start_gateway, simulator):
    gateway, sid = start_gateway(workers=1, log={"lines_per_fault": 5}, client_limit={"requests": 1, "per": "1h"}), new_sid()
    gateway.ask(sid)
    with gateway.connect() as connection:
        for _ in range(100):
            connection.send(request(target(sid)) * 20)
            for _ in range(20):
                assert connection.read().status == 429
    with gateway.connect(source="127.0.0.2") as another:
        assert another.send(request(target(error_sid(17008)))).read().status == 502
    gateway.stop()
    refused, other = ([line for line in logged(gateway) if (line["fault"] == "client_limit") == is_flood] for is_flood in (True, False))
    assert [line["weight"] for line in refused][:5] == [1] * 5 and len(refused) < 200, "5 at once, and 5 in each second"
    assert [(line["fault"], line["weight"]) for line in other] == [("upstream_error", 1)]


def test_sigquit_writes_what_is_remembered_and_changes_nothing(start_gateway, simulator):
    gateway = start_gateway(log={"access": "none"})
    for number in range(3):
        gateway.ask(error_sid(17008), auth=PARENT, headers=[("X-Request-Id", f"failed-{number}")])
        gateway.ask(new_sid(), auth=None)
    before = eventually(lambda: sum(entry["weight"] for entry in told(gateway)) == 6 and told(gateway))
    assert {(entry["fault"], entry["weight"]) for entry in before} == {("upstream_error", 3), ("missing_credentials", 3)}
    gateway.signal(signal.SIGQUIT)
    eventually(lambda: len(logged(gateway)) == 2)
    assert [{**line, "type": "access"} for line in logged(gateway)] == before[::-1], "the newest comes last"
    assert {line["type"] for line in logged(gateway)} == {"recorded"}
    gateway.says("SIGQUIT: 2 requests")
    assert gateway.ask(new_sid()).status == 200
    assert told(gateway) == before
