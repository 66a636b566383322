"""What is erased, refused or written through one gateway of a fleet holds for all of them."""

import signal
from contextlib import nullcontext

import pytest

from harness.eventually import eventually
from harness.fleet import FeedCut, connected, is_served, none_serves, purge, report
from harness.twilio_facts import API_KEY, PARENT, SUB, WRONG_SECRET, account, new_sid
from harness.warm import loaded, told, written

SHARE = "[marks]"


@pytest.fixture
def fleet(start_gateway, engine):
    """So many gateways, which have found each other."""

    def start(count=3, **overrides):
        return connected(*[start_gateway(fleet=engine.fleet(share=SHARE, timeout="1s"), **overrides) for _ in range(count)])

    return start


def cached_by(gateways, simulator, owner=2, auth=PARENT):
    """A call of that account which every gateway serves from its cache."""
    sid = simulator.register(new_sid(), account_sid=account(owner), ended_ago_s=7200)
    for one in gateways:
        assert one.ask(sid, auth=auth).status == 200
        assert is_served(one, sid, auth)
    return sid


def query_of(scope, sid):
    return {"call": f"call_sid={sid}", "account": f"account_sid={account(2)}", "all": "all=true"}[scope]


@pytest.mark.parametrize("feed", ["heard", "cut"])
@pytest.mark.parametrize("depth", ["soft", "hard"])
@pytest.mark.parametrize("scope", ["call", "account", "all"])
def test_what_is_purged_through_one_is_served_by_none(fleet, engine, simulator, scope, depth, feed):
    gateways = fleet()
    gone, kept = cached_by(gateways, simulator), cached_by(gateways, simulator, owner=1)
    with FeedCut(engine) if feed == "cut" else nullcontext():
        answer = purge(gateways[0], query_of(scope, gone) + ("&hard=true" if depth == "hard" else ""))
        assert answer["fleet"] == "done"
        none_serves(gateways, gone)
    if scope == "all":
        none_serves(gateways, kept)
    else:
        assert all(is_served(one, kept) for one in gateways)


def test_a_soft_purge_leaves_every_gateway_the_old_answer_for_when_twilio_fails(fleet, simulator):
    gateways = fleet()
    soft, hard = cached_by(gateways, simulator), cached_by(gateways, simulator)
    purge(gateways[0], f"call_sid={soft}")
    purge(gateways[0], f"call_sid={hard}&hard=true")
    none_serves(gateways, soft), none_serves(gateways, hard)
    simulator.faults(*[{"match": {"call_sid": sid}, "times": 0, "action": "status", "status": 503} for sid in (soft, hard)])
    for one in gateways:
        assert one.ask(soft).cache["detail"] == "stale_if_error"
        assert one.ask(hard).status >= 500


def test_an_annotation_that_is_written_through_one_is_seen_through_all(fleet, simulator):
    gateways = fleet()
    sid, other = cached_by(gateways, simulator), cached_by(gateways, simulator)
    assert gateways[0].annotate(sid, Comment="call back").status == 200
    for one in gateways:
        eventually(lambda: (one.ask(sid).json()["annotation"] or {}).get("comment", "").startswith("call back"))
        assert is_served(one, sid), "and is cached again"
        assert is_served(one, other)


@pytest.mark.parametrize("sharing", ["partition", "grants"])
def test_a_credential_that_is_refused_through_one_is_refused_by_all(fleet, simulator, sharing):
    gateways = fleet(credentials={"sharing": sharing})
    sid = cached_by(gateways, simulator, auth=SUB)
    for one in gateways:
        assert one.ask(sid, auth=PARENT).status == 200
    provoking = new_sid()
    simulator.fault_for(provoking, "status", status=401, code=20003)
    assert gateways[0].ask(provoking, auth=SUB).status == 401
    none_serves(gateways, sid, SUB)
    assert all(is_served(one, sid, PARENT) for one in gateways), "another credential's are untouched"
    assert all(one.ask(sid, auth=SUB).status == 200 for one in gateways), "a later proof counts again"


def test_a_gateway_that_never_saw_a_credential_tells_of_its_refusal_too(fleet, simulator):
    stranger, *others = fleet()
    sid, provoking = cached_by(others, simulator, auth=SUB), new_sid()
    simulator.fault_for(provoking, "status", status=401, code=20003)
    assert stranger.ask(provoking, auth=SUB).status == 401
    none_serves(others, sid, SUB)


def test_invented_credentials_make_no_marks(fleet, engine):
    first, second = fleet(2)
    before = engine.ask("GET", "{sg}:v")
    for _ in range(5):
        assert first.ask(new_sid(), auth=WRONG_SECRET).status == 401
    assert purge(first, f"call_sid={new_sid()}")["fleet"] == "done"
    eventually(lambda: second.metrics().total("fleet_marks_applied_total", subject="call") == 1)
    assert int(engine.ask("GET", "{sg}:v")) == int(before) + 1
    assert second.metrics().total("fleet_marks_applied_total", subject="credential") == 0


def test_a_purge_while_the_engine_is_away_is_done_when_it_is_back(fleet, engine, simulator):
    gateways = fleet()
    sid = cached_by(gateways, simulator)
    engine.kill()
    eventually(lambda: report(gateways[0])["engine"]["state"] == "away")
    assert purge(gateways[0], f"call_sid={sid}&hard=true")["fleet"] == "pending"
    assert not is_served(gateways[0], sid)
    assert report(gateways[0])["marks"]["pending"] == 1
    engine.start()
    none_serves(gateways, sid)
    eventually(lambda: report(gateways[0])["marks"]["pending"] == 0)


def test_unconfirmed_marks_survive_a_restart_beside_the_snapshot(start_gateway, generations, engine, simulator):
    shares = engine.fleet(share=SHARE, timeout="1s")
    others = [start_gateway(fleet=shares) for _ in range(2)]
    all_generations = generations(fleet=shares)
    mine = all_generations.start()
    connected(mine, *others)
    sid = cached_by([mine, *others], simulator)
    engine.kill()
    eventually(lambda: report(mine)["engine"]["state"] == "away")
    assert purge(mine, f"call_sid={sid}&hard=true")["fleet"] == "pending"
    all_generations.kill()
    mine = all_generations.start()
    told(mine, "1 mark(s) from before the restart")
    assert is_served(others[0], sid), "it cannot know yet"
    engine.start()
    none_serves(others, sid)
    eventually(lambda: report(mine)["marks"]["pending"] == 0)


def journaled_version(path):
    """Parts of the form LENGTH:BYTES, behind the name of the form."""
    if not path.exists():
        return None
    rest = path.read_bytes().removeprefix(b"sgwmarks1")
    length, _, rest = rest.partition(b":")
    length, _, rest = rest[int(length) :].partition(b":")
    return rest[: int(length)]


def test_a_gateway_that_was_down_follows_what_was_erased_meanwhile_and_nothing_older(start_gateway, generations, engine, simulator):
    shares = engine.fleet(share=SHARE, timeout="1s")
    other = start_gateway(fleet=shares)
    purge(other, "all=true&hard=true")
    all_generations = generations(fleet=shares)
    mine = all_generations.start()
    connected(mine, other)
    gone, kept = cached_by([mine], simulator), cached_by([mine], simulator)
    journal = all_generations.directory / "cache.snapshot.fleet"
    eventually(lambda: journaled_version(journal) == engine.ask("GET", "{sg}:v"), what="the journal has the version")
    mine.stop()
    assert purge(other, f"call_sid={gone}&hard=true")["fleet"] == "done"
    mine = loaded(all_generations.start())
    connected(mine, other)
    assert is_served(mine, kept), "what was erased before its end erases nothing again"
    assert not is_served(mine, gone)


def sleeping(gateway):
    gateway.signal(signal.SIGSTOP)


def test_a_flushed_engine_gets_its_marks_again(fleet, engine, simulator):
    gateways = fleet()
    sid = cached_by(gateways, simulator)
    sleeping(gateways[2])
    assert purge(gateways[0], f"call_sid={sid}&hard=true")["fleet"] == "done"
    none_serves(gateways[:2], sid)
    engine.flush()
    eventually(lambda: engine.ask("ZCARD", "{sg}:mz") == 1, what="the mark is there again")
    gateways[2].signal(signal.SIGCONT)
    none_serves(gateways[2:], sid)
    assert all(one.metrics().total("fleet_marks_applied_total", subject="call") == 1 for one in gateways[1:]), "each applied it once"


def test_an_engine_that_comes_back_without_the_last_writes_gets_them_again(fleet, engine, simulator):
    gateways = fleet()
    sid, erased_before = cached_by(gateways, simulator), new_sid()
    purge(gateways[0], f"call_sid={erased_before}")
    engine.ask("SET", "{sg}:c:body", "of a call")
    engine.dump()
    sleeping(gateways[2])
    assert purge(gateways[0], "all=true&hard=true")["fleet"] == "done"
    none_serves(gateways[:2], sid)
    eventually(lambda: not engine.ask("EXISTS", "{sg}:c:body"), what="the engine's copies are erased")
    engine.kill()
    engine.start()
    eventually(lambda: engine.ask("ZCARD", "{sg}:mz") == 2, what="the mark is there again")
    eventually(lambda: not engine.ask("EXISTS", "{sg}:c:body"), what="the copies that came back are erased")
    gateways[2].signal(signal.SIGCONT)
    none_serves(gateways[2:], sid)


def test_nothing_in_the_engine_can_be_read(fleet, engine, simulator):
    gateways = fleet()
    sid = cached_by(gateways, simulator)
    purge(gateways[0], f"call_sid={sid}")
    purge(gateways[0], f"account_sid={account(2)}")
    gateways[0].annotate(sid, Comment="secret words")
    eventually(lambda: int(engine.ask("ZCARD", "{sg}:mz")) == 3)
    everything = engine.dump()
    for word in (sid, account(2), "secret words", "annotation"):
        assert word.encode() not in everything


def test_a_gateway_with_another_key_is_noticed(start_gateway, engine, simulator, tmp_path):
    key = tmp_path / "other.key"
    key.write_text("0e" * 32 + "\n")
    key.chmod(0o600)
    first = start_gateway(fleet=engine.fleet(share=SHARE, timeout="1s"))
    stranger = start_gateway(fleet={**engine.fleet(share=SHARE, timeout="1s"), "key_file": key})
    connected(first, stranger)
    assert purge(first, f"call_sid={new_sid()}")["fleet"] == "done"
    told(stranger, "no key in fleet.key_file opens")
    eventually(lambda: report(stranger)["marks"]["unreadable"] >= 1)


def test_a_gateway_that_dies_is_no_member_any_more(start_gateway, generations, engine):
    shares = engine.fleet(share=SHARE, timeout="1s")
    others, dying = [start_gateway(fleet=shares) for _ in range(2)], generations(fleet=shares)
    connected(dying.start(), *others)
    dying.kill()
    eventually(lambda: all(len(report(one)["members"]) == 2 for one in others))
    assert others[0].metrics().total("fleet_members") == 2
