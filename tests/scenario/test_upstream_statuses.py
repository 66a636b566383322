"""A status that Twilio does not use here is named: to the client, in the log, in the recorder. A redirect is named by its host alone."""

import json

import pytest

from harness.eventually import eventually
from harness.twilio_facts import error_sid, new_sid
from harness.wire import request

SECRET = "hunter2"
LOCATION = f"Location: https://{SECRET}@login.example:8443/{SECRET}?token={SECRET}#{SECRET}\r\n"

UNEXPECTED = {
    "301": (301, LOCATION),
    "302": (302, LOCATION),
    "307": (307, LOCATION),
    "a redirect on the same host": (302, "Location: /login\r\n"),
    "203": (203, ""),
    "204": (204, ""),
    "206": (206, "Content-Range: bytes 0-1/9\r\n"),
    "an unasked 304": (304, ""),
    "an unasked 101": (101, "Upgrade: h2c\r\nConnection: Upgrade\r\n"),
}


def answer_of(status, fields):
    return {"action": "raw", "bytes": f"HTTP/1.1 {status} Some Reason\r\n{fields}Content-Length: 0\r\n\r\n"}


@pytest.mark.parametrize("status, fields", UNEXPECTED.values(), ids=UNEXPECTED)
def test_a_status_that_twilio_does_not_use_is_named(start_gateway, simulator, status, fields):
    gateway, sid = start_gateway(workers=1, log={"access": "all"}), new_sid()
    simulator.fault_for(sid, **answer_of(status, fields))
    answer = gateway.ask(sid)
    assert (answer.status, answer.fault) == (502, "upstream_unexpected_status")
    assert answer.cache["fwd-status"] == status
    message, is_redirect = answer.json()["message"], fields == LOCATION
    assert f"It answered {status}" in message and "upstream.url" in message
    assert ("login.example:8443" in message) == is_redirect
    recorded = eventually(lambda: [one for one in gateway.admin("/api/slow").json()["requests"] if one.get("fault") == answer.fault])
    assert [one["upstream_status"] for one in recorded] == [status]
    gateway.stop()
    said = gateway.output()
    line = next(line for line in said.splitlines() if f"the upstream answered {status}" in line)
    assert "check upstream.url" in line and ("login.example:8443" in line) == is_redirect
    logged = json.loads(next(line for line in said.splitlines() if line.startswith('{"type":"access"')))
    assert (logged["fault"], logged["upstream_status"]) == (answer.fault, status)
    assert SECRET not in said and SECRET not in answer.raw.decode() and SECRET not in json.dumps(recorded)


def test_a_passthrough_names_it_too(start_gateway, simulator):
    gateway = start_gateway(workers=1, passthrough=["events"])
    sid = new_sid()
    simulator.fault_for(sid, **answer_of(302, LOCATION))
    answer = gateway.send(request(f"/v1/Voice/{sid}/Events"))
    assert (answer.status, answer.fault, answer.cache["fwd-status"]) == (502, "upstream_unexpected_status", 302)
    assert "login.example:8443" in answer.json()["message"] and SECRET not in answer.raw.decode()


def test_a_write_that_met_a_redirect_may_have_been_applied(start_gateway, simulator):
    gateway, sid = start_gateway(workers=1), new_sid()
    simulator.fault_for(sid, **answer_of(302, LOCATION))
    answer = gateway.annotate(sid, Comment="x")
    assert (answer.status, answer.fault) == (502, "upstream_unexpected_status")
    assert "may have been applied" in answer.json()["message"]


def test_statuses_that_twilio_uses_are_as_before(start_gateway, simulator):
    gateway = start_gateway(workers=1)
    assert gateway.ask(new_sid()).status == 200
    assert gateway.ask(error_sid(17001)).status == 404
