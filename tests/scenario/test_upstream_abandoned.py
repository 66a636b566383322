"""Answers that are given up in the middle, by clients who leave and by us: what is still owed on their connections is never taken for the
answer to somebody else, and their turns are free again."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.eventually import eventually
from harness.strangers import prove
from harness.twilio_facts import new_sid
from harness.wire import annotation, request, target

LEAVERS, ROUNDS = 4, 2500


def half_read(simulator):
    """Each partial pauses in the middle of its body: that is when its client leaves."""
    simulator.faults({"match": {"processing_state": "partial"}, "times": 0, "action": "stall", "at": "body", "seconds": 0.003})


def leave_and_ask(gateway, seed):
    """Many clients who leave at any moment, each followed by one who stays; returns what those who stayed should not have got."""
    dice, wrong = random.Random(seed), []
    with gateway.connect() as staying:
        for _ in range(ROUNDS):
            what = dice.choice([target(new_sid(), "partial"), target(new_sid()), annotation(new_sid())])
            with gateway.connect() as leaving:
                whole = request(what)
                leaving.send(whole if dice.random() < 0.8 else whole[: dice.randrange(len(whole))])
                if dice.random() < 0.3:
                    leaving.socket.settimeout(dice.random() * 0.006)
                    try:
                        leaving.socket.recv(dice.randrange(1, 400))
                    except TimeoutError:
                        pass
            sid = new_sid()
            state = dice.choice([None, "partial"])
            got = staying.send(request(target(sid, state))).read()
            if got.status != 200 or got.json()["call_sid"] != sid:
                wrong.append((sid, got.raw[:400]))
    return wrong


def test_clients_who_leave_at_any_moment_mix_up_no_answers(start_gateway, simulator):
    gateway = start_gateway()
    half_read(simulator)
    with ThreadPoolExecutor(LEAVERS) as leavers:
        results = list(leavers.map(lambda seed: leave_and_ask(gateway, seed), range(LEAVERS)))
    assert [wrong for some in results for wrong in some] == []
    eventually(lambda: gateway.metrics().total("upstream_in_flight") == 0)
    assert gateway.metrics().total("connections") <= 1 + 1, "nobody is waited for; ours is one"


def test_what_comes_after_the_deadline_is_nobodys_answer(start_gateway, simulator):
    """Half of it came in time. The rest arrives while others are asking."""
    gateway = start_gateway(workers=1, upstream={"timeout": "1s", "failures_to_break": 1000})
    prove(gateway)
    late = [new_sid() for _ in range(10)]
    simulator.faults(*({"match": {"call_sid": sid}, "times": 0, "action": "stall", "at": "body", "seconds": 1.5} for sid in late))
    crowd = [gateway.connect().send(request(target(sid))) for sid in late]
    assert {connection.read().status for connection in crowd} == {504}
    abandoned = {seen["connection"] for sid in late for seen in simulator.requests(sid)}
    asked = []
    # Until the last of them has sent, or could have sent, the other half.
    while not asked or simulator.state()["in_flight"] > 0 or len(asked) < 20:
        asked.append(new_sid())
        assert gateway.ask(asked[-1]).json()["call_sid"] == asked[-1]
    used = {seen["connection"] for sid in asked for seen in simulator.requests(sid)}
    assert not used & abandoned, "a connection that owes something is closed"


SECOND = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n{"call_sid":"planted"}'
UNTRUSTED = {
    "a body over the limit": ({"action": "huge", "bytes": 5 << 20}, 502),
    "a body over the limit, in chunks": ({"action": "huge", "bytes": 5 << 20, "also": [{"action": "chunked"}]}, 502),
    "another call's body": ({"action": "wrong_body"}, 502),
    "no JSON": ({"action": "status", "status": 200, "body": "{"}, 502),
    "a second answer": ({"action": "extra_bytes", "bytes": SECOND}, 200),
    "one byte more": ({"action": "extra_bytes", "bytes": "x"}, 200),
    "another protocol": ({"action": "raw", "bytes": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + SECOND}, 502),
}


@pytest.mark.parametrize("fault, status", UNTRUSTED.values(), ids=UNTRUSTED)
def test_a_connection_that_owes_or_has_extra_bytes_is_not_used_again(start_gateway, simulator, fault, status):
    gateway, sid = start_gateway(workers=1), new_sid()
    simulator.fault_for(sid, **fault)
    assert gateway.ask(sid).status == status
    others = [new_sid() for _ in range(5)]
    for other in others:
        assert gateway.ask(other).json()["call_sid"] == other
    spoilt = {seen["connection"] for seen in simulator.requests(sid)}
    used = {seen["connection"] for other in others for seen in simulator.requests(other)}
    assert not used & spoilt
    assert len(used) == 1, "a sound one is"


ENDLESS_HEADERS = "HTTP/1.1 200 OK\r\n" + ("X-Many: " + "y" * 1000 + "\r\n") * 1000
WITHOUT_END = {
    "silence": ({"action": "stall", "at": "before_headers", "seconds": 20}, 504),
    "silence after the headers": ({"action": "stall", "at": "after_headers", "seconds": 20}, 504),
    "one byte a second": ({"action": "drip", "bytes_per_second": 1}, 504),
    "endless headers": ({"action": "raw", "bytes": ENDLESS_HEADERS}, 502),
    "a body over the limit": ({"action": "huge", "bytes": 8 << 20, "also": [{"action": "chunked"}]}, 502),
}


@pytest.mark.parametrize("fault, status", WITHOUT_END.values(), ids=WITHOUT_END)
def test_what_has_no_end_gives_its_permit_back(start_gateway, simulator, fault, status):
    """There is one turn only: who comes next gets it."""
    gateway = start_gateway(upstream={"max_in_flight": 1, "timeout": "1s", "failures_to_break": 1000})
    warm = new_sid()
    assert gateway.ask(warm).status == 200
    for _ in range(2):
        endless, sid = new_sid(), new_sid()
        simulator.fault_for(endless, **fault)
        with gateway.connect() as waiting:
            waiting.send(request(target(endless)))
            eventually(lambda: simulator.count(endless) == 1)
            assert gateway.ask(warm).cache.get("hit"), "what is cached does not notice"
            assert waiting.read().status == status
        assert gateway.ask(sid).json()["call_sid"] == sid
    assert gateway.metrics().total("upstream_in_flight") == 0
