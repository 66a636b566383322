"""Twilio's own refusals reach the client as they are; Twilio's own failures become the gateway's 502."""

import json

import pytest

from harness.eventually import eventually
from harness.twilio_facts import error_sid, new_sid

REFUSALS = [17000, 17001, 17002, 17007, 20404, 20403, 20429]


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_keeps_its_status_its_code_and_its_bytes(gateway, simulator, code):
    sid = error_sid(code)
    upstream, answer = simulator.ask(sid), gateway.ask(sid)
    assert upstream.json()["code"] == code, "the simulator's table"
    assert (answer.status, answer.body) == (upstream.status, upstream.body)
    assert answer.header("Content-Type") == upstream.header("Content-Type")
    assert answer.fault is None, "it is not the gateway's fault"
    assert "hit" not in answer.cache and answer.cache["fwd-status"] == upstream.status


@pytest.mark.parametrize("code", [17008, 17009])
def test_an_error_on_twilios_side_is_a_bad_gateway(gateway, code):
    answer = gateway.ask(error_sid(code))
    assert (answer.status, answer.json()["code"], answer.json()["status"]) == (502, 20502, 502)
    assert answer.fault


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_5xx_without_twilios_shape_is_a_bad_gateway_too(gateway, simulator, status):
    sid = new_sid()
    simulator.fault_for(sid, "status", status=status, body="<html>Service Unavailable</html>", headers={"Content-Type": "text/html"})
    answer = gateway.ask(sid)
    assert (answer.status, answer.json()["code"]) == (502, 20502)
    simulator.faults()
    assert gateway.ask(sid).status == 200, "the failure is not remembered"


def test_a_4xx_with_unknown_code_and_more_fields_reaches_the_client_untouched(gateway, simulator):
    sid = new_sid()
    body = json.dumps({"status": 422, "code": 99999, "message": "unheard of", "more_info": "https://x", "details": {"a": [1, 2]}}, indent=3)
    simulator.fault_for(sid, "status", status=422, body=body)
    answer = gateway.ask(sid)
    assert (answer.status, answer.body) == (422, body.encode())
    simulator.faults()
    assert gateway.ask(sid).status == 200, "and not stored"


def test_a_bad_parameter_that_only_upstream_knows_reaches_the_client(gateway, simulator):
    sid = new_sid()
    simulator.fault_for(sid, "status", status=400, code=20001)
    answer = gateway.ask(sid)
    assert (answer.status, answer.json()["code"], answer.fault) == (400, 20001, None)


def test_a_throttled_call_is_read_when_twilio_is_ready_again(gateway, simulator):
    sid = new_sid()
    simulator.fault_for(sid, "status", status=429, code=20429, headers={"Retry-After": "1"})
    answer = gateway.ask(sid)
    assert (answer.status, answer.json()["code"]) == (429, 20429)
    simulator.faults()
    eventually(lambda: gateway.ask(sid).status == 200, timeout=15)


@pytest.mark.parametrize("value", ["561635", "-1", "soon", "Wed, 21 Oct 2099 07:28:00 GMT", "99999999999999999999", ""])
def test_an_absurd_retry_after_parks_nobody(gateway, simulator, value):
    sid, other = new_sid(), new_sid()
    simulator.fault_for(sid, "status", status=429, code=20429, headers={"Retry-After": value})
    assert gateway.ask(sid).status == 429
    simulator.faults()
    eventually(lambda: gateway.ask(other).status == 200, timeout=35, what="the account is slowed, not parked")


@pytest.mark.parametrize("code", [17002, 17007, 20404, 17000])
def test_a_lasting_refusal_stays_the_same_for_the_next_reader(gateway, code):
    sid = error_sid(code)
    first, second = gateway.ask(sid), gateway.ask(sid)
    assert (first.status, first.body) == (second.status, second.body)
