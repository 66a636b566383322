"""Connections that die without a word (a firewall or a failover forgot them): readers get their summary over new ones, none waits for
upstream.timeout, and the upstream is never asked twice where it only was slow."""

import threading
import time

import pytest

from harness.eventually import eventually
from harness.lossy_path import LossyPath
from harness.twilio_facts import new_sid


@pytest.fixture
def path(simulator):
    with LossyPath(int(simulator.url.rsplit(":", 1)[1])) as path:
        yield path


def through(path, **upstream):
    return {"url": f"https://localhost:{path.port}", **upstream}


def ask_at_once(gateway, count):
    answers = []

    def ask():
        sid, begun = new_sid(), time.monotonic()
        answers.append((gateway.ask(sid), sid, time.monotonic() - begun))

    readers = [threading.Thread(target=ask) for _ in range(count)]
    for one in readers:
        one.start()
    for one in readers:
        one.join(60)
    assert len(answers) == count
    return answers


@pytest.mark.parametrize("workers", [1, 4])
def test_readers_after_twenty_connections_died_get_their_summary_over_new_ones(simulator, path, start_gateway, workers):
    gateway = start_gateway(workers=workers, upstream=through(path, warm_connections=20))
    eventually(lambda: gateway.metrics().total("upstream_connections", state="idle") >= 20, what="20 idle connections")
    path.lose_open_connections()
    sid, begun = new_sid(), time.monotonic()
    answer = gateway.ask(sid)
    assert answer.status == 200 and answer.json()["call_sid"] == sid
    assert time.monotonic() - begun < 4, "upstream.timeout is 8 s"
    for answer, sid, _ in ask_at_once(gateway, 12):
        assert answer.status == 200 and answer.json()["call_sid"] == sid
    assert simulator.count(sid) == 1
    assert gateway.metrics().total("upstream_requests_total", result="timeout") == 0


def test_many_readers_at_that_moment_get_it_too(path, start_gateway):
    gateway = start_gateway(workers=4, upstream=through(path, warm_connections=20))
    eventually(lambda: gateway.metrics().total("upstream_connections", state="idle") >= 20, what="20 idle connections")
    path.lose_open_connections()
    for answer, sid, _ in ask_at_once(gateway, 20):
        assert answer.status == 200 and answer.json()["call_sid"] == sid


def test_a_slow_upstream_is_waited_for_and_asked_once(simulator, path, start_gateway):
    gateway = start_gateway(upstream=through(path))
    gateway.ask(new_sid())
    sid = new_sid()
    simulator.fault_for(sid, "latency", times=1, ms=2500)
    assert gateway.ask(sid).status == 200
    assert simulator.count(sid) == 1


def test_after_a_timeout_the_next_reader_does_not_take_a_connection_as_old(simulator, path, start_gateway):
    gateway = start_gateway(workers=1, upstream=through(path, timeout="1s", warm_connections=3))
    eventually(lambda: gateway.metrics().total("upstream_connections", state="idle") >= 3)
    before = path.connections
    sid = new_sid()
    simulator.fault_for(sid, "latency", times=1, ms=6000)
    assert gateway.ask(sid).status == 504
    assert gateway.ask(new_sid()).status == 200
    assert path.connections > before, "it was a new one"


def keepalive_timers(port):
    """Of established connections to that port; 2 is the kernel's number of a keepalive timer."""
    found = []
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table.readlines()[1:]:
            fields = line.split()
            if fields[2].endswith(f":{port:04X}") and fields[3] == "01":
                found.append(int(fields[5].split(":")[0], 16))
    return found


@pytest.mark.parametrize("setting, timer", [("15s", 2), ("0s", 0)])
def test_the_kernel_watches_idle_connections(path, start_gateway, setting, timer):
    gateway = start_gateway(upstream=through(path, tcp_keepalive=setting))
    gateway.ask(new_sid())
    assert eventually(lambda: keepalive_timers(path.port)) == [timer]
