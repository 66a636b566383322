"""Twilio-Client-Validation (PKCV): a second factor that only Twilio can check, so nothing in memory may stand in for its answer."""

import pytest

from harness.twilio_facts import new_sid
from harness.wire import annotation, request, target

PROOF = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmVk"
FIELD = ("Twilio-Client-Validation", PROOF)


def sent(simulator):
    return [row["headers"].get("twilio-client-validation") for row in simulator.requests()]


def test_a_summary_with_it_is_asked_for_each_time_and_never_stored(gateway, simulator):
    sid = new_sid()
    for _ in range(2):
        answer = gateway.ask(sid, headers=[FIELD])
        assert (answer.status, answer.json()["call_sid"]) == (200, sid)
        assert answer.cache == {"fwd": "bypass", "detail": "client_validation", "fwd-status": 200}
    assert "hit" not in gateway.ask(sid).cache, "nothing was stored"
    assert gateway.ask(sid).cache.get("hit")
    assert gateway.ask(sid, headers=[FIELD]).cache["fwd"] == "bypass", "nor is anything stored given"
    assert sent(simulator) == [PROOF, PROOF, None, PROOF]


def test_the_query_that_it_signs_goes_on_as_it_is(gateway, simulator):
    path = target(new_sid()) + "?ProcessingState=%61ll&"
    assert gateway.send(request(path, headers=[FIELD])).status == 200
    assert [row["target"] for row in simulator.requests()] == [path]


def test_other_resources_forward_it_too(start_gateway, simulator):
    gateway, sid = start_gateway(passthrough=["events"]), new_sid()
    assert gateway.send(request(annotation(sid), headers=[FIELD])).status == 200
    assert gateway.send(request(f"/v1/Voice/{sid}/Events", headers=[FIELD])).status == 200
    assert gateway.annotate(sid, headers=[FIELD], Comment="signed").status == 200
    assert sent(simulator) == [PROOF] * 3


@pytest.mark.parametrize("option", ["Twilio-Client-Validation", "keep-alive, twilio-client-validation"])
def test_a_field_of_the_clients_own_connection_goes_no_further(gateway, simulator, option):
    answer = gateway.ask(new_sid(), headers=[("Connection", option), FIELD, ("TE", "trailers"), ("Proxy-Connection", "keep-alive")])
    assert answer.cache["fwd"] == "bypass", "it might have been meant for Twilio"
    (row,) = simulator.requests()
    assert not {"twilio-client-validation", "te", "proxy-connection"} & set(row["headers"])


def test_a_refusal_is_told(gateway, simulator):
    sid = new_sid()
    simulator.faults({"match": {"call_sid": sid}, "action": "status", "status": 401, "code": 20003})
    answer = gateway.ask(sid, headers=[FIELD])
    assert (answer.status, answer.json()["code"], answer.fault) == (401, 20003, None)
