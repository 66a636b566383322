"""Pollers of a call whose summary is not ready share one upstream call until the next look."""

from harness.eventually import eventually
from harness.twilio_facts import BEARER, OTHER, error_sid, new_sid


def young(simulator, **more):
    return simulator.register(new_sid(), **{"ended_ago_s": 60, **more})


def test_pollers_share_what_upstream_said_a_moment_ago(gateway, simulator):
    sid = young(simulator)
    answers = [gateway.ask(sid) for _ in range(20)]
    assert {(answer.status, answer.json()["code"]) for answer in answers} == {(404, 17001)}
    assert len({answer.body for answer in answers}) == 1
    assert simulator.count(sid) == 1


def test_the_remembered_refusal_says_that_it_is_remembered(gateway, simulator):
    sid = young(simulator)
    first, second = gateway.ask(sid), gateway.ask(sid)
    assert first.cache["fwd"] == "uri-miss" and first.cache["fwd-status"] == 404
    assert second.cache.get("hit")
    assert 0 <= second.cache.get("ttl", 0) <= 15
    assert first.header("Content-Type") == second.header("Content-Type")


def test_complete_and_plain_are_the_same_question(gateway, simulator):
    sid = young(simulator)
    assert gateway.ask(sid).json()["code"] == gateway.ask(sid, "complete").json()["code"] == 17001
    assert simulator.count(sid) == 1


def test_it_is_remembered_until_the_next_look_and_then_the_summary_arrives(start_gateway, simulator):
    gateway, sid = start_gateway(cache={"not_ready_for": "1s"}, polling={"longest_step": "1s"}), young(simulator)
    assert gateway.ask(sid).json()["code"] == 17001
    simulator.register(sid, ended_ago_s=7200)
    ready = eventually(lambda: (answer := gateway.ask(sid)).status == 200 and answer)
    assert ready.json()["processing_state"] == "complete"
    assert gateway.ask(sid).cache.get("hit")
    assert simulator.count(sid) == 2


def test_the_memory_belongs_to_the_credential(gateway, simulator):
    sid = young(simulator)
    assert gateway.ask(sid).json()["code"] == 17001
    assert gateway.ask(sid, auth=OTHER).json()["code"] == 17000
    assert gateway.ask(sid, auth=BEARER).json()["code"] == 17001
    assert gateway.ask(sid, auth=None).status == 401
    assert simulator.count(sid) == 3


def test_a_complete_partial_answer_ends_the_not_ready(gateway, simulator):
    sid = young(simulator)
    assert gateway.ask(sid).json()["code"] == 17001
    simulator.register(sid, ended_ago_s=7200)
    assert gateway.ask(sid, "partial").json()["processing_state"] == "complete"
    assert gateway.ask(sid).status == 200, "the stored summary goes before the remembered refusal"


def test_a_call_gone_for_good_is_asked_once(gateway, simulator):
    for code in (17002, 17007):
        sid = error_sid(code)
        for _ in range(5):
            assert gateway.ask(sid).json()["code"] == code
        assert simulator.count(sid) == 1, code


def test_failures_are_not_remembered(gateway, simulator):
    for status in (401, 403, 429, 500, 503):
        sid = new_sid()
        simulator.fault_for(sid, "status", status=status)
        refused = gateway.ask(sid)
        assert refused.status >= 400
        simulator.faults()
        eventually(lambda sid=sid: gateway.ask(sid).status == 200, timeout=15, what=f"200 after {status}")
