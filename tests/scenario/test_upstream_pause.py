"""A 503 with Retry-After: its reader is told when to come again, and the gateway asks for nothing of that kind until then."""

import time
from email.utils import formatdate

import pytest

from harness.twilio_facts import new_sid
from harness.wire import request


def unavailable(retry_after):
    return {"action": "raw", "bytes": f"HTTP/1.1 503 Service Unavailable\r\nRetry-After: {retry_after}\r\nContent-Length: 0\r\n\r\n"}


@pytest.fixture
def gateway(start_gateway):
    gateway = start_gateway(workers=1, passthrough=["events"], upstream={"max_retry_after": "20s"})
    assert gateway.ask(new_sid()).status == 200, "proves the credential"
    return gateway


FORMS = {
    "seconds": lambda: "15",
    "more than the bound": lambda: "86400",
    "an IMF-fixdate": lambda: formatdate(time.time() + 15, usegmt=True),
    "a date of RFC 850": lambda: time.strftime("%A, %d-%b-%y %H:%M:%S GMT", time.gmtime(time.time() + 15)),
    "a date of asctime": lambda: time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(time.time() + 15)),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_503_that_names_a_pause_is_believed(gateway, simulator, form):
    sid, other = new_sid(), new_sid()
    simulator.fault_for(sid, **unavailable(form()))
    answer = gateway.ask(sid)
    assert (answer.status, answer.fault, answer.cache["fwd-status"]) == (502, "upstream_error", 503)
    assert 5 < int(answer.header("Retry-After")) <= 20
    shed = gateway.ask(other)
    assert (shed.status, shed.fault) == (429, "upstream_cooling_down")
    assert 1 <= int(shed.header("Retry-After")) <= 20
    assert simulator.count(other) == 0, "nothing was sent"
    assert gateway.send(request(f"/v1/Voice/{other}/Events")).status == 200, "another kind of resource goes on"
    metrics = gateway.metrics()
    assert metrics.total("upstream_accounts", state="cooling_down") == 1


def test_a_short_pause_is_waited_out(gateway, simulator):
    sid, other = new_sid(), new_sid()
    simulator.fault_for(sid, **unavailable(1))
    begun = time.monotonic()
    assert gateway.ask(sid).header("Retry-After") == "1"
    assert gateway.ask(other).status == 200
    assert time.monotonic() - begun >= 1
    assert gateway.ask(new_sid()).status == 200, "and then all is well again"


def test_an_unproved_credential_pauses_nobody_else(gateway, simulator):
    stranger, sid = new_sid(), new_sid()
    simulator.fault_for(stranger, **unavailable(15))
    assert gateway.ask(stranger, auth="Basic c3RyYW5nZXI6eA==").status == 502
    assert gateway.ask(sid).status == 200


def test_without_a_pause_a_503_is_as_before(gateway, simulator):
    sid = new_sid()
    simulator.fault_for(sid, "status", status=503)
    answer = gateway.ask(sid)
    assert (answer.status, answer.header("Retry-After")) == (502, None)
    assert gateway.ask(new_sid()).status == 200
