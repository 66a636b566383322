"""The configuration: every problem at once, with its place; nothing opens before all is well."""

import os
import re
import socket
import ssl
import subprocess
import time

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.gateway import BINARY, Gateway, settings_for
from harness.program import REPOSITORY
from harness.twilio_facts import new_sid
from harness.wire import exchange, request, target

SECONDS = 30


def run(*arguments):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert "Sanitizer" not in done.stderr and "runtime error:" not in done.stderr, done.stderr
    return done


@pytest.fixture
def check(tmp_path):
    def check(text):
        path = tmp_path / "gateway.yaml"
        path.write_text(text) if isinstance(text, str) else path.write_bytes(text)
        done = run("--check-config", "--config", path)
        return done.returncode, done.stdout + done.stderr, path

    return check


def problem_lines(output):
    return {int(number) for number in re.findall(r"gateway\.yaml:(\d+)", output)}


GOOD = """\
workers: 2
listeners:
  - address: 127.0.0.1:0
admin:
  address: 127.0.0.1:0
upstream:
  url: https://insights.twilio.com
  ca_file: system
  timeout: 8s
  max_in_flight: 40
  connect_timeout: 2s
  tls_handshake_timeout: 3s
  idle_timeout: 30s
  max_body_bytes: 1MiB
  max_header_bytes: 32KiB
  dns_ttl: 30s
credentials:
  mode: forward
cache:
  max_bytes: 256MiB
  fresh_for: 1h
  serve_complete_for: [absent, complete, all]
  not_ready_for: 5s
  absent_for: 5s
  permanent_for: 1h
  refresh_backoff: 5s
limits:
  max_connections: 10000
  max_header_bytes: 16KiB
  max_target_bytes: 4KiB
  max_headers: 100
  header_timeout: 10s
  idle_timeout: 75s
  write_timeout: 30s
  drain_timeout: 10s
  max_waiters: 10000
server_timing: false
log: { level: info, access: errors_and_slow, slow_after: 1s }
"""


def test_the_documented_settings_are_accepted(check):
    code, output, _ = check(GOOD)
    assert code == 0, output


def test_everything_has_a_default(check):
    for text in ("", "{}\n", "# nothing but a comment\n", "cache:\n  fresh_for: 90m\n"):
        code, output, _ = check(text)
        assert code == 0, f"{text!r}: {output}"


def test_all_problems_are_told_at_once_with_line_and_key(check):
    code, output, _ = check(
        "workers: many\n"  # 1
        "listner:\n"  # 2
        "  - address: 127.0.0.1:8080\n"
        "admin:\n"
        "  address: nowhere\n"  # 5
        "upstream:\n"
        "  url: http://insights.twilio.com\n"  # 7
        "  timeout: 8\n"  # 8
        "  max_in_flight: -3\n"  # 9
        "cache:\n"
        "  max_bytes: lots\n"  # 11
        "  fresh_fr: 1h\n"  # 12
        "  serve_complete_for: [absent, never]\n"  # 13
        "log: { level: loud }\n"  # 14
    )
    assert code == 64
    assert problem_lines(output) >= {1, 2, 5, 7, 8, 9, 11, 12, 13, 14}, output
    for key in ("workers", "listner", "admin.address", "upstream.url", "upstream.timeout", "upstream.max_in_flight"):
        assert key in output, key
    for key in ("cache.max_bytes", "fresh_fr", "cache.serve_complete_for", "log.level"):
        assert key in output, key
    assert re.search(r"did you mean.*listeners", output), output
    assert re.search(r"did you mean.*fresh_for", output), output


BAD = {
    "an unknown section": ("cash:\n  max_bytes: 1MiB\n", 1),
    "a section that is a list": ("cache: [1, 2]\n", 1),
    "a section that is a word": ("upstream: https://insights.twilio.com\n", 1),
    "a duration without unit": ("cache:\n  fresh_for: 60\n", 2),
    "a duration of another unit": ("cache:\n  fresh_for: 3 parsecs\n", 2),
    "a negative duration": ("cache:\n  fresh_for: -1h\n", 2),
    "a duration beyond all numbers": ("cache:\n  fresh_for: 99999999999999999999h\n", 2),
    "a freshness beyond thirty days": ("cache:\n  fresh_for: 900000h\n", 2),
    "a size of another unit": ("cache:\n  max_bytes: 12 bananas\n", 2),
    "a size of nothing": ("cache:\n  max_bytes: 0\n", 2),
    "a port beyond 65535": ("listeners:\n  - address: 127.0.0.1:70000\n", 2),
    "an address without port": ("listeners:\n  - address: 127.0.0.1\n", 2),
    "no listener": ("listeners: []\n", 1),
    "workers none": ("workers: 0\n", 1),
    "workers a million": ("workers: 1000000\n", 1),
    "a url without host": ("upstream:\n  url: https://\n", 2),
    "a url with a password": ("upstream:\n  url: https://user:secret-word@insights.twilio.com\n", 2),
    "a url of another scheme": ("upstream:\n  url: ftp://insights.twilio.com\n", 2),
    "plaintext to another host": ("upstream:\n  url: http://insights.twilio.com\n  allow_plaintext: true\n", 2),
    "a CA file that is not there": ("upstream:\n  ca_file: /no/such/file.pem\n", 2),
    "an unknown mode": ("credentials:\n  mode: borrow\n", 2),
    "a boolean that is none": ("server_timing: maybe\n", 1),
    "the same key twice": ("workers: 1\nworkers: 2\n", 2),
    "a certificate that is not there": ("listeners:\n  - address: 127.0.0.1:0\n    tls: { certificate: /no/c.pem, key: /no/k.pem }\n", 3),
}


@pytest.mark.parametrize("text, line", BAD.values(), ids=BAD)
def test_a_problem_is_told_with_its_line(check, text, line):
    code, output, _ = check(text)
    assert code == 64, output
    assert line in problem_lines(output), output
    assert "secret-word" not in output


BROKEN = {
    "tabs": "cache:\n\tmax_bytes: 1MiB\n",
    "an open quote": 'workers: "2\n',
    "an open bracket": "listeners: [\n",
    "a list at the top": "- workers\n",
    "a word at the top": "workers\n",
    "an alias bomb": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)),
    "very deep": "workers: " + "[" * 20_000 + "]" * 20_000 + "\n",
    "noise": bytes(range(256)) * 20,
    "megabytes": "x" * 3_000_000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_is_not_even_yaml_is_refused_clearly(check, text):
    code, output, path = check(text)
    assert code == 64, output[:2000]
    assert str(path) in output or path.name in output
    assert len(output) < 20_000


def test_a_file_that_is_not_there(tmp_path):
    done = run("--check-config", "--config", tmp_path / "absent.yaml")
    assert done.returncode == 64
    assert "absent.yaml" in done.stdout + done.stderr


def test_a_bad_configuration_opens_nothing(tmp_path):
    path = tmp_path / "gateway.yaml"
    path.write_text("listeners:\n  - address: 127.0.0.1:0\nworkerz: 2\n")
    done = run("--config", path)
    assert done.returncode == 64
    assert "listening" not in done.stdout
    assert "gateway.yaml:3" in done.stdout + done.stderr and "workers" in done.stdout + done.stderr


def test_print_config_shows_what_is_in_force(tmp_path, check):
    path = tmp_path / "some.yaml"
    path.write_text("cache:\n  fresh_for: 90m\n")
    done = run("--print-config", "--config", path)
    assert done.returncode == 0, done.stderr
    for key in ("workers", "listeners", "admin", "upstream", "credentials", "cache", "limits", "log"):
        assert re.search(rf"^{key}:", done.stdout, re.M), key
    for word in ("https://insights.twilio.com", "max_in_flight", "serve_complete_for"):
        assert word in done.stdout, word
    assert re.search(r"fresh_for: (90m|1h30m|5400s)", done.stdout), done.stdout
    code, output, _ = check(done.stdout)
    assert code == 0, f"it reads what it prints: {output}"


def test_what_auto_means_here_is_said(tmp_path, the_simulator):
    path = tmp_path / "auto.yaml"
    path.write_text("workers: auto\ncache: { max_bytes: auto }\n")
    core = min(os.sched_getaffinity(0))
    printed = subprocess.run(
        [BINARY, "--print-config", "--config", path], capture_output=True, text=True, timeout=SECONDS, check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    ).stdout
    assert re.search(r"^# workers: auto is 1 here, of 1 core\(s\)", printed, re.M), printed
    assert re.search(r"^# cache\.max_bytes: auto is \d+[MG]iB here, of \d+ MiB of memory, with 10000 connections$", printed, re.M), printed
    assert re.search(r"^workers: auto$", printed, re.M) and re.search(r"^  max_bytes: auto$", printed, re.M)
    gateway = Gateway(
        tmp_path, settings_for(the_simulator, workers="auto", cache={"max_bytes": "auto"}), preexec=lambda: os.sched_setaffinity(0, {core})
    )
    for words in ("workers: auto is 1 here", "cache.max_bytes: auto is"):
        eventually(lambda: words in gateway.output(), what=words)
    assert gateway.ask(new_sid()).status == 200
    gateway.stop()


def test_version_and_help():
    version = run("--version")
    assert version.returncode == 0
    assert re.search(r"summary-gateway.*\d+\.\d+\.\d+", version.stdout)
    described = run("--help")
    assert described.returncode == 0
    for option in ("--config", "--check-config", "--print-config", "--version", "--help"):
        assert option in described.stdout


BAD_USAGE = {
    "--confg x": "unknown argument '--confg'",
    "--config": "--config needs a file",
    "--config=": "--config needs a file",
    "--config --check-config": "--config needs a file",
    "--config a --config b": "--config is given twice",
    "--config=a --config=a": "--config is given twice",
    "extra": "unknown argument 'extra'",
    "--check-config": "--config FILE is missing",
}


@pytest.mark.parametrize("arguments, reason", BAD_USAGE.items(), ids=BAD_USAGE)
def test_bad_usage_is_64_and_says_how_in_one_line(arguments, reason):
    done = run(*arguments.split())
    assert (done.returncode, done.stdout) == (64, "")
    (line,) = done.stderr.splitlines()
    assert reason in line and "--help" in line


MEANT = {
    "a tab": ("cache:\n\tmax_bytes: 1MiB\n", 2, "is indented with a tab; YAML takes only blanks there"),
    "a variable": ("upstream:\n  url: https://${HOST}\n", 2, "variables are not substituted"),
    "a size of other programs": ("cache:\n  max_bytes: 512Mi\n", 2, "did you mean '512MiB'?"),
    "weeks": ("cache:\n  stale_for: 1w\n", 2, "did you mean '7d'?"),
    "a level of other programs": ("log:\n  level: warn\n", 2, "did you mean 'warning'?"),
    "what Helm makes of 0660": ("listeners:\n  - address: unix:/run/x.sock\n    mode: 432\n", 3, 'did you mean "0660"? Helm'),
    "the same address twice": ("listeners:\n  - address: 127.0.0.1:1\n  - address: localhost:1\n", 3, "is taken by listeners[0].address"),
    "every address and one of them": ("listeners:\n  - address: :1\nadmin:\n  address: 127.0.0.1:1\n", 4, "is taken by listeners[0].address"),
    "a socket file twice": ("listeners:\n  - address: unix:/run/x\nhandover: unix:/run/./x\n", 3, "is taken by listeners[0].address"),
    "an open admin listener": ('admin:\n  address: ":9464"\n', 2, "is reachable from other machines"),
    "a snapshot in no folder": ("snapshot:\n  file: no/such/cache\n", 2, "no/such', which is not there"),
    "a log in no folder": ("log:\n  access_file: /no/such/access.log\n", 2, "needs the folder '/no/such', which is not there"),
}


@pytest.mark.parametrize("text, line, words", MEANT.values(), ids=MEANT)
def test_what_was_meant_is_said(check, text, line, words):
    code, output, _ = check(text)
    assert code == 64, output
    (problem,) = output.splitlines()
    assert words in problem and f"gateway.yaml:{line}:" in problem


def test_problems_of_values_and_of_files_come_together(check):
    code, output, _ = check("workers: many\nsnapshot: { file: /no/such/cache }\nadmin: { token_file: no.token }\nlog: { level: loud }\n")
    assert code == 64
    assert [int(line) for line in re.findall(r"gateway\.yaml:(\d+)", output)] == [1, 2, 3, 4], output


def test_merge_keys_and_keys_of_other_programs_are_taken(check):
    code, output, _ = check(
        "x-usual: &usual { header_timeout: 3s }\nlimits:\n  <<: *usual\n  idle_timeout: 4s\n  x-why: measured\n"
    )
    assert code == 0, output


def test_an_address_may_be_localhost_or_every_one(the_simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(the_simulator, listeners=[{"address": "localhost:0"}, {"address": ":0"}]))
    announced = "\n".join(gateway.lines)
    assert "listening on http://127.0.0.1:" in announced and "listening on http://0.0.0.0:" in announced
    assert gateway.ask(new_sid()).status == 200
    gateway.stop()


DAY = 86400
AGES = {
    "expired": (-2 * DAY, -DAY, "has expired on"), "not yet valid": (DAY, 2 * DAY, "is not valid before"),
    "soon": (-80 * DAY, 10 * DAY, "expires on"), "good": (-60 * DAY, 30 * DAY, None),
}


@pytest.mark.parametrize("begins, ends, words", AGES.values(), ids=AGES)
def test_a_certificate_outside_of_its_time_is_told(the_simulator, tmp_path, begins, ends, words):
    leaf = Authority(tmp_path, "gateway-ca").leaf(since=time.time() + begins, until=time.time() + ends)
    listeners = [{"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key}}]
    gateway = Gateway(tmp_path, settings_for(the_simulator, listeners=listeners))
    checked = run("--check-config", "--config", gateway.config_path)
    assert checked.returncode == 0 and ("warning" in checked.stdout) == bool(words), checked.stdout
    if words:
        assert f"listeners[0].tls: warning: the certificate {words}" in checked.stdout
        gateway.says(f"the certificate {words}")
    times = gateway.metrics()
    assert times.total("certificate_start_timestamp_seconds") > 0 and times.total("certificate_expiry_timestamp_seconds") > 0
    gateway.stop()


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_an_open_admin_listener_needs_a_token(check, address):
    code, output, _ = check(f"admin:\n  address: {address if address[0] != '[' else repr(address)}\n")
    assert code == 64
    assert "token" in output and 2 in problem_lines(output)


def test_the_configuration_that_ships_is_the_one_that_is_built_in(tmp_path):
    shipped = REPOSITORY / "config" / "gateway.yaml"
    empty = tmp_path / "empty.yaml"
    empty.write_text("")
    assert run("--print-config", "--config", shipped).stdout == run("--print-config", "--config", empty).stdout


def test_a_second_listener_a_unix_socket_and_tls(the_simulator, tmp_path):
    authority = Authority(tmp_path, "gateway-ca")
    leaf = authority.leaf()
    listeners = [
        {"address": "127.0.0.1:0"},
        {"address": f"unix:{tmp_path}/gateway.sock"},
        {"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key}},
    ]
    gateway = Gateway(tmp_path, settings_for(the_simulator, listeners=listeners))
    sid = new_sid()
    gateway.ask(sid)
    announced = "\n".join(gateway.lines)
    secure = int(re.search(r"listening on https://127\.0\.0\.1:(\d+)", announced).group(1))
    assert f"unix:{tmp_path}/gateway.sock" in announced
    answer = exchange(secure, request(target(sid)), tls=ssl.create_default_context(cafile=str(authority.certificate)))
    assert answer.status == 200 and answer.cache.get("hit")
    with socket.socket(socket.AF_UNIX) as local:
        local.settimeout(10)
        local.connect(f"{tmp_path}/gateway.sock")
        local.sendall(request(target(sid), headers=[("Connection", "close")]))
        received = b""
        while piece := local.recv(65536):
            received += piece
    assert received.startswith(b"HTTP/1.1 200 ") and b"; hit" in received
    gateway.stop()
