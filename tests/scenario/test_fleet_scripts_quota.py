"""The script of clients' quotas in a real engine: what it gives, what it takes back, and what it makes of nonsense."""

import random

import pytest

from harness.quota_lua import DAY, Member

KEY = "{sg}:q:billing"


@pytest.fixture
def engine(the_engine):
    with the_engine.client() as client:
        client.ask("FLUSHALL")
        yield client


@pytest.fixture
def members(engine):
    return lambda calls, **more: [Member(engine, f"{number:016x}", calls, **more) for number in range(1, 4)]


def now_of(engine):
    seconds, micros = engine.ask("TIME")
    return int(seconds) * 1000 + int(micros) // 1000


def test_calls_are_given_until_there_are_none(members, engine):
    first, second, third = members(10)
    word = first.report(wanted=4)
    assert (word.holds, word.left) == (4, 6)
    assert word.window == now_of(engine) // (30 * DAY) and 0 < word.ends_in <= 30 * DAY
    assert second.report(wanted=9)[1:3] == (6, 0)
    assert third.report(wanted=1)[1:3] == (0, 0)


def test_ahead_there_is_a_sixteenth_of_what_is_left_at_most(members):
    first, second, _ = members(1600)
    assert first.report(wanted=1, ahead=1000).holds == 1 + 1600 // 16
    assert second.report(ahead=3).holds == 3
    assert second.report(ahead=1000).holds == 3 + (1600 - 104) // 16


def test_what_is_given_back_serves_others(members):
    first, second, _ = members(10)
    first.report(wanted=10)
    assert second.report(wanted=1).holds == 0
    assert first.report(holds=2)[1:3] == (2, 8)
    assert second.report(wanted=9).holds == 8


def test_a_report_that_was_overtaken_says_nothing(members):
    first, second, _ = members(10)
    first.report(wanted=5, order=7)
    assert first.report(holds=0, order=7)[1:3] == first.report(holds=0, order=6)[1:3] == (5, 5)
    assert second.report(wanted=9).holds == 5


def test_other_quotas_and_other_windows_are_counted_apart(members):
    first, second, _ = members(10)
    first.report(wanted=10)
    second.key = "{sg}:q:reports"
    assert second.report(wanted=10).holds == 10
    assert first.report(window=first.window - 1, holds=10, wanted=1)[1:3] == (1, 9), "what it held before is no call of this window"


def test_the_count_ends_with_its_window(members, engine):
    first, *_ = members(10, per=DAY)
    word = first.report(wanted=1)
    assert word.ends_in - 1000 < engine.ask("PTTL", KEY) <= word.ends_in + 1000


def test_large_numbers_are_exact(members):
    calls = 10**15 + 1
    first, *_ = members(calls)
    assert first.report(holds=calls - 1, window=now_of(first.engine) // first.per)[1:3] == (calls - 1, 1)
    assert first.report(wanted=2)[1:3] == (calls, 0)


NONSENSE = [b"", b"nonsense", b"-7", b"1e308", b"nan", b"inf", b"7 7", b"x" * 1000, bytes(range(256)), b"9" * 400]


@pytest.mark.parametrize("value", NONSENSE)
@pytest.mark.parametrize("field", ["window", "held", "r:" + f"{1:016x}"])
def test_nonsense_in_a_field_gives_one_gateway_no_more_than_the_quota(members, engine, field, value):
    first, *_ = members(10)
    first.report(wanted=6)
    engine.ask("HSET", KEY, field, value)
    for _ in range(3):
        word = first.report(wanted=10)
        assert 0 <= word.holds <= 10 and 0 <= word.left <= 10, word
    assert engine.ask("HGET", KEY, "held").isdigit(), "and the count is a number again"


@pytest.mark.parametrize("value", [b"", b"nonsense", b"-1", b"1e308", bytes(range(256))])
def test_nonsense_in_a_report_gives_nothing_to_others(members, value):
    first, second, _ = members(10)
    second.report(wanted=4)
    for argument in ("wanted", "ahead", "holds", "window", "order"):
        first.report(**{argument: value})
    assert second.report(wanted=10).holds <= 10


def test_in_any_order_the_count_is_the_sum_and_no_more_than_the_quota(members, engine):
    """Random wants, returns, late reports and replies that are lost. Nothing is used that the engine did not give."""
    dice = random.Random(11)
    fleet = members(50)
    full = 0
    for _ in range(3000):
        one = dice.choice(fleet)
        step = dice.random()
        if step < 0.7:
            one.report(wanted=dice.randrange(4), ahead=dice.randrange(20))
        elif step < 0.8:
            one.report(holds=dice.randint(0, one.holds))
        elif step < 0.9:
            one.report(holds=0, order=1)
        else:  # its reply is lost, so the gateway goes on with what it had
            before = one.holds
            one.report(wanted=3)
            one.holds = before
        fields = engine.ask("HGETALL", KEY)
        held = {name: value for name, value in zip(fields[::2], fields[1::2])}
        total = sum(int(value.split()[1]) for name, value in held.items() if name.startswith(b"r:"))
        assert int(held[b"held"]) == total <= 50
        full += total == 50
    assert full > 100, "it is no quota that is hardly used"
