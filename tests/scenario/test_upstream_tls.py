"""The gateway speaks only to the upstream whose certificate proves its name; to others it says nothing."""

import base64
import ssl

import pytest

from harness.certificates import Authority, self_signed
from harness.gateway import Gateway, settings_for
from harness.tls_upstream import TlsUpstream, server_context
from harness.twilio_facts import PARENT, new_sid

TLS11, TLS12, TLS13 = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
SECRETS = [PARENT.split()[1].encode(), b"parent-token", b"Authorization", b"Summary"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("trusted"), "trusted")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture
def gateway_to(tmp_path, authority):
    started = []

    def start(upstream, url=None, **more):
        settings = settings_for(None, upstream={"url": url or upstream.url, "ca_file": authority.certificate, "timeout": "4s", **more})
        started.append(Gateway(tmp_path, settings))
        return started[-1]

    yield start
    for gateway in started:
        gateway.stop()


def refused_and_silent(gateway, upstream):
    """502 to the client; not one byte of a request to the peer."""
    for _ in range(2):
        answer = gateway.ask(new_sid())
        assert (answer.status, answer.json()["code"]) == (502, 20502), answer.raw[:500]
        assert answer.fault
    assert upstream.connections >= 1, "it was the handshake that failed, not the connecting"
    assert upstream.received == b""
    for secret in SECRETS:
        assert secret not in upstream.plaintext
        assert base64.b64encode(secret) not in upstream.plaintext
    assert gateway.admin("/readyz").status == 200, "a sidecar with a failing upstream is still ready"


def leaves(authority, stranger, directory):
    return {
        "signed by a stranger": lambda: stranger.leaf(),
        "signed by nobody else": lambda: self_signed(directory),
        "for another host": lambda: authority.leaf("DNS:insights.example"),
        "for a subdomain": lambda: authority.leaf("DNS:x.localhost"),
        "for every host below": lambda: authority.leaf("DNS:*.localhost"),
        "for the address only": lambda: authority.leaf("IP:127.0.0.1"),
        "expired": lambda: authority.leaf(days=-1),
        "for clients only": lambda: authority.leaf(usage="clientAuth"),
    }


@pytest.mark.parametrize("which", list(leaves(None, None, None)))
def test_a_certificate_that_proves_nothing(gateway_to, authority, stranger, tmp_path, which):
    leaf = leaves(authority, stranger, tmp_path)[which]()
    with TlsUpstream(server_context(leaf)) as upstream:
        refused_and_silent(gateway_to(upstream), upstream)


def test_the_system_store_does_not_know_a_private_authority(gateway_to, authority):
    with TlsUpstream(server_context(authority.leaf())) as upstream:
        refused_and_silent(gateway_to(upstream, ca_file="system"), upstream)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_1_1_is_too_old(gateway_to, authority):
    with TlsUpstream(server_context(authority.leaf(), ssl.TLSVersion.TLSv1, TLS11)) as upstream:
        refused_and_silent(gateway_to(upstream), upstream)


GREETINGS = {"silence": b"", "http": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "smtp": b"220 smtp ready\r\n"}


@pytest.mark.parametrize("greeting", GREETINGS.values(), ids=GREETINGS)
def test_plaintext_where_tls_should_be(gateway_to, greeting):
    with TlsUpstream(greeting=greeting) as upstream:
        gateway = gateway_to(upstream, tls_handshake_timeout="1s")
        if greeting:
            refused_and_silent(gateway, upstream)
        else:
            answer = gateway.ask(new_sid())
            assert (answer.status, answer.json()["code"]) in ((502, 20502), (504, 20504))
            assert not any(secret in upstream.plaintext for secret in SECRETS)


def test_plaintext_smuggled_before_a_good_handshake_is_not_read_as_an_answer(gateway_to, authority):
    """nginx CVE-2026-1642: the bytes before TLS must not become the first response."""
    planted = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\nplanted"
    with TlsUpstream(server_context(authority.leaf()), greeting=planted) as upstream:
        gateway = gateway_to(upstream)
        reply = gateway.ask(new_sid())
        assert (reply.status, reply.json()["code"]) == (502, 20502)
        assert b"planted" not in reply.raw and upstream.received == b""


@pytest.mark.parametrize("version, name", [(TLS12, "TLSv1.2"), (TLS13, "TLSv1.3")], ids=["TLS 1.2", "TLS 1.3"])
def test_a_good_upstream_is_asked_with_sni_and_alpn(gateway_to, authority, version, name):
    with TlsUpstream(server_context(authority.leaf("DNS:localhost"), version, version)) as upstream:
        answer = gateway_to(upstream).ask(new_sid())
        assert answer.status == 200, answer.raw
        assert upstream.versions == [name]
        assert upstream.server_names == ["localhost"]
        assert upstream.protocols == ["http/1.1"]
        assert upstream.received.count(b"GET /v1/Voice/CA") == 1


def test_an_upstream_named_by_its_address_is_checked_against_the_address(gateway_to, authority):
    with TlsUpstream(server_context(authority.leaf("IP:127.0.0.1"))) as upstream:
        assert gateway_to(upstream, url=f"https://127.0.0.1:{upstream.port}").ask(new_sid()).status == 200
        assert upstream.server_names in ([None], []), "an address is no server name (RFC 6066)"


def test_a_certificate_for_a_name_does_not_prove_an_address(gateway_to, authority):
    with TlsUpstream(server_context(authority.leaf("DNS:localhost,DNS:127.0.0.1,IP:127.0.0.2"))) as upstream:
        refused_and_silent(gateway_to(upstream, url=f"https://127.0.0.1:{upstream.port}"), upstream)


def test_an_upstream_that_wants_a_client_certificate_is_named(gateway_to, authority):
    """With TLS 1.3 its refusal comes after the handshake, in the place of the answer."""
    context = server_context(authority.leaf(), TLS13, TLS13)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    with TlsUpstream(context) as upstream:
        gateway = gateway_to(upstream)
        answer = gateway.ask(new_sid())
        assert (answer.status, answer.fault) == (502, "upstream_tls")
        assert upstream.received == b""
        gateway.stop()
        gateway.says("TLS with the upstream failed after the handshake: tlsv13 alert certificate required")


def test_nobody_listens_upstream(gateway_to):
    with TlsUpstream(greeting=b"x") as upstream:
        pass
    answer = gateway_to(upstream).ask(new_sid())
    assert (answer.status, answer.json()["code"]) == (502, 20502)


def test_sessions_are_resumed(start_gateway, simulator):
    gateway = start_gateway(workers=1)
    assert gateway.ask(new_sid()).status == 200
    before = simulator.state()["handshakes_resumed"]
    for _ in range(3):
        simulator.close_idle_connections()
        assert gateway.ask(new_sid()).status == 200
    assert simulator.state()["handshakes_resumed"] > before
