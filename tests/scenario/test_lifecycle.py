"""From start to drain: what is announced, what is finished, and how it ends."""

import signal
import socket

import pytest

from harness.eventually import eventually
from harness.gateway import BINARY, Gateway, settings_for, yaml
from harness.program import Program
from harness.strangers import prove
from harness.twilio_facts import new_sid
from harness.wire import request, target


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return True
    return False


@pytest.fixture
def gateway(simulator, tmp_path):
    """Ended by the tests themselves; whatever they leave running is only killed."""
    gateway = Gateway(tmp_path, settings_for(simulator))
    yield gateway
    if gateway.running():
        gateway.process.kill()
        gateway.wait()


def test_an_idle_gateway_drains_at_once_and_exits_0(gateway):
    with gateway.connect() as idle:
        idle.send(request(target(new_sid()))).read()
        gateway.signal(signal.SIGTERM)
        idle.ends()
    assert gateway.wait(10) == 0
    gateway.no_sanitizer_report()


def test_ctrl_c_is_a_drain_too(gateway):
    gateway.signal(signal.SIGINT)
    assert gateway.wait(10) == 0


def test_readiness_flips_while_draining_and_liveness_does_not(gateway, simulator):
    simulator.barrier(True)
    with gateway.connect() as waiting:
        waiting.send(request(target(new_sid())))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        gateway.signal(signal.SIGTERM)
        eventually(lambda: refuses(gateway.port), what="draining has begun")
        assert gateway.admin("/readyz").status == 503
        assert gateway.admin("/livez").status == 200, "draining is not dying"
        simulator.barrier(False)
        assert waiting.read().status == 200
    assert gateway.wait(10) == 0
    gateway.no_sanitizer_report()


def test_a_request_in_flight_is_finished_before_the_end(gateway, simulator):
    sid = new_sid()
    simulator.barrier(True)
    with gateway.connect() as waiting:
        waiting.send(request(target(sid)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        gateway.signal(signal.SIGTERM)
        eventually(lambda: refuses(gateway.port), what="no new connections")
        simulator.barrier(False)
        answer = waiting.read()
        assert (answer.status, answer.json()["call_sid"]) == (200, sid)
        waiting.ends()
    assert gateway.wait(10) == 0
    gateway.no_sanitizer_report()


def test_many_in_flight_are_all_finished(gateway, simulator):
    calls = [new_sid() for _ in range(8)] * 5
    prove(gateway)
    simulator.barrier(True)
    crowd = [gateway.connect().send(request(target(sid))) for sid in calls]
    eventually(lambda: simulator.state()["in_flight"] == 8)
    # The last ones may still stand in a socket's queue: a scrape comes after them.
    eventually(lambda: gateway.metrics().total("connections") >= len(crowd))
    gateway.signal(signal.SIGTERM)
    eventually(lambda: refuses(gateway.port), what="draining has begun")
    simulator.barrier(False)
    for sid, connection in zip(calls, crowd):
        assert connection.read().json()["call_sid"] == sid
        connection.close()
    assert gateway.wait(10) == 0
    gateway.no_sanitizer_report()


def test_the_second_sigterm_ends_at_once(gateway, simulator):
    simulator.barrier(True)
    with gateway.connect() as waiting:
        waiting.send(request(target(new_sid())))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        gateway.signal(signal.SIGTERM)
        eventually(lambda: refuses(gateway.port), what="draining has begun")
        assert gateway.running()
        gateway.signal(signal.SIGTERM)
        gateway.wait(3)
    gateway.no_sanitizer_report()


def test_a_drain_ends_by_its_deadline(simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator, limits={"drain_timeout": "1s"}, upstream={"timeout": "30s"}))
    simulator.barrier(True)
    with gateway.connect() as waiting:
        waiting.send(request(target(new_sid())))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        gateway.signal(signal.SIGTERM)
        assert gateway.wait(6) == 70, "a request was cut"
    gateway.no_sanitizer_report()


def test_a_client_that_never_reads_does_not_hold_up_the_end(simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator, limits={"drain_timeout": "2s"}))
    with gateway.connect() as deaf:
        deaf.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):  # all buffers on the way are full
            for _ in range(4000):
                deaf.send(request(target("CA1")) * 100)
        gateway.signal(signal.SIGTERM)
        assert gateway.wait(8) == 70, "answers were cut"
    gateway.no_sanitizer_report()


@pytest.mark.parametrize("which", ["data", "admin"])
def test_a_port_in_use_is_explained(simulator, tmp_path, which):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        address = f"127.0.0.1:{port}"
        overrides = {"listeners": [{"address": address}]} if which == "data" else {"admin": {"address": address}}
        path = tmp_path / "gateway.yaml"
        path.write_text(yaml(settings_for(simulator, **overrides)))
        program = Program([BINARY, "--config", path], tmp_path, "second")
        assert program.wait(20) in (64, 70)
    program.says(address)
    program.says("in use")
    assert "ready" not in program.lines
    program.no_sanitizer_report()


def test_a_second_gateway_does_not_share_the_port_in_silence(gateway, simulator, tmp_path):
    """SO_REUSEPORT would let it take half of the connections without a word."""
    path = tmp_path / "second.yaml"
    path.write_text(yaml(settings_for(simulator, listeners=[{"address": f"127.0.0.1:{gateway.port}"}])))
    program = Program([BINARY, "--config", path], tmp_path, "second")
    try:
        assert program.wait(5) in (64, 70), "it serves half of the other's connections now"
        program.says(str(gateway.port))
        program.says("in use")
    finally:
        gateway.stop()


def test_it_can_be_started_again_on_the_same_port(gateway, simulator, tmp_path):
    with gateway.connect() as connection:
        connection.send(request(target(new_sid()))).read()
        gateway.stop()
    again = Gateway(tmp_path, settings_for(simulator, listeners=[{"address": f"127.0.0.1:{gateway.port}"}]), name="again")
    assert again.port == gateway.port
    assert again.ask(new_sid()).status == 200
    again.stop()


def test_the_start_says_where_it_listens_and_where_it_fetches(gateway, simulator):
    assert f"summary-gateway: listening on http://127.0.0.1:{gateway.port}" in gateway.lines
    assert f"summary-gateway: admin on http://127.0.0.1:{gateway.admin_port}" in gateway.lines
    assert "summary-gateway: ready" in gateway.lines
    # The log is written behind the program's back, so this line may come after "ready".
    gateway.says(f"localhost:{simulator.port}")
