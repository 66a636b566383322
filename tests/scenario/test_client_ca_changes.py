"""After a new client_ca no connection that the old one let in goes on for long; a renewed certificate of our own ends none."""

import shutil
import ssl

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.twilio_facts import new_sid
from harness.wire import request, target


@pytest.fixture
def old(tmp_path):
    return Authority(tmp_path, "old")


@pytest.fixture
def new(tmp_path):
    return Authority(tmp_path, "new")


@pytest.fixture
def bundle(tmp_path, old):
    return shutil.copy(old.certificate, tmp_path / "clients.pem")


@pytest.fixture
def gateway(start_gateway, old, bundle):
    leaf = old.leaf()
    tls = {"certificate": leaf.certificate, "key": leaf.key, "client_ca": bundle}
    return start_gateway(workers=2, listeners=[{"address": "127.0.0.1:0", "tls": tls}], limits={"client_ca_grace": "1s"})


def client_of(gateway, server_authority, authority):
    identity = authority.leaf(usage="clientAuth")
    context = ssl.create_default_context(cafile=str(server_authority.certificate))
    context.load_cert_chain(identity.certificate, identity.key)
    return gateway.connect(tls=context)


def asked(connection):
    return connection.send(request(target(new_sid()))).read()


def reload(gateway):
    assert gateway.admin("/api/reload", "POST").status == 200


def test_connections_of_the_old_authority_end(gateway, old, new, bundle):
    connections = [client_of(gateway, old, old) for _ in range(4)]
    busy, idle, pipelining, fresh = connections
    assert [asked(one).status for one in (busy, idle, pipelining)] == [200] * 3
    bundle.write_text(new.certificate.read_text())
    reload(gateway)
    last = asked(busy)
    assert (last.status, last.header("Connection")) == (200, "close"), "one answer more"
    assert busy.socket.recv(1) == b""
    pipelining.send(request(target(new_sid())) * 3)
    assert pipelining.read().header("Connection") == "close" and pipelining.socket.recv(1) == b"", "one, not three"
    for quiet in (idle, fresh):
        assert quiet.socket.recv(1) == b"", "and those that ask for nothing close, long before limits.idle_timeout"
    with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
        asked(client_of(gateway, old, old))
    assert asked(client_of(gateway, old, new)).status == 200
    for one in connections:
        one.close()


def test_the_files_own_change_is_enough(gateway, old, new, bundle):
    with client_of(gateway, old, old) as idle:
        assert asked(idle).status == 200
        bundle.write_text(new.certificate.read_text())
        assert idle.socket.recv(1) == b""


def test_a_reload_that_changes_nothing_ends_nothing(gateway, old):
    with client_of(gateway, old, old) as kept:
        assert asked(kept).status == 200
        reload(gateway)
        for _ in range(3):
            answer = asked(kept)
            assert (answer.status, answer.header("Connection")) == (200, "keep-alive")


def test_a_bundle_of_any_size_is_read_anew(gateway, old, new, bundle):
    filler = "# a comment\n" * 120_000
    bundle.write_text(filler + old.certificate.read_text())
    reload(gateway)
    with client_of(gateway, old, old) as connection:
        assert asked(connection).status == 200
        bundle.write_text(filler + new.certificate.read_text())
        reload(gateway)
        assert asked(connection).header("Connection") == "close"
    eventually(lambda: asked(client_of(gateway, old, new)).status == 200)
