"""Clients that prove themselves by JWTs: a pod's service account token, or any issuer's. A refused one is an unknown token."""

import json
import subprocess
import time

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.gateway import BINARY, settings_for, yaml
from harness.jwt import Issuer, SigningKey, base64url
from harness.twilio_facts import account, basic, new_sid
from harness.wire import request, target

BILLING = "system:serviceaccount:ns:billing"


@pytest.fixture(scope="module")
def made_issuer(tmp_path_factory):
    return Issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def issuer(made_issuer):
    made_issuer.publish(made_issuer.keys.values())
    return made_issuer


@pytest.fixture
def gateway(start_gateway, issuer, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main", subject=BILLING)
    access.client("by-token", "main")
    return start_gateway(credentials=access.settings(jwt=issuer.settings()), log={"level": "debug", "access": "all"})


def refused(gateway, reason=None):
    return gateway.metrics().total("client_proofs_refused_total", **({"reason": reason} if reason else {}))


def test_a_service_accounts_token_is_a_proof(gateway, issuer, simulator):
    sid = new_sid()
    for algorithm in issuer.keys:
        for auth in ("Bearer " + issuer.token(BILLING, algorithm), basic(account(5), issuer.token(BILLING, algorithm))):
            assert gateway.ask(sid, auth=auth).status == 200, algorithm
    assert [row["user"] for row in simulator.requests(sid)] == [account(1)], "and upstream sees the account's own credential"
    assert {row["client"] for row in gateway.admin("/api/clients").json()["clients"]} == {"billing"}
    assert refused(gateway) == 0


def hostile(issuer, directory):
    """What is wrong, the token, and the reason."""
    usual, other = issuer.claims(BILLING), SigningKey(directory, "key-ES256", "ES256")
    es, rs = issuer.keys["ES256"], issuer.keys["RS256"]
    good = issuer.token(BILLING)
    header, payload, signature = good.split(".")
    public = subprocess.run(["openssl", "pkey", "-in", rs.path, "-pubout"], capture_output=True, check=True).stdout
    unsigned = lambda head: ".".join((base64url(json.dumps(head).encode()), base64url(json.dumps(usual).encode()), base64url(b"none")))
    hmac = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:" + public.hex(), "-binary"], input=b"x", capture_output=True, check=True
    ).stdout
    symmetric = unsigned({"alg": "HS256", "kid": "key-RS256"}).rpartition(".")[0] + "." + base64url(hmac)
    now = int(time.time())
    yield "no signature", unsigned({"alg": "none"}), "jwt_algorithm"
    yield "the public key as a secret", symmetric, "jwt_algorithm"
    yield "another key with the same kid", issuer.token(BILLING, key=other), "jwt_signature"
    yield "an RSA key for ES256", issuer.token(BILLING, key=rs, header={"alg": "ES256", "kid": rs.kid}), "jwt_key"
    yield "an EC key for RS256", issuer.token(BILLING, key=es, header={"alg": "RS256", "kid": es.kid}), "jwt_key"
    yield "an unknown key", issuer.token(BILLING, header={"alg": "ES256", "kid": "other"}), "jwt_key"
    yield "half a signature", f"{header}.{payload}.{signature[:43]}", "jwt_signature"
    yield "another payload", f"{header}.{base64url(json.dumps({**usual, 'sub': 'x'}).encode())}.{signature}", "jwt_signature"
    yield "padding", f"{header}==.{payload}.{signature}", None  # no bearer token at all: RFC 6750 §2.1
    yield "padding as a password", basic(account(5), f"{header}==.{payload}.{signature}"), "jwt_malformed"
    yield "a member twice", issuer.token(BILLING, payload=json.dumps(usual)[:-1] + f', "sub": "{BILLING}"}}'), "jwt_malformed"
    yield "no object", issuer.token(BILLING, payload="[]"), "jwt_malformed"
    yield "too large", issuer.token(BILLING, payload={**usual, "x": "x" * 8000}), "jwt_malformed"
    yield "another issuer", issuer.token(BILLING, iss="https://kubernetes.default.svc/"), "jwt_issuer"
    yield "for somebody else", issuer.token(BILLING, aud=["vault", "summary-gateway2"]), "jwt_audience"
    yield "for nobody", issuer.token(BILLING, aud=None), "jwt_audience"
    yield "expired", issuer.token(BILLING, exp=now - 31), "jwt_expired"
    yield "without an end", issuer.token(BILLING, exp=None), "jwt_malformed"
    yield "too early", issuer.token(BILLING, nbf=now + 300), "jwt_early"
    yield "from the future", issuer.token(BILLING, iat=now + 300), "jwt_early"
    yield "another service account", issuer.token(BILLING + "2"), "jwt_subject"


def test_a_refused_one_is_an_unknown_token(gateway, issuer, tmp_path, simulator):
    sid = new_sid()
    plain = lambda answer: (answer.status, answer.fault, answer.body, answer.header("WWW-Authenticate"))
    unknown = plain(gateway.ask(sid, auth="Bearer " + token("nobody")))
    assert unknown[:2] == (401, "unknown_token")
    tokens = []
    for what, sent, reason in hostile(issuer, tmp_path):
        before = refused(gateway, reason) if reason else refused(gateway)
        answer = gateway.ask(sid, auth=sent if " " in sent else "Bearer " + sent)
        assert plain(answer) == unknown, what
        assert refused(gateway, reason) == before + 1 if reason else refused(gateway) == before, (what, reason)
        tokens.append(sent)
    assert simulator.count(sid) == 0
    assert gateway.ask(sid, auth="Bearer " + issuer.token(BILLING)).status == 200
    gateway.says("showed as its proof is refused: jwt_")
    log = gateway.output()
    for sent in tokens:
        assert sent.rpartition(".")[2] not in log


def test_it_ends_on_an_open_connection(start_gateway, issuer, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main", subject=BILLING)
    gateway, sid = start_gateway(credentials=access.settings(jwt=issuer.settings(clock_skew="0s"))), new_sid()
    auth = "Bearer " + issuer.token(BILLING, lasts=3)
    with gateway.connect() as connection:
        ask = lambda: connection.send(request(target(sid), auth=auth)).read()
        assert ask().status == 200
        eventually(lambda: ask().fault == "unknown_token", what="its end")
    assert refused(gateway, "jwt_expired") >= 1


def test_keys_are_read_again_and_count_for_open_connections(gateway, issuer, tmp_path):
    sid, auth = new_sid(), "Bearer " + issuer.token(BILLING)
    next_key = SigningKey(tmp_path, "next", "ES256")
    with gateway.connect() as connection:
        ask = lambda auth=auth: connection.send(request(target(sid), auth=auth)).read().status
        assert ask() == 200
        issuer.publish([next_key])
        eventually(lambda: ask() == 401, what="the end of the earlier keys")
        assert ask("Bearer " + issuer.token(BILLING, key=next_key)) == 200
        assert ask("Bearer " + token("by-token")) == 200
        for text, mode, problem in (
            ("{", 0o644, "must hold a JSON Web Key Set"),
            (json.dumps({"keys": [{**next_key.jwk(), "d": "AQ"}]}), 0o644, "that is secret; write public keys only"),
            (json.dumps({"keys": [next_key.jwk(x="AQ")]}), 0o644, "whose coordinates have not 32 bytes each"),
            (json.dumps({"keys": [next_key.jwk(x=next_key.jwk()["y"])]}), 0o644, "whose numbers are no key"),
            (json.dumps({"keys": []}), 0o666, "can be written by every user"),
        ):
            issuer.publish([], text, mode)
            eventually(lambda: problem in gateway.output(), what=problem)
            assert gateway.metrics().total("credential_files_unusable") == 1
            assert ask("Bearer " + issuer.token(BILLING, key=next_key)) == 200, "the earlier keys stay in force"
        issuer.file.unlink()
        eventually(lambda: ask("Bearer " + issuer.token(BILLING, key=next_key)) == 401, what="the end of keys that are gone")
        issuer.publish(issuer.keys.values())
        eventually(lambda: ask() == 200, what="the first keys again")
    assert gateway.metrics().total("credential_files_unusable") == 0


def test_small_keys_are_a_problem_of_the_settings(issuer, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main", subject=BILLING)
    small = SigningKey(tmp_path, "small", "RS256", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"])
    issuer.publish([small])
    path = tmp_path / "checked.yaml"
    path.write_text(yaml(settings_for(None, credentials=access.settings(jwt=issuer.settings()))))
    run = lambda option: subprocess.run([BINARY, option, "--config", path], capture_output=True, text=True, timeout=30, check=False)
    done = run("--check-config")
    assert done.returncode == 64 and "credentials.jwt.jwks_file: " in done.stdout and "of less than 2048 bits" in done.stdout, done.stdout
    issuer.publish(issuer.keys.values())
    assert run("--check-config").returncode == 0
    printed = run("--print-config").stdout
    assert f"issuer: {issuer.name}" in printed.replace('"', "") and BILLING in printed


def test_explain_says_whose_it_is(gateway):
    said = gateway.admin(f"/api/explain?call_sid={new_sid()}&client=billing").json()["client"]
    assert said["recognised_by"] == ["jwt " + BILLING]
