"""Pollers of a call that is not ready: one schedule decides when the upstream is asked again, and Retry-After says so."""

import pytest

from harness.eventually import eventually
from harness.twilio_facts import OTHER, new_sid

AGAIN = ("Cache-Control", "no-cache")  # the client causes a look now


@pytest.fixture
def looking(start_gateway):
    """A gateway whose clients may cause a look whenever they like."""
    return lambda **more: start_gateway(cache={"revalidate_after": "0s"}, **more)


def retry_after(answer):
    assert (answer.status, answer.json()["code"]) == (404, 17001)
    return int(answer.header("Retry-After"))


def questions(simulator, sid):
    return [seen["processing_state"] for seen in simulator.requests(sid)]


def looks(gateway, sid):
    return gateway.admin(f"/api/explain?call_sid={sid}").json()["looks"]


def test_pollers_cost_nothing_until_the_next_look(gateway, simulator):
    sid = simulator.register(new_sid(), ended_ago_s=60)
    answers = [gateway.ask(sid, state) for state in (None, "complete") for _ in range(10)]
    assert all(10 <= retry_after(answer) <= 15 for answer in answers)
    assert simulator.count(sid) == 1


def test_steps_grow_with_each_look(looking, simulator):
    gateway, sid = looking(), simulator.register(new_sid(), ended_ago_s=60)
    for longest in (15, 30, 60, 120, 120):
        assert longest - 5 <= retry_after(gateway.ask(sid, headers=[AGAIN])) <= longest
    assert questions(simulator, sid) == [None, "partial", "partial", "partial", "partial"]


def test_the_longest_step_is_a_setting(looking, simulator):
    gateway, sid = looking(polling={"longest_step": "20s"}), simulator.register(new_sid(), ended_ago_s=60)
    for longest in (15, 20, 20):
        assert longest - 5 <= retry_after(gateway.ask(sid, headers=[AGAIN])) <= longest


def test_a_look_learns_the_end_and_nobody_who_wants_the_summary_sees_the_partial(looking, simulator):
    gateway, sid = looking(), simulator.register(new_sid(), ended_ago_s=700)
    first = gateway.ask(sid)
    second = gateway.ask(sid, headers=[AGAIN])
    assert (second.body, second.header("Content-Type")) == (first.body, first.header("Content-Type"))
    assert second.header("ETag") is None
    assert second.header("Twilio-Request-Id") != first.header("Twilio-Request-Id")
    assert 1000 <= retry_after(second) <= 1100, "half an hour after the end"
    (look,) = looks(gateway, sid)
    assert 1000 <= look["next_in"] <= 1100 and 700 <= look["call_ended_ago"] <= 760
    assert "complete_after" in look["because"]
    assert gateway.ask(sid).cache.get("hit")
    gateway.ask(sid, headers=[AGAIN])
    assert questions(simulator, sid) == [None, "partial", None], "once the end is known, the summary itself is asked for"


def test_the_summary_is_there_at_the_expected_moment(looking, simulator):
    gateway = looking(polling={"complete_after": "64s"})
    sid = simulator.register(new_sid(), ended_ago_s=60, partial_after_s=0, complete_after_s=62)
    gateway.ask(sid)
    assert retry_after(gateway.ask(sid, headers=[AGAIN])) <= 5
    assert eventually(lambda: (answer := gateway.ask(sid)).status == 200 and answer, timeout=20).json()["processing_state"] == "complete"
    assert simulator.count(sid) == 3
    assert looks(gateway, sid) == []
    assert gateway.metrics().by("looks_total", "result") == {"not_ready": 1, "partial": 1, "complete": 1}


def test_a_complete_summary_is_taken_whatever_was_asked_for(looking, simulator):
    gateway, sid = looking(), simulator.register(new_sid(), ended_ago_s=60)
    gateway.ask(sid)
    simulator.register(sid, ended_ago_s=7200)
    assert gateway.ask(sid, headers=[AGAIN]).json()["processing_state"] == "complete"
    assert questions(simulator, sid) == [None, "partial"]
    assert gateway.ask(sid).cache.get("hit")


def test_an_upstream_that_refuses_the_question_is_asked_as_the_client_asked(looking, simulator):
    gateway, sid = looking(), simulator.register(new_sid(), ended_ago_s=60)
    gateway.ask(sid)
    simulator.faults({"match": {"call_sid": sid, "processing_state": "partial"}, "times": 0, "action": "status", "status": 400, "code": 17400})
    for _ in range(2):
        retry_after(gateway.ask(sid, headers=[AGAIN]))
    assert questions(simulator, sid) == [None, "partial", None, None]


def test_another_credential_has_looks_of_its_own(looking, simulator):
    gateway, sid = looking(), simulator.register(new_sid(), ended_ago_s=700)
    gateway.ask(sid), gateway.ask(sid, headers=[AGAIN])
    assert gateway.ask(sid, auth=OTHER).json()["code"] == 17000
    assert questions(simulator, sid) == [None, "partial", None]


def test_a_purge_forgets_the_life(looking, simulator):
    gateway, sid = looking(), simulator.register(new_sid(), ended_ago_s=700)
    gateway.ask(sid), gateway.ask(sid, headers=[AGAIN])
    gateway.admin(f"/api/purge?call_sid={sid}", "POST")
    assert looks(gateway, sid) == []
    assert retry_after(gateway.ask(sid)) <= 15
    assert questions(simulator, sid) == [None, "partial", None]


def test_looks_that_the_schedule_spares_are_counted(start_gateway, simulator):
    gateway, sid = start_gateway(cache={"not_ready_for": "200ms"}), simulator.register(new_sid(), ended_ago_s=60)
    gateway.ask(sid)
    eventually(lambda: gateway.ask(sid) and gateway.metrics().total("looks_saved_total") >= 3, what="three looks spared")
    assert simulator.count(sid) == 1
    assert gateway.metrics().total("polled_calls") == 1
