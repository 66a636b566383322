"""summary-gateway ctl: the admin listener by a command, for people and for programs."""

import json
import socket
import subprocess
import threading

import pytest

from harness.free_port import free_port
from harness.gateway import BINARY
from harness.twilio_facts import account, new_sid

TOKEN = "a-token-that-is-long-enough-for-anybody"


def ctl(*words):
    ended = subprocess.run([BINARY, "ctl", *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
    return ended.returncode, ended.stdout, ended.stderr


@pytest.fixture
def gateway(start_gateway):
    return start_gateway()


@pytest.fixture
def ask(gateway):
    """ctl of that gateway; its standard output, which must be all that it says."""

    def run(*words):
        code, out, err = ctl("--admin", f"127.0.0.1:{gateway.admin_port}", *words)
        assert (code, err) == (0, ""), (out, err)
        return out

    return run


def test_each_command_shows_what_the_admin_listener_says(gateway, ask):
    sid = new_sid()
    gateway.ask(sid), gateway.ask(sid)
    status = ask("status")
    assert "ready                true" in status and "faults: none" in status
    assert json.loads(ask("status", "--json"))["totals"]["requests"]["hit"] == 1
    assert ask("clients").splitlines()[0].split() == ["client", "requests", "hits", "upstream_calls", "avoided", "wasted_polls", "throttled", "status_4xx", "status_5xx", "per_second"]
    assert ask("clients").splitlines()[1].split()[1:3] == ["2", "1"]
    assert "It is fresh and is answered from memory." in ask("explain", sid)
    assert json.loads(ask("explain", sid, "--state", "partial", "--json"))["processing_state"] == "partial"
    assert ask("slow") == "no requests\n"
    assert ask("fleet") == "engine  -\n"
    assert ask("purge", "--call", sid) == "purged  1\n"
    assert ask("purge", "--account", account(1), "--hard").startswith("purged ")
    assert ask("purge", "--all", "--json") == '{"purged":0}\n'


def test_config_is_what_is_in_force(gateway, ask, simulator):
    shown = json.loads(ask("config", "--json"))
    assert shown["upstream"]["url"] == simulator.url
    assert shown["listeners"] == [{"address": "127.0.0.1:0"}]
    gateway.config_path.write_text(gateway.config_path.read_text() + "cache:\n  fresh_for: 5m\n")
    assert "cache.fresh_for" in ask("reload")
    assert json.loads(ask("config", "--json"))["cache"]["fresh_for"] == "5m"
    assert "fresh_for" in ask("config")


def test_what_the_gateway_refuses_is_1_with_its_reason(gateway):
    gateway.config_path.write_text("workers: many\n")
    code, out, err = ctl("--admin", f"127.0.0.1:{gateway.admin_port}", "reload")
    assert (code, out) == (1, "")
    assert "Nothing was changed: " in err and "workers" in err


def test_address_and_token_come_from_the_settings(start_gateway, tmp_path):
    token = tmp_path / "admin.token"
    token.write_text(TOKEN + "\n")
    token.chmod(0o600)
    gateway = start_gateway(admin={"address": f"127.0.0.1:{free_port()}", "token_file": token})
    code, out, err = ctl("--config", gateway.config_path, "clients")
    assert (code, out, err) == (0, "no clients\n", "")
    by_address = ("--admin", f"127.0.0.1:{gateway.admin_port}")
    assert ctl(*by_address, "--token-file", token, "clients")[0] == 0
    code, out, err = ctl(*by_address, "clients")
    assert (code, out) == (1, "") and "A token is needed" in err
    # Other settings may be wrong meanwhile: the gateway still runs.
    gateway.config_path.write_text(gateway.config_path.read_text() + "no_such_key: 1\n")
    assert ctl("--config", gateway.config_path, "clients")[0] == 0
    assert TOKEN not in gateway.output()


def test_a_unix_socket(start_gateway, tmp_path):
    path = tmp_path / "admin.sock"
    gateway = start_gateway(admin={"address": f"127.0.0.1:{free_port()}", "metrics_address": f"unix:{path}"})
    code, out, err = ctl("--admin", f"unix:{path}", "status")
    assert (code, out) == (1, "") and "/livez, /readyz and /metrics" in err
    assert gateway.running()


def test_usage_64_and_unreachable_69(tmp_path):
    for words in ((), ("nonsense",), ("purge",), ("status", "--admin", "nowhere"), ("status", "--config", tmp_path / "none.yaml")):
        code, out, err = ctl(*words)
        assert (code, out) == (64, "") and err, words
    code, out, err = ctl("--admin", f"127.0.0.1:{free_port()}", "status")
    assert (code, out) == (69, "") and "refused" in err
    assert ctl("--help")[0] == 0


def test_a_gateway_that_says_nothing_sensible(tmp_path):
    """Another program has that address."""
    for said in (b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\x1b[2J"):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def serve(said=said, server=server):
                peer, _ = server.accept()
                with peer:
                    peer.recv(4096)
                    peer.sendall(said)

            thread = threading.Thread(target=serve)
            thread.start()
            code, out, err = ctl("--admin", f"127.0.0.1:{server.getsockname()[1]}", "fleet")
            thread.join()
        assert (code, out) == (69, "") and err, said
