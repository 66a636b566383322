"""credentials.mode: inject. The gateway holds Twilio's credentials; who may use them proves it, and never sends them."""

import os
import re
import ssl
import subprocess

import pytest

from harness.access import Access, ask_tls, ask_unix, hash_of, token
from harness.certificates import Authority
from harness.eventually import eventually
from harness.gateway import BINARY, settings_for, yaml
from harness.twilio_facts import PARENT, account, basic, new_sid
from harness.wire import request, target

BILLING, REPORTS, OF_SUB = (f"Bearer {token(name)}" for name in ("billing", "reports", "of-sub"))
REFUSED = {
    "nothing": (None, "missing_token"),
    "a wrong token": ("Bearer " + token("nobody"), "unknown_token"),
    "a token with more behind it": (BILLING + "x", "unknown_token"),
    "a token as the user": (basic(token("billing"), "x"), "unknown_token"),
    "the hash of a token": ("Bearer " + hash_of(token("billing")).strip().removeprefix("sha256:"), "unknown_token"),
    "the account's own credential": (PARENT, "unknown_token"),
    "what is no credential": ("Digest username=x", "unknown_token"),
}


@pytest.fixture
def access(tmp_path):
    made = Access(tmp_path)
    made.client("billing", "main")
    made.client("reports", "main")
    made.client("of-sub", "sub")
    return made


@pytest.fixture
def gateway(start_gateway, access):
    return start_gateway(credentials=access.settings())


def refused(answer, fault):
    assert (answer.status, answer.fault, answer.json()["code"]) == (401, fault, 20003), answer.raw[:500]
    assert re.fullmatch(r'Basic realm="[^"]*", Bearer realm="[^"]*"', answer.header("WWW-Authenticate"))


def test_a_client_sends_its_token_and_upstream_sees_the_accounts_credential(gateway, simulator):
    for credential in (BILLING, basic("billing", token("billing")), basic(account(5), token("billing"))):
        sid = new_sid()
        answer = gateway.ask(sid, auth=credential)
        assert answer.status == 200 and answer.json()["call_sid"] == sid
        assert [row["user"] for row in simulator.requests(sid)] == [account(1)]


def test_clients_of_one_account_share_its_entries(gateway, simulator):
    sid = new_sid()
    body = gateway.ask(sid, auth=BILLING).body
    answer = gateway.ask(sid, auth=REPORTS)
    assert answer.cache.get("hit") and answer.body == body
    assert simulator.count(sid) == 1


def test_clients_of_another_account_see_what_upstream_shows_that_account(gateway, simulator):
    parents, subs = new_sid(), simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)
    for sid in (parents, subs):
        assert gateway.ask(sid, auth=BILLING).status == 200
    answer = gateway.ask(parents, auth=OF_SUB)
    assert (answer.status, answer.json()["code"]) == (403, 17000)
    assert gateway.ask(subs, auth=OF_SUB).cache["fwd"] == "uri-miss", "it proves itself"
    assert gateway.ask(subs, auth=OF_SUB).cache.get("hit")


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_who_proves_nothing_gets_nothing_warm_cold_or_in_flight(gateway, simulator, row):
    (credential, fault), warm, cold = row, new_sid(), new_sid()
    gateway.ask(warm, auth=BILLING)
    simulator.barrier(True)
    with gateway.connect().send(request(target(cold), auth=BILLING)) as owner:
        eventually(lambda: simulator.state()["in_flight"] == 1)
        for sid in (warm, cold):
            refused(gateway.ask(sid, auth=credential), fault)
        simulator.barrier(False)
        assert owner.read().status == 200
    assert len(simulator.requests()) == 2, "nothing was sent for them"


def test_in_flight_an_accounts_clients_share_and_another_account_flies_alone(gateway, simulator):
    sid = new_sid()
    simulator.barrier(True)
    connections = [gateway.connect().send(request(target(sid), auth=credential)) for credential in (BILLING, REPORTS, OF_SUB)]
    eventually(lambda: simulator.state()["in_flight"] == 2, what="one flight of each account")
    simulator.barrier(False)
    answers = [connection.read() for connection in connections]
    assert [answer.status for answer in answers] == [200, 200, 403]
    assert simulator.count(sid) == 2
    for connection in connections:
        connection.close()


def test_guests_are_local_clients_whatever_they_send(start_gateway, access, simulator):
    gateway, sid = start_gateway(credentials=access.settings(allow_unauthenticated="sub")), new_sid()
    for credential in (None, basic(account(7), "an SDK insists on something"), "Bearer " + token("nobody")):
        assert gateway.ask(sid, auth=credential).json()["code"] == 17000, "as the account of guests"
    assert gateway.ask(sid, auth=BILLING).status == 200, "a token still says more"
    assert {row["user"] for row in simulator.requests(sid)} == {account(1), account(2)}


def test_a_unix_socket_tells_who_connects(start_gateway, access, tmp_path):
    access.client("me", "main", unix_user=os.getuid())
    path, sid = tmp_path / "http.sock", new_sid()
    start_gateway(listeners=[{"address": f"unix:{path}"}], credentials=access.settings())
    assert ask_unix(path, sid).status == 200
    assert ask_unix(path, sid, basic(account(7), "an SDK insists on something")).cache.get("hit")
    assert ask_unix(path, sid, OF_SUB).status == 403, "a token says more than a user"


def test_another_unix_user_is_nobody(start_gateway, access, tmp_path):
    access.client("somebody", "main", unix_user=os.getuid() + 12345)
    path = tmp_path / "http.sock"
    start_gateway(listeners=[{"address": f"unix:{path}"}], credentials=access.settings())
    refused(ask_unix(path, new_sid()), "missing_token")


def test_a_certificate_tells_who_connects(start_gateway, access, tmp_path):
    authority = Authority(tmp_path, "gateway-ca")
    server = authority.leaf()
    access.client("by-certificate", "main", certificate="reports.internal")
    tls = {"certificate": server.certificate, "key": server.key, "client_ca": authority.certificate}
    gateway, sid = start_gateway(listeners=[{"address": "127.0.0.1:0", "tls": tls}], credentials=access.settings()), new_sid()

    def context(name):
        made, leaf = ssl.create_default_context(cafile=str(authority.certificate)), authority.leaf(f"DNS:{name}", usage="clientAuth")
        made.load_cert_chain(leaf.certificate, leaf.key)
        return made

    assert ask_tls(gateway.port, context("reports.internal"), sid).status == 200
    refused(ask_tls(gateway.port, context("other.internal"), sid), "missing_token")
    assert ask_tls(gateway.port, context("other.internal"), sid, BILLING).cache.get("hit")


def test_a_token_that_is_taken_away_ends_on_open_connections_too(gateway, access):
    sid = new_sid()
    with gateway.connect() as connection:
        ask = lambda auth: connection.send(request(target(sid), auth=auth)).read()
        assert ask(BILLING).status == 200
        access.file("billing.token", hash_of(token("next")))
        eventually(lambda: ask(BILLING).status == 401, what="the old token's end")
        assert ask("Bearer " + token("next")).cache.get("hit"), "the account's entries are still there"
        assert ask(REPORTS).cache.get("hit")
    assert gateway.metrics().total("credential_reloads_total", result="taken_over") == 1


def test_two_tokens_are_good_while_one_replaces_the_other(gateway, access):
    access.file("billing.token", hash_of(token("billing")) + hash_of(token("next")))
    eventually(lambda: gateway.ask(new_sid(), auth="Bearer " + token("next")).status == 200)
    assert gateway.ask(new_sid(), auth=BILLING).status == 200


def test_a_new_secret_is_used_without_a_restart(gateway, access, simulator):
    warm = new_sid()
    gateway.ask(warm, auth=BILLING)
    simulator.credential(f"SK{7:032x}", "another-secret", account(1))
    access.file("main.credential", f"{account(1)}:not-the-token")
    eventually(lambda: gateway.ask(new_sid(), auth=BILLING).status == 502, what="upstream refuses the wrong one")
    assert gateway.ask(warm, auth=BILLING).fault == "upstream_credential_refused", "a refused account is shown nothing"
    access.file("main.credential", "bearer-token-01\n")
    eventually(lambda: gateway.ask(warm, auth=BILLING).status == 200, what="a bearer token of the account")
    assert simulator.requests(warm)[-1]["user"] == "bearer"


BROKEN = {"empty": ("", 0o600), "of another kind": ("two words", 0o600), "readable by all": (f"{account(1)}:parent-token", 0o644)}


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN)
def test_a_broken_new_file_changes_nothing_and_is_logged(gateway, access, row):
    access.file("main.credential", *row)
    total = lambda result: gateway.metrics().total("credential_reloads_total", result=result)
    eventually(lambda: total("unusable") == 1)
    assert gateway.ask(new_sid(), auth=BILLING).status == 200
    assert "credentials.accounts[0].credential_file" in gateway.logged("stays in force")[0]
    access.file("main.credential", f"{account(1)}:parent-token\n")
    eventually(lambda: total("taken_over") == 1, what="the repaired file")
    assert total("unusable") == 1, "told once"


STATES = {  # of one client's file: what it holds (None: it is gone) and its mode; whether its token is good afterwards
    "garbage": ("garbage", 0o600, True),
    "writable by all": ("garbage", 0o666, True),
    "half a line": ("sha256:01", 0o600, True),
    "empty": ("", 0o600, False),
    "a comment's worth of blanks": (" \n\n", 0o600, False),
    "gone": (None, 0o600, False),
}


@pytest.mark.parametrize("row", STATES.values(), ids=STATES)
def test_one_clients_file_keeps_no_others_rotation_from_counting(gateway, access, row):
    text, mode, stays = row
    sid = new_sid()
    assert gateway.ask(sid, auth=REPORTS).status == 200
    if text is None:
        (access.directory / "reports.token").unlink()
    else:
        access.file("reports.token", text, mode)
    access.file("billing.token", hash_of(token("next")))
    eventually(lambda: gateway.ask(sid, auth=BILLING).status == 401, what="the revoked token's end")
    assert gateway.ask(sid, auth="Bearer " + token("next")).status == 200
    if stays:
        eventually(lambda: gateway.metrics().total("credential_files_unusable") == 1)
        assert gateway.metrics().total("credential_reloads_total", result="unusable") == 1
        gateway.says("credentials.clients[1].token_file")
        assert gateway.ask(sid, auth=REPORTS).status == 200
    else:
        eventually(lambda: gateway.ask(sid, auth=REPORTS).status == 401)
    access.file("reports.token", hash_of(token("mended")))
    eventually(lambda: gateway.ask(sid, auth="Bearer " + token("mended")).status == 200)
    assert gateway.metrics().total("credential_files_unusable") == 0


def test_a_token_in_two_files_proves_neither(gateway, access):
    sid = new_sid()
    access.file("reports.token", hash_of(token("reports")) + hash_of(token("billing")))
    eventually(lambda: gateway.ask(sid, auth=BILLING).status == 401)
    assert gateway.ask(sid, auth=REPORTS).status == 200
    access.file("reports.token", hash_of(token("reports")))
    eventually(lambda: gateway.ask(sid, auth=BILLING).status == 200)


def test_after_another_key_its_account_has_to_show_itself(start_gateway, simulator, tmp_path):
    """Nobody can see whose a key is: what the one before was told comes back when upstream has shown the same account, and not before."""
    access = Access(tmp_path)
    for number, name in ((1, "first"), (2, "second"), (3, "same")):
        simulator.credential(f"SK{900 + number:032x}", "a-secret", account(2 if name == "second" else 1))
    access.file("main.credential", f"SK{901:032x}:a-secret")
    access.client("billing", "main")
    gateway, kept = start_gateway(credentials=access.settings()), new_sid()
    gateway.ask(kept, auth=BILLING)
    assert gateway.ask(kept, auth=BILLING).cache.get("hit")

    def change(number):
        before = gateway.metrics().total("credential_reloads_total", result="taken_over")
        access.file("main.credential", f"SK{900 + number:032x}:a-secret")
        eventually(lambda: gateway.metrics().total("credential_reloads_total", result="taken_over") == before + 1)

    change(3)
    simulator.fault_for(kept, "status", status=503)
    assert gateway.ask(kept, auth=BILLING).status == 502, "neither a hit nor, because upstream fails, stale"
    assert gateway.ask(new_sid(), auth=BILLING).status == 200
    assert gateway.ask(kept, auth=BILLING).cache.get("hit"), "the same account, as upstream has shown"
    change(2)
    assert gateway.ask(kept, auth=BILLING).status == 502, "of another account"
    simulator.faults()
    subs = simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)
    assert gateway.ask(subs, auth=BILLING).status == 200
    assert gateway.metrics().total("cache_entries") == 1, "what the other account was told is gone"
    assert gateway.ask(kept, auth=BILLING).json()["code"] == 17000


def check(directory, settings):
    path = directory / "checked.yaml"
    path.write_text(yaml(settings))
    done = subprocess.run([BINARY, "--check-config", "--config", path], capture_output=True, text=True, timeout=30, check=False)
    assert "Sanitizer" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def test_secret_files_are_checked_before_anything_opens(access, tmp_path):
    good = settings_for(None, credentials=access.settings())
    assert check(tmp_path, good)[0] == 0
    rows = [
        ("main.credential", f"{account(1)}:parent-token", 0o644, "can be read by every user of this machine: chmod o= removes that"),
        ("main.credential", f"{account(1)}:parent-token", 0o602, "can be written by every user"),
        ("main.credential", " \n", 0o600, "is empty"),
        ("main.credential", "Basic abc", 0o600, "must hold SID:SECRET or a bearer token"),
        ("billing.token", token("billing"), 0o600, "summary-gateway --hash-token"),
        ("billing.token", hash_of(token("billing")), 0o646, "can be written by every user"),
        ("billing.token", hash_of(token("reports")), 0o644, "holds a token that is also client 'reports'"),
    ]
    for name, text, mode, problem in rows:
        before = (tmp_path / name).read_text()
        access.file(name, text, mode)
        code, output = check(tmp_path, good)
        if "also client" in problem:
            problem = problem.replace("reports", "billing")  # told at the later one
        assert code == 64 and problem in output and "checked.yaml:" in output, output
        assert "parent-token" not in output and token("billing") not in output
        access.file(name, before)
    assert check(tmp_path, good)[0] == 0


def test_guests_from_other_machines_are_a_problem(access, tmp_path):
    listeners = [{"address": "127.0.0.1:0"}, {"address": "0.0.0.0:0"}]
    code, output = check(tmp_path, settings_for(None, listeners=listeners, credentials=access.settings(allow_unauthenticated="main")))
    assert code == 64 and "credentials.allow_unauthenticated" in output and "0.0.0.0:0" in output


@pytest.mark.parametrize("weak", ["", "short", "x" * 31, "x" * 40 + " y", "x" * 40 + ":"])
def test_a_weak_token_is_not_hashed(weak):
    done = subprocess.run([BINARY, "--hash-token"], input=weak, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 64 and "sha256" not in done.stdout and "openssl rand -hex 32" in done.stderr


def test_no_secret_stays_behind(start_gateway, access, simulator):
    gateway = start_gateway(credentials=access.settings(), log={"level": "debug", "access": "all"}, server_timing=True)
    answers = [gateway.ask(new_sid(), auth=auth) for auth in (BILLING, OF_SUB, "Bearer " + token("nobody"), PARENT, None)]
    access.file("main.credential", f"{account(1)}:broken secret\n\nparent-token")
    eventually(lambda: gateway.metrics().total("credential_reloads_total", result="unusable") == 1)
    printed = subprocess.run([BINARY, "--print-config", "--config", gateway.config_path], capture_output=True, text=True, timeout=30, check=False)
    metrics = gateway.metrics().text
    gateway.stop()
    places = [gateway.output(), metrics, printed.stdout + printed.stderr] + [answer.raw.decode() for answer in answers if answer.fault]
    for secret in ("parent-token", "sub-token", "broken secret", token("billing"), token("nobody"), token("of-sub"), PARENT.split()[1]):
        assert not any(secret in place for place in places), secret
