"""Mode inject: Twilio refuses the credential that the gateway holds. No client of the account is to blame, and none sees what is stored."""

import re
import time

import pytest

from harness.access import WRITES, Access, token
from harness.eventually import eventually
from harness.twilio_facts import account, new_sid
from harness.wire import request, target

CLIENT, OTHER = f"Bearer {token('billing')}", f"Bearer {token('of-sub')}"
KEY = f"SK{9:032x}"


@pytest.fixture
def access(tmp_path):
    made = Access(tmp_path)
    made.file("main.credential", f"{KEY}:first")
    made.client("billing", "main", WRITES)
    made.client("of-sub", "sub")
    return made


@pytest.fixture
def credential(simulator):
    """Sets the state of the gateway's API key at Twilio."""
    change = lambda state, secret="first": simulator.credential(KEY, secret, account(1), state)
    change("active")
    yield change
    change("active")


@pytest.fixture
def gateway(start_gateway, access, credential):
    return start_gateway(credentials=access.settings(), passthrough=["events"])


def refused(answer):
    assert (answer.status, answer.fault, answer.json()["code"]) == (502, "upstream_credential_refused", 20502), answer.raw[:600]
    return answer


def refusals(gateway):
    return gateway.metrics().total("upstream_credentials_refused")


def test_clients_get_502_and_nothing_from_memory_and_the_operator_is_told_once(gateway, simulator, credential):
    warm, cold = new_sid(), new_sid()
    assert gateway.ask(warm, auth=CLIENT).status == 200
    assert gateway.ask(warm, auth=OTHER).status == 403
    credential("revoked")
    first = refused(gateway.ask(cold, auth=CLIENT))
    assert (first.cache["fwd-status"], first.header("WWW-Authenticate")) == (401, None)
    assert "401 with code 20003" in first.json()["message"]
    for _ in range(5):
        answer = refused(gateway.ask(warm, auth=CLIENT))
        assert "fwd" not in answer.cache and "hit" not in answer.cache, "Twilio is not asked, and what is stored is hidden"
    assert simulator.count(cold) == 1 and simulator.count(warm) == 2
    explained = gateway.admin(f"/api/explain?call_sid={warm}").json()
    (entry,) = explained["entries"]
    assert entry["hidden"] and entry["next"]["outcome"] == "upstream_credential_refused" and explained["upstream"]["accounts_refused"] == 1
    assert refusals(gateway) == gateway.admin("/api/stats").json()["state"]["credentials_refused"] == 1
    (line,) = gateway.logged("refuses the credential")
    assert " error " in line and re.search(r"account main \(401, code 20003\)", line) and "first" not in line and KEY not in line
    assert gateway.ask(new_sid(), auth=OTHER).status == 403, "another account has no part in it"
    assert gateway.metrics().total("faults_total", fault="upstream_credential_refused") == 6


def test_one_odd_refusal_hides_for_a_moment_and_erases_nothing(gateway, simulator):
    warm, odd = new_sid(), new_sid()
    gateway.ask(warm, auth=CLIENT)
    simulator.fault_for(odd, "status", times=1, status=401, code=20003)
    refused(gateway.ask(odd, auth=CLIENT))
    refused(gateway.ask(warm, auth=CLIENT))
    eventually(lambda: gateway.ask(odd, auth=CLIENT).status == 200, what="a probe that succeeds")
    assert gateway.ask(warm, auth=CLIENT).cache.get("hit"), "it is there again"
    assert refusals(gateway) == 0
    assert gateway.metrics().total("cache_evictions_total", reason="revoked") == 0
    assert gateway.logged("accepts the credential of the account main again")


def test_a_second_refusal_seconds_later_erases(gateway, simulator, credential):
    warm = [new_sid() for _ in range(3)]
    for sid in warm:
        gateway.ask(sid, auth=CLIENT)
    credential("revoked")
    begun = time.monotonic()
    refused(gateway.ask(new_sid(), auth=CLIENT))
    assert gateway.metrics().total("cache_evictions_total", reason="revoked") == 0
    erased = lambda: gateway.ask(warm[0], auth=CLIENT) and gateway.metrics().total("cache_evictions_total", reason="revoked")
    eventually(lambda: erased() == len(warm), timeout=20, what="the second refusal")
    assert time.monotonic() - begun >= 5
    assert gateway.logged("refused the credential of the account main again; its cached answers are erased")
    used = [row["connection"] for row in simulator.requests() if row["status"] == 401]
    assert len(set(used)) == len(used), "each refusal came over another connection"
    credential("active")
    eventually(lambda: gateway.ask(warm[0], auth=CLIENT).status == 200, what="a good credential")
    assert gateway.ask(warm[1], auth=CLIENT).cache.get("fwd") == "uri-miss"


def test_a_changed_file_is_tried_at_once(gateway, access, simulator, credential):
    warm = new_sid()
    gateway.ask(warm, auth=CLIENT)
    credential("revoked")
    refused(gateway.ask(new_sid(), auth=CLIENT))
    reloads = lambda: gateway.metrics().total("credential_reloads_total", result="taken_over")
    access.file("main.credential", f"{account(1)}:parent-token")
    eventually(lambda: reloads() == 1)
    assert gateway.ask(new_sid(), auth=CLIENT).status == 200
    assert refusals(gateway) == 0


def test_a_new_secret_of_the_same_account_is_tried_at_once_and_finds_what_was_hidden(start_gateway, access, simulator):
    sub = f"{account(1)}:parent-token"
    access.file("main.credential", sub)
    gateway, warm, odd = start_gateway(credentials=access.settings()), new_sid(), new_sid()
    gateway.ask(warm, auth=CLIENT)
    reloads = lambda: gateway.metrics().total("credential_reloads_total", result="taken_over")
    access.file("main.credential", f"{account(1)}:wrong")
    eventually(lambda: reloads() == 1)
    refused(gateway.ask(odd, auth=CLIENT))
    access.file("main.credential", sub)
    eventually(lambda: reloads() == 2)
    assert gateway.ask(odd, auth=CLIENT).status == 200
    assert gateway.ask(warm, auth=CLIENT).cache.get("hit")


def test_a_restricted_key_is_refused_its_kind_of_resource_only(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid, auth=CLIENT)
    events = lambda: gateway.send(request(f"/v1/Voice/{sid}/Events", CLIENT))
    simulator.fault_for(sid, "status", times=1, status=401, code=70051)
    refused(events())
    assert gateway.ask(sid, auth=CLIENT).cache.get("hit"), "summaries are none of it"
    assert gateway.ask(new_sid(), auth=CLIENT).status == 200
    refused(events())
    assert refusals(gateway) == 1
    assert "for events" in gateway.logged("refuses the credential")[0]


def test_a_call_of_another_account_says_nothing_of_the_credential(gateway, simulator):
    sid = new_sid()
    answer = gateway.ask(sid, auth=OTHER)
    assert (answer.status, answer.json()["code"], answer.fault) == (403, 17000, None)
    assert refusals(gateway) == 0


def test_a_write_that_is_refused_was_not_applied(gateway, simulator, credential):
    credential("revoked")
    answer = refused(gateway.annotate(new_sid(), CLIENT, Comment="x"))
    assert "may have been applied" not in answer.json()["message"]


def test_who_waits_for_a_flight_that_is_refused_gets_nothing_stale(start_gateway, access, simulator, credential):
    gateway, sid = start_gateway(credentials=access.settings(), cache={"fresh_for": "1s"}), new_sid()
    gateway.ask(sid, auth=CLIENT)
    credential("revoked")
    with gateway.connect() as reader:
        reader.send(request(target(sid), CLIENT, headers=[("Cache-Control", "no-cache")]))
        refused(reader.read())
    refused(gateway.ask(sid, auth=CLIENT))
