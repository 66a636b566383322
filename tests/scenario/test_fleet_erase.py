"""A number that is erased through one gateway of a fleet is erased in all of them, and in the engine that they share."""

import signal

import pytest

from harness.erasing import begin, ends, erase, is_kept, number_in, records
from harness.eventually import eventually
from harness.fleet import FeedCut, connected, report
from harness.twilio_facts import new_sid
from harness.wire import request, target


@pytest.fixture
def fleet(start_gateway, engine):
    def start(count=3, share="[cache, flights, marks]", **overrides):
        return connected(*[start_gateway(fleet=engine.fleet(share=share, timeout="1s"), **overrides) for _ in range(count)])

    return start


def summaries(engine):
    """How many calls the second tier has anything of."""
    return sum(1 for key in engine.keys() if ":c:" in key)


def test_a_number_leaves_every_gateway_and_the_engine(fleet, engine):
    gateways, gone, kept = fleet(), new_sid(), new_sid()
    number = number_in(gateways[0].ask(gone))
    for one in gateways:
        assert one.ask(gone).status == one.ask(kept).status == 200
    assert summaries(engine) == 2
    record = erase(gateways[1], number)
    assert (record["memory"], record["others"], record["tier"]) == (1, 2, "gone")
    assert sorted(record["confirmed"]) == sorted(report(one)["replica"] for one in (gateways[0], gateways[2]))
    assert record["unconfirmed"] == []
    assert summaries(engine) == 0, "no name tells which values hold the number, so all go"
    assert not any(is_kept(one, gone) for one in gateways)
    assert all(is_kept(one, kept) for one in gateways)
    assert number[1:].encode() not in engine.dump() and record["hash"].encode() not in engine.dump()
    for one in (gateways[0], gateways[2]):
        assert records(one)["erasures"] == [], "the record is with the gateway that was asked"
        assert one.metrics().total("fleet_marks_applied_total", subject="number") == 1


def test_messages_that_are_lost_are_told_again(fleet, engine):
    gateways, sid = fleet(), new_sid()
    number = [number_in(one.ask(sid)) for one in gateways][0]
    with FeedCut(engine):
        begun = begin(gateways[0], number)["erasure"]
        for one in gateways:
            eventually(lambda: not is_kept(one, sid), what="it follows without the feed")
        ends(gateways[0], begun)


def test_a_gateway_that_sleeps_is_named(fleet):
    gateways, sid = fleet(2), new_sid()
    number = [number_in(one.ask(sid)) for one in gateways][0]
    asleep = report(gateways[1])["replica"]
    gateways[1].signal(signal.SIGSTOP)
    try:
        record = begin(gateways[0], number)
        assert (record["state"], record["unconfirmed"], record["confirmed"]) == ("incomplete", [asleep], [])
        assert gateways[0].metrics().total("erasures_total", result="incomplete") == 1
        assert "erasure_unconfirmed" in gateways[0].admin("/api/events").body.decode()
    finally:
        gateways[1].signal(signal.SIGCONT)
    eventually(lambda: not is_kept(gateways[1], sid), what="it follows when it wakes")
    eventually(lambda: records(gateways[0])["erasures"][0]["state"] == "complete", what="and confirms")


def test_while_the_engine_is_away_it_is_pending_and_done_when_it_is_back(fleet, engine):
    gateways, sid = fleet(2), new_sid()
    number = [number_in(one.ask(sid)) for one in gateways][0]
    engine.kill()
    eventually(lambda: report(gateways[0])["engine"]["state"] == "away")
    record = begin(gateways[0], number)
    assert (record["state"], record["tier"], record["memory"]) == ("incomplete", "pending", 1)
    engine.start()
    eventually(lambda: not is_kept(gateways[1], sid), what="the other one follows")
    eventually(lambda: records(gateways[0])["erasures"][0]["state"] == "complete", what="everything has confirmed")


def test_what_a_leader_brings_later_stays_out_of_the_engine(fleet, simulator, engine):
    """A gateway that does not hear of the erasure in time: its store is void."""
    gateways, sid = fleet(2), new_sid()
    number = number_in(simulator.ask(sid))
    simulator.barrier(True)
    with gateways[0].connect() as waiting:
        waiting.send(request(target(sid)))
        eventually(lambda: simulator.state()["in_flight"] == 1, what="it is fetched for the fleet")
        erase(gateways[1], number)
        simulator.barrier(False)
        answer = waiting.read()
    assert (answer.status, "stored" in answer.cache) == (200, False)
    eventually(lambda: summaries(engine) == 0, what="nothing stays there")
    assert not is_kept(gateways[0], sid) and not is_kept(gateways[1], sid)
