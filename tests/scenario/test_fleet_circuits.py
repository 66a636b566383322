"""What an account asks of one gateway, all gateways do, and one of them probes: in a real engine, and with real gateways."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.circuit_lua import FEED, KEY, Member
from harness.eventually import eventually
from harness.fleet import FeedCut, budget_of, report
from harness.twilio_facts import OTHER, new_sid
from harness.wire import request, target

THROTTLED = {"action": "status", "status": 429, "code": 20429}
NOBODY, SELF, ANOTHER = 0, 1, 2
LONG = 60_000
_names = itertools.count(1)


@pytest.fixture
def members(the_engine):
    with the_engine.client() as client:
        yield [Member(client, f"gateway-{number}") for number in range(3)]


@pytest.fixture
def field():
    return f"breaker summary {next(_names)}"


@pytest.fixture
def background():
    with ThreadPoolExecutor(1) as one:
        yield one


def opened(one, field, span=0, **more):
    return one.tell(field, "opened", span=span, streak=1, **more)


def test_an_opened_circuit_is_open_for_all(members, field):
    first, second, _ = members
    number, is_open, left, streak, probe = opened(first, field, LONG)
    assert (number, is_open, streak, probe) == (1, 1, 1, NOBODY) and LONG - 5000 < left <= LONG
    assert second.look()[field][:2] == (1, 1)
    assert second.tell(field, known=1, wants=True)[4] == NOBODY, "it is too early for a probe"


def test_failures_of_one_moment_are_one_opening_and_the_longest_pause_counts(members, field):
    first, second, _ = members
    opened(first, field, 1000)
    number, _, left, streak, _ = opened(second, field, LONG)
    assert (number, streak) == (1, 1) and left > 50_000
    assert first.tell(field, "prolonged", known=1, span=2 * LONG)[2] > LONG


def test_one_probes_and_its_failure_is_another_opening(members, field):
    first, second, third = members
    opened(first, field)
    assert second.tell(field, known=1, wants=True)[4] == SELF
    assert first.tell(field, known=1, wants=True)[4] == ANOTHER
    assert third.tell(field, known=1, wants=True)[4] == ANOTHER
    assert second.tell(field, known=1, wants=True)[4] == SELF, "it is still on its way"
    number, _, _, streak, probe = second.tell(field, "opened", known=1, span=0, streak=2)
    assert (number, streak) == (2, 2)
    assert second.tell(field, known=2, wants=True)[4] == ANOTHER, "the first one asked meanwhile"
    assert first.tell(field, known=2, wants=True)[4] == SELF


def test_a_gateway_that_was_promised_the_probe_and_does_not_come_loses_it(members, field):
    first, second, _ = members
    opened(first, field)
    first.tell(field, known=1, wants=True)
    second.tell(field, known=1, wants=True)
    first.tell(field, "opened", known=1, streak=2)
    assert first.tell(field, known=2, wants=True)[4] == ANOTHER
    eventually(lambda: first.tell(field, known=2, wants=True)[4] == SELF, what="after six tenths of a second")


def test_a_success_closes_it_for_all_and_an_older_one_does_not(members, field):
    first, second, _ = members
    opened(first, field)
    second.tell(field, known=1, wants=True)
    second.tell(field, "opened", known=1, streak=2)
    assert first.tell(field, "closed", known=1)[:2] == (2, 1)
    assert second.tell(field, "closed", known=2)[:2] == (2, 0)
    assert first.look()[field][:2] == (2, 0), "it hears of it"
    assert opened(first, field, LONG)[:2] == (3, 1)


def test_a_probe_that_is_given_back_is_another_gateways(members, field):
    first, second, _ = members
    opened(first, field)
    first.tell(field, known=1, wants=True)
    assert first.tell(field, known=1)[4] == NOBODY
    assert second.tell(field, known=1, wants=True)[4] == SELF


def test_the_probe_of_a_gateway_that_vanished_ends_with_its_lease(members, field):
    first, second, _ = members
    opened(first, field)
    first.tell(field, known=1, wants=True)
    eventually(lambda: second.tell(field, known=1, wants=True)[4] == SELF, what="a lease of two seconds")


def test_an_engine_that_forgot_everything_goes_on_with_the_number_of_a_gateway(members, the_engine, field):
    first, second, _ = members
    opened(first, field, LONG)
    the_engine.flush()
    assert first.tell(field, known=1, span=LONG, streak=1)[:2] == (1, 1)
    assert second.look()[field][:2] == (1, 1)
    assert second.tell("account all 1", known=0) is None, "what is not known to be open is not stored"


def test_each_change_is_told(members, the_engine, field):
    with the_engine.client() as feed:
        feed.ask("SUBSCRIBE", FEED)
        opened(members[0], field)
        assert feed.read()[2] == b"circuits gateway-0"
        members[1].tell(field, "closed", known=1)
        assert feed.read()[2] == b"circuits gateway-1"


def test_what_cannot_be_read_is_dropped(members, the_engine):
    the_engine.ask("HSET", KEY, "account all x", "nonsense", "account all y", "1 99999999999999 1 - 0 -")
    assert not {"account all x", "account all y"} & set(members[0].look())


def accounts(gateway, state):
    return gateway.metrics().total("upstream_accounts", state=state)


def becomes(gateways, state, count=1):
    for gateway in gateways:
        eventually(lambda gateway=gateway: accounts(gateway, state) == count, what=f"{gateway.name}: {count} {state}")


def test_an_account_that_asked_one_gateway_to_wait_hears_from_no_other(fleet_of, simulator):
    first, *others = fleet_of(3)
    refused = new_sid()
    simulator.fault_for(refused, headers={"Retry-After": "25"}, **THROTTLED)
    assert first.ask(refused).status == 429
    becomes(others, "cooling_down")
    shown = [report(gateway)["circuits"] for gateway in (first, *others)]
    assert all([(one["circuit"], one["state"], one["probe"]) for one in each] == [("cool_down", "open", "none")] for each in shown), shown
    assert len({each[0]["account"] for each in shown}) == 1, "every gateway names the account alike"
    for gateway in others:
        shed = gateway.ask(sid := new_sid())
        assert (shed.status, shed.fault) == (429, "upstream_cooling_down")
        assert 1 <= int(shed.header("Retry-After")) <= 25
        assert simulator.count(sid) == 0, "nothing was sent"
        assert gateway.ask(new_sid(), auth=OTHER).status != 429, "another account"


def test_a_pause_is_heard_of_without_the_feed(fleet_of, simulator, engine):
    first, *others = fleet_of(3)
    refused = new_sid()
    simulator.fault_for(refused, headers={"Retry-After": "25"}, **THROTTLED)
    with FeedCut(engine):
        assert first.ask(refused).status == 429
        becomes(others, "cooling_down")


def test_after_a_cool_down_one_probe_is_sent_for_the_fleet(fleet_of, simulator):
    fleet = fleet_of(4)
    refused = new_sid()
    simulator.fault_for(refused, headers={"Retry-After": "2"}, times=1, **THROTTLED)
    waiting = [fleet[0].connect().send(request(target(refused)))]
    becomes(fleet, "cooling_down")
    simulator.barrier(True)
    waiting += [gateway.connect().send(request(target(new_sid()))) for gateway in fleet for _ in range(2)]
    eventually(lambda: sum(gateway.metrics().total("upstream_in_flight") for gateway in fleet) == 1, what="the probe")
    assert sum(gateway.metrics().total("upstream_queue") for gateway in fleet) == 8
    assert simulator.state()["in_flight"] <= 1
    probes = [report(gateway)["circuits"][0]["probe"] for gateway in fleet]
    assert sorted(probes) == ["another"] * 3 + ["this"]
    simulator.barrier(False)
    assert [connection.read().status for connection in waiting] == [200] * 9
    for connection in waiting:
        connection.close()
    becomes(fleet, "cooling_down", 0)


def fails_fast(gateway):
    return gateway.ask(new_sid()).fault == "upstream_failing"


def probe_of(gateway, background):
    """Asks until a request goes upstream, where the barrier holds it."""
    while True:
        asked = background.submit(gateway.ask, new_sid())
        eventually(lambda: asked.done() or gateway.metrics().total("upstream_in_flight") == 1)
        if not asked.done():
            return asked


def test_of_a_failing_upstream_each_needs_one_failure_and_all_are_back_with_one_probe(fleet_of, simulator, background):
    fleet = fleet_of(4, failures_to_break=8)
    simulator.faults({"match": {}, "times": 0, "action": "status", "status": 503})
    eventually(lambda: fails_fast(fleet[0]))
    for gateway in fleet[1:]:
        gateway.ask(new_sid())
        becomes([gateway], "circuit_open")
    sent = len(simulator.requests())
    assert sent < 2 * 8 + 3 * 4, f"{sent}: a reader is worth two attempts; alone, each gateway needs eight"
    simulator.faults()
    simulator.barrier(True)
    probe = probe_of(fleet[0], background)
    for gateway in fleet[1:]:
        assert fails_fast(gateway), "the probe is on its way"
    assert simulator.state()["in_flight"] <= 1
    simulator.barrier(False)
    assert probe.result().status == 200
    becomes(fleet, "circuit_open", 0)
    for gateway in fleet:
        assert gateway.ask(new_sid()).status == 200


def test_without_the_engine_the_next_probe_is_each_gateways_own(fleet_of, simulator, engine):
    fleet = fleet_of(2)
    refused = new_sid()
    simulator.fault_for(refused, headers={"Retry-After": "2"}, times=1, **THROTTLED)
    waiting = [fleet[0].connect().send(request(target(refused)))]
    becomes(fleet, "cooling_down")
    engine.kill()
    for gateway in fleet:
        eventually(lambda gateway=gateway: budget_of(gateway)["state"] == "alone")
    waiting += [gateway.connect().send(request(target(new_sid()))) for gateway in fleet]
    assert [connection.read().status for connection in waiting] == [200] * 3
    for connection in waiting:
        connection.close()
    becomes(fleet, "cooling_down", 0)


def test_nothing_in_the_engine_names_an_account_or_the_host(fleet_of, simulator, engine):
    (gateway,) = fleet_of(1)
    refused = new_sid()
    simulator.fault_for(refused, headers={"Retry-After": "25"}, **THROTTLED)
    gateway.ask(refused)
    eventually(lambda: KEY in engine.keys())
    assert b"AC" + b"0" * 8 not in engine.dump()
    assert all(b"127.0.0.1" not in name for name in engine.ask("HKEYS", KEY))
