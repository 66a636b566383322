"""The second tier of a fleet: one upstream call for all gateways, and what is stored for one credential or call is nobody else's."""

import signal

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.replicas import Fleet, Reader, detail, fleet_settings, second_tier, tier
from harness.twilio_facts import API_KEY, BEARER, OTHER, PARENT, SIBLING, account, basic, key, new_sid

NOT_READY = {"ended_ago_s": 60}


@pytest.fixture
def fleet(start_gateway, engine):
    return lambda count=3, **overrides: Fleet(start_gateway, engine, count, **overrides)


def in_flight(simulator, count):
    eventually(lambda: simulator.state()["in_flight"] == count, what=f"{count} in flight upstream")


def waits(gateway, count=1):
    eventually(lambda: tier(gateway, "wait") == count, what="it waits for another replica")


def led_and_followed(gateways, simulator, sid):
    """The first of two gateways fetches and is held up, the other one waits for it."""
    simulator.barrier(True)
    first = Reader(gateways[0], sid)
    in_flight(simulator, 1)
    second = Reader(gateways[1], sid)
    waits(gateways[1])
    return first, second


# --- one flight for the fleet

def test_readers_of_all_gateways_at_once_are_one_upstream_call(fleet, simulator):
    all, sid = fleet(), new_sid()
    simulator.barrier(True)
    crowd = [Reader(gateway, sid) for gateway in all for _ in range(20)]
    in_flight(simulator, 1)
    eventually(lambda: all.sum("wait") == 2, what="the others wait")
    simulator.barrier(False)
    got = [reader.answer() for reader in crowd]
    assert {answer.status for answer in got} == {200}
    assert {answer.body for answer in got} == {simulator.ask(sid).body}
    assert simulator.count(sid) == 2, "one by the fleet, one by this test"


def test_readers_one_after_the_other_are_one_upstream_call(fleet, simulator):
    all, sid = fleet(), new_sid()
    first = all[0].ask(sid)
    assert first.cache["fwd"] == "uri-miss" and first.cache["stored"]
    for gateway in all.gateways[1:]:
        answer = gateway.ask(sid)
        assert (answer.body, answer.header("ETag")) == (first.body, first.header("ETag"))
        assert answer.cache.get("hit") and detail(answer) == "fleet"
        again = gateway.ask(sid)
        assert again.cache.get("hit") and detail(again) is None, "from its own cache"
    assert simulator.count(sid) == 1
    assert all.sum("stored") == 1 and all.sum("summary") == 2


def test_a_new_gateway_with_an_empty_cache_has_hits(fleet, simulator):
    all, calls = fleet(1), [new_sid() for _ in range(20)]
    bodies = [all[0].ask(sid).body for sid in calls]
    late = all.join()
    eventually(lambda: all[0].metrics().total("fleet_tier_total", result="stored") == 20)
    assert [late.ask(sid).body for sid in calls] == bodies
    assert sum(simulator.count(sid) for sid in calls) == 20


def test_a_refusal_is_remembered_by_all(fleet, simulator):
    all, sid = fleet(), simulator.register(new_sid(), **NOT_READY)
    answers = [gateway.ask(sid) for gateway in all]
    assert {(answer.status, answer.json()["code"]) for answer in answers} == {(404, 17001)}
    assert len({answer.body for answer in answers}) == 1
    for answer in answers:
        assert 10 <= int(answer.header("Retry-After")) <= 15
    assert simulator.count(sid) == 1
    assert all.sum("refusal") == 2


def test_all_know_when_the_fleet_looks_next(fleet, simulator):
    all, sid = fleet(2, cache={"revalidate_after": "0s"}), simulator.register(new_sid(), ended_ago_s=700)
    all[0].ask(sid)
    known = all[0].ask(sid, headers=[("Cache-Control", "no-cache")])  # this look finds a partial, and the call's end in it
    followed = all[1].ask(sid)
    assert (followed.status, followed.body) == (404, known.body)
    for answer in (known, followed):
        assert 1000 <= int(answer.header("Retry-After")) <= 1100
    assert [seen["processing_state"] for seen in simulator.requests(sid)] == [None, "partial"]
    assert tier(all[1], "refusal") == 1


def test_a_refusal_does_not_hide_a_partial(fleet, simulator):
    all, sid = fleet(2), simulator.register(new_sid(), **NOT_READY)
    assert all[0].ask(sid).status == 404
    for gateway in all:
        assert gateway.ask(sid, "partial").status in (200, 404)
        assert "hit" not in gateway.ask(sid, "partial").cache


def test_a_failed_fetch_sends_those_who_wait_their_own_way(fleet, simulator):
    all, sid = fleet(2), new_sid()
    simulator.fault_for(sid, "status", times=1, status=500)
    first, second = led_and_followed(all, simulator, sid)
    simulator.barrier(False)
    assert sorted((first.answer().status, second.answer().status)) == [200, 502]
    assert tier(all[1], "alone") == 1


def test_a_dead_leader_is_followed(fleet, simulator, tmp_path, engine):
    all, sid = fleet(1), new_sid()
    dying = Gateway(tmp_path, settings_for(simulator, fleet=fleet_settings(engine)), name="dying")
    all.usable(dying)
    _, second = led_and_followed((dying, all[0]), simulator, sid)
    dying.signal(signal.SIGKILL)
    dying.wait()
    eventually(lambda: tier(all[0], "lead") == 1, what="the other one leads")
    simulator.barrier(False)
    assert second.answer().status == 200
    assert tier(all[0], "alone") == 0, "it did not wait until its own time was short"
    assert detail(all.join().ask(sid)) == "fleet"
    assert simulator.count(sid) == 2


def test_a_leader_that_slept_delivers_and_does_not_store(fleet, simulator):
    all, sid = fleet(2), new_sid()
    first, second = led_and_followed(all, simulator, sid)
    all[0].signal(signal.SIGSTOP)
    try:
        eventually(lambda: tier(all[1], "lead") == 1, what="the other one leads")
        simulator.barrier(False)
        assert second.answer().status == 200
        eventually(lambda: tier(all[1], "stored") == 1)
    finally:
        all[0].signal(signal.SIGCONT)
    assert first.answer().status == 200
    eventually(lambda: tier(all[0], "overtaken") == 1, what="its own answer is not stored for the fleet")


@pytest.mark.parametrize("short", [{"headers": [("X-Request-Timeout", "1")]}, {}], ids=["the client's time", "the gateway's time"])
def test_a_reader_whose_time_is_short_goes_alone(fleet, simulator, start_gateway, engine, short):
    slow, sid = fleet(1), new_sid()
    hasty = Fleet(start_gateway, engine, 1, upstream={"timeout": "8s" if short else "2s"})[0]
    simulator.barrier(True)
    first = Reader(slow[0], sid)
    in_flight(simulator, 1)
    second = Reader(hasty, sid, **short)
    in_flight(simulator, 2)
    simulator.barrier(False)
    assert (first.answer().status, second.answer().status) == (200, 200)
    assert tier(hasty, "alone") == 1


def test_a_reader_that_leaves_ends_its_wait(fleet, simulator):
    all, sid = fleet(2), new_sid()
    first, second = led_and_followed(all, simulator, sid)
    second.connection.close()
    eventually(lambda: all[1].metrics().total("flights") == 0, what="nobody waits any more")
    simulator.barrier(False)
    assert first.answer().status == 200
    assert simulator.count(sid) == 1


def test_explain_says_who_fetches(fleet, simulator):
    all, sid = fleet(2), new_sid()
    first, second = led_and_followed(all, simulator, sid)
    said = [gateway.admin(f"/api/explain?call_sid={sid}").json() for gateway in all]
    assert [one["flights"][0]["fetched_by"] for one in said] == ["this gateway", "another replica"]
    assert {one["second_tier"] for one in said} == {"on"}
    simulator.barrier(False)
    first.answer(), second.answer()


def test_the_time_in_the_fleet_is_a_hop_of_its_own(fleet, simulator):
    all, sid = fleet(2, server_timing=True), new_sid()
    all[0].ask(sid)
    assert "fleet;dur=" in all[1].ask(sid).header("Server-Timing")


# --- a part of it

def test_with_the_cache_alone_nobody_waits(fleet, simulator):
    all, sid = fleet(2, share="[cache]"), new_sid()
    simulator.barrier(True)
    crowd = [Reader(gateway, sid) for gateway in all]
    in_flight(simulator, 2)
    simulator.barrier(False)
    assert {reader.answer().status for reader in crowd} == {200}
    assert detail(all.join().ask(sid)) == "fleet"


def test_with_flights_alone_answers_stay_for_those_who_wait(fleet, simulator, engine):
    all, sid = fleet(2, share="[flights]"), new_sid()
    first, second = led_and_followed(all, simulator, sid)
    simulator.barrier(False)
    assert first.answer().body == second.answer().body
    assert simulator.count(sid) == 1
    eventually(lambda: not any(name.startswith("{sg}:c:") for name in engine.keys()), what="the engine forgets it")


def test_without_both_the_second_tier_is_off(start_gateway, simulator, engine):
    gateway, sid = start_gateway(fleet=fleet_settings(engine, "[marks]")), new_sid()
    assert gateway.ask(sid).status == 200
    assert second_tier(gateway) == "off" and tier(gateway, "lead") == 0


# --- clients that want it otherwise

def test_a_client_that_demands_a_newer_answer_gets_it_and_the_fleet_with_it(fleet, simulator):
    all, sid = fleet(2, cache={"revalidate_after": "0s"}), new_sid()
    all[0].ask(sid)
    answer = all[1].ask(sid, headers=[("Cache-Control", "no-cache")])
    assert "hit" not in answer.cache and simulator.count(sid) == 2
    assert all.join().ask(sid).cache.get("hit")
    assert simulator.count(sid) == 2


def test_what_a_client_forbids_to_store_is_stored_nowhere(fleet, simulator, engine):
    all, sid = fleet(2), new_sid()
    assert all[0].ask(sid, headers=[("Cache-Control", "no-store")]).status == 200
    eventually(lambda: not any(name.startswith("{sg}:c:") for name in engine.keys()), what="its lease has ended, too")
    assert "hit" not in all[1].ask(sid).cache


def test_a_partial_never_meets_the_fleet(fleet, simulator):
    all, sid = fleet(2), new_sid()
    for gateway in all:
        gateway.ask(sid, "partial")
    assert simulator.count(sid) == 2
    assert all.sum("lead") == 0


def test_thirty_days_end_in_the_engine_too(fleet, simulator, engine):
    minute = 60_000
    all, sid = fleet(1), simulator.register(new_sid(), ended_ago_s=30 * 86_400 - 60)
    assert all[0].ask(sid).cache["stored"]
    eventually(lambda: all.sum("stored") == 1)
    (name,) = [name for name in engine.keys() if name.startswith("{sg}:c:")]
    assert 0 < engine.ask("PTTL", name) <= minute


# --- whose it is

def test_each_credential_has_its_own(fleet, simulator):
    all, sid = fleet(2), new_sid()
    for auth in (PARENT, API_KEY, BEARER):
        assert all[0].ask(sid, auth=auth).status == 200
    assert simulator.count(sid) == 3
    for auth in (PARENT, API_KEY, BEARER):
        assert detail(all[1].ask(sid, auth=auth)) == "fleet"
    assert simulator.count(sid) == 3
    for auth, status in ((SIBLING, 403), (OTHER, 403)):
        assert all[1].ask(sid, auth=auth).status == status


def test_a_call_that_is_refused_to_a_credential_is_withdrawn(fleet, simulator):
    all, sid = fleet(1), new_sid()
    all[0].ask(sid)
    all[0].ask(sid, auth=API_KEY)
    eventually(lambda: all.sum("stored") == 2)
    simulator.fault_for(sid, "status", times=1, status=403, code=17000)
    assert all[0].ask(sid, headers=[("Cache-Control", "no-cache, no-store")]).status == 403
    late, before = all.join(), simulator.count(sid)
    assert detail(late.ask(sid)) is None and simulator.count(sid) == before + 1
    assert detail(late.ask(sid, auth=API_KEY)) == "fleet", "others keep theirs"


def test_grants_hold_in_all_gateways(fleet, simulator):
    all = fleet(2, credentials={"sharing": "grants"})
    first, second = new_sid(), new_sid()
    mine = basic(key(71_001), "a-secret")
    simulator.credential(key(71_001), "a-secret", account(1))
    assert all[0].ask(first).status == 200
    assert detail(all[1].ask(first, auth=mine)) is None, "nothing has been shown to it yet"
    assert all[0].ask(second).status == 200
    eventually(lambda: tier(all[0], "stored") == 2, what="the answer is in the engine")
    assert detail(all[1].ask(second, auth=mine)) == "fleet", "it may see that account"
    assert simulator.count(second) == 1
    for gateway in all:
        assert gateway.ask(second, auth=SIBLING).status == 403
    assert all[0].ask(first, auth=mine).cache.get("hit"), "and what it was shown there counts here"
    assert simulator.count(first) == 2


def test_an_account_of_the_gateways_own_is_one_in_all(fleet, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    access.client("reports", "main")
    access.client("of-sub", "sub")
    all, sid = fleet(2, credentials=access.settings()), new_sid()
    answers = [gateway.ask(sid, auth=f"Bearer {token(name)}") for gateway, name in zip(all, ("billing", "reports"))]
    assert [answer.status for answer in answers] == [200, 200] and detail(answers[1]) == "fleet"
    assert all[1].ask(sid, auth=f"Bearer {token('of-sub')}").status == 403, "another account asks for itself"
    assert simulator.count(sid) == 2
