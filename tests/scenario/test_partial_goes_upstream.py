"""A partial is a moment's view: fetched every time, delivered to who asked for it, stored for nobody."""

import pytest

from harness.eventually import eventually
from harness.twilio_facts import new_sid
from harness.wire import request, target


@pytest.fixture
def young(simulator):
    """A call whose first partial exists and whose complete summary does not."""
    return simulator.register(new_sid(), ended_ago_s=700)


def test_every_partial_request_is_an_upstream_call(gateway, simulator, young):
    for _ in range(3):
        answer = gateway.ask(young, "partial")
        assert answer.status == 200
        assert answer.json()["processing_state"] == "partial"
        assert answer.cache["fwd"] == "bypass"
        assert answer.cache["detail"] == "partial"
        assert "stored" not in answer.cache
    assert [seen["processing_state"] for seen in simulator.requests(young)] == ["partial"] * 3


def test_a_partial_is_no_answer_to_a_plain_request(gateway, simulator, young):
    assert gateway.ask(young, "partial").status == 200
    plain = gateway.ask(young)
    assert (plain.status, plain.json()["code"]) == (404, 17001)
    assert simulator.count(young) == 2


def test_all_may_bring_a_partial_which_is_not_stored_either(gateway, simulator, young):
    for _ in range(2):
        answer = gateway.ask(young, "all")
        assert (answer.status, answer.json()["processing_state"]) == (200, "partial")
    assert simulator.count(young) == 2
    assert gateway.ask(young).json()["code"] == 17001
    assert gateway.ask(young, "complete").json()["code"] == 17001


def test_a_remembered_not_ready_hides_no_partial(gateway, young):
    assert gateway.ask(young).json()["code"] == 17001
    assert gateway.ask(young, "all").json()["processing_state"] == "partial"
    assert gateway.ask(young, "partial").json()["processing_state"] == "partial"


def test_readers_of_complete_and_of_all_who_come_together_are_told_apart(gateway, simulator, young):
    simulator.barrier(True)
    with gateway.connect() as plain, gateway.connect() as everything:
        plain.send(request(target(young)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        everything.send(request(target(young, "all")))
        eventually(lambda: simulator.state()["in_flight"] == 2, what="`all` is a question of its own")
        simulator.barrier(False)
        assert plain.read().json()["code"] == 17001
        assert everything.read().json()["processing_state"] == "partial"


def test_a_complete_answer_to_a_partial_request_is_stored(gateway, simulator):
    sid = new_sid()
    first = gateway.ask(sid, "partial")
    assert first.json()["processing_state"] == "complete"
    assert first.cache["fwd"] == "bypass"
    assert first.cache.get("stored")
    plain = gateway.ask(sid)
    assert plain.cache.get("hit")
    assert plain.body == first.body
    assert simulator.count(sid) == 1


def test_a_stored_complete_does_not_answer_partial(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    assert gateway.ask(sid, "partial").cache["fwd"] == "bypass"
    assert simulator.count(sid) == 2


def test_a_later_partial_never_replaces_the_complete(gateway, simulator):
    sid = new_sid()
    complete = gateway.ask(sid)
    simulator.register(sid, ended_ago_s=700)
    assert gateway.ask(sid, "partial").json()["processing_state"] == "partial"
    again = gateway.ask(sid)
    assert again.cache.get("hit")
    assert again.body == complete.body


def test_concurrent_partial_readers_do_not_wait_for_each_other(gateway, simulator, young):
    simulator.barrier(True)
    readers = [gateway.connect().send(request(target(young, "partial"))) for _ in range(8)]
    eventually(lambda: simulator.state()["in_flight"] == 8, what="eight readers upstream at once")
    simulator.barrier(False)
    for reader in readers:
        assert reader.read().json()["processing_state"] == "partial"
        reader.close()
