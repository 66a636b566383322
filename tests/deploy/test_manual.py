"""Manual page, completions and logrotate's snippet: they know every option there is, and nothing that there is not."""

import re
import shutil
import subprocess

import pytest

from harness.eventually import eventually
from harness.gateway import BINARY, Gateway, settings_for
from harness.program import REPOSITORY
from harness.twilio_facts import new_sid

DEPLOY = REPOSITORY / "deploy"
HELP = subprocess.run([BINARY, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
CTL_HELP = subprocess.run([BINARY, "ctl", "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
OPTIONS = sorted(set(re.findall(r"^  (?:-[a-zA-Z], )?(--[a-z-]+)", HELP, re.M)))
SIGNALS = sorted(set(re.findall(r"\bSIG[A-Z0-9]+\b", HELP)))


def test_help_names_options():
    assert "--config" in OPTIONS and "--check-config" in OPTIONS


# --- manual pages ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", sorted(DEPLOY.glob("man/*.[0-9]")), ids=lambda page: page.name)
def test_a_manual_page_renders_without_a_word_of_complaint(page):
    shown = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-rF0", page], capture_output=True, text=True, timeout=30, check=False)
    assert shown.returncode == 0 and shown.stderr == "" and len(shown.stdout) > 1000, shown.stderr


def test_the_manual_page_tells_every_option_signal_and_exit_status():
    page = (DEPLOY / "man" / "summary-gateway.1").read_text().replace("\\-", "-")
    before, ctl = page.split(".SH CTL")
    ctl, after = ctl.split(".SH SIGNALS")
    told = set(re.findall(r"^\.B[RI]? \"?(--[a-z-]+)", before.split(".SH OPTIONS")[1] + after, re.M))
    assert told == set(OPTIONS)
    assert set(re.findall(r"--[a-z-]+", ctl)) == set(re.findall(r"--[a-z-]+", CTL_HELP)) - {"--help"}
    signals = page.split(".SH SIGNALS")[1].split(".SH")[0]
    assert set(re.findall(r"SIG[A-Z0-9]+", signals)) == set(SIGNALS)
    (statuses,) = re.findall(r"^Exit status: (.*)$", HELP, re.M)
    assert re.findall(r"\d+", statuses) == re.findall(r"^\.B (\d+)$", page, re.M)


# --- completions -----------------------------------------------------------------------------------------------------------
def bash_completes(*words, cwd=None):
    """What bash would offer after these words."""
    script = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
$(complete -p summary-gateway | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
printf '%s\\n' "${COMPREPLY[@]}"
"""
    completed = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", DEPLOY / "completion" / "summary-gateway.bash", *words],
        capture_output=True, text=True, timeout=30, check=True, cwd=cwd,
    )
    assert completed.stderr == ""
    return sorted(completed.stdout.split())


def test_bash_offers_every_option():
    assert bash_completes("summary-gateway", "") == sorted([*OPTIONS, "ctl"])
    commands, options = re.findall(r"^  ([a-z][a-z-]*)", CTL_HELP, re.M), set(re.findall(r"--[a-z-]+", CTL_HELP)) - {"--help"}
    assert bash_completes("summary-gateway", "ctl", "") == sorted([*commands, *options])
    assert bash_completes("summary-gateway", "--config", "a.yaml", "--c") == ["--check-config", "--config"]


@pytest.mark.parametrize("words", [["--config", ""], ["--config", "="], ["--config", "=", "g"]], ids=" ".join)
def test_bash_offers_settings_files(tmp_path, words):
    for name in ("gateway.yaml", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "great").mkdir()
    assert bash_completes("summary-gateway", *words, cwd=tmp_path) == ["gateway.yaml", "great"]


def test_zsh_offers_every_option():
    text = (DEPLOY / "completion" / "summary-gateway.zsh").read_text()
    assert text.startswith("#compdef summary-gateway\n")
    assert sorted(re.findall(r"(--[a-z-]+)=?\}?'?\[", text)) == OPTIONS
    assert re.findall(r"'\*:command:\((.*)\)'", text) == [" ".join(re.findall(r"^  ([a-z][a-z-]*)", CTL_HELP, re.M))]


# --- logrotate ---------------------------------------------------------------------------------------------------------------
def test_logrotate_loses_no_line(simulator, tmp_path):
    if not shutil.which("logrotate"):
        pytest.skip("logrotate is missing: deploy/install-deps --tests")
    log, audit = tmp_path / "access.log", tmp_path / "audit.log"
    sections = {"log": {"access": "all", "access_file": log}, "admin": {"address": "127.0.0.1:0", "audit_file": audit}}
    gateway = Gateway(tmp_path, settings_for(simulator, **sections), name="rotated")
    config = tmp_path / "logrotate.conf"
    snippet = (DEPLOY / "logrotate" / "summary-gateway").read_text()
    (command,) = set(re.findall(r"^ *(systemctl kill .*)$", snippet, re.M))
    assert "--signal=USR1 summary-gateway.service" in command
    config.write_text(snippet.replace("/var/log/summary-gateway", str(tmp_path)).replace(command, f"kill -USR1 {gateway.process.pid}"))
    config.chmod(0o644)
    for round_number in range(3):
        assert gateway.ask(new_sid()).status == 200
        assert gateway.admin(f"/api/purge?call_sid={new_sid()}", "POST").status == 200
        for file in (log, audit):
            eventually(lambda: file.exists() and file.stat().st_size, what="a line")  # an empty file is not rotated
        subprocess.run(["logrotate", "--force", "--state", tmp_path / "state", config], check=True, capture_output=True, timeout=60)
        assert gateway.ask(new_sid()).status == 200, round_number
    gateway.stop()
    for file, text, count in ((log, b'"type":"access"', 6), (audit, b'"scope":"one call"', 3)):
        rotated = sorted(tmp_path.glob(f"{file.name}*"))
        assert [one.name.removeprefix(file.name) for one in rotated] == ["", ".1", ".2.gz", ".3.gz"]
        lines = b"".join(subprocess.run(["zcat", "--force", one], capture_output=True, check=True).stdout for one in rotated)
        assert lines.count(text) == count
