"""SIGTERM in the middle of things: who has already connected or already asked is answered, and who says nothing holds up nobody."""

import signal
import ssl
import time

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.twilio_facts import new_sid
from harness.wire import request, target

CROWD = 16


@pytest.fixture
def gateway(simulator, tmp_path):
    """Ended by the tests themselves; whatever they leave running is only killed."""
    gateway = Gateway(tmp_path, settings_for(simulator))
    yield gateway
    if gateway.running():
        gateway.process.kill()
        gateway.wait()


def ends_well(gateway, within):
    begun = time.monotonic()
    assert gateway.wait(20) == 0, gateway.output()
    assert time.monotonic() - begun < within, f"{time.monotonic() - begun:.1f} s"
    gateway.no_sanitizer_report()


def answered_and_closed(connections, sid):
    for number, connection in enumerate(connections):
        answer = connection.read()
        assert (answer.status, answer.json()["call_sid"]) == (200, sid), f"connection {number}"
        connection.ends()
        connection.close()


@pytest.mark.parametrize("cold", [False, True], ids=["a hit", "a miss"])
def test_connections_made_just_before_the_end_are_served(gateway, cold):
    """A client with a connection per request, and a balancer that has not yet heard of the end."""
    sid = new_sid()
    if not cold:
        gateway.ask(sid)
    crowd = [gateway.connect() for _ in range(CROWD)]
    gateway.signal(signal.SIGTERM)
    for connection in crowd:
        connection.send(request(target(sid)))
    answered_and_closed(crowd, sid)
    ends_well(gateway, 5)


def test_connections_that_the_kernel_took_for_us_are_served(gateway):
    """They stand in the listening queue when the signal comes: nobody but the kernel has said yes to them."""
    sid = new_sid()
    gateway.ask(sid)
    gateway.signal(signal.SIGSTOP)
    crowd = [gateway.connect() for _ in range(CROWD)]
    gateway.signal(signal.SIGTERM)
    gateway.signal(signal.SIGCONT)
    for connection in crowd:
        connection.send(request(target(sid)))
    answered_and_closed(crowd, sid)
    ends_well(gateway, 5)


def test_a_request_that_has_arrived_but_was_not_read_is_answered(gateway):
    sid = new_sid()
    crowd = [gateway.connect() for _ in range(CROWD)]
    for connection in crowd:
        assert connection.send(request(target(sid))).read().status == 200
    # Connections of their own, later than the crowd's answers: when they are served, the workers are back in their reads.
    for _ in range(20):
        gateway.ask(sid)
    # Stopped, it finds the requests and the signal together when it goes on.
    gateway.signal(signal.SIGSTOP)
    for connection in crowd:
        connection.send(request(target(sid)))
    gateway.signal(signal.SIGTERM)
    gateway.signal(signal.SIGCONT)
    answered_and_closed(crowd, sid)
    ends_well(gateway, 5)


def test_a_request_that_has_been_read_but_not_yet_looked_at_is_answered(simulator, tmp_path):
    """Stopped between an answer and its next read, it reads at once when it goes on, and hears of the end before it looks."""
    sid = new_sid()
    for number in range(8):  # the moment between the two is short: not every attempt hits it
        gateway = Gateway(tmp_path, settings_for(simulator, workers=1), name=f"gateway-{number}")
        with gateway.connect() as connection:
            connection.send(request(target(sid))).read()
            gateway.signal(signal.SIGSTOP)
            connection.send(request(target(sid)))
            gateway.signal(signal.SIGTERM)
            gateway.signal(signal.SIGCONT)
            try:
                answered_and_closed([connection], sid)
            finally:
                gateway.wait()
        gateway.no_sanitizer_report()


def test_a_silent_connection_does_not_hold_up_the_end(gateway):
    with gateway.connect() as silent, gateway.connect() as other:
        # The other one's answer says that both have been accepted.
        other.send(request(target(new_sid()))).read()
        gateway.signal(signal.SIGTERM)
        ends_well(gateway, 3.5)
        silent.ends()


@pytest.fixture
def start_behind_tls(simulator, tmp_path):
    """Each with the trust that its clients need."""
    authority = Authority(tmp_path, "authority")
    leaf = authority.leaf()
    listeners = [{"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key}}]
    started = []

    def start():
        started.append(Gateway(tmp_path, settings_for(simulator, listeners=listeners), name=f"tls-{len(started)}"))
        return started[-1], ssl.create_default_context(cafile=str(authority.certificate))

    yield start
    for gateway in started:
        if gateway.running():
            gateway.process.kill()
            gateway.wait()


def test_a_request_over_tls_that_has_arrived_but_was_not_read_is_answered(start_behind_tls):
    sid = new_sid()
    for _ in range(4):  # which comes first when it goes on, the requests or the signal, is the scheduler's choice
        gateway, trust = start_behind_tls()
        crowd = [gateway.connect(tls=trust) for _ in range(CROWD)]
        for connection in crowd:
            assert connection.send(request(target(sid))).read().status == 200
        for _ in range(10):
            with gateway.connect(tls=trust) as later:
                later.send(request(target(sid))).read()
        gateway.signal(signal.SIGSTOP)
        for connection in crowd:
            connection.send(request(target(sid)))
        gateway.signal(signal.SIGTERM)
        gateway.signal(signal.SIGCONT)
        answered_and_closed(crowd, sid)
        ends_well(gateway, 5)


@pytest.mark.parametrize("how_far", ["connected", "after the handshake", "after an answer"])
def test_a_silent_tls_connection_does_not_hold_up_the_end(start_behind_tls, how_far):
    gateway, trust = start_behind_tls()
    with gateway.connect(tls=None if how_far == "connected" else trust) as silent, gateway.connect(tls=trust) as other:
        other.send(request(target(new_sid()))).read()
        if how_far == "after an answer":
            silent.send(request(target(new_sid()))).read()
        gateway.signal(signal.SIGTERM)
        # Neither of them reads, so neither says goodbye.
        ends_well(gateway, 3.5)


# --- limits.drain_delay: whoever sends connections here has time to hear that it ends -----------------------------------------------
@pytest.fixture
def slow_to_close(simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator, limits={"drain_delay": "3s"}))
    yield gateway
    if gateway.running():
        gateway.process.kill()
        gateway.wait()


def not_ready(gateway):
    eventually(lambda: gateway.admin("/readyz").status == 503, what="not ready")


def test_readiness_goes_first_and_connections_are_served_until_the_delay_is_over(slow_to_close):
    gateway, sid = slow_to_close, new_sid()
    kept = gateway.connect()
    assert kept.send(request(target(sid))).read().header("Connection") == "keep-alive"
    begun = time.monotonic()
    gateway.signal(signal.SIGTERM)
    not_ready(gateway)
    # A hit, a miss and a refusal, each the last of its connection; one that was there before hears of it with its next answer.
    for path, status in ((target(sid), 200), (target(new_sid()), 200), ("/nowhere", 404)):
        with gateway.connect() as late:
            answer = late.send(request(path)).read()
            assert (answer.status, answer.header("Connection")) == (status, "close")
            late.ends()
    assert kept.send(request(target(sid))).read().header("Connection") == "close"
    kept.ends()
    assert time.monotonic() - begun < 3, "the machine is too slow for this test to mean anything"
    assert gateway.wait(20) == 0, gateway.output()
    assert time.monotonic() - begun >= 3
    gateway.says("listeners close in 3 s")
    gateway.no_sanitizer_report()


def test_a_connection_that_says_nothing_during_the_delay_is_still_answered(slow_to_close):
    """It has been sent here, and its client takes its time."""
    slow_to_close.signal(signal.SIGTERM)
    not_ready(slow_to_close)
    with slow_to_close.connect() as slow:
        slow_to_close.says("listeners close in 1 s")
        assert slow.send(request(target(new_sid()))).read().status == 200
        slow.ends()
    ends_well(slow_to_close, 5)


def test_the_second_signal_does_not_wait_for_the_delay(slow_to_close):
    slow_to_close.signal(signal.SIGTERM)
    not_ready(slow_to_close)
    slow_to_close.signal(signal.SIGTERM)
    slow_to_close.wait(2)
    slow_to_close.no_sanitizer_report()
