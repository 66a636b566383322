"""Mode inject with OAuth: the gateway gets tokens for an account itself, in time, once for all, and every trouble with that has a name."""

import json
import re

import pytest

from harness.access import WRITES, Access, token
from harness.egress import EgressProxy
from harness.eventually import eventually
from harness.gateway import settings_for, yaml
from harness.refused import fails_to_start
from harness.twilio_facts import account, new_sid, oauth_client
from harness.wire import request, target

CLIENT = f"Bearer {token('billing')}"
SECRET = "client-secret"
GRANT = {"access_token": "eyJ.e30.x", "token_type": "Bearer", "expires_in": 3600}


@pytest.fixture
def client(simulator):
    """Sets the state of the gateway's OAuth client at Twilio."""
    change = lambda state="active", secret=SECRET: simulator.credential(oauth_client(1), secret, account(1), state)
    change()
    yield change
    change()


@pytest.fixture
def access(tmp_path, simulator, client):
    made = Access(tmp_path)
    made.oauth("main", simulator)
    made.client("billing", "main", WRITES)
    made.client("of-sub", "sub")
    return made


@pytest.fixture
def gateway(start_gateway, access):
    return start_gateway(credentials=access.settings(), passthrough=["events"])


def token_requests(simulator):
    return [row for row in simulator.requests() if row["target"] == "/v2/token"]


def refreshes(gateway, result="issued"):
    return gateway.metrics().total("oauth_refreshes_total", result=result)


def failing(gateway):
    return gateway.metrics().total("oauth_accounts_failing")


def endpoint_fault(simulator, action, times=0, **more):
    simulator.faults({"match": {"method": "POST"}, "times": times, "action": action, **more})


def endpoint_says(simulator, body, status=200, times=0):
    endpoint_fault(simulator, "status", times, status=status, body=body if isinstance(body, str) else json.dumps(body))


def fetched(gateway, **how):
    answer = gateway.ask(new_sid(), auth=CLIENT, **how)
    assert answer.status == 200, answer.raw[:600]
    return answer


def refused(gateway, fault="upstream_token_unavailable"):
    answer = gateway.ask(new_sid(), auth=CLIENT)
    assert (answer.status, answer.fault, answer.json()["code"]) == (502, fault, 20502), answer.raw[:600]
    return answer


def test_a_summary_is_fetched_with_a_token_and_then_given_from_memory(gateway, simulator):
    sid = new_sid()
    assert gateway.ask(sid, auth=CLIENT).status == 200
    assert gateway.ask(sid, auth=CLIENT).cache.get("hit")
    (row,) = simulator.requests(sid)
    assert (row["user"], row["status"]) == ("bearer", 200)
    (asked,) = token_requests(simulator)
    assert asked["method"] == "POST" and "content-type: application/x-www-form-urlencoded" in str(asked["headers"]).lower().replace("'", "")
    fetched(gateway)
    assert len(token_requests(simulator)) == refreshes(gateway) == 1
    assert failing(gateway) == 0 and 0 < gateway.metrics().total("oauth_token_seconds") <= 3600
    assert gateway.send(request(f"/v1/Voice/{sid}/Events", CLIENT)).status == 200
    assert gateway.annotate(sid, CLIENT, Comment="x").status == 200


def test_a_hundred_requests_at_the_start_cost_one_token(start_gateway, access, simulator):
    simulator.barrier(True)
    gateway = start_gateway(credentials=access.settings())
    connections = [gateway.connect() for _ in range(100)]
    for one in connections:
        one.send(request(target(new_sid()), CLIENT))
    eventually(lambda: gateway.metrics().total("flights") == 100)
    eventually(lambda: simulator.state()["held"] and len(token_requests(simulator)) == 1)
    assert [row["target"] for row in simulator.requests()] == ["/v2/token"], "nothing is sent without a token"
    simulator.barrier(False)
    assert [one.read().status for one in connections] == [200] * 100
    for one in connections:
        one.close()
    assert len(token_requests(simulator)) == refreshes(gateway) == 1


def test_a_client_waits_for_a_token_no_longer_than_it_said(start_gateway, access, simulator):
    simulator.barrier(True)
    gateway = start_gateway(credentials=access.settings())
    answer = gateway.ask(new_sid(), auth=CLIENT, headers=[("X-Request-Timeout", "1")])
    assert (answer.status, answer.fault) == (504, "upstream_timeout")
    simulator.barrier(False)
    eventually(lambda: gateway.ask(new_sid(), auth=CLIENT).status == 200)


def test_a_token_is_renewed_before_it_ends(start_gateway, access, simulator):
    simulator.tokens(lifetime_s=3600, expires_in=3)
    gateway = start_gateway(credentials=access.settings())

    def renewed():
        fetched(gateway)
        return refreshes(gateway) >= 3

    eventually(renewed, timeout=30, what="two refreshes")
    assert {row["status"] for row in simulator.requests()} == {200}


def test_without_the_endpoint_requests_fail_by_name_until_it_is_back(start_gateway, access, simulator):
    endpoint_fault(simulator, "status", status=503)
    gateway = start_gateway(credentials=access.settings())
    answer = refused(gateway)
    assert int(answer.header("Retry-After")) >= 1 and "safe to retry" in answer.json()["message"]
    assert failing(gateway) == 1 and refreshes(gateway, "failed") >= 1 and gateway.metrics().total("oauth_token_seconds") == 0
    assert simulator.requests() == token_requests(simulator), "Twilio is not asked without a token"
    (line,) = gateway.logged("gets no OAuth token")
    assert " warning " in line and "account main" in line and "502" in line
    simulator.faults()
    eventually(lambda: gateway.ask(new_sid(), auth=CLIENT).status == 200, timeout=30, what="the endpoint is back")
    assert len(gateway.logged("the account main gets OAuth tokens again")) == 1
    assert failing(gateway) == 0


def test_hits_go_on_while_the_endpoint_is_down(gateway, simulator):
    warm = new_sid()
    gateway.ask(warm, auth=CLIENT)
    endpoint_fault(simulator, "status", status=503)
    simulator.tokens(revoke=True)
    refused(gateway)
    assert gateway.ask(warm, auth=CLIENT).cache.get("hit")
    assert gateway.metrics().total("upstream_credentials_refused") == 0


def test_a_token_serves_until_its_end_while_the_endpoint_is_down(start_gateway, access, simulator):
    simulator.tokens(lifetime_s=3600, expires_in=10)
    gateway = start_gateway(credentials=access.settings())
    fetched(gateway)
    endpoint_fault(simulator, "reset", after_bytes=0)
    eventually(lambda: failing(gateway) == 1, timeout=20)
    line = gateway.logged("gets no OAuth token")[0]
    assert "the token in use serves until it ends" in line
    eventually(lambda: gateway.ask(new_sid(), auth=CLIENT).fault == "upstream_token_unavailable", timeout=30, what="the token's end")


def test_a_token_that_twilio_ends_early_costs_no_client_anything(gateway, simulator):
    fetched(gateway)
    simulator.tokens(revoke=True)
    sid = new_sid()
    assert gateway.ask(sid, auth=CLIENT).status == 200
    assert [row["status"] for row in simulator.requests(sid)] == [401, 200]
    simulator.tokens(revoke=True)
    assert gateway.send(request(f"/v1/Voice/{sid}/Events", CLIENT)).status == 200
    assert refreshes(gateway) == 3
    assert gateway.metrics().total("upstream_credentials_refused") == 0
    assert not [line for line in gateway.output().splitlines() if "refuse" in line and not line.startswith("{")]


def test_many_requests_that_meet_an_ended_token_share_the_next_one(gateway, simulator):
    fetched(gateway)
    simulator.tokens(revoke=True)
    simulator.barrier(True)
    connections = [gateway.connect() for _ in range(20)]
    for one in connections:
        one.send(request(target(new_sid()), CLIENT))
    eventually(lambda: simulator.state()["in_flight"] == 20)
    simulator.barrier(False)
    assert [one.read().status for one in connections] == [200] * 20
    for one in connections:
        one.close()
    assert refreshes(gateway) == 2


def test_a_write_is_not_repeated_and_the_next_one_has_another_token(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid, auth=CLIENT)
    simulator.tokens(revoke=True)
    answer = gateway.annotate(sid, CLIENT, Comment="x")
    assert (answer.status, answer.fault) == (502, "upstream_token_unavailable")
    assert "may have been applied" not in answer.json()["message"]
    assert len([row for row in simulator.requests(sid) if row["method"] == "POST"]) == 1
    assert gateway.annotate(sid, CLIENT, Comment="x").status == 200


def test_a_revoked_client_is_a_refused_account_and_asks_a_few_times(gateway, simulator, client):
    warm = new_sid()
    gateway.ask(warm, auth=CLIENT)
    client("revoked")
    refused(gateway, "upstream_credential_refused")
    assert gateway.ask(warm, auth=CLIENT).fault == "upstream_credential_refused", "what is stored is hidden"
    assert gateway.metrics().total("upstream_credentials_refused") == 1
    for _ in range(300):
        refused(gateway, "upstream_credential_refused")
    assert len(token_requests(simulator)) < 10
    (line,) = gateway.logged("does not take the client or its secret")
    assert "invalid_client" in line and SECRET not in line
    client("active")
    eventually(lambda: gateway.ask(warm, auth=CLIENT).status == 200, timeout=30, what="the client is back")
    assert gateway.metrics().total("upstream_credentials_refused") == 0


def test_a_client_whose_tokens_twilio_refuses_does_not_refresh_without_end(gateway, simulator):
    fetched(gateway)
    simulator.faults({"match": {"method": "GET"}, "times": 0, "action": "status", "status": 401, "code": 20003})
    refused(gateway, "upstream_credential_refused")
    for _ in range(300):
        gateway.ask(new_sid(), auth=CLIENT)
    assert len(token_requests(simulator)) < 10
    assert len([row for row in simulator.requests() if row["method"] == "GET"]) < 20
    assert failing(gateway) == 1
    simulator.faults()
    eventually(lambda: gateway.ask(new_sid(), auth=CLIENT).status == 200, timeout=30, what="tokens are accepted again")


def test_another_secret_counts_at_once(gateway, access, simulator, client):
    warm = new_sid()
    gateway.ask(warm, auth=CLIENT)
    client(secret="the-next-secret")
    simulator.tokens(revoke=True)
    refused(gateway, "upstream_credential_refused")
    access.file("main.secret", "the-next-secret\n")
    eventually(lambda: refreshes(gateway) == 2, what="a token for the new secret")
    fetched(gateway)
    assert gateway.ask(warm, auth=CLIENT).status == 200
    access.file("main.secret", "two\nlines\n")
    eventually(lambda: gateway.metrics().total("credential_files_unusable") == 1)
    fetched(gateway)


HOSTILE = {
    "garbage": ({"action": "garbage", "bytes": 200}, "unusable_answer"),
    "no JSON": ({"action": "status", "status": 200, "body": "<html>Log in</html>"}, "unusable_answer"),
    "a megabyte": ({"action": "status", "status": 200, "body": json.dumps({**GRANT, "more": "x" * 1_000_000})}, "unusable_answer"),
    "a line break": ({"action": "status", "status": 200, "body": json.dumps({**GRANT, "access_token": "a\r\nX: 1"})}, "unusable_token"),
    "no token": ({"action": "status", "status": 200, "body": json.dumps({"token_type": "Bearer"})}, "unusable_token"),
    "another type": ({"action": "status", "status": 200, "body": json.dumps({**GRANT, "token_type": "mac"})}, "wrong_type"),
    "a negative life": ({"action": "status", "status": 200, "body": json.dumps({**GRANT, "expires_in": -1})}, "wrong_lifetime"),
    "a byte a second": ({"action": "drip", "bytes_per_second": 1}, "timeout"),
    "silence": ({"action": "stall", "at": "before_headers", "seconds": 60}, "timeout"),
    "half an answer": ({"action": "cut", "after_bytes": 300}, "unusable_answer"),
    "a redirect": ({"action": "status", "status": 302, "headers": {"Location": "https://evil.example/"}}, "failed"),
    "too often": ({"action": "status", "status": 429}, "throttled"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_endpoint_has_a_named_result(start_gateway, access, simulator, name):
    action, result = HOSTILE[name]
    simulator.faults({"match": {"method": "POST"}, "times": 0, **action})
    gateway = start_gateway(credentials=access.settings(), upstream={"timeout": "1s"})
    eventually(lambda: refreshes(gateway, result) >= 1, what=f"the result {result}")
    eventually(lambda: gateway.ask(new_sid(), auth=CLIENT).fault == "upstream_token_unavailable")
    simulator.faults()
    eventually(lambda: gateway.ask(new_sid(), auth=CLIENT).status == 200, timeout=30, what="an honest endpoint")


def test_no_secret_and_no_token_is_shown(gateway, simulator, client, access, tmp_path):
    warm = new_sid()
    gateway.ask(warm, auth=CLIENT)
    client("revoked")
    simulator.tokens(revoke=True)
    refused(gateway, "upstream_credential_refused")
    shown = [gateway.admin(path).body.decode() for path in ("/metrics", "/api/stats", "/api/config", f"/api/explain?call_sid={warm}")]
    shown.append(gateway.output())
    for text in shown:
        assert SECRET not in text and not re.search(r"oauth\.[0-9a-f]{32}", text)
    config = gateway.admin("/api/config").json()
    (main,) = [one for one in config["credentials"]["accounts"] if one["name"] == "main"]
    assert set(main["oauth"]) == {"client_id", "client_secret_file", "token_url"}


def test_copies_survive_a_restart(generations, access, simulator):
    world = generations(credentials=access.settings())
    sid = new_sid()
    before = world.start()
    assert before.ask(sid, auth=CLIENT).status == 200
    after = world.restart()
    assert after.ask(sid, auth=CLIENT).cache.get("hit")


def test_a_reload_adds_and_takes_away_an_account(start_gateway, access, simulator, tmp_path):
    plain = Access(tmp_path)
    plain.client("billing", "main")
    gateway = start_gateway(credentials=plain.settings())
    assert refreshes(gateway) == 0
    text = gateway.config_path.read_text()
    access.clients = plain.clients
    gateway.config_path.write_text(yaml(settings_for(simulator, credentials=access.settings())))
    assert gateway.admin("/api/reload", "POST").status == 200
    eventually(lambda: refreshes(gateway) == 1)
    sid = new_sid()
    assert gateway.ask(sid, auth=CLIENT).status == 200
    assert simulator.requests(sid)[0]["user"] == "bearer"
    gateway.config_path.write_text(text)
    assert gateway.admin("/api/reload", "POST").status == 200
    sid = new_sid()
    assert gateway.ask(sid, auth=CLIENT).status == 200
    assert simulator.requests(sid)[0]["user"] == account(1)


def test_the_endpoint_is_reached_through_the_egress_proxy(start_gateway, access, simulator):
    with EgressProxy(to=simulator.port) as proxy:
        access.oauth("main", simulator, token_url="https://localhost:1234/v2/token")
        gateway = start_gateway(credentials=access.settings(), upstream={"proxy": proxy.url})
        fetched(gateway)
        assert any("CONNECT localhost:1234 " in str(head) for head in proxy.asked), proxy.asked
        assert SECRET.encode() not in proxy.seen


def test_an_endpoint_with_another_certificate_gets_no_secret(start_gateway, access, simulator):
    access.oauth("main", simulator, ca_file="system")
    gateway = start_gateway(credentials=access.settings())
    eventually(lambda: refreshes(gateway, "tls") >= 1)
    assert not token_requests(simulator)


def test_both_ways_for_one_account_are_a_problem(tmp_path, simulator, access):
    access.accounts[-1]["credential_file"] = access.file("both.credential", f"{account(1)}:x")
    code, said = fails_to_start(tmp_path, settings_for(simulator, credentials=access.settings()))
    assert code == 64 and "are both given" in said
