"""A credential is proved by an answer that only an authenticated request gets. Until then it has one exchange under way, and its others wait."""

import time

import pytest

from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.strangers import Flood, Victim, addresses, prove, read_cold, unnoticed
from harness.twilio_facts import new_sid
from harness.warm import Generations
from harness.wire import request, target

TOGETHER = 5


@pytest.fixture(scope="module")
def gateway(the_simulator, tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), settings_for(the_simulator))
    yield gateway
    gateway.stop()


def under_way_together(gateway, simulator, auth):
    """How many of five cold reads upstream has at the same time; and their statuses in the end."""
    simulator.barrier(True)
    with Flood(gateway, [request(target(new_sid()), auth) for _ in range(TOGETHER)]) as flood:
        eventually(lambda: simulator.state()["in_flight"] >= 1)
        # That no more come cannot be waited for; those who come need a few milliseconds.
        until = time.monotonic() + 0.25
        while time.monotonic() < until and simulator.state()["in_flight"] < TOGETHER:
            time.sleep(0.01)
        together = simulator.state()["in_flight"]
        simulator.barrier(False)
        return together, [connection.read().status for connection in flood.connections]


def answered(gateway, simulator, auth, **answer):
    """It is given this answer to its first question."""
    sid = new_sid()
    simulator.fault_for(sid, "status", **answer)
    return gateway.ask(sid, auth=auth)


@pytest.mark.strangers
def test_a_new_credential_has_one_exchange_under_way_until_it_is_proved(gateway, simulator):
    newcomer = Victim(simulator)
    assert under_way_together(gateway, simulator, newcomer.auth) == (1, [200] * TOGETHER), "the others move over with the first one's answer"
    assert under_way_together(gateway, simulator, newcomer.auth) == (TOGETHER, [200] * TOGETHER)


@pytest.mark.strangers
def test_a_bad_credential_never_has_more(gateway, simulator):
    junk = Victim(simulator).junk()
    for _ in range(2):
        assert under_way_together(gateway, simulator, junk) == (1, [401] * TOGETHER)


PROVES = {
    "200": {"status": 200},
    "not ready": {"status": 404, "code": 17001},
    "too old": {"status": 404, "code": 17002},
    "not enabled": {"status": 404, "code": 17007},
    "another account's": {"status": 403, "code": 17000},
    "no such call": {"status": 404, "code": 20404},
}


@pytest.mark.parametrize("answer", PROVES.values(), ids=PROVES)
def test_what_only_the_authenticated_are_told_is_a_proof(gateway, simulator, answer):
    newcomer = Victim(simulator)
    assert answered(gateway, simulator, newcomer.auth, **answer).status == answer["status"]
    assert under_way_together(gateway, simulator, newcomer.auth) == (TOGETHER, [200] * TOGETHER)


PROVES_NOTHING = {
    "unknown": {"status": 401, "code": 20003},
    "suspended": {"status": 403, "code": 20403},
    "503": {"status": 503},
    "429": {"status": 429, "code": 20429},
    "a redirect": {"status": 302, "headers": {"Location": "https://elsewhere.example/"}},
    "400": {"status": 400, "code": 20001},
    "somebody else's 404": {"status": 404, "body": "<html>not here</html>"},
    "a 404 without a code": {"status": 404, "body": "{}"},
}


@pytest.mark.strangers
@pytest.mark.parametrize("answer", PROVES_NOTHING.values(), ids=PROVES_NOTHING)
def test_what_anybody_may_be_told_is_none(gateway, simulator, answer):
    newcomer = Victim(simulator)
    assert answered(gateway, simulator, newcomer.auth, **answer).status != 200
    assert under_way_together(gateway, simulator, newcomer.auth) == (1, [200] * TOGETHER)


@pytest.mark.strangers
def test_a_refusal_ends_it(gateway, simulator):
    victim = Victim(simulator)
    prove(gateway, victim.auth)
    assert answered(gateway, simulator, victim.auth, status=401, code=20003).status == 401
    assert under_way_together(gateway, simulator, victim.auth) == (1, [200] * TOGETHER)


@pytest.mark.strangers
def test_what_a_snapshot_kept_is_a_proof(simulator, tmp_path):
    run, victim = Generations(tmp_path, simulator), Victim(simulator)
    try:
        prove(run.start(), victim.auth)
        assert under_way_together(run.restart(), simulator, victim.auth) == (TOGETHER, [200] * TOGETHER)
        another = Victim(simulator)
        assert under_way_together(run.all[-1], simulator, another.auth) == (1, [200] * TOGETHER)
    finally:
        simulator.barrier(False)
        run.stop()


@pytest.mark.strangers
def test_good_newcomers_of_one_address_are_all_served(start_gateway, simulator):
    """An office that starts in the morning: none has to wait until its time is up."""
    gateway = start_gateway(upstream={"max_in_flight": 10})
    simulator.latency("100ms")
    office = [Victim(simulator) for _ in range(40)]
    with Flood(gateway, [request(target(new_sid()), one.auth) for one in office], ["127.0.0.2"]) as flood:
        assert {connection.read().status for connection in flood.connections} == {200}
    alone = read_cold(gateway, 1, office[0].auth)
    with Flood(gateway, [request(target(new_sid()), office[0].junk()) for _ in range(100)], addresses()):
        unnoticed(alone, read_cold(gateway, 3, office[-1].auth, at_most=3))
