"""Restarts and take-overs under load: not one request fails. Clients do what HTTP clients do: a kept connection that ends between two
requests, without a byte of an answer and without a reset, is replaced and the request sent again."""

import os
import signal
import threading
from pathlib import Path

import pytest

from harness import events
from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.program import Program
from harness.refused import fails_to_start
from harness.service_manager import ServiceManager, held_socket
from harness.twilio_facts import new_sid
from harness.wire import Connection, exchange, request, target

ROUNDS = 10
CLIENTS = 6
PAUSE = 0.008  # of each client, after a request: some hundreds a second in all


class Load:
    """Half of the clients keep their connection, half make one for each request."""

    def __init__(self, port, calls):
        self.port, self.calls = port, calls
        self.answered, self.again, self.failures = 0, 0, []
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number % 2 == 0, number), daemon=True) for number in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, keeps, number):
        kept = None
        while not self._end.wait(PAUSE):
            number += 1
            sid = self.calls[number % len(self.calls)]
            try:
                last = self._ask(sid, kept)
                if last and not keeps:
                    last.close()
                kept = last if keeps else None
            except (OSError, AssertionError) as error:
                kept = None
                with self._lock:
                    self.failures.append(f"{'kept' if keeps else 'new'} connection: {error!r}"[:300])

    def _ask(self, sid, kept):
        connection = kept or Connection(self.port)
        connection.send(request(target(sid)))
        if kept and connection.has_ended():
            connection.close()
            with self._lock:
                self.again += 1
            return self._ask(sid, None)
        answer = connection.read()
        assert (answer.status, answer.json()["call_sid"]) == (200, sid), answer.raw[:200]
        with self._lock:
            self.answered += 1
        if answer.header("Connection") != "close":
            return connection
        connection.close()
        return None


@pytest.fixture
def calls():
    return [new_sid() for _ in range(20)]


def has_answered(load, more):
    before = load.answered
    eventually(lambda: load.answered >= before + more or load.failures, what=f"{more} more answers")
    assert load.failures == []


def test_ten_restarts_on_a_held_socket_lose_nothing(simulator, tmp_path, calls):
    with held_socket(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

        def start(number):
            settings = settings_for(simulator, listeners=[{"address": f"127.0.0.1:{port}"}])
            return Gateway(tmp_path, settings, name=f"round-{number}", manager=ServiceManager([held]))

        gateway = start(0)
        with Load(port, calls) as load:
            for number in range(1, ROUNDS + 1):
                has_answered(load, 80)
                gateway.stop()
                gateway = start(number)
            has_answered(load, 80)
        gateway.stop()
    assert load.failures == []
    assert load.answered > 80 * ROUNDS


# --- without a service manager: --take-over ----------------------------------------
@pytest.fixture
def start(simulator, tmp_path):
    """With the same addresses each time: what the first one got."""
    started = []
    settings = settings_for(simulator, handover=f"unix:{tmp_path}/handover.sock")

    def start(**changed):
        one = Gateway(tmp_path, {**settings, **changed}, name=f"generation-{len(started)}", arguments=["--take-over"])
        settings["listeners"] = [{"address": f"127.0.0.1:{one.port}"}]
        settings["admin"] = {"address": f"127.0.0.1:{one.admin_port}"}
        started.append(one)
        return one

    start.settings = settings
    yield start
    simulator.barrier(False)
    for gateway in started:
        if gateway.running():
            gateway.stop()


def test_ten_take_overs_lose_nothing(start, calls):
    gateway = start()
    with Load(gateway.port, calls) as load:
        for number in range(ROUNDS):
            has_answered(load, 80)
            before, gateway = gateway, start(workers=1 + number % 3)
            assert gateway.port == before.port
            assert before.wait(20) == 0, before.output()
            before.no_sanitizer_report()
        has_answered(load, 80)
    gateway.stop()
    assert load.failures == []


def test_the_predecessor_finishes_what_it_has_begun_and_the_successor_is_asked_from_now_on(start, simulator):
    first = start()
    simulator.barrier(True)
    sid = new_sid()
    with first.connect() as waiting:
        waiting.send(request(target(sid)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        second = start()
        first.says("a successor serves: draining")
        # Readiness is the successor's word at once, not sometimes the one's and sometimes the other's.
        eventually(lambda: second.admin("/readyz").status == 200)
        assert [second.admin("/readyz").status for _ in range(20)] == [200] * 20
        assert first.running()
        simulator.barrier(False)
        answer = waiting.read()
        assert (answer.status, answer.json()["call_sid"]) == (200, sid)
        waiting.ends()
    assert first.wait(10) == 0
    assert second.ask(sid).status == 200


class Deliveries:
    """A stream of Twilio's events, one after the other, each over a connection of its own."""

    def __init__(self, port):
        self.port, self.answers = port, []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join(30)

    def _run(self):
        while not self._end.wait(PAUSE):
            try:
                self.answers.append(exchange(self.port, events.delivery(events.event(new_sid())), "POST").status)
            except (OSError, AssertionError) as error:
                self.answers.append(repr(error)[:300])

    def go_on(self, more):
        before = len(self.answers)
        eventually(lambda: len(self.answers) >= before + more, what=f"{more} more deliveries")


def test_events_go_to_the_successor_and_none_is_lost(start, tmp_path):
    listening = events.settings(tmp_path)
    gateway = start(events=listening)
    port = events.port_of(gateway)
    listening["address"] = f"127.0.0.1:{port}"
    with Deliveries(port) as stream:
        for _ in range(3):
            stream.go_on(20)
            before, gateway = gateway, start(events=listening)
            assert events.port_of(gateway) == port
            assert before.wait(20) == 0, before.output()
        stream.go_on(20)
        assert events.noted(gateway) >= 20, "the last successor takes them"
    assert set(stream.answers) == {204}


def has_stopped(pid):
    """Each of its threads: the signal alone has said so to none of them yet."""
    states = [task.joinpath("stat").read_text().rsplit(")", 1)[1].split()[0] for task in Path(f"/proc/{pid}/task").iterdir()]
    return set(states) == {"T"}


def test_who_waits_to_be_accepted_waits_for_both(start):
    """The predecessor is killed with its listeners open: what stood in their queues is the successor's, since they are the same queues."""
    sid = new_sid()
    first = start(limits={"drain_delay": "1m"})
    second = start()
    first.says("a successor serves: draining")
    for gateway in (first, second):
        gateway.signal(signal.SIGSTOP)
        eventually(lambda one=gateway: has_stopped(one.process.pid), what="nobody accepts")
    crowd = [second.connect().send(request(target(sid))) for _ in range(32)]
    first.signal(signal.SIGKILL)
    first.wait()
    second.signal(signal.SIGCONT)
    for connection in crowd:
        answer = connection.read()
        assert (answer.status, answer.json()["call_sid"]) == (200, sid)
        connection.close()


def test_a_successor_that_cannot_start_changes_nothing(start, simulator, tmp_path):
    first = start()
    with held_socket(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = {**start.settings, "listeners": [*start.settings["listeners"], {"address": address}]}
        code, said = fails_to_start(tmp_path, settings, arguments=["--take-over"])
    assert code == 70 and address in said, said
    first.says("ended without serving")
    assert first.admin("/readyz").status == 200
    assert first.ask(new_sid()).status == 200
    second = start()
    assert first.wait(10) == 0
    assert second.ask(new_sid()).status == 200


def test_without_the_word_nobody_takes_over(start, simulator, tmp_path):
    first = start()
    code, said = fails_to_start(tmp_path, start.settings)
    assert code == 70 and "in use" in said, said
    assert first.admin("/readyz").status == 200


def test_the_word_needs_the_setting(simulator, tmp_path):
    code, said = fails_to_start(tmp_path, settings_for(simulator), arguments=["--take-over"])
    assert code == 64 and "handover" in said, said


def test_a_listener_that_the_successor_has_no_more_is_served_to_the_end(start, tmp_path):
    path = tmp_path / "extra.sock"
    first = start(listeners=[{"address": "127.0.0.1:0"}, {"address": f"unix:{path}"}])
    assert exchange(path, request(target(new_sid()))).status == 200
    second = start()
    assert first.wait(10) == 0
    assert second.ask(new_sid()).status == 200
    with pytest.raises(OSError):
        Connection(path)


def test_the_handover_is_for_the_own_user_only(start, tmp_path):
    start()
    assert (tmp_path / "handover.sock").stat().st_mode & 0o777 == 0o600


def as_somebody_else(script):
    """Root in all but its number: no mode of a file or folder is a hindrance."""
    drop = ["setpriv", "--reuid=12345", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*drop, "/usr/bin/python3", "-uc", f"import socket\nunix = socket.socket(socket.AF_UNIX)\n{script}"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_nobody_else_is_given_the_sockets(start, tmp_path):
    gateway = start()
    asks = Program(as_somebody_else(f"unix.connect('{tmp_path}/handover.sock')\nprint('given', unix.recv(1))"), tmp_path, "stranger")
    asks.expect(r"given b''$")
    asks.wait()
    assert "is given" not in gateway.output()
    assert gateway.admin("/readyz").status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_from_nobody_else_they_are_taken(simulator, tmp_path):
    """Whoever shares a listening socket with us can serve our clients."""
    path = tmp_path / "handover.sock"
    stranger = Program(as_somebody_else(f"unix.bind('{path}')\nunix.listen()\nprint('listens')\nunix.accept()[0].recv(1)"), tmp_path, "stranger")
    stranger.expect("listens")
    code, said = fails_to_start(tmp_path, settings_for(simulator, handover=f"unix:{path}"), arguments=["--take-over"])
    assert code == 70 and "another user" in said, said
    stranger.wait()
