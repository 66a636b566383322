"""While the outcome of a write is not known, only its writer's copy is invalid. An answer, or a proved writer that got none, invalidates all copies."""

import pytest

from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.strangers import Flood, Victim, abort, addresses, ask_for
from harness.twilio_facts import API_KEY, PARENT, SUB, account, new_sid
from harness.warm import written

SLOW = {"action": "latency", "ms": 900}
HASTY = ("X-Request-Timeout", "0.3")  # time enough to be sent


@pytest.fixture(scope="module")
def gateway(the_simulator, tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), settings_for(the_simulator, upstream={"timeout": "1500ms"}))
    yield gateway
    gateway.stop()


def a_call(simulator):
    return simulator.register(new_sid(), account_sid=account(1), ended_ago_s=7200)


def slow_writes(simulator, *more):
    simulator.faults({"match": {"method": "POST"}, "times": 0, **SLOW, "also": list(more)})


def is_hit(gateway, sid, auth=PARENT):
    """As good as ever: an old copy that stands in for the upstream is another thing."""
    answer = gateway.ask(sid, auth=auth)
    return answer.cache.get("hit") is True and "detail" not in answer.cache


def keep(gateway, sid, *credentials):
    for auth in credentials:
        gateway.ask(sid, auth=auth)
        assert is_hit(gateway, sid, auth)


def writes(simulator, sid):
    return [row["status"] for row in simulator.requests(sid) if row["method"] == "POST"]


def is_done(simulator, sid, status):
    eventually(lambda: writes(simulator, sid) == [status], timeout=5, what=f"one write of {sid}, answered with {status}")


def shows(summary, comment):
    return ((summary.json()["annotation"] or {}).get("comment") or "").startswith(comment)


# --- the client's deadline ends its wait, not the write ------------------------------
@pytest.mark.strangers
@pytest.mark.parametrize("how", ["a deadline", "gone"])
def test_a_write_is_carried_out_though_its_client_does_not_wait(gateway, simulator, how):
    sid = a_call(simulator)
    keep(gateway, sid, PARENT, API_KEY)
    slow_writes(simulator)
    if how == "gone":
        abort(gateway.connect().send(ask_for("write", sid, PARENT)[0]))
    else:
        answer = gateway.annotate(sid, headers=[HASTY], Comment="x")
        assert (answer.status, answer.fault) == (504, "upstream_timeout")
        assert "may have been applied" in answer.json()["message"]
    is_done(simulator, sid, 200)
    for auth in (API_KEY, PARENT):
        eventually(lambda auth=auth: shows(gateway.ask(sid, auth=auth), "x"), timeout=3, what="what was written, whoever reads")
        assert is_hit(gateway, sid, auth), "and is kept again"


@pytest.mark.strangers
def test_until_the_answer_only_the_writers_copy_is_invalid(gateway, simulator):
    sid = a_call(simulator)
    keep(gateway, sid, PARENT, API_KEY)
    slow_writes(simulator)
    assert gateway.annotate(sid, headers=[HASTY], Comment="x").status == 504
    assert is_hit(gateway, sid, API_KEY), "another one's copy is as good as before"
    assert not is_hit(gateway, sid), "the writer's may be old"
    is_done(simulator, sid, 200)
    eventually(lambda: shows(gateway.ask(sid, auth=API_KEY), "x"), timeout=3, what="a 2xx invalidates all copies")
    assert shows(gateway.ask(sid), "x"), "what the writer was given meanwhile is old, too"


# --- a stranger's write is nobody's business -----------------------------------------
UNPROVED = ["refused", "refused, hasty", "gone", "500", "no answer in time", "reset", "another account's, hasty"]


FAILURES = {
    "500": {"action": "status", "status": 500},
    "no answer in time": {"action": "stall", "at": "before_headers", "seconds": 3},
    "reset": {"action": "reset", "after_bytes": 0},
}


def write_as_a_stranger(gateway, simulator, victim, sid, how):
    if "hasty" in how:
        slow_writes(simulator)
    elif how in FAILURES:
        simulator.faults({"match": {"method": "POST"}, **FAILURES[how]})
    stranger = SUB if how.startswith("another account's") else victim.junk()
    if how == "gone":
        abort(gateway.connect().send(ask_for("write", sid, stranger)[0]))
        eventually(lambda: len(writes(simulator, sid)) == 1)
    else:
        answer = gateway.annotate(sid, stranger, [HASTY] if "hasty" in how else [], Comment="x")
        assert answer.status in ((504,) if "hasty" in how else (401, 403, 502, 504))


@pytest.mark.strangers
@pytest.mark.parametrize("how", UNPROVED)
def test_a_write_of_who_is_refused_or_unproved_is_noticed_by_nobody(gateway, simulator, how):
    sid, victim = a_call(simulator), Victim(simulator)
    readers = (victim.auth, PARENT, API_KEY)
    keep(gateway, sid, *readers)
    write_as_a_stranger(gateway, simulator, victim, sid, how)
    assert all(is_hit(gateway, sid, auth) for auth in readers), "at once"
    eventually(lambda: gateway.metrics().total("upstream_in_flight") == 0, what="its end")
    assert all(is_hit(gateway, sid, auth) for auth in readers), "afterwards"


@pytest.mark.strangers
def test_nor_does_it_touch_the_snapshot(generations, simulator):
    run, victim = generations(snapshot={"every": "1s"}), Victim(simulator)
    gateway, sid = run.start(), a_call(simulator)
    keep(gateway, sid, PARENT)
    written(gateway)
    write_as_a_stranger(gateway, simulator, victim, sid, "refused, hasty")
    for _ in range(20):
        assert is_hit(gateway, sid) and run.file.exists()
    assert is_hit(run.restart(), sid)


@pytest.mark.strangers
def test_strangers_who_write_to_everything_take_nothing(start_gateway, simulator):
    gateway, victim = start_gateway(may_cut=True, limits={"drain_timeout": "2s"}), Victim(simulator)
    calls = [a_call(simulator) for _ in range(40)]
    for sid in calls:
        keep(gateway, sid, victim.auth)
    slow_writes(simulator)
    flood = [ask_for("write", sid, victim.junk(), [("X-Request-Timeout", "0.5")])[0] for sid in calls]
    with Flood(gateway, flood, addresses()) as strangers:
        assert {connection.read("POST").status for connection in strangers.connections} <= {401, 429, 504}
    lost = [sid for sid in calls if not is_hit(gateway, sid, victim.auth)]
    assert not lost, f"{len(lost)} of {len(calls)} are asked for anew"


# --- a proved writer who hears nothing -----------------------------------------------
UNCLEAR = {
    "a failure": {"action": "status", "status": 503, "code": 17009},
    "reset": {"action": "reset", "after_bytes": 0},
    "no answer in time": {"action": "stall", "at": "before_headers", "seconds": 5},
}


@pytest.mark.parametrize("failure", UNCLEAR.values(), ids=UNCLEAR)
def test_a_proved_writers_write_without_an_answer_makes_all_ask_upstream(start_gateway, simulator, failure):
    gateway, sid = start_gateway(upstream={"timeout": "1s"}), a_call(simulator)
    keep(gateway, sid, PARENT, API_KEY)
    simulator.faults({"match": {"call_sid": sid, "method": "POST"}, **failure})
    assert gateway.annotate(sid, Comment="x").status in (502, 504)
    for auth in (API_KEY, PARENT):
        assert not is_hit(gateway, sid, auth)
        assert is_hit(gateway, sid, auth), "kept again"


# --- the snapshot --------------------------------------------------------------------
@pytest.mark.strangers
@pytest.mark.parametrize("answered", [True, False], ids=["answered", "uncertain"])
def test_a_mark_makes_the_snapshots_copy_old_and_removes_no_file(generations, simulator, answered):
    run, sid, other = generations(snapshot={"every": "1s"}), a_call(simulator), a_call(simulator)
    gateway = run.start()
    keep(gateway, sid, PARENT, API_KEY)
    keep(gateway, other, PARENT)
    written(gateway)
    if not answered:
        simulator.faults({"match": {"call_sid": sid, "method": "POST"}, "action": "reset", "after_bytes": 0})
    assert gateway.annotate(sid, Comment="x").status == (200 if answered else 502)
    assert run.file.exists(), "other people's copies are in it"
    gateway = run.restart()
    assert is_hit(gateway, other)
    for auth in (API_KEY, PARENT):
        assert not is_hit(gateway, sid, auth), "old for whoever reads"
