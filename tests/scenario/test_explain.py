"""GET /api/explain: what is cached of a call, for how long, and what its next request would do."""

import json

import pytest

from harness.eventually import eventually
from harness.twilio_facts import SUB, account, new_sid
from harness.wire import request, target


def explain(gateway, query):
    answer = gateway.admin(f"/api/explain?{query}")
    assert answer.status == 200, answer.raw
    assert answer.header("Content-Type") == "application/json"
    return answer.json()


def test_explain_follows_a_call_through_its_life(gateway, simulator):
    sid = new_sid()
    nothing = explain(gateway, f"call_sid={sid}")
    assert (nothing["entries"], nothing["flights"]) == ([], [])
    assert nothing["any_other_credential"]["outcome"] == "nothing"
    simulator.barrier(True)
    with gateway.connect() as reader:
        reader.send(request(target(sid)))
        eventually(lambda: simulator.count(sid) == 1)
        told = explain(gateway, f"call_sid={sid}")
        assert told["flights"] == [{"partition": 1, "processing_state": "absent", "waiting": 1, "fetched_by": "this gateway"}]
        assert (told["upstream"]["in_flight"], told["upstream"]["waiting"], told["upstream"]["limit"]) == (1, 0, 40)
        simulator.barrier(False)
        reader.read()
    (kept,) = explain(gateway, f"call_sid={sid}")["entries"]
    assert (kept["kind"], kept["status"], kept["freshness"], kept["purged"]) == ("complete", 200, "fresh", False)
    assert 3590 <= kept["ttl"] <= 3600 and kept["bytes"] > 1000 and kept["gone_at"].endswith("GMT")
    assert (kept["next"]["outcome"], kept["next"]["setting"]) == ("hit", "cache.fresh_for")
    assert explain(gateway, f"call_sid={sid}&state=partial")["entries"][0]["next"]["outcome"] == "bypass"
    gateway.admin(f"/api/purge?call_sid={sid}", "POST")
    (kept,) = explain(gateway, f"call_sid={sid}")["entries"]
    assert kept["purged"] and kept["next"]["outcome"] == "purged"
    assert simulator.count(sid) == 1, "explaining asks nobody"


def test_explain_says_what_comes_of_it(gateway, simulator):
    """What it foretells is what happens."""
    ready, young, gone = new_sid(), simulator.register(new_sid(), ended_ago_s=60), new_sid()
    for sid in (ready, young):
        gateway.ask(sid)
    for sid in (ready, young, gone):
        for state in (None, "complete", "all", "partial"):
            told = explain(gateway, f"call_sid={sid}" + (f"&state={state}" if state else ""))
            next_ = told["entries"][0]["next"] if told["entries"] else told["any_other_credential"]
            if next_["outcome"] == "hit":
                assert gateway.ask(sid, state).cache.get("hit"), (told, state)
            elif sid != gone:
                assert "hit" not in gateway.ask(sid, state).cache, (told, state)


def test_explain_says_why_nothing_is_stored(gateway, simulator):
    sid = simulator.register(new_sid(), ended_ago_s=900)
    gateway.ask(sid, "partial")
    (why,) = explain(gateway, f"call_sid={sid}")["not_stored"]
    assert (why["partition"], why["reason"]) == (1, "partial") and 0 <= why["ago"] < 60


def test_explain_names_no_credential(gateway, simulator):
    sid = simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)
    gateway.ask(sid), gateway.ask(sid, auth=SUB)
    text = gateway.admin(f"/api/explain?call_sid={sid}").raw.decode()
    assert sorted(one["partition"] for one in json.loads(text.split("\r\n\r\n")[1])["entries"]) == [1, 2]
    assert "AC" not in text.replace(sid, "") and "token" not in text


@pytest.mark.parametrize("query", ["", "call_sid=CA12", "call_sid=<script>", f"call_sid=CA{'a' * 32}&state=PARTIAL", f"call_sid=CA{'a' * 32}&x=1"])
def test_explain_needs_to_know_which_call(gateway, query):
    answer = gateway.admin(f"/api/explain?{query}")
    assert answer.status == 400
    assert b"<" not in answer.body


def test_explain_changes_nothing(gateway):
    assert gateway.admin(f"/api/explain?call_sid=CA{'a' * 32}", "POST").status == 405
