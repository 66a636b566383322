"""summary-gateway ctl doctor: beside the gateway it looks at all that the settings name; each broken world gives its line."""

import json
import os
import socket
import subprocess
import time

import pytest

from harness import events
from harness.access import Access
from harness.certificates import Authority
from harness.egress import EgressProxy
from harness.gateway import BINARY, settings_for, yaml
from harness.tls_upstream import TlsUpstream, server_context
from harness.twilio_facts import account, new_sid

PARENT_FILE = f"{account(1)}:parent-token\n"


@pytest.fixture
def examine(simulator, tmp_path):
    """What doctor says of such settings: the exit code, and the findings by check."""

    def run(*words, environment=None, **overrides):
        config = tmp_path / "doctor.yaml"
        settings = settings_for(simulator, **overrides)
        settings["admin"] = {"address": "127.0.0.1:1"}
        config.write_text(yaml(settings))
        begun = time.monotonic()
        ended = subprocess.run(
            [BINARY, "ctl", "-c", config, "doctor", "--json", *map(str, words)],
            capture_output=True, text=True, timeout=90, check=False, env={**os.environ, **(environment or {})},
        )
        assert ended.returncode in (0, 1), (ended.returncode, ended.stdout, ended.stderr)
        assert time.monotonic() - begun < 60
        for secret in ("parent-token", "wrong-secret", "proxy-secret", "engine-secret"):
            assert secret not in ended.stdout + ended.stderr
        run.said, run.live = ended.stdout, ended.stderr
        return ended.returncode, {one["check"]: one for one in json.loads(ended.stdout)["checks"]}

    return run


def states(found):
    return {check: one["is"] for check, one in found.items()}


def test_a_healthy_world_in_mode_forward(examine, start_gateway):
    code, found = examine()
    assert code == 0, found
    assert states(found) == {
        "settings": "ok", "gateway": "skipped", "upstream name": "ok", "upstream connection": "ok", "upstream TLS": "ok",
        "upstream answer": "ok", "upstream clock": "ok", "credential": "skipped",
    }
    assert "TLSv1.3" in found["upstream TLS"]["seen"] and "clients bring their own" in found["credential"]["seen"]


def test_people_get_a_line_for_each_check(simulator, start_gateway, tmp_path):
    gateway = start_gateway()
    config = tmp_path / "beside.yaml"
    text = gateway.config_path.read_text()
    config.write_text(text.replace("admin:\n  address: 127.0.0.1:0", f"admin:\n  address: 127.0.0.1:{gateway.admin_port}"))
    ended = subprocess.run([BINARY, "ctl", "doctor", "--config", config], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout
    lines = ended.stdout.splitlines()
    assert len(lines) == 8 and all(line.split()[0] in ("ok", "skipped") for line in lines)
    assert "it runs and is ready" in ended.stdout


def test_each_account_proves_its_credential(examine, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    access.oauth("token", simulator)
    code, found = examine(credentials=access.settings())
    assert code == 0, found
    assert found["account main"]["is"] == "ok" and found["account main"]["seen"].startswith("accepted")
    assert found["account sub"]["is"] == "warn" and "17000" in found["account sub"]["seen"], "to the simulator that call is the parent's"
    assert [found[f"account token token{what}"]["is"] for what in (" name", " connection", " TLS", "")] == ["ok"] * 4
    assert found["account token"]["is"] == "ok"

    access.file("main.credential", f"{account(1)}:wrong-secret\n")
    access.oauth("token", simulator, secret="wrong-secret")
    code, found = examine(credentials=access.settings())
    assert code == 1
    assert found["account main"]["is"] == "fail" and "refused (401, code 20003)" in found["account main"]["seen"]
    assert found["account token token"]["is"] == "fail" and "client_secret_file" in found["account token token"]["right"]
    assert found["account token"]["is"] == "skipped" and found["account sub"]["is"] == "warn"


def test_a_credential_of_the_operator(examine, tmp_path):
    mine = tmp_path / "mine.credential"
    mine.write_text(PARENT_FILE)
    mine.chmod(0o600)
    code, found = examine("--credential-file", mine)
    assert (code, found["credential"]["is"]) == (0, "ok")
    mine.write_text(f"{account(1)}:wrong-secret\n")
    code, found = examine("--credential-file", mine)
    assert (code, found["credential"]["is"]) == (1, "fail")


def test_names_ports_and_tls_that_are_wrong(examine, simulator, tmp_path):
    code, found = examine(upstream={"url": "https://no-such-host.invalid"})
    assert code == 1 and found["upstream name"]["is"] == "fail" and "upstream.url" in found["upstream name"]["right"]
    assert states(found)["upstream TLS"] == "skipped"

    code, found = examine(upstream={"url": "https://127.0.0.1:1"})
    assert code == 1 and "Connection refused" in found["upstream connection"]["seen"]

    with socket.create_server(("127.0.0.1", 0)) as silent:
        code, found = examine(upstream={"url": f"https://127.0.0.1:{silent.getsockname()[1]}"})
        assert code == 1 and found["upstream TLS"]["is"] == "fail" and "is it a TLS server" in found["upstream TLS"]["right"]

    authority = Authority(tmp_path, "authority")
    for leaf, said, right in (
        (authority.leaf(until=int(time.time()) - 60, since=int(time.time()) - 86400), "expired", "new certificate"),
        (authority.leaf("DNS:other.example"), "mismatch", "must name the host"),
        (Authority(tmp_path, "stranger").leaf(), "local issuer", "upstream.ca_file"),
    ):
        with TlsUpstream(server_context(leaf)) as upstream:
            code, found = examine(upstream={"url": upstream.url, "ca_file": str(authority.certificate)})
            assert code == 1 and found["upstream TLS"]["is"] == "fail", found
            assert said in found["upstream TLS"]["seen"] and right in found["upstream TLS"]["right"], found["upstream TLS"]
            assert upstream.received == b"", "nothing is sent to a stranger"
    with TlsUpstream(server_context(authority.leaf(days=2))) as upstream:
        code, found = examine(upstream={"url": upstream.url, "ca_file": str(authority.certificate)})
        assert states(found)["upstream TLS"] in ("ok", "warn") and found["upstream answer"]["is"] == "fail", "a 200 is not Twilio"


def test_a_clock_that_is_wrong(examine, simulator_with_a_clock):
    upstream = {"url": simulator_with_a_clock.url, "ca_file": simulator_with_a_clock.ca_file}
    simulator_with_a_clock.advance(30)
    code, found = examine(upstream=upstream)
    assert code == 0 and found["upstream clock"]["is"] == "warn" and "behind the upstream" in found["upstream clock"]["seen"]
    simulator_with_a_clock.advance(3600)
    code, found = examine(upstream=upstream)
    assert code == 1 and found["upstream clock"]["is"] == "fail" and "NTP" in found["upstream clock"]["right"]


def test_an_egress_proxy_that_opens_or_refuses(examine, simulator, tmp_path):
    with EgressProxy(simulator.port) as proxy:
        code, found = examine(upstream={"proxy": proxy.url})
        assert code == 0 and found["upstream egress"]["is"] == "ok", found
    for status, right in ((407, "proxy_credential_file"), (403, "allow CONNECT")):
        refuse = lambda peer, _proxy, status=status: peer.sendall(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
        with EgressProxy(how=refuse) as proxy:
            code, found = examine(upstream={"proxy": proxy.url})
            assert code == 1 and right in found["upstream egress"]["right"], found
            assert states(found)["upstream TLS"] == "skipped"


def test_an_engine_with_another_password(examine, engine, tmp_path):
    fleet = engine.fleet()
    code, found = examine(fleet=fleet)
    assert code == 0 and found["engine"]["is"] == "ok" and found["engine version"]["is"] in ("ok", "skipped"), found
    password = tmp_path / "engine.password"
    password.write_text("engine-secret\n")
    password.chmod(0o600)
    code, found = examine(fleet={**fleet, "user": "somebody", "password_file": str(password)})
    assert code == 1 and found["engine"]["is"] == "fail" and "fleet.password_file" in found["engine"]["right"], found
    engine.kill()
    code, found = examine(fleet=fleet)
    assert code == 1 and found["engine"]["is"] == "fail"


def test_a_webhook_that_refuses_strangers(examine, start_gateway, tmp_path):
    authority = Authority(tmp_path, "authority")
    leaf = authority.leaf()
    tls = {"certificate": str(leaf.certificate), "key": str(leaf.key)}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"https://localhost:{port}{events.PATH}"
    settings = {**events.settings(tmp_path, public_url=url), "address": f"127.0.0.1:{port}", "tls": tls}
    trusted = {"SSL_CERT_FILE": str(authority.certificate)}
    code, found = examine(events=settings, environment=trusted)
    assert code == 1 and found["events connection"]["is"] == "fail", "it does not run"
    start_gateway(events=settings)
    code, found = examine(events=settings, environment=trusted)
    assert code == 0 and found["events answer"]["is"] == "ok", found
    assert found["certificate of events"]["is"] == "ok"
    code, found = examine(events={**settings, "public_url": url + "/other"}, environment=trusted)
    assert code == 1 and "path is changed" in found["events answer"]["right"]


def test_files_that_others_can_read_and_settings_that_are_wrong(examine, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    access.file("main.credential", PARENT_FILE, mode=0o644)
    code, found = examine(credentials=access.settings())
    assert code == 1 and "can be read by every user" in found["settings"]["seen"]
    code, found = examine(upstream={"timeout": "fast"})
    assert code == 1 and "upstream.timeout" in found["settings"]["seen"]


def test_a_live_call_tells_which_assumptions_hold(examine, simulator, tmp_path):
    mine = tmp_path / "mine.credential"
    mine.write_text(PARENT_FILE)
    mine.chmod(0o600)
    sid = new_sid()
    code, found = examine("--credential-file", mine, "--live", sid)
    assert code == 0, found
    assert "holds     ProcessingState=partial of a complete call gives the complete summary" in examine.live
    assert "holds     the case of the SID's digits does not matter" in examine.live
    assert sid not in examine.live and sid[2:12] not in examine.live and "+1" not in examine.live
    young = simulator.register(new_sid(), ended_ago_s=60)
    examine("--credential-file", mine, "--live", young)
    assert "holds     17001 (not complete) is 404: 404/17001" in examine.live
    code, found = examine("--live", sid)
    assert code == 0 and found["live"]["is"] == "skipped"


BAD_USAGE = {
    "--live CA1": "--live needs a CallSid", "--frobnicate": "doctor does not take", "now": "doctor does not take",
    "--credential-file /no/such/file": "--credential-file: ",
}


@pytest.mark.parametrize("words", BAD_USAGE)
def test_bad_usage(words):
    ended = subprocess.run([BINARY, "ctl", "doctor", *words.split()], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 64 and ended.stdout == "" and BAD_USAGE[words] in ended.stderr, ended
