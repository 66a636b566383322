"""--probe: one GET and an exit status, for where there is no curl."""

import signal
import socket
import subprocess

import pytest

from harness.eventually import eventually
from harness.gateway import BINARY
from harness.twilio_facts import new_sid
from harness.wire import request, target


def probe(url):
    ended = subprocess.run([BINARY, "--probe", url], capture_output=True, text=True, timeout=30, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def test_a_gateway_that_is_well(gateway):
    for url in (f"http://127.0.0.1:{gateway.admin_port}/readyz", f"http://localhost:{gateway.admin_port}/livez", f"http://127.0.0.1:{gateway.admin_port}"):
        assert probe(url) == (0, "HTTP/1.1 200 OK\n"), url


def test_over_a_unix_socket(start_gateway, tmp_path):
    path = tmp_path / "admin.sock"
    start_gateway(admin={"metrics_address": f"unix:{path}"})
    assert probe(f"unix:{path}")[0] == 0
    assert probe(f"unix:{path}:/livez")[0] == 0
    assert probe(f"unix:{path}:/nowhere")[0] == 1


def test_one_that_drains_is_not_ready_but_alive(start_gateway, simulator):
    gateway = start_gateway()
    simulator.barrier(True)
    with gateway.connect() as waiting:
        waiting.send(request(target(new_sid())))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        gateway.signal(signal.SIGTERM)
        url = f"http://127.0.0.1:{gateway.admin_port}"
        eventually(lambda: probe(f"{url}/readyz") == (1, "HTTP/1.1 503 Service Unavailable\n"))
        assert probe(f"{url}/livez")[0] == 0
        simulator.barrier(False)
        waiting.read()
    assert gateway.wait(10) == 0


def test_nobody_and_nobody_who_answers(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert probe(f"http://127.0.0.1:{port}/readyz") == (1, "no answer in time\n")
    assert probe(f"http://127.0.0.1:{port}/readyz") == (1, "Connection refused\n")
    assert probe(f"unix:{tmp_path}/none.sock")[0] == 1


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/", "http://example.com:80/", "127.0.0.1:80"])
def test_what_cannot_be_asked_is_a_mistake_of_usage(url):
    code, said = probe(url)
    assert code == 64 and "--probe takes http://" in said
