"""A client's quota in a fleet: a real engine counts, so gateways together use no more than one may; alone each has its part."""

import threading
import time

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.fleet import becomes, budget_of
from harness.late_path import LatePath
from harness.twilio_facts import new_sid

COUNT = 3


@pytest.fixture
def gateways(start_gateway, engine, tmp_path):
    access = Access(tmp_path)

    def start(calls, timeout="1s"):
        access.client("billing", "main", {"quota": {"upstream_calls": calls, "per": "30d"}})
        fleet = engine.fleet(share=["limit"], timeout=timeout)
        made = [start_gateway(credentials=access.settings(), fleet=fleet) for _ in range(COUNT)]
        for one in made:
            eventually(lambda one=one: budget_of(one) == {"state": "shared", "gateways": COUNT})
        return made

    return start


def ask(gateway):
    answer = gateway.ask(new_sid(), auth=f"Bearer {token('billing')}")
    assert answer.status == 200 or answer.fault == "quota_exhausted", answer.raw[:500]
    return answer.status == 200


def ask_all(fleet, times):
    """Each gateway is asked from two threads at once. How many requests were served."""
    served = []

    def work(gateway):
        served.extend(ask(gateway) for _ in range(times))

    threads = [threading.Thread(target=work, args=(one,)) for one in fleet for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(served)


def test_gateways_together_use_the_quota_and_no_more(gateways, simulator):
    fleet = gateways(60)
    served = ask_all(fleet, 30)
    assert 45 <= served <= 60 and len(simulator.requests()) == served

    def all_used():
        ask(fleet[0])
        return len(simulator.requests()) == 60

    eventually(all_used, timeout=15, what="calls that were taken ahead come back")
    assert not any(ask(one) for one in fleet)
    assert fleet[2].metrics().total("client_quota_calls", client="billing", state="left") == 0


def test_a_gateway_that_has_just_started_is_not_alone(start_gateway, engine, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main", {"quota": {"upstream_calls": 10, "per": "30d"}})
    fleet = engine.fleet(share=["limit"], timeout="50ms")
    first = start_gateway(credentials=access.settings(), fleet=fleet)
    eventually(lambda: budget_of(first)["state"] == "shared")
    assert sum(ask(first) for _ in range(11)) == 10
    with LatePath(engine.port) as late:
        late.hold_bytes = 0.3  # so long it cannot ask the engine
        second = start_gateway(credentials=access.settings(), fleet={**fleet, "url": f"redis://127.0.0.1:{late.port}"})
        assert not any(ask(second) for _ in range(5))
    assert len(simulator.requests()) == 10


def held(engine):
    """What each gateway holds of the quota, used or not."""
    keys = [key for key in engine.keys() if ":q:" in key]
    fields = engine.ask("HGETALL", keys[0]) if keys else []
    return [int(value.split()[1]) for name, value in zip(fields[::2], fields[1::2]) if name.startswith(b"r:")]


def test_a_gateway_that_ends_in_order_takes_no_calls_along(gateways, engine, simulator):
    first, *others = gateways(320)
    assert all(ask(first) for _ in range(12))
    assert sum(held(engine)) > 12, "some are taken ahead"
    first.stop()
    assert held(engine) == [12]
    assert ask(others[0]) and len(simulator.requests()) == 13


def test_an_engine_that_hangs_at_the_end_holds_nobody_up(gateways, engine):
    first, *_ = gateways(320)
    assert all(ask(first) for _ in range(12))
    engine.stop()
    begun = time.monotonic()
    first.stop()
    assert time.monotonic() - begun < 10
    engine.go_on()


def test_a_refresh_that_the_engine_refuses_is_left_to_others(start_gateway, engine, simulator, tmp_path):
    """Another gateway has used the quota up, so this one learns of it only when it asks."""
    access = Access(tmp_path)
    access.client("billing", "main", {"quota": {"upstream_calls": 2, "per": "30d"}})
    access.client("free", "main")
    made = [start_gateway(credentials=access.settings(), cache={"fresh_for": "1s", "refresh_backoff": "10m"}, fleet=engine.fleet(share=["limit"], timeout="1s")) for _ in range(2)]
    for one in made:
        eventually(lambda one=one: budget_of(one) == {"state": "shared", "gateways": 2})
    gateway, sid = made[0], new_sid()

    def hit(name):
        answer = gateway.ask(sid, auth=f"Bearer {token(name)}")
        assert answer.status == 200, answer.raw
        return answer.cache

    hit("billing")
    assert ask(made[1])
    reports = lambda: max(int(value.split()[0]) for value in engine.ask("HVALS", next(key for key in engine.keys() if ":q:" in key)) if b" " in value)
    before = reports()
    eventually(lambda: hit("billing")["ttl"] < 0 and reports() > before, what="a refresh for which the engine was asked")
    eventually(lambda: hit("free") and simulator.count(sid) == 2, what="the refresh of a client that may")


def test_the_engine_s_dump_names_no_client(gateways, engine):
    first, *_ = gateways(50)
    assert ask(first)
    with engine.client() as client:
        keys = [key for key in client.ask("KEYS", "*") if b":q:" in key]
        assert len(keys) == 1 and b"billing" not in keys[0]
        assert b"billing" not in b" ".join(client.ask("HGETALL", keys[0]))
        assert 0 < client.ask("PTTL", keys[0]) <= 30 * 86_400_000 + 1000


def test_while_the_engine_is_away_each_has_its_part(gateways, engine, simulator):
    fleet = gateways(30)
    assert ask(fleet[0])
    engine.kill()
    for one in fleet:
        eventually(lambda one=one: budget_of(one)["state"] == "alone")
    served = ask_all(fleet, 20)
    assert 30 - COUNT <= len(simulator.requests()) <= 30 + 2 and served + 1 == len(simulator.requests())
    for one in fleet:
        refused = one.ask(new_sid(), auth=f"Bearer {token('billing')}")
        assert refused.fault == "quota_exhausted" and int(refused.header("Retry-After")) > 0


def test_an_engine_that_comes_back_empty_learns_what_was_used(gateways, engine, simulator):
    fleet = gateways(30)
    engine.kill()
    for one in fleet:
        eventually(lambda one=one: budget_of(one)["state"] == "alone")
    assert [ask(one) for one in fleet for _ in range(5)] == [True] * 15
    engine.start()
    for one in fleet:
        becomes(one, "connected")
        eventually(lambda one=one: budget_of(one)["state"] == "shared")
    (key,) = eventually(lambda: [key for key in engine.keys() if ":q:" in key])
    eventually(lambda: len([field for field in engine.ask("HKEYS", key) if field.startswith(b"r:")]) == COUNT, what="each has reported")
    ask_all(fleet, 10)
    eventually(lambda: not ask(fleet[0]) and len(simulator.requests()) == 30, timeout=15)
