"""Files that the settings name: what is none is refused by name and at once, and no event loop waits for one that does not answer."""

import os
import signal
import subprocess

import pytest

from harness.access import Access, hash_of, token
from harness.certificates import Authority
from harness.eventually import eventually
from harness.gateway import BINARY, Gateway, settings_for, yaml
from harness.program import Program
from harness.service_manager import ServiceManager
from harness.twilio_facts import new_sid
from harness.wire import exchange, request, target


def fifo(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def folder(path):
    path.mkdir()


def endless(path):
    with open(path, "wb") as file:
        file.truncate(1 << 40)
    path.chmod(0o600)


PLACES = {
    "admin.token_file": lambda path, *_: {"admin": {"token_file": path}},
    "listeners[0].tls certificate": lambda path, leaf, _: over_tls(certificate=path, key=leaf.key),
    "listeners[0].tls key": lambda path, leaf, _: over_tls(certificate=leaf.certificate, key=path),
    "listeners[0].tls client_ca": lambda path, leaf, _: over_tls(certificate=leaf.certificate, key=leaf.key, client_ca=path),
    "upstream.ca_file": lambda path, *_: {"upstream": {"ca_file": path}},
    "tracing.ca_file": lambda path, *_: {"tracing": {"otlp_url": "https://collector.example:4318", "ca_file": path}},
    "credential_file": lambda path, _, access: {"credentials": access.settings(
        accounts=[{"name": "main", "credential_file": path}], allow_unauthenticated="main"
    )},
    "token_file": lambda path, _, access: {
        "credentials": access.settings(clients=[{"name": "billing", "account": "main", "token_file": path}])
    },
    "snapshot.key_file": lambda path, *_: {"snapshot": {"file": path.parent / "cache.snapshot", "key_file": path}},
}


def over_tls(**files):
    return {"listeners": [{"address": "127.0.0.1:0", "tls": files}]}


@pytest.fixture(scope="module")
def leaf(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "files").leaf()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", [fifo, device, folder, endless], ids=lambda kind: kind.__name__)
def test_what_is_no_file_is_refused_by_name(simulator, leaf, tmp_path, place, kind):
    wrong = tmp_path / "wrong"
    kind(wrong)
    config = tmp_path / "gateway.yaml"
    config.write_text(yaml(settings_for(simulator, **PLACES[place](wrong, leaf, Access(tmp_path)))))
    done = subprocess.run([BINARY, "--config", config, "--check-config"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 64, done.stderr
    reason = "is larger than" if kind is endless else "is not a file"
    assert f"'{wrong}' {reason}" in done.stdout, done.stdout
    assert place.split()[0] in done.stdout


@pytest.mark.parametrize("kind", [device, folder, endless], ids=lambda kind: kind.__name__)
def test_settings_that_are_no_file_are_refused_by_name(tmp_path, kind):
    wrong = tmp_path / "wrong"
    kind(wrong)
    done = subprocess.run([BINARY, "--config", wrong, "--check-config"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 64
    assert f"'{wrong}' is {'larger than 1MiB' if kind is endless else 'not a file'}" in done.stdout


def test_settings_may_come_from_a_pipe_but_not_for_ever(tmp_path):
    told = subprocess.run(
        ["bash", "-c", f"{BINARY} --check-config --config <(echo 'workers: 0')"], capture_output=True, text=True, timeout=20, check=False
    )
    assert told.returncode == 64 and "workers: must be" in told.stdout
    silent = tmp_path / "silent"
    os.mkfifo(silent)
    done = subprocess.run([BINARY, "--config", silent, "--check-config"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 64 and f"'{silent}' is a pipe that nothing is written to" in done.stdout


def test_a_reload_does_not_read_an_empty_pipe_as_defaults(simulator, tmp_path):
    source, into = os.pipe()
    os.write(into, yaml(settings_for(simulator)).encode())
    os.close(into)
    program = Program([BINARY, "--config", f"/dev/fd/{source}"], tmp_path, "piped", pass_fds=(source,))
    admin = int(program.expect(r"admin on http://127.0.0.1:(\d+)").group(1))
    program.expect("ready$")
    answer = exchange(admin, request("/api/reload", None, "POST", [("Connection", "close")]), "POST")
    assert answer.status == 409 and "is not a file" in answer.json()["message"]
    program.stop()


@pytest.fixture
def access(tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    return access


@pytest.fixture
def manager(machine, tmp_path):
    return ServiceManager(notify=str(tmp_path / "notify"), watchdog_usec=400_000, **machine.environment)


@pytest.fixture
def gateway(manager, simulator, access, tmp_path):
    access.client("nobody", "main", unix_user="nobody")
    listeners = [{"address": "127.0.0.1:0"}, {"address": f"unix:{tmp_path}/socket"}]
    settings = settings_for(simulator, listeners=listeners, credentials=access.settings(), limits={"drain_timeout": "1s"})
    gateway = Gateway(tmp_path, settings, manager=manager)
    manager.hears("READY=1")
    yield gateway
    if gateway.running():
        gateway.process.kill()
        gateway.wait()


def bearer(name):
    return f"Bearer {token(name)}"


def last_look(gateway):
    return gateway.metrics().total("files_last_look_timestamp_seconds")


def hang(machine, access, what):
    """Until a look at the files hangs."""
    machine.hang(what)
    access.file("billing.token", hash_of(token("billing")) + hash_of(token("second")))
    eventually(machine.holds, timeout=30, what="a look that hangs")


@pytest.mark.parametrize("what", ["billing.token", "nobody"])
def test_nothing_but_the_look_waits_for_a_file_or_a_user_database(gateway, manager, machine, access, what):
    assert gateway.ask(new_sid(), auth=bearer("billing")).status == 200
    hang(machine, access, what)
    seen = last_look(gateway)
    del manager.heard[:]
    for _ in range(10):  # two seconds: a look comes each second
        manager.hears("WATCHDOG=1", timeout=5)
    assert last_look(gateway) == seen
    assert gateway.ask(new_sid(), auth=bearer("billing")).status == 200
    assert gateway.admin("/livez").status == 200
    machine.recover()
    eventually(lambda: gateway.ask(new_sid(), auth=bearer("second")).status == 200, what="the token that was added meanwhile")
    gateway.stop()


def test_an_end_does_not_wait_for_a_look_that_hangs(gateway, machine, access):
    hang(machine, access, "billing.token")
    gateway.signal(signal.SIGTERM)
    assert gateway.wait(12) == 0, gateway.output()
    gateway.no_sanitizer_report()


def test_a_reload_that_hangs_is_refused_in_time_and_a_later_one_counts(gateway, machine, access, simulator):
    hang(machine, access, "billing.token")
    answer = gateway.admin("/api/reload", "POST")
    assert (answer.status, answer.fault) == (409, "reload_refused")
    assert "have not been read within 10 s" in answer.json()["message"]
    assert gateway.ask(new_sid(), auth=bearer("billing")).status == 200
    machine.recover()
    assert gateway.admin("/api/reload", "POST").status == 200, "it waits for the one before"
    assert gateway.ask(new_sid(), auth=bearer("second")).status == 200
    gateway.stop()


def test_every_sighup_counts(start_gateway, simulator):
    """Also those that come while another one is being read: the last settings are in force at the end."""
    gateway = start_gateway()
    for number in range(20):
        gateway.config_path.write_text(yaml(settings_for(simulator, upstream={"max_in_flight": 10 + number})))
        gateway.signal(signal.SIGHUP)
    eventually(lambda: gateway.metrics().total("upstream_limit") <= 29 and "max_in_flight" in gateway.output(), what="a reload")
    eventually(lambda: gateway.admin("/api/reload", "POST").json()["changed"] == [], what="nothing is left to change")


def test_the_gateway_answers_while_it_reads(gateway):
    """The watches run while a connection is open and used."""
    with gateway.connect() as connection:
        seen = last_look(gateway)
        while last_look(gateway) == seen:
            assert connection.send(request(target(new_sid()), bearer("billing"))).read().status == 200
    gateway.stop()
