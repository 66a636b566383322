"""Names in clients' certificates: each proves only a setting of its own type, and a hostile certificate proves nothing at all."""

import ssl

import pytest

from harness.access import Access, ask_tls, token
from harness.certificates import Authority
from harness.twilio_facts import new_sid

EMAIL, DNS, URI, ADDRESS = 1, 2, 6, 7
ID = b"spiffe://prod.example/ns/billing/sa/reader"
BAD = (URI, b"billing internal")
# Names in the certificate, in this order; the client that they prove, or the reason why they prove none ("": they are nobody's).
ROWS = {
    "a DNS name": ([(DNS, b"billing.internal")], "by-dns"),
    "a DNS name in capitals": ([(DNS, b"BILLING.internal")], "by-dns"),
    "a SPIFFE id": ([(URI, ID)], "by-id"),
    "the same id as a setting has": ([(URI, b"spiffe://prod.example/ns/billing/sa/writer")], "writer"),
    "an e-mail address": ([(EMAIL, b"billing@EXAMPLE.com")], "by-email"),
    "an address and a name": ([(ADDRESS, b"\x7f\0\0\1"), (DNS, b"billing.internal")], "by-dns"),
    "a wildcard and a name": ([(DNS, b"*.internal"), (DNS, b"billing.internal")], "by-dns"),
    "names of nobody and an id": ([(DNS, b"a.internal"), (EMAIL, b"a@b"), (URI, ID)], "by-id"),
    "another DNS name": ([(DNS, b"billing.internal.evil.example")], ""),
    "a wildcard alone": ([(DNS, b"*.internal")], ""),
    "an id of another namespace": ([(URI, b"spiffe://prod.example/ns/billing2/sa/reader")], ""),
    "an id of another domain": ([(URI, b"spiffe://prod.example.evil/ns/billing/sa/reader")], ""),
    "an address alone": ([(ADDRESS, b"\x7f\0\0\1")], ""),
    "a URI that spells the DNS name": ([(URI, b"billing.internal")], "certificate_malformed"),
    "an e-mail address that spells the DNS name": ([(EMAIL, b"billing.internal")], "certificate_malformed"),
    "a DNS name that spells the id": ([(DNS, ID)], "certificate_malformed"),
    "a DNS name that spells the address": ([(DNS, b"billing@example.com")], "certificate_malformed"),
    "a URI with the type in it": ([(URI, b"dns:billing.internal")], ""),
    "a malformed name before a good one": ([BAD, (DNS, b"billing.internal")], "certificate_malformed"),
    "a malformed name behind a good one": ([(DNS, b"billing.internal"), BAD], "certificate_malformed"),
    "NUL and more": ([(DNS, b"billing.internal\0.evil.example")], "certificate_malformed"),
    "NUL at the end": ([(DNS, b"billing.internal\0")], "certificate_malformed"),
    "a trailing dot": ([(DNS, b"billing.internal.")], "certificate_malformed"),
    "an empty name": ([(DNS, b"")], "certificate_malformed"),
    "bytes beyond ASCII": ([(DNS, b"billing\xff.internal")], "certificate_malformed"),
    "a way up": ([(URI, b"spiffe://prod.example/ns/reports/../billing/sa/a")], "certificate_malformed"),
    "percent-encoding": ([(URI, b"spiffe://prod.example/ns/billing%2fsa/a")], "certificate_malformed"),
    "a trust domain in capitals": ([(URI, b"spiffe://PROD.example/ns/billing/sa/a")], "certificate_malformed"),
    "two ids": ([(URI, ID), (URI, b"spiffe://prod.example/ns/other")], "certificate_spiffe"),
    "names of two clients": ([(DNS, b"billing.internal"), (URI, ID)], "certificate_ambiguous"),
    "too many": ([(DNS, b"billing.internal")] * 65, "certificate_names"),
}


def length(size):
    if size < 128:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def alt_names(names):
    """As OpenSSL takes any bytes: the extension's DER."""
    body = b"".join(bytes([0x80 | tag]) + length(len(value)) + value for tag, value in names)
    return "DER:" + ":".join(f"{byte:02x}" for byte in b"\x30" + length(len(body)) + body)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "clients-ca")


@pytest.fixture
def access(tmp_path):
    made = Access(tmp_path)
    made.client("by-dns", "main", certificate="billing.internal")
    made.client("by-id", "main", certificate="uri:spiffe://prod.example/ns/billing/*")
    made.client("writer", "main", certificate="uri:spiffe://prod.example/ns/billing/sa/writer")
    made.client("by-email", "main", certificate="email:billing@example.com")
    made.client("by-token", "main")
    return made


@pytest.fixture
def gateway(start_gateway, authority, access):
    server = authority.leaf()
    tls = {"certificate": server.certificate, "key": server.key, "client_ca": authority.certificate}
    return start_gateway(listeners=[{"address": "127.0.0.1:0", "tls": tls}], credentials=access.settings())


def context(authority, names):
    made, leaf = ssl.create_default_context(cafile=str(authority.certificate)), authority.leaf(alt_names(names), usage="clientAuth")
    made.load_cert_chain(leaf.certificate, leaf.key)
    return made


def test_each_certificate_proves_one_client_or_none(gateway, authority):
    refused = {}
    for what, (names, expected) in ROWS.items():
        before = {row["client"]: row["requests"] for row in gateway.admin("/api/clients").json()["clients"]}
        answer = ask_tls(gateway.port, context(authority, names), new_sid())
        after = {row["client"]: row["requests"] for row in gateway.admin("/api/clients").json()["clients"]}
        if expected and not expected.startswith("certificate_"):
            assert answer.status == 200 and after[expected] == before.get(expected, 0) + 1, (what, answer.raw[:300], after)
            continue
        assert (answer.status, answer.fault) == (401, "missing_token"), what
        if expected:
            refused[expected] = refused.get(expected, 0) + 1
    for reason in {expected for _, expected in ROWS.values() if expected.startswith("certificate_")}:
        assert gateway.metrics().total("client_proofs_refused_total", reason=reason) == refused[reason], reason
    gateway.says("showed as its proof is refused: certificate_malformed")


def test_a_refused_certificate_leaves_the_token(gateway, authority):
    hostile = context(authority, [BAD, (DNS, b"billing.internal")])
    assert ask_tls(gateway.port, hostile, new_sid(), "Bearer " + token("by-token")).status == 200


def test_explain_says_what_a_client_is_recognised_by(gateway):
    asked = lambda name: gateway.admin(f"/api/explain?call_sid={new_sid()}&client={name}").json()["client"]["recognised_by"]
    assert asked("by-dns") == ["certificate dns:billing.internal"]
    assert asked("by-id") == ["certificate uri:spiffe://prod.example/ns/billing/*"]
    assert asked("by-token") == ["token"]
