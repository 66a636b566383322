"""A client's own deadline ends its wait. It says nothing about the upstream, and it leaves nothing behind that others have to wait for."""

import pytest

from harness.access import WRITES, Access, token
from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.strangers import PASSTHROUGH, WHAT, Flood, Victim, abort, addresses, ask_for, prove, read_cold
from harness.twilio_facts import API_KEY, PARENT, new_sid
from harness.wire import Connection, request, target

HASTY = ("X-Request-Timeout", "0.01")
OFTEN = 12  # failures_to_break is 10


@pytest.fixture(scope="module")
def gateway(the_simulator, tmp_path_factory):
    """Everything is passed on."""
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), settings_for(the_simulator, passthrough=list(PASSTHROUGH)))
    yield gateway
    gateway.stop()


@pytest.fixture
def victim(gateway, simulator):
    """Proved, and the upstream is healthy: it takes 100 ms."""
    victim = Victim(simulator)
    prove(gateway, victim.auth)
    simulator.latency("100ms")
    return victim


def hurry(gateway, what, credentials, deadline=HASTY):
    """Each is gone long before the upstream's answer."""
    for auth in credentials:
        data, method = ask_for(what, new_sid(), auth, [deadline])
        assert gateway.send(data, method).status != 200


def is_served(gateway, auth):
    reads = read_cold(gateway, 2, auth)
    assert [(read.status, read.fault) for read in reads] == [(200, None)] * 2


# --- an exchange cut short says nothing about the upstream --------------------------
@pytest.mark.strangers
@pytest.mark.parametrize("what", WHAT)
def test_a_stranger_in_a_hurry_breaks_no_account_off(gateway, victim, what):
    hurry(gateway, what, [victim.junk()] * OFTEN)
    hurry(gateway, what, [victim.junk() for _ in range(OFTEN)])
    is_served(gateway, victim.auth)


@pytest.mark.strangers
def test_nor_does_one_whose_time_is_over_before_anything_is_sent(gateway, victim):
    for what in ("annotation", "write", "metrics"):
        hurry(gateway, what, [victim.junk() for _ in range(OFTEN)], ("X-Request-Timeout", "0.000001"))
    is_served(gateway, victim.auth)


@pytest.mark.strangers
@pytest.mark.parametrize("what", ["annotation", "write"])
def test_a_stranger_whose_time_is_up_during_the_exchange_breaks_no_account_off(gateway, simulator, victim, what):
    strange = new_sid()
    simulator.faults({"match": {"call_sid": strange}, "times": 0, "action": "latency", "ms": 1500})
    with Flood(gateway, [ask_for(what, strange, victim.junk(), [("X-Request-Timeout", "1")])[0] for _ in range(OFTEN)]) as flood:
        assert {connection.read().status for connection in flood.connections} <= {504, 429}
        is_served(gateway, victim.auth)


@pytest.mark.parametrize("what", ["annotation", "write", "metrics", "summary"])
def test_a_stranger_who_leaves_breaks_no_account_off(gateway, victim, what):
    for _ in range(OFTEN):
        abort(gateway.connect().send(ask_for(what, new_sid(), victim.junk())[0]))
    is_served(gateway, victim.auth)


@pytest.mark.strangers
@pytest.mark.parametrize("what", ["annotation", "write", "metrics", "summaries"])
def test_a_good_client_in_a_hurry_does_not_break_its_own_account_off(gateway, victim, what):
    hurry(gateway, what, [victim.auth] * OFTEN)
    assert gateway.send(ask_for("annotation", new_sid(), victim.auth)[0]).status == 200
    is_served(gateway, victim.auth)


@pytest.mark.strangers
@pytest.mark.parametrize("who", ["a client", "a guest"])
def test_in_mode_inject_one_client_in_a_hurry_breaks_its_account_off_for_nobody(start_gateway, simulator, tmp_path, who):
    access = Access(tmp_path)
    access.client("billing", "main", WRITES)
    access.client("reports", "main")
    gateway, reports = start_gateway(credentials=access.settings(allow_unauthenticated="main")), "Bearer " + token("reports")
    prove(gateway, reports)
    simulator.latency("100ms")
    for what in ("annotation", "write") if who == "a client" else ("annotation",):  # guests only read
        hurry(gateway, what, ["Bearer " + token("billing") if who == "a client" else None] * OFTEN)
        is_served(gateway, reports)


@pytest.mark.strangers
@pytest.mark.parametrize("what", ["annotation", "write", "metrics"])
def test_the_exchange_of_a_good_client_in_a_hurry_runs_on(gateway, simulator, victim, what):
    sid = new_sid()
    timeouts = lambda: gateway.metrics().total("upstream_requests_total", result="timeout")
    before = timeouts()
    simulator.latency("800ms")
    data, method = ask_for(what, sid, victim.auth, [("X-Request-Timeout", "0.3")])
    assert gateway.send(data, method).status == 504
    eventually(lambda: [row["status"] != 0 for row in simulator.requests(sid)] == [True], timeout=3, what="its end upstream")
    eventually(lambda: gateway.metrics().total("upstream_in_flight") == 0)
    assert timeouts() == before, "it was not the upstream's"


@pytest.mark.parametrize("what", ["annotation", "summary"])
def test_an_upstream_that_hangs_before_good_clients_in_a_hurry_is_noticed(start_gateway, simulator, what):
    gateway = start_gateway(upstream={"timeout": "1s", "failures_to_break": 3})
    prove(gateway)
    simulator.barrier(True)

    def is_told():
        data, _ = ask_for(what, new_sid(), PARENT, [HASTY])
        return gateway.send(data).fault == "upstream_failing"

    eventually(is_told, timeout=8, what="the breaker, though nobody waits as long as the upstream hangs")


# --- a fetch that nobody waits for and that has not been sent leaves the queue ------
LEAVING = ["pipelined deadlines", "pipelined deadlines of one credential", "deadlines of a good client", "gone"]


def leave_behind(how, gateway, victim):
    """Fifty cold reads that soon nobody waits for."""
    if how == "gone":
        with Flood(gateway, [request(target(new_sid()), victim.junk()) for _ in range(50)], addresses()):
            eventually(lambda: gateway.metrics().total("upstream_queue") + gateway.metrics().total("upstream_in_flight") >= 2)
        return
    same, deadline = victim.junk(), "0.02" if how == "deadlines of a good client" else "0.000001"
    whose = {"pipelined deadlines of one credential": lambda: same, "deadlines of a good client": lambda: victim.auth}.get(how, victim.junk)
    with gateway.connect() as one:
        one.send(b"".join(request(target(new_sid()), whose(), headers=[("X-Request-Timeout", deadline)]) for _ in range(50)))
        assert {one.read().status for _ in range(50)} <= {504, 429}


@pytest.mark.strangers
@pytest.mark.parametrize("how", LEAVING)
def test_what_nobody_waits_for_is_not_sent(start_gateway, simulator, how):
    gateway, victim = start_gateway(may_cut=True, upstream={"max_in_flight": 2}, limits={"drain_timeout": "1s"}), Victim(simulator)
    prove(gateway, victim.auth)
    simulator.control("DELETE", "/requests")
    simulator.barrier(True)
    leave_behind(how, gateway, victim)
    eventually(lambda: gateway.metrics().total("upstream_queue") == 0, timeout=3, what="an empty queue, though nothing was answered")
    simulator.barrier(False)
    eventually(lambda: gateway.metrics().total("upstream_in_flight") == 0)
    assert len(simulator.requests()) <= 2, "only what was sent before its reader left"


def test_who_waits_on_keeps_the_place_of_who_leaves(start_gateway, simulator):
    gateway, held, wanted = start_gateway(upstream={"max_in_flight": 1}), new_sid(), new_sid()
    prove(gateway)
    simulator.barrier(True)
    with gateway.connect() as first, Connection(gateway.port, source="127.0.0.2") as patient, gateway.connect() as hasty:
        first.send(request(target(held)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        hasty.send(request(target(wanted), headers=[("X-Request-Timeout", "0.5")]))
        eventually(lambda: gateway.metrics().total("upstream_queue") == 1)
        patient.send(request(target(wanted)))
        assert hasty.read().status == 504
        simulator.barrier(False)
        assert (first.read().status, patient.read().status) == (200, 200)
    assert simulator.count(wanted) == 1


def test_what_was_sent_fills_the_cache_though_its_reader_left(start_gateway, simulator):
    """A good client's fetch under way is somebody's: the next one to ask."""
    gateway, sid = start_gateway(), new_sid()
    prove(gateway, API_KEY)
    simulator.latency("700ms")
    assert gateway.ask(sid, auth=API_KEY, headers=[("X-Request-Timeout", "0.3")]).status == 504
    eventually(lambda: gateway.ask(sid, auth=API_KEY, headers=[("Cache-Control", "only-if-cached")]).status == 200, timeout=3)
    assert simulator.count(sid) == 1
