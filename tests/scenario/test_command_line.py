"""The command line: settings that stand over the file, settings without a file, and a reload that systemd can judge."""

import re
import subprocess

import pytest

from harness.gateway import BINARY, Gateway, settings_for, yaml
from harness.program import REPOSITORY, Program
from harness.twilio_facts import new_sid
from harness.wire import exchange, request, target

UNIT = REPOSITORY / "deploy" / "systemd" / "summary-gateway.service"


def run(*arguments, given=None):
    ended = subprocess.run([BINARY, *map(str, arguments)], input=given, capture_output=True, text=True, timeout=30, check=False)
    return ended.returncode, ended.stdout, ended.stderr


def setting(text, key):
    return re.search(rf"^ *{key}: (.*)$", text, re.M).group(1)


@pytest.mark.parametrize("word", ["-V", "--version"])
def test_the_version(word):
    code, out, err = run(word)
    assert (code, err) == (0, "") and re.fullmatch(r"summary-gateway \S+", out.splitlines()[0])


def test_the_defaults_are_printed_without_a_file():
    code, defaults, err = run("--print-config")
    assert (code, err) == (0, "") and setting(defaults, "max_in_flight") == "40"
    assert run("--print-config", "-c", "-", given="")[1] == defaults
    changed = run("--print-config", "--set", "upstream.max_in_flight=7", "--set", "passthrough=[call, events]")[1]
    assert setting(changed, "max_in_flight") == "7" and setting(changed, "passthrough") == "[call, events]"


def test_what_is_set_wrongly_is_said_as_such(tmp_path):
    file = tmp_path / "gateway.yaml"
    file.write_text("workers: 0\n")
    code, out, _ = run("-c", file, "--check-config", "--set", "log.level=loud", "--set", "upstream.timeuot=3s")
    assert code == 64
    assert out.splitlines() == [
        "--set: log.level: must be one of debug, info, warning, error, not 'loud'",
        "--set: upstream.timeuot: is not a setting; did you mean 'upstream.timeout'?",
        f"{file}:1: workers: must be a whole number from 1 to 256, not '0'",
    ]
    code, _, err = run("--config", "-", given="a: [")
    assert code == 64 and err.startswith("standard input:1: is not YAML")


def test_a_value_that_is_set_outlives_a_reload(simulator, tmp_path):
    settings = settings_for(simulator, cache={"fresh_for": "1h"})
    gateway = Gateway(tmp_path, settings, arguments=["--set", "cache.fresh_for=7m", "--set=log.level=debug"])
    sid = new_sid()
    gateway.ask(sid)
    assert 400 < int(gateway.ask(sid).cache["ttl"]) <= 420
    gateway.config_path.write_text(yaml(settings_for(simulator, cache={"fresh_for": "1h"}, upstream={"max_in_flight": 9})))
    answer = gateway.admin("/api/reload", "POST").json()
    assert answer["changed"] == ["upstream.max_in_flight"], answer
    assert 400 < int(gateway.ask(sid).cache["ttl"]) <= 420
    gateway.stop()


def test_settings_from_standard_input_serve_but_are_not_read_again(simulator, tmp_path):
    file = tmp_path / "piped.yaml"
    file.write_text(yaml(settings_for(simulator)))
    program = Program(["sh", "-c", f'exec "{BINARY}" --config - < "{file}"'], tmp_path, "piped")
    port = int(program.expect(r"listening on http://127\.0\.0\.1:(\d+)").group(1))
    admin = int(program.expect(r"admin on http://127\.0\.0\.1:(\d+)").group(1))
    assert exchange(port, request(target(new_sid()))).status == 200
    refused = exchange(admin, request("/api/reload", None, "POST", [("Connection", "close")]), "POST")
    assert refused.status == 409 and "standard input: cannot be read again" in refused.body.decode(), refused.raw
    assert exchange(port, request(target(new_sid()))).status == 200
    program.stop()


def test_the_service_s_reload_fails_if_the_reload_is_refused(start_gateway, simulator):
    gateway = start_gateway()
    (line,) = re.findall(r"^ExecReload=(.*)$", UNIT.read_text(), re.M)
    file = gateway.config_path
    # The settings name no port, because the tests share the machine.
    line = line.replace("/usr/bin/summary-gateway", str(BINARY)).replace("--config /etc/summary-gateway/gateway.yaml", f"--admin 127.0.0.1:{gateway.admin_port}")
    done = subprocess.run(line.split(), capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    file.write_text(yaml(settings_for(simulator, workers=1)))
    done = subprocess.run(line.split(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1 and "workers: a change of it needs a restart" in done.stderr
