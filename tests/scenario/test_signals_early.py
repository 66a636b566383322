"""Signals that come while the gateway starts: none of them kills it, each of them counts."""

import os
import random
import signal
import threading
import time

import pytest

from harness.eventually import eventually
from harness.gateway import BINARY, settings_for, yaml
from harness.program import Program
from harness.wire import exchange, request

TAKEN = (signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT, signal.SIGTERM, signal.SIGINT)
ATTEMPTS = 12


@pytest.fixture
def config(simulator, tmp_path):
    path = tmp_path / "gateway.yaml"
    path.write_text(yaml(settings_for(simulator)))
    return path


def blocked(pid):
    with open(f"/proc/{pid}/status") as status:
        mask = next(int(line.split()[1], 16) for line in status if line.startswith("SigBlk:"))
    return all(mask & 1 << (number - 1) for number in TAKEN)


def at_a_random_moment(program, number, within):
    """From the first instruction of main on: before it there is only the loader."""
    latest = time.monotonic() + 10
    while not blocked(program.process.pid):
        assert time.monotonic() < latest, "its signals are never blocked"
    moment = time.monotonic() + random.uniform(0, within)
    while time.monotonic() < moment:
        pass
    program.signal(number)


def start_takes(config, tmp_path):
    begun = time.monotonic()
    program = Program([BINARY, "--config", config], tmp_path, "measured")
    program.expect("ready$")
    took = time.monotonic() - begun
    program.stop()
    return took


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT], ids=lambda one: one.name)
def test_a_signal_to_a_starting_gateway_does_not_kill_it(config, tmp_path, number):
    within = start_takes(config, tmp_path)
    for attempt in range(ATTEMPTS):
        program = Program([BINARY, "--config", config], tmp_path, f"early-{attempt}")
        at_a_random_moment(program, number, within)
        program.expect("ready$")
        if number == signal.SIGHUP:
            eventually(lambda program=program: "reloaded: " in program.output(), what="the reload")
        program.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_an_end_that_is_asked_for_at_the_start_is_a_drain(config, tmp_path, number):
    within = start_takes(config, tmp_path)
    for attempt in range(ATTEMPTS):
        program = Program([BINARY, "--config", config], tmp_path, f"early-{attempt}")
        at_a_random_moment(program, number, within)
        assert program.wait(10) == 0, program.output()
        program.no_sanitizer_report()


def test_a_signal_sent_before_the_program_begins_counts(config, tmp_path):
    """The one that starts it has blocked them, so that not even the loader can be killed."""

    def sent_to_itself():
        signal.pthread_sigmask(signal.SIG_BLOCK, TAKEN)
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT, signal.SIGTERM):
            os.kill(os.getpid(), number)

    program = Program([BINARY, "--config", config], tmp_path, "before", preexec=sent_to_itself)
    assert program.wait(10) == 0, program.output()
    assert "reloaded: " in program.output() or "the gateway is about to end" in program.output()


def test_a_successor_that_is_to_end_before_it_serves_relieves_nobody(simulator, tmp_path):
    config = tmp_path / "gateway.yaml"
    config.write_text(yaml(settings_for(simulator, handover=f"unix:{tmp_path}/handover")))
    first = Program([BINARY, "--config", config], tmp_path, "first")
    admin = int(first.expect(r"admin on http://127.0.0.1:(\d+)").group(1))
    first.expect("ready$")

    def already_asked():
        signal.pthread_sigmask(signal.SIG_BLOCK, TAKEN)
        os.kill(os.getpid(), signal.SIGTERM)

    second = Program([BINARY, "--config", config, "--take-over"], tmp_path, "second", preexec=already_asked)
    assert second.wait(10) == 0, second.output()
    assert exchange(admin, request("/readyz", None, "GET", [("Connection", "close")]), "GET").status == 200
    first.stop()


@pytest.mark.parametrize("arguments", [["--check-config"], ["--print-config"]], ids=lambda one: one[0])
def test_a_command_that_waits_for_a_file_ends_by_ctrl_c(tmp_path, arguments):
    os.mkfifo(tmp_path / "gateway.yaml")
    program = Program([BINARY, "--config", tmp_path / "gateway.yaml", *arguments], tmp_path, "waiting")
    held = []
    writer = threading.Thread(target=lambda: held.append(open(tmp_path / "gateway.yaml", "w")), daemon=True)
    writer.start()
    writer.join(5)  # its open returns when the program has opened the other end
    assert held
    program.signal(signal.SIGINT)
    assert program.wait(5) == -signal.SIGINT


def test_a_command_that_reads_a_token_ends_by_ctrl_c(tmp_path):
    source, into = os.pipe()
    program = Program(["bash", "-c", f"exec {BINARY} --hash-token <&{source}"], tmp_path, "hash", pass_fds=(source,))
    eventually(lambda: os.readlink(f"/proc/{program.process.pid}/exe") == str(BINARY), what="the program")
    eventually(lambda: open(f"/proc/{program.process.pid}/syscall").read().startswith("0 0x0 "), what="it reads")
    program.signal(signal.SIGINT)
    assert program.wait(5) == -signal.SIGINT
    os.close(into)
    os.close(source)
