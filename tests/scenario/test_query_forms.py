"""The spellings of a summary's query that Twilio takes: one question for the cache and for Twilio, and what no Summary knows stays out."""

import pytest

from harness.access import Access, token
from harness.twilio_facts import PARENT, account, error_sid, new_sid
from harness.wire import request, target

FORMS = {
    "absent": ["", "?", "?&", "?ProcessingState=", "?ProcessingState", "?Page=0&PageSize=50"],
    "partial": ["?&ProcessingState=partial", "?ProcessingState=%70artial", "?Processing%53tate=partial&", "?PageSize=1&ProcessingState=partial"],
    "all": ["?ProcessingState=all", "?&&ProcessingState=%61%6c%6C&", "?P%61ge=1&ProcessingState=all"],
}


def targets(simulator):
    return [row["target"] for row in simulator.requests()]


@pytest.mark.parametrize("state", FORMS)
def test_each_spelling_is_the_same_question(start_gateway, simulator, state):
    gateway, sid = start_gateway(), new_sid()
    answers = [gateway.send(request(target(sid) + form)) for form in FORMS[state]]
    assert [answer.status for answer in answers] == [200] * len(answers), [answer.raw[:300] for answer in answers]
    one = target(sid) + ("" if state == "absent" else f"?ProcessingState={state}")
    if state == "partial":
        assert targets(simulator) == [one] * len(answers)
    else:
        assert targets(simulator) == [one]
        assert all(answer.cache.get("hit") for answer in answers[1:])


@pytest.fixture
def gateway(start_gateway):
    return start_gateway(unknown_parameters="pass_uncached")


def test_unknown_parameters_may_pass_and_their_answers_are_not_stored(gateway, simulator):
    sid = new_sid()
    path = target(sid) + "?b=%20&ProcessingState=all&a=1&a=2&"
    for _ in range(2):
        answer = gateway.send(request(path))
        assert (answer.status, answer.json()["call_sid"]) == (200, sid)
        assert answer.cache == {"fwd": "bypass", "detail": "unknown_parameter", "fwd-status": 200}
    assert "hit" not in gateway.ask(sid).cache, "nothing was stored"
    assert gateway.ask(sid).cache["hit"]
    assert "hit" not in gateway.send(request(path)).cache, "nor is anything stored given"
    assert targets(simulator) == [path, path, target(sid), path], "the query goes on as it was written"


def test_what_passes_is_about_the_call_and_for_those_with_credentials(gateway, simulator):
    sid = new_sid()
    assert gateway.send(request(target(sid) + "?x=1", None)).fault == "missing_credentials"
    assert gateway.send(request(target(sid) + "?x=1", headers=[("Cache-Control", "only-if-cached")])).fault == "not_cached"
    assert gateway.send(request(target(sid) + "?x=%00")).fault == "unknown_parameter"
    assert targets(simulator) == []
    simulator.faults({"match": {"call_sid": sid}, "action": "wrong_body"})
    assert gateway.send(request(target(sid) + "?x=1")).fault == "upstream_wrong_call"


def test_a_refusal_of_such_a_request_is_no_refusal_of_the_gateways_credential(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    gateway, client = start_gateway(credentials=access.settings(), unknown_parameters="pass_uncached"), f"Bearer {token('billing')}"
    warm, other = new_sid(), new_sid()
    assert gateway.ask(warm, auth=client).status == 200
    simulator.faults({"match": {"call_sid": other}, "action": "status", "status": 401, "code": 20003})
    answer = gateway.send(request(target(other) + "?x=1", client))
    assert (answer.status, answer.fault) == (401, None), "the client is told what Twilio said"
    assert gateway.ask(warm, auth=client).cache["hit"]
    assert gateway.metrics().total("upstream_credentials_refused") == 0
