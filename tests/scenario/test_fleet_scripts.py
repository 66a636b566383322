"""The scripts of the second tier in a real engine: who leads, who waits, what is stored, and when it ends."""

import random

import pytest

from harness.eventually import eventually
from harness.tier_lua import CALL, OWNER, Replica

BODY = "b:" + OWNER
KEY = "{sg}:c:" + CALL
HOUR = 3_600_000
BINARY = bytes(range(256)) * 2


@pytest.fixture(scope="module")
def engine(the_engine):
    with the_engine.client() as client:
        yield client


@pytest.fixture
def replicas(engine):
    engine.ask("FLUSHALL")
    all = [Replica(engine, f"{number:016x}") for number in range(1, 4)]
    for one in all:
        one.beat()
    return all


def summary(value=b"sealed", owner=OWNER, lives=HOUR):
    return (f"b:{owner}", lives, value)


def refusal(value=b"sealed", lives=5000, question="absent", owner=OWNER):
    return (f"n:{owner}:{question}", lives, value)


def test_the_first_leads_the_others_wait_and_all_get_what_it_stores(replicas):
    first, second, third = replicas
    kind, token, rest = first.claim()
    assert (kind, rest) == ("lease", [b"0"])
    assert second.claim()[0::2] == ("wait", [b"0", token.encode()])
    assert third.claim()[0] == "wait"
    assert first.settle(token, [summary(BINARY)]) == 1
    for one in replicas:
        assert one.claim()[0::2] == ("summary", [b"0", token.encode(), BINARY, b"0"])


def test_the_marks_version_comes_with_the_claim(replicas, engine):
    engine.ask("SET", "{sg}:v", "9007199254740993")
    assert replicas[0].claim()[2] == [b"9007199254740993"], "exact, though Lua counts in floating point"


def test_those_who_wait_are_told(replicas, the_engine):
    with the_engine.client() as feed:
        feed.ask("SUBSCRIBE", "{sg}:feed")
        _, token, _ = replicas[0].claim(question="all")
        replicas[0].settle(token, question="all")
        assert feed.read()[2] == f"call {CALL} all {OWNER}".encode()


@pytest.mark.parametrize("question, owner", [("all", OWNER), ("absent", "0b")])
def test_another_question_or_owner_is_another_flight(replicas, question, owner):
    assert replicas[0].claim()[0] == "lease"
    assert replicas[1].claim(question=question, owners=(owner,))[0] == "lease"


def test_a_refusal_is_for_its_owner_and_question(replicas):
    first, second, _ = replicas
    _, token, _ = first.claim()
    first.settle(token, [refusal(BINARY)])
    assert second.claim()[0::2] == ("refusal", [b"0", token.encode(), BINARY])
    assert second.claim(question="all")[0] == "lease"
    assert second.claim(owners=("0b",))[0] == "lease"


def test_a_shared_summary_is_found_by_those_who_may_see_it(replicas):
    first, second, third = replicas
    _, token, _ = first.claim()
    first.settle(token, [summary(b"mine"), summary(b"for all", owner="5a")])
    assert second.claim(owners=("0b", "5b", "5a"))[0::2] == ("summary", [b"0", token.encode(), b"for all", b"2"])
    assert third.claim(owners=("0c", "5b"))[0] == "lease"


def test_only_the_leases_own_token_stores(replicas):
    first, second, _ = replicas
    _, token, _ = first.claim()
    assert second.settle("ffff", [summary()]) == 0
    assert second.claim()[0] == "wait", "the lease still holds"
    assert first.settle(token, [summary()]) == 1
    assert first.settle(token, [summary(b"again")]) == 0
    assert second.claim()[2][2] == b"sealed"


def test_what_was_deleted_meanwhile_is_not_stored(replicas, engine):
    _, token, _ = replicas[0].claim()
    engine.ask("DEL", KEY)
    assert replicas[0].settle(token, [summary()]) == 0
    assert engine.ask("EXISTS", KEY) == 0


def test_a_leader_that_died_is_followed_by_one(replicas):
    first, second, third = replicas
    _, dead, _ = first.claim()
    assert second.claim()[0] == "wait"
    first.vanish()
    kind, token, _ = second.claim(waited_for=dead)
    assert kind == "lease"
    assert third.claim(waited_for=dead)[0] == "wait", "one takes it over"
    assert first.settle(dead, [summary(b"too late")]) == 0
    assert second.settle(token, [summary()]) == 1


def test_a_lease_ends_by_itself(replicas):
    first, second, third = replicas
    _, token, _ = third.claim(owners=("0b",))
    third.settle(token, [summary(owner="0b")], owner="0b")  # the hash lives on
    first.claim(lease_ms=1)
    eventually(lambda: second.claim()[0] == "lease")


def test_a_leader_lives_before_its_first_beat(replicas, engine):
    new = Replica(engine, "abcdef")
    _, token, _ = new.claim()
    assert replicas[0].claim()[0::2] == ("wait", [b"0", token.encode()])


def test_a_replica_does_not_wait_for_itself(replicas):
    assert replicas[0].claim()[0] == "lease"
    assert replicas[0].claim()[0] == "lease"


def test_a_fetch_that_failed_sends_those_who_waited_alone_and_the_next_one_leads(replicas):
    first, second, third = replicas
    _, token, _ = first.claim()
    second.claim()
    assert first.settle(token) == 1
    assert second.claim(waited_for=token)[0] == "alone"
    assert third.claim()[0] == "lease"


def test_what_is_of_no_use_is_passed_over(replicas):
    first, second, third = replicas
    _, token, _ = first.claim()
    first.settle(token, [summary()])
    assert second.claim(unusable=token)[0] == "lease"
    assert third.claim(unusable=token)[0] == "wait"
    assert third.claim()[0] == "summary", "for others it is as good as before"


def test_who_must_lead_leads(replicas):
    first, second, third = replicas
    _, token, _ = first.claim()
    first.settle(token, [summary(b"old")])
    _, held, _ = first.claim(question="all", unusable=token)
    kind, mine, _ = second.claim("lead", question="all")
    assert kind == "lease"
    assert first.settle(held, [summary(b"older")], question="all") == 0
    assert second.settle(mine, [summary(b"new")], question="all") == 1
    assert third.claim()[2][2] == b"new"


def test_without_shared_flights_nobody_waits(replicas):
    first, second, third = replicas
    _, token, _ = first.claim("single")
    kind, mine, _ = second.claim("single")
    assert kind == "lease"
    assert first.settle(token, [summary(b"first")]) == 0
    assert second.settle(mine, [summary()]) == 1
    assert third.claim("single")[0] == "summary"


def test_withdrawn_copies_go_also_without_a_lease(replicas):
    first, second, _ = replicas
    _, token, _ = first.claim()
    first.settle(token, [summary(), summary(owner="5a"), summary(owner="0b")])
    assert second.settle("ffff", withdrawn=(OWNER, "5a")) == 0
    assert second.claim(owners=(OWNER, "5a"))[0] == "lease"
    assert second.claim(owners=("0b",))[0] == "summary"


def lives(engine):
    return engine.ask("PTTL", KEY)


def test_nothing_outlives_its_time(replicas, engine):
    """The hash ends with the first of its summaries, whatever is stored beside it or comes later."""
    first = replicas[0]
    _, token, _ = first.claim(lease_ms=5000)
    assert 0 < lives(engine) <= 5000
    first.settle(token, [summary(lives=20_000)])
    assert 5000 < lives(engine) <= 20_000
    _, token, _ = first.claim(question="all", unusable=token, lease_ms=HOUR)
    assert lives(engine) <= 20_000, "a lease does not prolong it"
    first.settle(token, [refusal(question="all", lives=HOUR)], question="all")
    assert lives(engine) <= 20_000, "nor does a refusal"
    _, token, _ = first.claim(owners=("0b",))
    first.settle(token, [summary(owner="0b", lives=HOUR)], owner="0b")
    assert lives(engine) <= 20_000, "nor another summary"
    _, token, _ = first.claim("lead")
    first.settle(token, [summary(lives=2 * HOUR)])
    assert 20_000 < lives(engine) <= HOUR, "until the first one is replaced"


def test_an_answer_ends_by_itself(replicas, engine):
    first, second, _ = replicas
    _, token, _ = first.claim()
    first.settle(token, [refusal(lives=1), summary(owner="0b")])
    eventually(lambda: second.claim()[0] == "lease")
    assert engine.ask("HEXISTS", KEY, f"n:{OWNER}:absent") == 0


def test_a_call_has_a_bound(replicas, engine):
    for number in range(300):
        replicas[0].claim(owners=(f"{number:04x}",))
        assert engine.ask("HLEN", KEY) <= 256


@pytest.mark.parametrize("value", [b"", b"nonsense", b"12", b"12 zz x", b"999999999999999 ab", b"x" * 1000, bytes(range(256))])
def test_nonsense_in_a_field_is_a_miss(replicas, engine, value):
    for field in (BODY, f"n:{OWNER}:absent", f"l:{OWNER}:absent"):
        engine.ask("HSET", KEY, field, value)
    kind, token, _ = replicas[0].claim()
    assert kind == "lease"
    assert replicas[0].settle(token, [summary()]) == 1
    assert replicas[1].claim()[2][2] == b"sealed"


def test_in_any_order_a_lease_is_one_replicas(replicas, engine):
    """Random claims, ends, deaths and flushes. The leases that count at one moment are one at most; a replica that lost its own stores nothing."""
    dice = random.Random(7)
    valid, kinds = None, {}  # (replica, token) whose lease counts
    stored = None
    for _ in range(4000):
        one = dice.choice(replicas)
        step = dice.random()
        if step < 0.6:
            kind, token, rest = one.claim()
            kinds[kind] = kinds.get(kind, 0) + 1
            if stored:
                assert (kind, rest[1]) == ("summary", stored.encode())
            elif valid and valid[0] is not one:
                assert (kind, rest[1]) == ("wait", valid[1].encode())
            else:
                assert kind == "lease"
                valid = (one, token)
        elif step < 0.85 and valid:
            owner, token = valid
            assert owner.settle("dead", [summary(b"stale")]) == 0
            assert owner.settle(token, [summary(token.encode())] if dice.random() < 0.7 else []) == 1
            stored = token if engine.ask("HEXISTS", KEY, BODY) else None
            valid = None
        elif step < 0.95 and valid:
            valid[0].vanish()
            successor = dice.choice([other for other in replicas if other is not valid[0]])
            kind, token, _ = successor.claim(waited_for=valid[1])
            assert kind == "lease"
            assert valid[0].settle(valid[1], [summary(b"stale")]) == 0
            valid[0].beat()
            valid = (successor, token)
        elif step >= 0.95:
            engine.ask("DEL", KEY)
            valid = stored = None
    assert min(kinds[kind] for kind in ("lease", "wait", "summary")) > 100


def test_what_was_claimed_before_a_number_was_erased_is_not_stored(engine, replicas):
    first, second, _ = replicas
    _, token, _ = first.claim()
    engine.ask("HSET", "{sg}:f", "claimed", 5)
    assert first.settle(token, [summary()], version=4) == 0
    kind, token, _ = second.claim()
    assert kind == "lease", "the lease is given back all the same"
    assert second.settle(token, [summary()], version=5) == 1
    assert first.claim()[0] == "summary"
