"""What the service manager hears: when the gateway is ready, reloads, ends, and that it is alive."""

import re
import signal
import time

import pytest

from harness.eventually import eventually
from harness.gateway import Gateway, settings_for, yaml
from harness.held_threads import held_threads
from harness.service_manager import ServiceManager
from harness.twilio_facts import new_sid
from harness.wire import request, target


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    notify = str(tmp_path / "notify") if request.param == "path" else f"@{tmp_path}/notify"
    return ServiceManager(notify=notify, watchdog_usec=400_000)


@pytest.fixture
def gateway(manager, simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator), manager=manager)
    yield gateway
    if gateway.running():
        gateway.process.kill()
        gateway.wait()


def test_it_is_ready_when_it_listens(manager, gateway):
    ready = manager.hears("READY=1")
    assert f"listening on http://127.0.0.1:{gateway.port}" in ready["STATUS"]
    assert gateway.ask(new_sid()).status == 200
    gateway.stop()


def test_it_says_that_it_lives_twice_an_interval(manager, gateway):
    manager.hears("READY=1")
    begun = time.monotonic()
    for _ in range(6):
        manager.hears("WATCHDOG=1", timeout=5)
    # Six halves of 0.4 s; the first may have come before READY was read.
    assert time.monotonic() - begun > 0.7
    gateway.stop()


def test_a_worker_that_does_not_move_is_not_vouched_for(manager, gateway):
    manager.hears("READY=1")
    with held_threads(gateway.process.pid) as held:
        if not held:
            pytest.skip("no thread may be traced here")
        eventually(lambda: not manager.has_heard("WATCHDOG=1", within=1.2), what="silence for three intervals")
        assert gateway.admin("/livez").status == 200, "the control lane goes on"
    assert manager.has_heard("WATCHDOG=1", within=10), "they move again"
    eventually(lambda: re.search(r"worker \d has not moved for 400 ms", gateway.output()), what="a word in the log")
    gateway.stop()


@pytest.mark.parametrize("how", ["a signal", "a request", "refused"])
def test_a_reload_begins_and_ends(manager, gateway, simulator, how):
    manager.hears("READY=1")
    changed = {"log": {"level": "debug"}} if how != "refused" else {"workers": 1}
    gateway.config_path.write_text(yaml(settings_for(simulator, **changed)))
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    if how == "a request":
        assert gateway.admin("/api/reload", "POST").status == 200
    else:
        gateway.signal(signal.SIGHUP)
    reloading = manager.hears("RELOADING=1")
    assert before <= int(reloading["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    ready = manager.hears("READY=1")
    assert ready["STATUS"].startswith("reload refused: " if how == "refused" else "reloaded; listening on "), ready
    gateway.stop()


def test_the_end_is_logged_and_what_is_left(manager, gateway, simulator):
    simulator.barrier(True)
    with gateway.connect() as waiting:
        waiting.send(request(target(new_sid())))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        gateway.signal(signal.SIGTERM)
        stopping = manager.hears("STOPPING=1")
        assert "1 connection(s), 1 request(s)" in stopping["STATUS"]
        assert "1 connection(s), 1 request(s)" in manager.hears("STATUS=")["STATUS"], "once a second"
        # A reload now does not make it ready again, and while it drains it lives.
        gateway.signal(signal.SIGHUP)
        del manager.heard[:]
        manager.hears("WATCHDOG=1")
        manager.hears("STATUS=")
        assert not any("READY" in one or "RELOADING" in one for one in manager.heard), manager.heard
        simulator.barrier(False)
        assert waiting.read().status == 200
    assert gateway.wait(10) == 0
    gateway.says("1 connection(s), 1 request(s)")  # and in the log
    gateway.no_sanitizer_report()


def test_a_watchdog_that_waits_for_somebody_else_hears_nothing(simulator, tmp_path):
    manager = ServiceManager(notify=str(tmp_path / "notify"), watchdog_usec=100_000, WATCHDOG_PID=1)
    gateway = Gateway(tmp_path, settings_for(simulator), manager=manager)
    manager.hears("READY=1")
    gateway.admin("/livez")
    gateway.signal(signal.SIGTERM)
    manager.hears("STOPPING=1")
    assert gateway.wait() == 0
    assert not any("WATCHDOG" in one for one in manager.heard)


def test_a_manager_that_is_not_there_is_no_problem(simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator), manager=ServiceManager(NOTIFY_SOCKET="/no/such/socket", WATCHDOG_USEC=100_000))
    assert gateway.ask(new_sid()).status == 200
    gateway.stop()
