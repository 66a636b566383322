"""The end comes in its time and writes the last snapshot, whatever hangs: the log's reader, a disk, a name server, a collector."""

import json
import os
import select
import signal

import pytest

from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.logbook import entered, entries
from harness.refused import fails_to_start
from harness.service_manager import ServiceManager
from harness.twilio_facts import new_sid
from harness.wire import request, target

DRAIN = 1
LAST_STEPS = 11


@pytest.fixture
def start(simulator, tmp_path):
    """Ended by the tests themselves; whatever they leave running is only killed."""
    started = []

    def start(machine=None, preexec=None, **overrides):
        settings = settings_for(simulator, limits={"drain_timeout": f"{DRAIN}s"}, **overrides)
        manager = ServiceManager(**machine.environment) if machine else None
        started.append(Gateway(tmp_path, settings, name=f"gateway-{len(started)}", preexec=preexec, manager=manager))
        return started[-1]

    yield start
    for one in started:
        if one.running():
            one.process.kill()
            one.wait()


def ends(gateway, code=0):
    gateway.signal(signal.SIGTERM)
    assert gateway.wait(DRAIN + LAST_STEPS) == code, gateway.output()
    gateway.no_sanitizer_report()


def deaf_pipe():
    """A pipe of 64 KiB for a program's standard error; nothing reads it. Both ends stay open."""
    ends = os.pipe()
    return lambda: os.dup2(ends[1], 2)


def test_a_log_that_is_not_read_holds_up_neither_requests_nor_the_end(start):
    gateway, sid = start(preexec=deaf_pipe(), log={"access": "all"}), new_sid()
    with gateway.connect() as connection:
        for _ in range(400):
            assert connection.send(request(target(sid))).read().status == 200
    for _ in range(60):
        assert gateway.admin("/api/reload", "POST").status == 200
    ends(gateway)


def test_log_lines_that_are_missing_are_counted(start):
    gateway = start(preexec=lambda: os.dup2(os.open("/dev/full", os.O_WRONLY), 2))
    eventually(lambda: gateway.metrics().total("log_dropped_total") > 0)
    samples = lambda: (history := gateway.admin("/api/stats").json()["history"])["first"] + len(history["at_ms"])
    eventually(lambda: samples() >= 2)
    assert gateway.admin("/api/reload", "POST").status == 200
    assert entered(gateway, "log_lines_lost")["count"] >= 1
    entered(gateway, "log_lines_whole")
    seen = samples()
    eventually(lambda: samples() >= seen + 3, timeout=20)
    assert len(entries(gateway, "log_lines_lost")) == 1, "the lines about it are lost, too, and are no news"
    ends(gateway)


def test_an_access_log_whose_reader_has_left(start, tmp_path):
    pipe = tmp_path / "access"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    gateway = start(log={"access": "all", "access_file": pipe})
    gateway.ask(new_sid())
    select.select([reader], [], [], 10)
    assert os.read(reader, 65536)
    os.close(reader)
    gateway.ask(new_sid())
    eventually(lambda: gateway.metrics().total("access_log_dropped_total") == 1)
    gateway.signal(signal.SIGUSR1)
    gateway.ask(new_sid())
    ends(gateway)


def test_an_access_log_that_has_no_reader_yet(start, tmp_path):
    pipe = tmp_path / "access"
    os.mkfifo(pipe)
    gateway, sid = start(log={"access": "all", "access_file": pipe}), new_sid()
    gateway.ask(sid)
    with open(pipe) as reader:
        assert json.loads(reader.readline())["outcome"] == "miss", "it was kept for its reader"
    ends(gateway)


def test_an_access_log_on_a_disk_that_hangs(start, machine, tmp_path):
    gateway = start(machine, log={"access": "all", "access_file": tmp_path / "access.log"})
    machine.hang("access.log")
    gateway.signal(signal.SIGUSR1)
    gateway.ask(new_sid())
    ends(gateway)


def test_an_access_log_that_is_a_directory_is_refused_by_name(simulator, tmp_path):
    code, said = fails_to_start(tmp_path, settings_for(simulator, log={"access": "all", "access_file": tmp_path}))
    assert code in (64, 70) and f"'{tmp_path}' cannot be opened: Is a directory" in said


@pytest.fixture
def kept(tmp_path):
    return {"snapshot": {"file": tmp_path / "cache.snapshot", "every": "1h"}}


def test_a_look_up_under_way_costs_neither_the_end_nor_the_last_snapshot(start, machine, kept):
    gateway, sid = start(machine, workers=1, upstream={"dns_ttl": "1s"}, **kept), new_sid()
    eventually(lambda: gateway.metrics().total("snapshots_total", result="written") == 1, what="the one of the start")
    gateway.ask(sid)
    machine.hang("localhost")
    # A write uses a new connection. With the old address known it does not wait for the look-up that it starts.
    other = new_sid()
    eventually(lambda: gateway.annotate(other, Comment="x").status == 200 and machine.holds(), what="a look-up that hangs")
    ends(gateway)
    machine.recover()
    again = start(**kept)
    eventually(lambda: again.metrics().total("snapshot_loaded_entries") == 1, what="the snapshot")
    assert again.ask(sid).cache.get("hit")
    ends(again)


def test_a_collector_whose_name_does_not_resolve(start, machine, kept):
    machine.hang("collector.example")
    gateway = start(machine, tracing={"otlp_url": "http://collector.example:4318"}, **kept)
    gateway.ask(new_sid(), headers=[("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")])
    eventually(machine.holds, what="a look-up that hangs")
    ends(gateway)


def test_a_disk_that_hangs_costs_the_last_snapshot_and_the_exit_code_says_so(start, machine, kept):
    gateway = start(machine, **kept)
    gateway.ask(new_sid())
    machine.hang("cache.snapshot.tmp")
    ends(gateway, code=70)
    gateway.says("the last snapshot of the cache is missing, the disk does not answer")


def test_a_snapshot_that_cannot_be_written_is_said_by_the_exit_code(start, kept, tmp_path):
    gateway = start(**kept)
    gateway.ask(new_sid())
    eventually(lambda: gateway.metrics().total("snapshots_total", result="written") == 1, what="the first one")
    (tmp_path / "cache.snapshot.tmp").mkdir()
    ends(gateway, code=70)
    gateway.says("the last snapshot of the cache is missing")


def test_the_snapshot_is_written_also_if_requests_were_cut(start, simulator, kept):
    gateway, sid = start(upstream={"timeout": "30s"}, **kept), new_sid()
    gateway.ask(sid)
    simulator.barrier(True)
    with gateway.connect() as waiting:
        waiting.send(request(target(new_sid())))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        ends(gateway, code=70)
    gateway.says("1 request(s) were cut")
    simulator.barrier(False)
    again = start(**kept)
    eventually(lambda: again.metrics().total("snapshot_loaded_entries") == 1, what="the snapshot")
    ends(again)
