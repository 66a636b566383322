"""What is erased is gone from the memory of the process as well, and a crash leaves no copy of it."""

import base64
import os
import re
import ssl
import uuid
from pathlib import Path

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.gateway import BINARY
from harness.memory import times_in_memory
from harness.twilio_facts import PARENT, account, new_sid
from harness.wire import Connection, request, target

SANITIZED = b"__asan_init" in BINARY.read_bytes() or b"__tsan_init" in BINARY.read_bytes() if BINARY.exists() else False


def held(gateway, text):
    return times_in_memory(gateway.process.pid, text.encode())


def test_a_phone_number_is_gone_after_a_hard_purge(start_gateway, simulator):
    gateway, sid = start_gateway(server_timing=True), new_sid()
    with gateway.connect() as idle, gateway.connect() as pipelining:
        body = idle.send(request(target(sid), PARENT)).read().body.decode()
        number = re.search(r"\+\d{9,}", body)[0]
        for _ in range(2):
            assert idle.send(request(target(sid), PARENT)).read().cache.get("hit")
        pipelining.send(request(target(sid), PARENT) * 8)
        for _ in range(8):
            assert number in pipelining.read().body.decode()
        idle.send(request(target(sid, "partial"), PARENT)).read()
        assert held(gateway, number) > 0
        assert gateway.admin(f"/api/purge?call_sid={sid}&hard=true", "POST").status == 200
        eventually(lambda: held(gateway, number) == 0, what="the number's end, while both connections are open")


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_credential_is_gone_when_its_connection_is_closed(start_gateway, simulator, tmp_path, tls):
    user, secret = f"SK{uuid.uuid4().hex}", uuid.uuid4().hex
    simulator.credential(user, secret, account(1))
    value = base64.b64encode(f"{user}:{secret}".encode()).decode()
    authority = Authority(tmp_path, "authority")
    leaf = authority.leaf()
    terms = {"tls": {"certificate": leaf.certificate, "key": leaf.key}} if tls else {}
    gateway = start_gateway(listeners=[{"address": "127.0.0.1:0", **terms}])
    context = ssl.create_default_context(cafile=str(authority.certificate)) if tls else None
    with Connection(gateway.port, tls=context) as connection:
        for sid in (new_sid(), new_sid()):
            assert connection.send(request(target(sid), f"Basic {value}")).read().status == 200
        assert held(gateway, value) > 0
    eventually(lambda: held(gateway, value) == held(gateway, secret) == 0, what="the credential's end")


def core_limit(gateway):
    return re.search(r"Max core file size +(\S+)", Path(f"/proc/{gateway.process.pid}/limits").read_text())[1]


def test_a_crash_leaves_no_core_dump_unless_asked(start_gateway):
    assert core_limit(start_gateway()) == "0"
    with open("/proc/self/limits", encoding="ascii") as own:
        assert core_limit(start_gateway(debug={"core_dumps": True})) == re.search(r"Max core file size +(\S+)", own.read())[1]


@pytest.mark.skipif(SANITIZED, reason="a sanitizer has to look into its own process")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start it as another user")
def test_nobody_else_may_look_into_the_process_unless_asked(start_gateway, simulator, tmp_path):
    for folder in (tmp_path, Path(simulator.ca_file).parent):
        for one in (folder, *folder.parents):
            if "pytest-" in str(one):
                os.chmod(one, 0o755)  # another user reads the settings there
    nobody = 65534
    owner = lambda gateway: os.stat(f"/proc/{gateway.process.pid}/environ").st_uid
    become = lambda: os.setuid(nobody)
    assert owner(start_gateway(preexec=become)) == 0, "an undumpable process belongs to root"
    assert owner(start_gateway(preexec=become, debug={"core_dumps": True})) == nobody
