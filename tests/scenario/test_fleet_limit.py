"""One budget for the account, whatever the number of gateways: slots that a real engine counts, and a part of them when it is away."""

from harness.eventually import eventually
from harness.fleet import budget_of
from harness.twilio_facts import new_sid
from harness.wire import request, target


def ask_for(gateway, count):
    return [gateway.connect().send(request(target(new_sid()))) for _ in range(count)]


def answers(connections):
    got = [connection.read().status for connection in connections]
    for connection in connections:
        connection.close()
    return got


def in_flight(gateway):
    return gateway.metrics().total("upstream_in_flight")


def queued(gateway):
    return gateway.metrics().total("upstream_queue")


def test_gateways_together_have_no_more_in_flight_than_one_may(fleet_of, simulator):
    fleet = fleet_of(4, most=6)
    simulator.barrier(True)
    waiting = [connection for gateway in fleet for connection in ask_for(gateway, 5)]
    eventually(lambda: sum(in_flight(one) + queued(one) for one in fleet) == 20)
    eventually(lambda: simulator.state()["in_flight"] == 6)
    simulator.barrier(False)
    assert answers(waiting) == [200] * 20
    assert simulator.state()["max_in_flight"] == 6
    eventually(lambda: sum(in_flight(one) for one in fleet) == 0)


def test_a_busy_gateway_uses_what_the_others_leave(fleet_of, simulator):
    busy, _, _ = fleet_of(3, most=6)
    simulator.barrier(True)
    waiting = ask_for(busy, 8)
    eventually(lambda: in_flight(busy) == 6 and queued(busy) == 2)
    simulator.barrier(False)
    assert answers(waiting) == [200] * 8


def test_a_gateway_that_asks_for_little_does_not_wait_for_a_busy_one(fleet_of, simulator):
    """Two hundred stand in the queue of one gateway. Of two that come through another, each has a slot after a round or two."""
    busy, modest = fleet_of(2, most=5)
    simulator.barrier(True)
    crowd = ask_for(busy, 200)
    eventually(lambda: in_flight(busy) == 5 and queued(busy) == 195)
    few = [new_sid() for _ in range(2)]
    asked = [modest.connect().send(request(target(sid))) for sid in few]
    eventually(lambda: queued(modest) == 2)
    simulator.latency("20ms")
    simulator.barrier(False)
    assert answers(asked) == [200, 200]
    order = [row["call_sid"] for row in simulator.requests()]
    assert max(order.index(sid) for sid in few) < 40, "of two hundred"
    assert answers(crowd).count(200) == 200


def test_the_slots_of_a_gateway_that_was_killed_are_used_again(fleet_of, simulator):
    victim, other = fleet_of(2, most=6)
    simulator.barrier(True)
    lost = ask_for(victim, 6)
    eventually(lambda: in_flight(victim) == 6)
    waiting = ask_for(other, 6)
    eventually(lambda: queued(other) == 6)
    victim.process.kill()
    victim.wait()
    for connection in lost:
        connection.close()
    eventually(lambda: in_flight(other) == 6, what="a lease of two seconds and the time of an exchange")
    simulator.barrier(False)
    assert answers(waiting) == [200] * 6


def test_without_the_engine_each_goes_on_with_its_part_and_with_it_they_are_one_again(fleet_of, simulator, engine):
    fleet = fleet_of(2, most=10)
    engine.kill()
    for gateway in fleet:
        eventually(lambda gateway=gateway: budget_of(gateway)["state"] == "alone")
    simulator.barrier(True)
    waiting = [connection for gateway in fleet for connection in ask_for(gateway, 8)]
    for gateway in fleet:
        eventually(lambda gateway=gateway: in_flight(gateway) == 4 and queued(gateway) == 4, what="four fifths of ten for two")
    engine.start()
    for gateway in fleet:
        eventually(lambda gateway=gateway: budget_of(gateway) == {"state": "shared", "gateways": 2})
    eventually(lambda: simulator.state()["in_flight"] == 10)
    simulator.barrier(False)
    assert answers(waiting) == [200] * 16
    assert simulator.state()["max_in_flight"] == 10


def test_of_more_gateways_than_slots_each_has_its_turn(fleet_of, simulator):
    fleet = fleet_of(5, most=2)
    simulator.barrier(True)
    asked = [(gateway, new_sid()) for gateway in fleet for _ in range(6)]
    waiting = [gateway.connect().send(request(target(sid))) for gateway, sid in asked]
    eventually(lambda: sum(in_flight(one) for one in fleet) == 2 and sum(queued(one) for one in fleet) == 28)
    simulator.latency("20ms")
    simulator.barrier(False)
    assert answers(waiting) == [200] * 30
    order = [row["call_sid"] for row in simulator.requests()]
    first = {gateway.name for gateway, sid in asked if order.index(sid) < 15}
    assert len(first) == 5, f"of the first half, all was of {first}"
    assert simulator.state()["max_in_flight"] == 2


def test_an_engine_that_stalls_stops_no_gateway(fleet_of, simulator, engine):
    (gateway,) = fleet_of(1, most=10)
    engine.stop()
    assert gateway.ask(new_sid()).status == 200
    eventually(lambda: budget_of(gateway)["state"] == "alone")
    assert answers(ask_for(gateway, 20)) == [200] * 20
    engine.go_on()
    eventually(lambda: budget_of(gateway)["state"] == "shared")


def test_an_engine_that_forgot_everything_hears_it_again(fleet_of, simulator, engine):
    fleet = fleet_of(2, most=6)
    simulator.barrier(True)
    waiting = [connection for gateway in fleet for connection in ask_for(gateway, 8)]
    eventually(lambda: simulator.state()["in_flight"] == 6)
    eventually(lambda: sum(queued(one) for one in fleet) == 10)
    engine.flush()
    eventually(lambda: any(key.startswith("{sg}:b:") for key in engine.keys()))
    simulator.barrier(False)
    assert answers(waiting) == [200] * 16
    assert simulator.state()["max_in_flight"] == 6


def test_an_engine_that_forgot_everything_asks_all_what_they_use(fleet_of, simulator, engine):
    """The second gateway is idle, so only the question makes it report."""
    busy, idle = fleet_of(2, most=6)
    for gateway in (busy, idle):
        assert ask_for_one(gateway)
    simulator.barrier(True)
    waiting = ask_for(busy, 2)
    eventually(lambda: simulator.state()["in_flight"] == 2)
    engine.flush()
    waiting += ask_for(busy, 1)
    eventually(lambda: len(reports(engine)) == 2)
    simulator.barrier(False)
    assert answers(waiting) == [200] * 3


def reports(engine):
    """What the gateways have reported of the account."""
    budgets = [key for key in engine.keys() if key.startswith("{sg}:b:")]
    return [field for key in budgets for field in engine.ask("HKEYS", key) if field.startswith(b"r:")]


def test_a_stale_answer_is_refreshed_with_a_spare_slot(start_gateway, simulator, engine):
    gateway = start_gateway(fleet=engine.fleet(share=["limit"], timeout="1s"), cache={"fresh_for": "0s"})
    sid = new_sid()
    assert gateway.ask(sid).status == 200
    eventually(lambda: budget_of(gateway)["state"] == "shared")
    eventually(lambda: gateway.ask(sid).status == 200 and simulator.count(sid) > 1, what="a refresh in the background")


def test_the_limit_of_the_account_is_found_once_and_kept_by_all(fleet_of, simulator):
    """Ten at once are allowed. Eight gateways find that out together, and are then refused no more than one would be."""
    fleet = fleet_of(8)
    simulator.limit(10)
    simulator.latency("100ms")
    first = [connection for _ in range(30) for gateway in fleet for connection in ask_for(gateway, 1)]
    assert answers(first).count(200) >= 0.95 * len(first)
    learning = simulator.state()["throttled"]
    assert learning <= 60, "the first guess of 40, and what it took to correct it"
    for gateway in fleet:
        eventually(lambda gateway=gateway: ask_for_one(gateway) and 9 <= gateway.metrics().total("upstream_limit") <= 11)
    simulator.control("DELETE", "/requests")
    second = [connection for _ in range(40) for gateway in fleet for connection in ask_for(gateway, 1)]
    assert answers(second).count(200) >= 0.95 * len(second)
    state = simulator.state()
    assert state["max_in_flight"] <= 11, "but for one try at one more"
    assert state["throttled"] <= 0.05 * state["requests"], f"gateways that are alone are refused four times as often: {state}"


def ask_for_one(gateway):
    return gateway.ask(new_sid()).status == 200


def test_nothing_in_the_engine_names_an_account(fleet_of, simulator, engine):
    fleet = fleet_of(2)
    for gateway in fleet:
        ask_for_one(gateway)
    dump = engine.dump()
    assert b"{sg}:b:" in dump
    assert b"AC" + b"0" * 8 not in dump and b"CA" + b"0" * 8 not in dump
