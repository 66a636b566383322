"""The unit files: systemd understands them, the sandbox is tight, and the program can live in it."""

import os
import re
import shutil
import socket
import subprocess

import pytest

from harness.eventually import eventually
from harness.gateway import BINARY, Gateway, settings_for, yaml
from harness.program import REPOSITORY, Program
from harness.twilio_facts import new_sid
from harness.wire import exchange, request, target

UNITS = REPOSITORY / "deploy" / "systemd"
SERVICE = UNITS / "summary-gateway.service"
MOST_EXPOSURE = 1.8  # systemd's own scale: 0 is a service that can do nothing, 10 one that may do anything


def systemd_analyze(*arguments):
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


def values(unit, key):
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.M)


def test_the_sandbox_is_tight():
    judged = systemd_analyze("security", "--offline=true", "--no-pager", SERVICE)
    assert judged.returncode == 0, judged.stderr
    exposure = re.search(r"Overall exposure level for summary-gateway\.service: ([\d.]+)", judged.stdout)
    assert float(exposure.group(1)) <= MOST_EXPOSURE, judged.stdout
    print(exposure.group())


def test_systemd_understands_the_units(tmp_path):
    for unit in UNITS.glob("summary-gateway.s*"):
        if unit.suffix in (".service", ".socket"):
            (tmp_path / unit.name).write_text(unit.read_text().replace("/usr/bin/summary-gateway", str(BINARY)))
    checked = systemd_analyze("verify", "--man=no", tmp_path / SERVICE.name, tmp_path / "summary-gateway.socket")
    assert checked.returncode == 0 and "summary-gateway" not in checked.stderr, checked.stderr


def allowed_calls():
    """The system calls that the unit's filter lets pass: allow-lists add, lists after ~ take away, in the order of the lines."""
    sets, current = {}, None
    for line in systemd_analyze("syscall-filter", "--no-pager").stdout.splitlines():
        if line.startswith("@"):
            current = sets.setdefault(line.strip(), [])
        elif line.startswith("    ") and not line.strip().startswith("#") and current is not None:
            current.append(line.strip())

    def expand(name):
        return {name} if not name.startswith("@") else set().union(*(expand(inner) for inner in sets[name]))

    allowed = set(expand("@default"))
    for line in values(SERVICE, "SystemCallFilter"):
        named = set().union(*(expand(name) for name in line.lstrip("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    return allowed


def test_the_filter_lets_pass_what_the_program_calls(simulator, tmp_path, monkeypatch):
    if not shutil.which("strace") or subprocess.run(["strace", "-qq", "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace is missing or may not trace here")
    trace = tmp_path / "trace"
    wrapper = tmp_path / "traced"
    wrapper.write_text(f'#!/bin/sh\nexec strace -f -qq -o "{trace}" "{BINARY}" "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setattr("harness.gateway.BINARY", wrapper)
    owner = f'"{os.getuid()}:{os.getgid()}"'
    listeners = [{"address": "127.0.0.1:0"}, {"address": f"unix:{tmp_path}/http.sock", "mode": '"0660"', "owner": owner}]
    gateway = Gateway(tmp_path, settings_for(simulator, listeners=listeners, log={"access": "all", "access_file": tmp_path / "access.log"}))
    sid = new_sid()
    assert [gateway.ask(sid).status for _ in range(2)] == [200, 200]
    assert gateway.admin("/metrics").status == 200
    # The program, not strace, is to be told.
    (program,) = subprocess.run(["pgrep", "-P", str(gateway.process.pid)], capture_output=True, text=True, check=True).stdout.split()
    for signal in ("HUP", "USR1", "QUIT", "TERM"):
        subprocess.run(["kill", f"-{signal}", program], check=True)
    assert gateway.wait() == 0, gateway.output()
    called = set(re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed)", trace.read_text(), re.M))
    assert {"epoll_wait", "sendmsg"} & called or len(called) > 20, called
    assert called <= allowed_calls(), f"refused: {sorted(called - allowed_calls())}"


def test_the_sockets_are_those_of_the_shipped_settings():
    shipped = re.findall(r'^  - address: "([^"]+)"', (REPOSITORY / "config" / "gateway.yaml").read_text(), re.M)
    assert values(UNITS / "summary-gateway.socket", "ListenStream") == shipped


def test_it_is_stopped_later_than_it_gives_up_waiting():
    drain = re.search(r"drain_timeout: (\d+)s", (REPOSITORY / "config" / "gateway.yaml").read_text())
    assert int(values(SERVICE, "TimeoutStopSec")[0]) > 2 * int(drain.group(1))


def test_wrong_settings_are_not_tried_again(tmp_path):
    config = tmp_path / "gateway.yaml"
    config.write_text("cache: { max_bytes: some }\n")
    ended = subprocess.run([BINARY, "--config", config], capture_output=True, timeout=30, check=False)
    assert values(SERVICE, "RestartPreventExitStatus") == [str(ended.returncode)]


def test_systemd_s_own_activation_is_understood(simulator, tmp_path):
    """It starts the gateway when the first client connects, with the client still waiting."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = tmp_path / "gateway.yaml"
    config.write_text(yaml(settings_for(simulator, listeners=[{"address": f"127.0.0.1:{port}"}])))
    program = Program(["systemd-socket-activate", "-l", f"127.0.0.1:{port}", BINARY, "--config", config], tmp_path, "activated")
    eventually(lambda: "Listening on" in program.output(), what="systemd listens")
    for _ in range(3):
        assert exchange(port, request(target(new_sid()))).status == 200
    assert f"summary-gateway: listening on http://127.0.0.1:{port}" in program.lines
    program.stop()
