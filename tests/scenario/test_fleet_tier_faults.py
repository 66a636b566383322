"""The engine of the second tier is away, forgets, lies or is read by somebody else: a miss at worst, and never a foreign byte."""

import random
import re

import pytest

from harness.engine import KEY, Engine
from harness.eventually import eventually
from harness.replicas import Fleet, Reader, detail, second_tier, tier
from harness.twilio_facts import API_KEY, BEARER, OTHER, PARENT, SIBLING, account, new_sid

SUMMARY, REFUSAL, LEASE = b"b:", b"n:", b"l:"


@pytest.fixture
def engine(tmp_path):
    with Engine(tmp_path, appendonly="yes") as one:
        yield one


@pytest.fixture
def fleet(start_gateway, engine):
    return lambda count=2, **overrides: Fleet(start_gateway, engine, count, **overrides)


class Hashes:
    """What the engine holds of calls, for somebody who may change it."""

    def __init__(self, engine):
        self.client = engine.client()

    def fields(self, kind=SUMMARY):
        """[(key, field, value)], the oldest call's order being unknown: sorted."""
        found = []
        for name in sorted(name for name in self.client.ask("KEYS", "{sg}:c:*")):
            flat = self.client.ask("HGETALL", name)
            found += [(name, field, value) for field, value in zip(flat[::2], flat[1::2]) if field.startswith(kind)]
        return found

    def put(self, name, field, value):
        self.client.ask("HSET", name, field, value)


@pytest.fixture
def hashes(engine):
    made = Hashes(engine)
    with made.client:
        yield made


def stored(fleet, count):
    eventually(lambda: fleet.sum("stored") == count, what=f"{count} answers stored")


def is_a_miss(gateway, simulator, sid, auth=PARENT):
    """The gateway asks the upstream, and its answer is the upstream's."""
    before = simulator.count(sid)
    answer = gateway.ask(sid, auth=auth)
    assert simulator.count(sid) == before + 1
    assert answer.body == simulator.ask(sid, auth=auth).body
    assert detail(answer) != "fleet"
    return answer


# --- away

def test_an_engine_that_is_killed_costs_no_answer(fleet, simulator, engine):
    all, calls = fleet(), [new_sid() for _ in range(10)]
    assert all[0].ask(calls[0]).status == 200
    engine.kill()
    for sid in calls:
        assert {gateway.ask(sid).status for gateway in all} == {200}
    eventually(lambda: second_tier(all[0]) == second_tier(all[1]) == "paused")
    engine.start()
    for gateway in all:
        all.usable(gateway)
    sid = new_sid()
    assert [gateway.ask(sid).status for gateway in all] == [200, 200]
    assert simulator.count(sid) == 1, "they are one again"


def test_those_who_wait_go_alone_when_the_engine_dies(fleet, simulator, engine):
    all, sid = fleet(), new_sid()
    simulator.barrier(True)
    first = Reader(all[0], sid)
    eventually(lambda: simulator.state()["in_flight"] == 1)
    second = Reader(all[1], sid)
    eventually(lambda: tier(all[1], "wait") == 1)
    engine.kill()
    eventually(lambda: simulator.state()["in_flight"] == 2, what="it goes alone")
    simulator.barrier(False)
    assert (first.answer().status, second.answer().status) == (200, 200)


def test_what_the_engine_forgets_is_a_miss(fleet, simulator, engine):
    all, sid = fleet(1), new_sid()
    all[0].ask(sid)
    stored(all, 1)
    engine.flush()
    is_a_miss(all.join(), simulator, sid)


def test_an_engine_that_is_full_costs_no_answer(fleet, simulator, engine):
    all = fleet()
    engine.ask("CONFIG", "SET", "maxmemory", "1")
    for _ in range(5):
        sid = new_sid()
        assert {gateway.ask(sid).status for gateway in all} == {200}
    assert tier(all[0], "no_reply") >= 5


# --- lies

def test_a_value_of_another_call_is_a_miss(fleet, simulator, hashes):
    all, calls = fleet(1), [new_sid(), new_sid()]
    bodies = [all[0].ask(sid).body for sid in calls]
    stored(all, 2)
    (one, its_field, its_value), (other, other_field, other_value) = hashes.fields()
    hashes.put(one, its_field, other_value)
    hashes.put(other, other_field, its_value)
    late = all.join()
    assert [is_a_miss(late, simulator, sid).body for sid in calls] == bodies
    assert tier(late, "unusable") == 2


def test_a_value_of_another_credential_is_a_miss(fleet, simulator, hashes):
    all, sid = fleet(1), new_sid()
    all[0].ask(sid)
    stored(all, 1)
    ((name, mine, value),) = hashes.fields()
    all[0].ask(sid, auth=API_KEY)
    stored(all, 2)
    (theirs,) = [field for _, field, _ in hashes.fields() if field != mine]
    hashes.put(name, theirs, value)
    is_a_miss(all.join(), simulator, sid, auth=API_KEY)


def test_a_refusal_is_no_summary_and_a_summary_no_refusal(fleet, simulator, hashes):
    all, ready = fleet(1), new_sid()
    waiting = simulator.register(new_sid(), ended_ago_s=60)
    all[0].ask(ready), all[0].ask(waiting)
    stored(all, 2)
    ((its, _, summary),), ((other, field, refusal),) = hashes.fields(SUMMARY), hashes.fields(REFUSAL)
    owner = field.split(b":")[1]
    hashes.put(other, SUMMARY + owner, summary)
    hashes.put(other, SUMMARY + owner, refusal)
    late = all.join()
    assert late.ask(waiting).status == 404
    assert tier(late, "unusable") >= 1


def test_a_value_that_is_changed_anywhere_is_a_miss(fleet, simulator, hashes):
    """Any bit of it, or a part of it, or nothing: and its readers have the upstream's answer all the same."""
    all, dice = fleet(1), random.Random(3)
    calls = [new_sid() for _ in range(24)]
    for sid in calls:
        all[0].ask(sid)
    stored(all, len(calls))
    for number, (name, field, value) in enumerate(hashes.fields()):
        head = len(re.match(rb"\d+ \w+ ", value).group())
        changed = bytearray(value)
        if number < 16:
            changed[dice.randrange(head, len(value))] ^= 1 << dice.randrange(8)
        elif number < 20:
            changed = changed[: dice.randrange(head, len(value))]
        else:
            changed[head:] = dice.randbytes(dice.randrange(200))
        hashes.put(name, field, bytes(changed))
    late = all.join()
    for sid in calls:
        is_a_miss(late, simulator, sid)
    assert tier(late, "unusable") == len(calls)


def test_an_erased_answer_that_comes_back_is_a_miss(fleet, simulator, hashes):
    all, sid = fleet(1), new_sid()
    all[0].ask(sid)
    stored(all, 1)
    ((name, field, value),) = hashes.fields()
    purged = all[0].admin(f"/api/purge?call_sid={sid}&hard=true", "POST")
    assert purged.status == 200 and purged.json()["fleet"] == "done"
    assert hashes.fields() == [], "erased there, too"
    hashes.put(name, field, value)
    late = all.join()
    is_a_miss(late, simulator, sid)
    assert tier(late, "unusable") == 1


def test_a_lease_that_somebody_else_invents_ends(fleet, simulator, hashes):
    """It is of no replica that lives, or cannot be read: nobody waits for it."""
    all, sid = fleet(1), new_sid()
    all[0].ask(sid)
    stored(all, 1)
    ((name, field, _),) = hashes.fields()
    owner = field.split(b":")[1]
    late = all.join()
    for lease in (b"9999999999999 ffffffffffffffff aa", b"9999999999999 zz", b"", b"-1 ffffffffffffffff aa"):
        hashes.client.ask("DEL", name)
        hashes.put(name, LEASE + owner + b":absent", lease)
        assert late.ask(sid, headers=[("Cache-Control", "no-cache")]).status == 200


def test_keys_of_another_kind_are_a_miss(fleet, simulator, hashes, engine):
    all, sid = fleet(1), new_sid()
    all[0].ask(sid)
    stored(all, 1)
    ((name, _, _),) = hashes.fields()
    engine.ask("DEL", name)
    engine.ask("SET", name, "not a hash")
    assert is_a_miss(all.join(), simulator, sid).status == 200


def test_another_key_opens_nothing(fleet, simulator, engine):
    all, sid = fleet(1), new_sid()
    all[0].ask(sid)
    stored(all, 1)
    engine.key_file.write_text("0e" * 32 + "\n")
    is_a_miss(all.join(), simulator, sid)


def test_the_seal_rotates_and_nothing_is_lost(fleet, simulator, engine):
    """As the page says: the only line is doubled, the new one put between, then in front. At each step one gateway is still a step behind."""
    new = "1e" * 32
    all, calls = fleet(1), [new_sid() for _ in range(3)]
    behind = all[0]
    for step, lines in enumerate(([KEY, KEY], [KEY, new, KEY], [new, KEY])):
        engine.key_file.write_text("".join(line + "\n" for line in lines))
        ahead, sid = all.join(), calls[step]
        ahead.ask(sid)
        stored(all, step + 1)
        assert detail(behind.ask(sid)) == "fleet", lines
        behind = ahead
    late = all.join()
    for sid in calls:
        assert detail(late.ask(sid)) == "fleet"


# --- read by somebody else

def test_nothing_readable_is_in_a_dump(fleet, simulator, engine):
    all, calls = fleet(), [new_sid() for _ in range(5)]
    waiting = simulator.register(new_sid(), ended_ago_s=60)
    bodies = [gateway.ask(sid).body for sid in calls for gateway in all]
    for auth in (PARENT, API_KEY, BEARER, SIBLING, OTHER):
        all[0].ask(waiting, auth=auth)
    all[1].admin(f"/api/purge?call_sid={calls[0]}", "POST")
    all[1].admin(f"/api/purge?account_sid={account(2)}", "POST")
    dumps = engine.dump() + b"".join(path.read_bytes() for path in sorted(engine.directory.glob("appendonlydir/*")))
    assert len(dumps) > 5000
    lower = dumps.lower()
    # Each is long enough not to occur among random bytes.
    readable = (rb"(ca|ac|sk)[0-9a-f]{32}", rb"\+[1-9]\d{6,}", rb'"[a-z_]{4,}"\s*:', rb"call_sid", rb"basic ", rb"bearer", rb"twilio", rb"-token", rb"content-type")
    for pattern in readable:
        assert not re.search(pattern, lower), pattern
    words = {word for body in bodies for word in re.findall(rb"[\w-]{12,}", body)}
    assert len(words) > 10
    for word in words:
        assert word.lower() not in lower, word


# --- everything at once

def test_in_any_order_of_reads_and_faults_nobody_gets_a_foreign_byte(fleet, simulator, engine, hashes):
    """Random readers at random gateways, while what the engine holds is exchanged, repeated, damaged and forgotten, and gateways join."""
    all, dice = fleet(3), random.Random(11)
    calls = [new_sid() for _ in range(6)] + [simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200) for _ in range(3)]
    readers = (PARENT, API_KEY, BEARER, SIBLING, OTHER)
    truth = {(sid, auth): (answer.status, answer.body if answer.status == 200 else answer.json()["code"])
             for sid in calls for auth in readers for answer in [simulator.ask(sid, auth=auth)]}
    old = []
    from_fleet = 0
    for _ in range(900):
        step = dice.random()
        if step < 0.85:
            sid, auth, gateway = dice.choice(calls), dice.choice(readers), dice.choice(all.gateways)
            answer = gateway.ask(sid, auth=auth, headers=[("Cache-Control", "no-cache")] if dice.random() < 0.1 else ())
            got = (answer.status, answer.body if answer.status == 200 else answer.json()["code"])
            assert got == truth[sid, auth], answer.raw[:600]
            from_fleet += detail(answer) == "fleet"
        elif step < 0.96:
            fields = hashes.fields()
            old += fields
            if fields:
                name, field, value = dice.choice(fields)
                other = dice.choice(old)[2] if dice.random() < 0.7 else value[:-1] + bytes([value[-1] ^ 1])
                hashes.put(name, field, other)
        elif step < 0.985:
            # Memory of its own goes, so that it asks the fleet again.
            dice.choice(all.gateways).admin("/api/purge?all=true" + dice.choice(("", "&hard=true")), "POST")
        else:
            engine.flush()
    assert from_fleet > 5
    assert all.sum("unusable") > 5
