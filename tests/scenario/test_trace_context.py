"""W3C Trace Context: a client's trace goes on upstream and into what is told of the request; without one a trace begins here."""

import json
import re
import threading

import pytest

from harness.eventually import eventually
from harness.twilio_facts import new_sid
from harness.wire import request, target

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{SPAN}-01"
FORM = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])")


@pytest.fixture
def gateway(start_gateway):
    return start_gateway(workers=1, log={"access": "all", "slow_after": "1ms"})


def upstream_parent(simulator, sid):
    (row,) = simulator.requests(sid)
    return FORM.fullmatch(row["headers"]["traceparent"]).groups()


def logged(gateway):
    gateway.stop()
    return [json.loads(line) for line in gateway.output().splitlines() if line.startswith("{")]


def test_a_client_s_trace_goes_on_upstream_and_into_the_log(gateway, simulator):
    sid = new_sid()
    fields = [("traceparent", GOOD), ("tracestate", "rojo=1"), ("Tracestate", "congo=t61")]
    gateway.ask(sid, headers=fields)
    gateway.ask(sid, headers=fields)
    trace, parent, flags = upstream_parent(simulator, sid)
    (row,) = simulator.requests(sid)
    assert (trace, flags, row["headers"]["tracestate"]) == (TRACE, "01", "rojo=1,congo=t61")
    recorded = eventually(lambda: gateway.admin("/api/slow").json()["requests"])
    miss, hit = logged(gateway)
    for line in (miss, hit, recorded[-1]):
        assert (line["trace_id"], line["parent_span_id"]) == (TRACE, SPAN)
    assert len({SPAN, parent, miss["span_id"], hit["span_id"]}) == 4, "each has a span of its own"
    assert recorded[-1] == miss, "the same in the recorder"


@pytest.mark.parametrize(
    "fields",
    [
        [],
        [("traceparent", GOOD.upper())],
        [("traceparent", GOOD[:-1])],
        [("traceparent", f"ff{GOOD[2:]}")],
        [("traceparent", f"00-{'0' * 32}-{SPAN}-01")],
        [("traceparent", GOOD), ("traceparent", GOOD)],
        [("traceparent", f"{GOOD}, {GOOD}")],
    ],
)
def test_without_a_good_one_a_trace_begins_here(gateway, simulator, fields):
    sid = new_sid()
    assert gateway.ask(sid, headers=[*fields, ("tracestate", "rojo=1")]).status == 200
    trace, parent, flags = upstream_parent(simulator, sid)
    (row,) = simulator.requests(sid)
    assert trace != TRACE and parent != SPAN and flags == "00" and "tracestate" not in row["headers"]
    (line,) = logged(gateway)
    assert line["trace_id"] == trace and "parent_span_id" not in line


@pytest.mark.parametrize("state", ["Odd=1", "k=\x80", "k=" + "v" * 300, ",".join(f"k{number}=v" for number in range(33))])
def test_an_odd_tracestate_stays_here(gateway, simulator, state):
    sid = new_sid()
    assert gateway.ask(sid, headers=[("traceparent", GOOD), ("tracestate", state)]).status == 200
    (row,) = simulator.requests(sid)
    assert row["headers"]["traceparent"].startswith(f"00-{TRACE}-") and "tracestate" not in row["headers"]


def test_a_shared_call_upstream_belongs_to_the_trace_of_who_was_first(gateway, simulator):
    sid, other = new_sid(), "1" * 32
    simulator.barrier(True)
    first = threading.Thread(target=lambda: gateway.ask(sid, headers=[("traceparent", GOOD)]))
    first.start()
    eventually(lambda: simulator.count(sid) == 1)
    second = gateway.connect().send(request(target(sid), headers=[("traceparent", f"00-{other}-{SPAN}-00")]))
    explained = f"/api/explain?call_sid={sid}"
    eventually(lambda: [flight["waiting"] for flight in gateway.admin(explained).json()["flights"]] == [2])
    simulator.barrier(False)
    first.join()
    assert second.read().cache.get("collapsed")
    assert upstream_parent(simulator, sid)[0] == TRACE
    assert {(line["outcome"], line["trace_id"]) for line in logged(gateway)} == {("miss", TRACE), ("coalesced", other)}


def test_passthrough_is_traced_too(gateway, simulator):
    sid = new_sid()
    gateway.annotate(sid, headers=[("traceparent", GOOD)], Comment="x")
    assert upstream_parent(simulator, sid)[0] == TRACE


def test_pages_may_send_it(gateway):
    answer = gateway.ask(new_sid(), method="OPTIONS", headers=[("Origin", "https://app.example"), ("Access-Control-Request-Method", "GET")])
    assert {"traceparent", "tracestate"} <= {word.strip().lower() for word in answer.header("Access-Control-Allow-Headers").split(",")}
