"""What the upstream is verified by, and until when: names, anchors, the system's store, reloads, sessions that outlive a certificate."""

import signal
import time

import pytest

from harness.certificates import Authority, openssl
from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.logbook import entries
from harness.refused import fails_to_start
from harness.tls_upstream import TlsUpstream, server_context
from harness.twilio_facts import new_sid


@pytest.fixture
def ours(tmp_path):
    return Authority(tmp_path, "ours")


@pytest.fixture
def strangers(tmp_path):
    return Authority(tmp_path, "strangers")


@pytest.fixture
def gateway_to(tmp_path):
    started = []

    def start(peer, ca_file):
        settings = settings_for(None, workers=1, upstream={"url": peer.url, "ca_file": ca_file, "timeout": "4s"})
        started.append(Gateway(tmp_path, settings))
        return started[-1]

    yield start
    for gateway in started:
        gateway.stop()


def outcome(gateway):
    answer = gateway.ask(new_sid())
    return answer.fault or answer.status


def reload(gateway):
    answer = gateway.admin("/api/reload", "POST")
    assert answer.status == 200, answer.raw


def test_a_common_name_proves_nothing(gateway_to, ours):
    with TlsUpstream(server_context(ours.leaf(alt_names=None, common_name="localhost"))) as peer:
        gateway = gateway_to(peer, ours.certificate)
        assert outcome(gateway) == "upstream_tls" and peer.received == b""
        gateway.stop()
        assert "hostname mismatch" in gateway.output().lower()


def test_an_intermediate_or_a_leaf_is_the_anchor_that_it_is_meant_as(gateway_to, ours):
    middle = ours.intermediate("middle")
    leaf = middle.leaf()
    leaf.certificate.write_text(leaf.certificate.read_text() + middle.certificate.read_text())
    for anchor in (middle.certificate, leaf.certificate, ours.certificate):
        with TlsUpstream(server_context(leaf)) as peer:
            assert outcome(gateway_to(peer, anchor)) == 200, anchor


def test_a_session_ends_with_the_certificate_that_it_rests_on(gateway_to, ours):
    ends = time.time() + 5
    with TlsUpstream(server_context(ours.leaf(until=ends)), ends=True) as peer:
        gateway = gateway_to(peer, ours.certificate)
        assert [outcome(gateway), outcome(gateway)] == [200, 200]
        assert gateway.metrics().total("upstream_tls_handshakes_total", kind="resumed") == 1, "each exchange has its connection"
        eventually(lambda: time.time() > ends + 1)
        assert outcome(gateway) == "upstream_tls"
        gateway.stop()
        gateway.says("certificate has expired")


@pytest.mark.parametrize("store", ["file", "directory"])
def test_a_reload_reads_the_systems_store_anew(gateway_to, ours, strangers, tmp_path, monkeypatch, store):
    folder = tmp_path / "store"
    folder.mkdir()
    bundle = folder / "bundle.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle if store == "file" else tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(folder if store == "directory" else tmp_path / "none"))

    def trust(authority):
        bundle.write_text(authority.certificate.read_text())
        openssl("rehash", folder)

    trust(ours)
    with TlsUpstream(server_context(ours.leaf())) as peer:
        gateway = gateway_to(peer, "system")
        assert outcome(gateway) == 200
        reload(gateway)
        assert outcome(gateway) == 200 and peer.connections == 1, "what has not changed costs no connection"
        trust(strangers)
        reload(gateway)
        assert eventually(lambda: outcome(gateway) == "upstream_tls")
        assert len(entries(gateway, "upstream_trust_changed")) == 1
        trust(ours)
        reload(gateway)
        assert eventually(lambda: outcome(gateway) == 200)


def test_a_reload_reads_a_bundle_of_any_size_anew(gateway_to, ours, strangers, tmp_path):
    bundle = tmp_path / "bundle.pem"
    filler = "# a comment\n" * 120_000
    bundle.write_text(filler + ours.certificate.read_text())
    assert bundle.stat().st_size > 1 << 20
    with TlsUpstream(server_context(ours.leaf())) as peer:
        gateway = gateway_to(peer, bundle)
        assert outcome(gateway) == 200
        bundle.write_text(filler + strangers.certificate.read_text())
        gateway.signal(signal.SIGHUP)
        assert eventually(lambda: outcome(gateway) == "upstream_tls")


USELESS = {
    "nothing": lambda ours: "",
    "no PEM": lambda ours: "ours.example",
    "a key": lambda ours: ours.key.read_text(),
    "half a certificate": lambda ours: ours.certificate.read_text()[:300],
}


@pytest.mark.parametrize("content", USELESS.values(), ids=USELESS)
def test_a_file_that_is_no_anchor_is_named_at_the_start(tmp_path, ours, content):
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(content(ours))
    code, said = fails_to_start(tmp_path, settings_for(None, upstream={"ca_file": bundle}), arguments=["--check-config"])
    assert code == 64 and f"upstream.ca_file: CA file '{bundle}' cannot be used: " in said, said
