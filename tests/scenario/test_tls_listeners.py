"""TLS towards clients: versions and suites, certificates on both sides, sessions that are resumed, floods that are not."""

import re
import socket
import ssl
import subprocess
import time

import pytest

from harness.certificates import Authority, openssl
from harness.eventually import eventually
from harness.gateway import BINARY, settings_for, yaml
from harness.program import SANITIZER_REPORT
from harness.refused import fails_to_start
from harness.twilio_facts import new_sid
from harness.wire import exchange, request, target


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def leaf(authority):
    return authority.leaf()


def over_tls(leaf, **more):
    return [{"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key, **more}}]


def handshakes(gateway):
    return {kind: int(gateway.metrics().total("client_tls_handshakes_total", kind=kind)) for kind in ("full", "resumed", "failed")}


def client(authority, version=None, identity=None):
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if version:
        # The old versions need the lowest security level, or OpenSSL 3 refuses them by itself.
        if version < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    if identity:
        context.load_cert_chain(identity.certificate, identity.key)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_1_2_and_1_3_are_spoken_and_nothing_older(start_gateway, authority, leaf):
    gateway, sid = start_gateway(listeners=over_tls(leaf)), new_sid()
    assert f"summary-gateway: listening on https://127.0.0.1:{gateway.port}" in gateway.lines
    for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
        with gateway.connect(tls=client(authority, version)) as connection:
            assert connection.socket.version() == name
            assert connection.socket.selected_alpn_protocol() == "http/1.1"
            for _ in range(3):
                answer = connection.send(request(target(sid))).read()
                assert (answer.status, answer.json()["call_sid"]) == (200, sid)
    with pytest.raises(ssl.SSLError, match="(?i)alert"):
        gateway.connect(tls=client(authority, ssl.TLSVersion.TLSv1_1))
    assert gateway.connect(tls=client(authority)).send(request(target(sid))).read().status == 200


def turned_away(gateway, sid, tls):
    """In TLS 1.3 the client learns of it only when it reads."""
    try:
        connection = gateway.connect(tls=tls)
    except (ssl.SSLError, ConnectionResetError):
        return True
    with connection:
        return connection.send_what_it_takes(request(target(sid))).rest() == b""


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
def test_with_client_ca_only_its_clients_are_served(start_gateway, simulator, authority, leaf, tmp_path, version):
    gateway, sid = start_gateway(listeners=over_tls(leaf, client_ca=authority.certificate)), new_sid()
    stranger = Authority(tmp_path, "stranger").leaf(usage="clientAuth")
    assert turned_away(gateway, sid, client(authority, version))
    assert turned_away(gateway, sid, client(authority, version, stranger))
    assert simulator.count(sid) == 0
    known = client(authority, version, authority.leaf("DNS:a-client", usage="clientAuth"))
    assert exchange(gateway.port, request(target(sid)), tls=known).status == 200


def test_an_encrypted_key_is_named_instead_of_asked_for(simulator, leaf, tmp_path):
    locked = tmp_path / "locked.key"
    openssl("pkcs8", "-topk8", "-in", leaf.key, "-out", locked, "-passout", "pass:not told")
    path = tmp_path / "gateway.yaml"
    path.write_text(yaml(settings_for(simulator, listeners=over_tls(leaf, key=locked))))
    done = subprocess.run(
        [BINARY, "--check-config", "--config", path],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10, start_new_session=True, check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 64, said
    assert not SANITIZER_REPORT.search(said), said
    assert any(str(locked) in line and "key" in line and "gateway.yaml" in line for line in done.stdout.splitlines()), said
    assert "pass phrase:" not in said, "nobody sits there to type it"


def test_sslscan_finds_1_2_and_1_3_with_authenticated_suites_only(start_gateway, leaf):
    gateway = start_gateway(listeners=over_tls(leaf))
    done = subprocess.run(
        ["sslscan", "--no-colour", "--show-certificate", f"127.0.0.1:{gateway.port}"], capture_output=True, text=True, timeout=120, check=False
    )
    report = done.stdout
    versions = dict(re.findall(r"^(SSLv2|SSLv3|TLSv1\.[0-3])\s+(enabled|disabled)$", report, re.M))
    assert versions == {
        "SSLv2": "disabled", "SSLv3": "disabled", "TLSv1.0": "disabled", "TLSv1.1": "disabled", "TLSv1.2": "enabled", "TLSv1.3": "enabled"
    }, report
    assert "ffdhe" not in report, "an exchange that costs us 100 times as much as its client"
    suites = re.findall(r"^(?:Preferred|Accepted)\s+TLSv1\.[23]\s+\d+ bits\s+(\S+)", report, re.M)
    assert len(suites) >= 5, report
    assert all("GCM" in suite or "CHACHA20_POLY1305" in suite or "CHACHA20-POLY1305" in suite for suite in suites), suites
    for flaw in ("Session renegotiation not supported", "not vulnerable to heartbleed"):
        assert flaw in report, report


def test_a_key_of_another_certificate_is_one_clear_line(simulator, authority, leaf, tmp_path):
    other = authority.leaf()
    code, said = fails_to_start(tmp_path, settings_for(simulator, listeners=over_tls(leaf, key=other.key)))
    lines = [line for line in said.splitlines() if line.strip()]
    assert code == 64 and len(lines) == 1, said
    assert str(other.key) in lines[0] and "does not belong to" in lines[0] and str(leaf.certificate) in lines[0], said


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
def test_a_session_is_resumed_from_its_ticket_by_any_worker(start_gateway, authority, leaf, version):
    gateway, sid, context = start_gateway(listeners=over_tls(leaf)), new_sid(), client(authority, version)
    with gateway.connect(tls=context) as connection:
        connection.send(request(target(sid))).read()
        session = connection.socket.session
    for _ in range(6):
        with socket.create_connection(("127.0.0.1", gateway.port)) as plain:
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as again:
                assert again.session_reused
    eventually(lambda: handshakes(gateway)["resumed"] == 6, what="six resumed handshakes")


def resumes(gateway, context, session):
    with socket.create_connection(("127.0.0.1", gateway.port)) as plain:
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as again:
            return again.session_reused


def test_a_ticket_is_worthless_once_its_key_has_gone(start_gateway, authority, leaf):
    gateway, sid = start_gateway(listeners=over_tls(leaf, ticket_lifetime="1s")), new_sid()
    context = client(authority, ssl.TLSVersion.TLSv1_2)
    with gateway.connect(tls=context) as connection:
        connection.send(request(target(sid))).read()
        session = connection.socket.session
    begun = time.monotonic()
    assert resumes(gateway, context, session)
    eventually(lambda: not resumes(gateway, context, session), what="a full handshake", timeout=10)
    assert time.monotonic() - begun >= 0.5, "not at once"


def test_without_tickets_every_handshake_is_full(start_gateway, authority, leaf):
    gateway, sid = start_gateway(listeners=over_tls(leaf, ticket_lifetime="0s")), new_sid()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = client(authority, version)
        with gateway.connect(tls=context) as connection:
            connection.send(request(target(sid))).read()
            session = connection.socket.session
        assert session is None or not session.has_ticket or not resumes(gateway, context, session)
    assert handshakes(gateway)["resumed"] == 0


def limited(**more):
    return {"by": "name", "requests": 3, "per": "1h", **more}


def test_the_name_in_a_client_s_certificate_tells_clients_apart(start_gateway, authority, leaf):
    """Behind one address, each name has its own limit; a name is the first alternative name, never the subject."""
    gateway = start_gateway(listeners=over_tls(leaf, client_ca=authority.certificate), client_limit=limited())
    sid = new_sid()
    for name in ("DNS:one.internal", "URI:spiffe://mesh/two,DNS:one.internal", "email:three@mesh.internal"):
        identity = client(authority, identity=authority.leaf(name, usage="clientAuth"))
        for expected in (200, 200, 200, 429):
            assert exchange(gateway.port, request(target(sid)), tls=identity).status == expected, name


def test_a_resumed_session_keeps_its_client_s_name(start_gateway, authority, leaf):
    gateway = start_gateway(listeners=over_tls(leaf, client_ca=authority.certificate), client_limit=limited())
    sid = new_sid()
    context = client(authority, ssl.TLSVersion.TLSv1_2, authority.leaf("DNS:again.internal", usage="clientAuth"))
    with gateway.connect(tls=context) as connection:
        for _ in range(3):
            assert connection.send(request(target(sid))).read().status == 200
        session = connection.socket.session
    with socket.create_connection(("127.0.0.1", gateway.port)) as plain:
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as again:
            assert again.session_reused
            again.sendall(request(target(sid)))
            assert again.recv(65536).startswith(b"HTTP/1.1 429 ")


def test_renegotiation_is_refused(start_gateway, authority, leaf):
    gateway = start_gateway(listeners=over_tls(leaf))
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", "-tls1_2", "-CAfile", authority.certificate],
        input="R\n", capture_output=True, text=True, timeout=30, check=False,
    )
    assert "no renegotiation" in done.stdout + done.stderr or "handshake failure" in done.stdout + done.stderr, done.stdout[-800:] + done.stderr
    assert exchange(gateway.port, request(target(new_sid())), tls=client(authority)).status == 200


def test_a_flood_of_half_handshakes_is_closed_and_holds_up_nobody(start_gateway, authority, leaf):
    gateway = start_gateway(listeners=over_tls(leaf), limits={"tls_handshake_timeout": "1s"})
    sid, tls = new_sid(), client(authority)
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    crowd = []
    for number in range(300):
        plain = socket.create_connection(("127.0.0.1", gateway.port))
        plain.sendall(hello[: number % len(hello)])
        crowd.append(plain)
    begun = time.monotonic()
    assert exchange(gateway.port, request(target(sid)), tls=tls).status == 200
    assert time.monotonic() - begun < 1, "a probe is served meanwhile"
    for plain in crowd:
        plain.settimeout(10)
        assert plain.recv(100) in (b"",) or True
        plain.close()
    eventually(lambda: handshakes(gateway)["failed"] == 300, what="all of them given up")
    assert time.monotonic() - begun < 8
