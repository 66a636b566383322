"""Every kind of door: unix sockets, TLS with and without client certificates, IPv6; and a door that cannot be opened is explained."""

import resource
import socket
import ssl
import subprocess

import pytest

from harness.certificates import Authority, openssl
from harness.gateway import BINARY, settings_for, yaml
from harness.program import SANITIZER_REPORT, Program
from harness.twilio_facts import new_sid
from harness.wire import Connection, exchange, request, target


def fails_to_start(directory, settings, name="refused", preexec=None):
    """Its exit code and everything it said."""
    path = directory / f"{name}.yaml"
    path.write_text(yaml(settings))
    program = Program([BINARY, "--config", path], directory, name, preexec)
    code = program.wait()
    program.no_sanitizer_report()
    return code, program.output()


def unix(path):
    return [{"address": f"unix:{path}"}]


def test_requests_are_served_over_a_unix_socket(start_gateway, tmp_path):
    path, sid = tmp_path / "http.sock", new_sid()
    gateway = start_gateway(listeners=unix(path))
    assert f"summary-gateway: listening on unix:{path}" in gateway.lines
    assert exchange(path, request(target(sid))).status == 200
    with Connection(path) as connection:
        for _ in range(20):
            assert connection.send(request(target(sid))).read().cache.get("hit")


def test_a_socket_file_left_behind_is_replaced(start_gateway, tmp_path):
    path = tmp_path / "http.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        dead.listen()
    assert path.is_socket()
    start_gateway(listeners=unix(path))
    assert exchange(path, request(target(new_sid()))).status == 200


def test_a_socket_that_somebody_serves_is_left_alone(start_gateway, simulator, tmp_path):
    path = tmp_path / "http.sock"
    start_gateway(listeners=unix(path))
    code, said = fails_to_start(tmp_path, settings_for(simulator, listeners=unix(path)))
    assert code == 70 and str(path) in said and "in use" in said, said
    assert exchange(path, request(target(new_sid()))).status == 200, "the first one still has it"


@pytest.mark.parametrize("what", ["a file", "a link to a file", "a folder"])
def test_a_path_that_is_no_socket_is_never_removed(simulator, tmp_path, what):
    path, precious = tmp_path / "http.sock", tmp_path / "precious"
    precious.write_text("precious")
    if what == "a file":
        path.write_text("precious")
    elif what == "a link to a file":
        path.symlink_to(precious)
    else:
        path.mkdir()
    code, said = fails_to_start(tmp_path, settings_for(simulator, listeners=unix(path)))
    assert code == 70 and str(path) in said, said
    assert precious.read_text() == "precious"
    assert path.is_dir() if what == "a folder" else path.read_text() == "precious"
    assert path.is_symlink() == (what == "a link to a file")


def test_an_ipv6_listener(start_gateway):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no ::1")
    gateway = start_gateway(listeners=[{"address": '"[::1]:0"'}])
    assert f"summary-gateway: listening on http://[::1]:{gateway.port}" in gateway.lines
    assert exchange(gateway.port, request(target(new_sid())), host="::1").status == 200


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def leaf(authority):
    return authority.leaf()


def over_tls(leaf, **more):
    return [{"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key, **more}}]


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


@pytest.mark.parametrize("descriptors", [100, 200, 500, 4000])
def test_more_workers_than_descriptors_is_a_sentence_and_not_a_crash(simulator, tmp_path, descriptors):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    path = tmp_path / "gateway.yaml"
    path.write_text(yaml(settings_for(simulator, workers=256)))
    program = Program([BINARY, "--config", path], tmp_path, "crowded", few)
    try:
        program.expect("summary-gateway: ready$")
    except AssertionError:
        code, said = program.wait(), program.output()
        assert code == 70, said
        assert any(line.startswith("summary-gateway: ") for line in said.splitlines()), said
        program.no_sanitizer_report()
    else:
        program.stop()
