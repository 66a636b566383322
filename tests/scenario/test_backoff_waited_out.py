"""Who asks about a call that fails waits as long as its back-off says, if there is time; and after an outage everybody is soon served again."""

import contextlib
import socket
import threading
import time

import pytest

from harness.eventually import eventually
from harness.strangers import Victim, prove
from harness.twilio_facts import new_sid
from harness.wire import request, target

TIMES_DIRECT = 3  # a client without a gateway would have had its answer at its third try


def fails_twice(simulator, **more):
    sid = new_sid()
    simulator.faults({"match": {"call_sid": sid}, "times": 2, "action": "status", "status": 503, **more})
    return sid


# --- one call ------------------------------------------------------------------------
@pytest.mark.strangers
def test_the_third_reader_waits_the_back_off_out_and_is_served(start_gateway, simulator):
    gateway, sid = start_gateway(upstream={"error_backoff": "1s"}), fails_twice(simulator)
    assert [gateway.ask(sid).status for _ in range(2)] == [502, 502]
    begun = time.monotonic()
    answer = gateway.ask(sid)
    waited = time.monotonic() - begun
    assert (answer.status, answer.fault) == (200, None), answer.raw
    assert 0.8 < waited < 4, "the back-off, which may be a quarter longer"
    assert simulator.count(sid) == TIMES_DIRECT


@pytest.mark.strangers
def test_a_crowd_waits_it_out_together(start_gateway, simulator):
    gateway, sid = start_gateway(upstream={"error_backoff": "500ms"}), fails_twice(simulator)
    assert [gateway.ask(sid).status for _ in range(2)] == [502, 502]
    crowd = [gateway.connect().send(request(target(sid))) for _ in range(50)]
    answers = [connection.read() for connection in crowd]
    for connection in crowd:
        connection.close()
    assert {answer.status for answer in answers} == {200}
    assert simulator.count(sid) == TIMES_DIRECT


SHORT = {
    "the client's time": ({"error_backoff": "5s"}, [("X-Request-Timeout", "0.5")]),
    "the gateway's time": ({"error_backoff": "5s", "timeout": "2s"}, []),
}


@pytest.mark.strangers
@pytest.mark.parametrize("row", SHORT.values(), ids=SHORT)
def test_a_request_with_less_time_is_refused_at_once_and_hears_why(start_gateway, simulator, row):
    upstream, headers = row
    gateway, sid = start_gateway(upstream=upstream), fails_twice(simulator, code=17009)
    assert [gateway.ask(sid).status for _ in range(2)] == [502, 502]
    begun = time.monotonic()
    answer = gateway.ask(sid, headers=headers)
    assert time.monotonic() - begun < 0.4, "at once"
    assert (answer.status, answer.fault, answer.json()["code"]) == (429, "call_failing", 20429)
    assert 4 <= int(answer.header("Retry-After")) <= 7
    assert "503" in answer.json()["message"], "what the upstream said"
    assert simulator.count(sid) == 2


# --- an outage -----------------------------------------------------------------------
@pytest.mark.strangers
def test_after_an_outage_everybody_is_served_within_five_seconds(start_gateway, simulator):
    """By then the pause between two probes has doubled three times."""
    gateway, reader = start_gateway(upstream={"failures_to_break": 2}), Victim(simulator)
    prove(gateway, reader.auth)
    simulator.control("DELETE", "/requests")
    simulator.faults({"match": {}, "times": 0, "action": "status", "status": 503})

    def probed():
        assert gateway.ask(new_sid(), auth=reader.auth).status in (502, 429)
        time.sleep(0.02)  # the reader's own pace
        return len(simulator.requests()) >= 2 + 3

    eventually(probed, timeout=20, what="two that failed, and three probes")
    simulator.faults()
    ended = time.monotonic()
    eventually(lambda: gateway.ask(new_sid(), auth=reader.auth).status == 200, timeout=20)
    assert time.monotonic() - ended < 5 + 1.5


class DeadHost:
    """Takes each connection and ends it: a host behind which nobody is, for a client that speaks TLS. Counts the attempts."""

    def __init__(self, to_port):
        self.to_port, self.attempts, self.is_dead = to_port, 0, False
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                if self.is_dead:
                    self.attempts += 1
                    client.close()
                else:
                    server = socket.create_connection(("127.0.0.1", self.to_port))
                    for source, sink in ((client, server), (server, client)):
                        threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source, sink):
        with contextlib.suppress(OSError):
            while (piece := source.recv(65536)) and not self.is_dead:
                sink.sendall(piece)
        source.close(), sink.close()

    def close(self):
        self._socket.close()


@pytest.mark.strangers
def test_a_dead_host_is_probed_once_for_all_accounts(start_gateway, simulator):
    path = DeadHost(simulator.port)
    gateway = start_gateway(upstream={"url": f"https://localhost:{path.port}", "failures_to_break": 2, "max_retry_after": "2s"})
    readers = [Victim(simulator) for _ in range(8)]
    for reader in readers:
        prove(gateway, reader.auth)
    path.is_dead = True

    def everybody_asks():
        return {(answer.status, answer.fault) for answer in (gateway.ask(new_sid(), auth=reader.auth) for reader in readers)}

    eventually(lambda: everybody_asks() == {(429, "upstream_failing")}, what="the breaker, for all of them")
    attempts, begun = path.attempts, time.monotonic()
    while time.monotonic() - begun < 3:
        everybody_asks()
    probes = path.attempts - attempts
    assert 1 <= probes <= 2 * 3, f"{probes} attempts in three seconds, two addresses a probe at most, one probe a second at most"
    path.is_dead = False
    eventually(lambda: everybody_asks() == {(200, None)}, timeout=8, what="all are served again")
    path.close()
