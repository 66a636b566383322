"""Clients get the header fields of Twilio's answers that are for them, and no others."""

import json

import pytest

from harness.eventually import eventually
from harness.twilio_facts import new_sid

FOR_CLIENTS = {
    "Twilio-Error-Note": "x",
    "X-Home-Region": "ie1",
    "X-API-Domain": "insights.twilio.com",
    "Link": "<https://www.twilio.com/docs>; rel=help",
    "Content-Language": "en",
    "Deprecation": "@1688169599",
    "Sunset": "Sat, 01 Jan 2039 00:00:00 GMT",
}
NOT_FOR_CLIENTS = {
    "CDN-Cache-Control": "public, max-age=600",
    "Surrogate-Control": "max-age=600",
    "X-Accel-Redirect": "/etc/passwd",
    "X-Accel-Expires": "600",
    "X-Sendfile": "/etc/passwd",
    "Clear-Site-Data": '"*"',
    "NEL": '{"report_to":"x"}',
    "Report-To": '{"group":"x"}',
    "Service-Worker-Allowed": "/",
    "Set-Cookie": "a=b",
    "Alt-Svc": 'h3=":443"',
    "Strict-Transport-Security": "max-age=31536000",
    "RateLimit": '"theirs";r=1',
    "RateLimit-Policy": '"theirs";q=2',
    "X-Unheard-Of": "1",
}
DIGESTS = {"Content-Digest": "sha-256=:x:", "Repr-Digest": "sha-256=:x:", "Digest": "sha-256=x", "Content-MD5": "x"}


def summary(sid):
    return {"call_sid": sid, "processing_state": "complete", "end_time": None, "x": "x" * 3000}


def answered_with(simulator, sid, fields, status=200):
    body = json.dumps(summary(sid)) if status == 200 else json.dumps({"code": 20001, "message": "m", "more_info": "u", "status": status})
    simulator.fault_for(sid, "status", status=status, headers=fields, body=body)


def names(answer):
    return {name.lower() for name, _ in answer.fields}


@pytest.mark.parametrize("status", [200, 400])
def test_only_what_is_for_clients_reaches_them(gateway, simulator, status):
    sid = new_sid()
    answered_with(simulator, sid, FOR_CLIENTS | NOT_FOR_CLIENTS, status)
    for answer in (gateway.ask(sid), gateway.ask(sid), gateway.ask(sid, method="HEAD")):
        assert answer.status == status
        for name, value in FOR_CLIENTS.items():
            assert answer.header(name) == value
        theirs = {name.lower() for name in NOT_FOR_CLIENTS}
        assert not {name.lower() for name, value in answer.fields if name.lower() in theirs and value == NOT_FOR_CLIENTS.get(name)}


def test_a_digest_stands_only_on_its_own_bytes(gateway, simulator):
    sid = new_sid()
    answered_with(simulator, sid, DIGESTS)
    digests = {name.lower() for name in DIGESTS}
    for _ in range(2):  # the miss, the hit
        packed = gateway.ask(sid, headers=[("Accept-Encoding", "gzip")])
        assert packed.header("Content-Encoding") == "gzip" and not digests & names(packed)
        assert digests <= names(gateway.ask(sid)), "these are Twilio's exact bytes"


def test_a_setting_adds_fields(start_gateway, simulator):
    gateway, sid = start_gateway(upstream={"answer_fields": ["x-UNHEARD-of"]}), new_sid()
    answered_with(simulator, sid, NOT_FOR_CLIENTS)
    for _ in range(2):
        answer = gateway.ask(sid, headers=[("Origin", "https://app.example")])
        assert answer.header("X-Unheard-Of") == "1" and answer.header("NEL") is None
        assert answer.header("Access-Control-Expose-Headers").lower().endswith(", x-unheard-of"), "a page may read it"


def test_what_is_dropped_is_counted_and_logged_once_for_each_name(start_gateway, simulator):
    gateway = start_gateway()
    dropped = lambda reason: gateway.metrics().total("upstream_fields_dropped_total", reason=reason)
    for _ in range(3):
        sid = new_sid()
        answered_with(simulator, sid, {"X-Unheard-Of": "1", "NEL": "{}"})
        gateway.ask(sid)
        gateway.ask(sid)  # a hit
    eventually(lambda: dropped("unknown") == 3 and dropped("known") >= 3, what="each dropped field counted once for each answer")
    log = gateway.output()
    assert log.lower().count("x-unheard-of") == 1 and "upstream.answer_fields can add it" in log
    assert log.count("'NEL'") == 1

