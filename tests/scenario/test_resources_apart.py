"""Summaries, annotations and each list are upstream's different resources: what is wrong with one, or slow, costs the readers of another nothing."""

import itertools

import pytest

from harness.eventually import eventually
from harness.strangers import PASSTHROUGH, Flood, Victim, ask_for, prove, read_cold, unnoticed
from harness.twilio_facts import new_sid
from harness.wire import Connection, request, target

RESOURCES = ["annotation", "write", *PASSTHROUGH]
FAILS = {
    "500": {"action": "status", "status": 500, "code": 17008},
    "slower than the timeout": {"action": "stall", "at": "before_headers", "seconds": 5},
}


@pytest.fixture
def some_gateway(start_gateway, simulator):
    """And a proved reader, whose call of that kind is the one that fails."""
    gateway, reader = start_gateway(may_cut=True, passthrough=list(PASSTHROUGH), upstream={"timeout": "1s"}, limits={"drain_timeout": "1s"}), Victim(simulator)
    prove(gateway, reader.auth)
    return gateway, reader


def about(what):
    """What the simulator sees as the call of such a request: a list has none."""
    return "" if what == "summaries" else new_sid()


def ask_often(gateway, what, sid, auth, times=14):
    """failures_to_break is 10, also of what is under way together."""
    data, method = ask_for(what, sid, auth)
    with Flood(gateway, [data] * times) as flood:
        return [connection.read(method) for connection in flood.connections]


ROWS = [(what, "500") for what in RESOURCES] + [(what, "slower than the timeout") for what in ("annotation", "metrics", "summaries")]


@pytest.mark.strangers
@pytest.mark.parametrize(("what", "failure"), ROWS)
def test_one_that_fails_is_no_reason_to_keep_summaries_from_anybody(some_gateway, simulator, what, failure):
    (gateway, reader), sid = some_gateway, about(what)
    simulator.faults({"match": {"call_sid": sid}, "times": 0, **FAILS[failure]})
    assert {answer.status for answer in ask_often(gateway, what, sid, reader.auth)} <= {502, 504, 429}
    reads = read_cold(gateway, 5, reader.auth)
    assert [(read.status, read.fault) for read in reads] == [(200, None)] * 5


@pytest.mark.parametrize("what", ["annotation", "summaries"])
def test_one_that_fails_is_still_left_alone_itself(some_gateway, simulator, what):
    """Apart is not unprotected."""
    (gateway, reader), sid = some_gateway, about(what)
    simulator.faults({"match": {"call_sid": sid}, "times": 0, **FAILS["500"]})
    ask_often(gateway, what, sid, reader.auth)
    asked = len(simulator.requests())
    assert {answer.fault for answer in ask_often(gateway, what, sid, reader.auth, 5)} == {"upstream_failing"}
    assert len(simulator.requests()) == asked


@pytest.mark.strangers
@pytest.mark.parametrize("what", ["annotation", "metrics"])
def test_failing_summaries_are_no_reason_to_keep_the_others_from_anybody(some_gateway, simulator, what):
    (gateway, reader), sids = some_gateway, [new_sid() for _ in range(14)]
    simulator.faults(*({"match": {"call_sid": sid}, "times": 0, **FAILS["500"]} for sid in sids))
    with Flood(gateway, [request(target(sid), reader.auth) for sid in sids]) as flood:
        assert {connection.read().status for connection in flood.connections} <= {502, 429}
    answer = gateway.send(ask_for(what, new_sid(), reader.auth)[0])
    assert (answer.status, answer.fault) == (200, None)


# --- a share of the places ------------------------------------------------------------
@pytest.mark.strangers
@pytest.mark.parametrize("what", ["metrics", "annotation"])
def test_sixty_slow_ones_do_not_keep_a_reader_of_summaries_waiting(start_gateway, simulator, what):
    gateway, reader, slow = start_gateway(may_cut=True, passthrough=list(PASSTHROUGH), limits={"drain_timeout": "1s"}), Victim(simulator), about(what)
    prove(gateway, reader.auth)
    simulator.latency("200ms")
    alone = read_cold(gateway, 1, reader.auth)
    simulator.faults({"match": {"call_sid": slow}, "times": 0, "action": "latency", "ms": 6000})
    with Flood(gateway, [ask_for(what, slow, reader.auth)[0]] * 60, ["127.0.0.2"]):
        eventually(lambda: gateway.metrics().total("upstream_in_flight") >= 30)
        unnoticed(alone, read_cold(gateway, 4, reader.auth, at_most=4))


@pytest.mark.strangers
def test_at_a_limit_of_two_one_place_is_never_passthroughs(start_gateway, simulator):
    gateway, reader = start_gateway(may_cut=True, passthrough=list(PASSTHROUGH), upstream={"max_in_flight": 2}, limits={"drain_timeout": "1s"}), Victim(simulator)
    prove(gateway, reader.auth)
    slow = new_sid()
    simulator.faults({"match": {"call_sid": slow}, "times": 0, "action": "latency", "ms": 6000})
    with Flood(gateway, [ask_for("metrics", slow, reader.auth)[0]] * 6, ["127.0.0.2"]):
        eventually(lambda: gateway.metrics().total("upstream_queue") >= 4)
        assert max(read.seconds for read in read_cold(gateway, 5, reader.auth, at_most=4)) < 1


@pytest.mark.strangers
def test_at_a_limit_of_one_they_alternate(start_gateway, simulator):
    """Ten of each wait, those of passthrough came first: whoever asks, neither kind has two turns more than the other."""
    gateway, reader = start_gateway(passthrough=list(PASSTHROUGH), upstream={"max_in_flight": 1}), Victim(simulator)
    prove(gateway, reader.auth)
    metrics, summaries = [new_sid() for _ in range(10)], [new_sid() for _ in range(10)]
    simulator.control("DELETE", "/requests")
    simulator.barrier(True)
    waiting = []

    def wait_for(what, sids, source):
        for sid in sids:
            waiting.append(Connection(gateway.port, source=source).send(ask_for(what, sid, reader.auth)[0]))
            eventually(lambda: gateway.metrics().total("upstream_queue") + gateway.metrics().total("upstream_in_flight") == len(waiting))

    wait_for("metrics", metrics, "127.0.0.2")
    wait_for("summary", summaries, "127.0.0.2")
    simulator.barrier(False)
    assert {connection.read().status for connection in waiting} == {200}
    for connection in waiting:
        connection.close()
    kinds = [1 if row["target"].endswith("Metrics") else -1 for row in simulator.requests()]
    assert len(kinds) == 20
    assert max(map(abs, itertools.accumulate(kinds))) <= 2, kinds
