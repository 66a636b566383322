"""Credentials, call SIDs and phone numbers pass through; they stay in no log, metric or error."""

import re

import pytest

from harness.twilio_facts import BEARER, PARENT, SIBLING, WRONG_SECRET, account, error_sid, new_sid
from harness.wire import exchange, request, target

SECRETS = ["parent-token", "sibling-token", "not-the-token", "bearer-token-01"]
TOKENS = SECRETS + [credential.split()[1] for credential in (PARENT, SIBLING, WRONG_SECRET)]


@pytest.fixture
def gateway(start_gateway):
    return start_gateway(log={"level": "debug", "access": "all", "slow_after": "1ms"}, upstream={"timeout": "1s"}, server_timing=True)


def all_kinds_of_requests(gateway, simulator):
    """Good, refused, broken and malformed ones; returns the calls and every answer of the gateway's own."""
    calls = [new_sid() for _ in range(12)] + [error_sid(code) for code in (17000, 17001, 17002, 17008, 20429)]
    simulator.faults(
        {"match": {"call_sid": calls[3]}, "times": 0, "action": "cut", "after_bytes": 300},
        {"match": {"call_sid": calls[4]}, "times": 0, "action": "wrong_body", "call_sid": calls[5]},
        {"match": {"call_sid": calls[6]}, "times": 0, "action": "stall", "at": "body", "seconds": 10},
        {"match": {"call_sid": calls[7]}, "times": 0, "action": "garbage", "bytes": 100},
        {"match": {"call_sid": calls[8]}, "times": 0, "action": "header", "name": "X-Echo", "value": PARENT},
    )
    answers = [gateway.ask(sid) for sid in calls for _ in range(2)]
    for credential in (SIBLING, WRONG_SECRET, BEARER, None, "Basic parent-token", "Digest parent-token", "parent-token"):
        answers.append(gateway.ask(calls[0], auth=credential))
        answers.append(gateway.ask(calls[9], "partial", auth=credential))
    plain = target(calls[0])
    longer = plain.replace("/Summary", "parent-token/Summary")
    for path in (f"{plain}?a=parent-token", f"{plain}?ProcessingState=parent-token", f"{plain}/parent-token", longer):
        answers.append(gateway.send(request(path)))
    for broken in (
        request(target(calls[0]), headers=[("Bad Name", "parent-token")]),
        request(target(calls[0]) + " parent-token"),
        request(target(calls[0]), headers=[("Content-Length", "parent-token")]),
        f"{PARENT} {calls[0]}\r\n\r\n".encode(),
    ):
        answers.append(exchange(gateway.port, broken))
    return calls, [answer for answer in answers if answer.fault]


def personal(gateway, simulator, calls):
    """Whatever stands in `from` and `to` of the bodies that went through."""
    out = set()
    for sid in calls[:3]:
        body = simulator.ask(sid).json()
        for edge in (body.get("from"), body.get("to")):
            for value in (edge or {}).values():
                if isinstance(value, str) and re.search(r"\d{6}", value):
                    out.add(value)
    return out


def test_nothing_secret_stays_behind(gateway, simulator):
    calls, own_answers = all_kinds_of_requests(gateway, simulator)
    assert len(own_answers) > 15
    metrics, stats = gateway.metrics().text, gateway.admin("/api/stats").body.decode()
    numbers = personal(gateway, simulator, calls)
    assert numbers, "the summaries hold phone numbers"
    gateway.stop()
    log = gateway.output()
    assert len(log.splitlines()) > 20, "the access log was on"
    places = [("log", log), ("metrics", metrics), ("stats", stats)]
    places += [(f"answer {answer.status}", answer.raw.decode()) for answer in own_answers]
    for where, text in places:
        for secret in [*TOKENS, *calls, *numbers]:
            assert secret not in text, f"{secret} in the {where}: {text[max(0, text.find(secret) - 200):][:400]}"
        assert not re.search(r"\bCA[0-9a-fA-F]{32}\b", text), where
    assert account(1) not in log, "nor who asked"


def test_terminal_escapes_and_line_ends_of_clients_do_not_reach_the_log(gateway):
    evil = "\x1b[2J\x1b]0;owned\x07"
    gateway.send(request("/%0aready%1b%5b2J", headers=[("User-Agent", "<script>alert(1)</script>"), ("X-Request-Id", "a%0d%0ab")]))
    exchange(gateway.port, request("/" + evil))
    exchange(gateway.port, request("/x", headers=[("User-Agent", evil)]))
    gateway.stop()
    assert "\x1b[2J" not in gateway.output() and "\x07" not in gateway.output()
    assert "<script>" not in gateway.output()


def test_the_request_id_ties_an_answer_to_its_log_line(gateway):
    answer = gateway.ask(error_sid(17008), headers=[("X-Request-Id", "ticket-4711")])
    assert answer.header("X-Request-Id") == "ticket-4711"
    gateway.stop()
    gateway.says("ticket-4711")
