"""What comes of a stranger's exchanges moves nobody's limit, breaker or cool-down, and says nothing about anybody's account."""

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.strangers import PASSTHROUGH, WHAT, Flood, Victim, addresses, ask_for, prove, read_cold, refuse_strangers
from harness.twilio_facts import new_sid
from harness.wire import request, target

OFTEN = 12  # failures_to_break is 10
FIELDS = ("RateLimit", "RateLimit-Policy")


FAILURES = {
    "500": {"action": "status", "status": 500, "code": 17008},
    "503": {"action": "status", "status": 503},
    "429": {"action": "status", "status": 429, "code": 20429},
    "429 for 20 s": {"action": "status", "status": 429, "code": 20429, "headers": {"Retry-After": "20"}},
    "no answer in time": {"action": "stall", "at": "before_headers", "seconds": 5},
    "cut": {"action": "cut", "after_bytes": 50},
    "reset": {"action": "reset", "after_bytes": 0},
    "garbage": {"action": "garbage", "bytes": 200},
    "a redirect": {"action": "status", "status": 302, "headers": {"Location": "https://elsewhere.example/"}},
    "400": {"action": "status", "status": 400, "code": 20001},
}


def let_fail(simulator, strange, failure):
    simulator.faults(*({"match": {"call_sid": sid}, "times": 0, **failure} for sid in strange))


@pytest.fixture
def among_failures(start_gateway, simulator):
    """A gateway of its own: the strangers' own breaker must not spare the next test anything. And its proved victim."""
    gateway, victim = start_gateway(may_cut=True, upstream={"timeout": "1s"}, limits={"drain_timeout": "1s"}), Victim(simulator)
    prove(gateway, victim.auth)
    return gateway, victim


ROWS = [("summary", name) for name in FAILURES] + [("annotation", name) for name in ("503", "429 for 20 s", "no answer in time")]


@pytest.mark.strangers
@pytest.mark.parametrize(("what", "name"), ROWS)
def test_failures_that_only_strangers_meet_are_theirs(among_failures, simulator, what, name):
    (gateway, victim), strange = among_failures, [new_sid() for _ in range(OFTEN)]
    before = gateway.ask(new_sid(), auth=victim.auth).header("RateLimit-Policy")
    let_fail(simulator, strange, FAILURES[name])
    with Flood(gateway, [ask_for(what, sid, victim.junk())[0] for sid in strange]) as flood:
        if name == "429 for 20 s":
            eventually(lambda: any(simulator.requests(sid) for sid in strange))
        else:
            assert 200 not in {connection.read().status for connection in flood.connections}
        assert any(simulator.requests(sid) for sid in strange), "a stranger has met its failure"
        reads = read_cold(gateway, 3, victim.auth)
    assert {(read.status, read.fault) for read in reads} == {(200, None)}
    assert max(read.seconds for read in reads) < 1, "none waited for a cool-down"
    assert gateway.ask(new_sid(), auth=victim.auth).header("RateLimit-Policy") == before, "its limit is what it was"


@pytest.mark.strangers
def test_failures_prove_no_credential(among_failures, simulator):
    """A client that gets a 503 is still a stranger, and so its failures are its own."""
    (gateway, victim), strange = among_failures, [new_sid() for _ in range(OFTEN)]
    let_fail(simulator, strange, FAILURES["503"])
    same = victim.junk()
    for sid in strange:
        assert gateway.ask(sid, auth=same).status in (429, 502)
    assert [read.status for read in read_cold(gateway, 3, victim.auth)] == [200] * 3


@pytest.mark.strangers
def test_in_mode_inject_failures_that_only_guests_meet_are_theirs(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("reports", "main")
    gateway, reports = start_gateway(credentials=access.settings(allow_unauthenticated="main")), "Bearer " + token("reports")
    prove(gateway, reports)
    strange = [new_sid() for _ in range(OFTEN)]
    let_fail(simulator, strange, FAILURES["503"])
    with Flood(gateway, [request(target(sid), None) for sid in strange], addresses()) as flood:
        assert {connection.read().status for connection in flood.connections} <= {429, 502}
    assert [read.status for read in read_cold(gateway, 3, reports)] == [200] * 3


# --- what is said about an account ---------------------------------------------------
def says(answer):
    return [field for field in FIELDS if answer.header(field) and '"upstream"' in answer.header(field)]


@pytest.mark.strangers
def test_who_has_proved_nothing_is_told_nothing_of_the_account(start_gateway, simulator):
    gateway, victim = start_gateway(passthrough=list(PASSTHROUGH)), Victim(simulator)
    prove(gateway, victim.auth)
    told = {}
    for what in WHAT:
        sid = new_sid()
        refuse_strangers(simulator, sid, "")
        data, method = ask_for(what, sid, victim.junk())
        answer = gateway.send(data, method)
        told[what] = answer.status, says(answer)
    assert told == {what: (401, []) for what in WHAT}


@pytest.mark.strangers
@pytest.mark.parametrize("name", ["503", "429", "429 for 20 s", "no answer in time"])
def test_nor_in_the_answers_to_failures(among_failures, simulator, name):
    (gateway, victim), sids = among_failures, [new_sid() for _ in range(3)]
    let_fail(simulator, sids, FAILURES[name])
    for sid in sids:
        answer = gateway.ask(sid, auth=victim.junk())
        assert answer.status != 200 and says(answer) == []


@pytest.mark.strangers
def test_who_is_proved_is_told_of_its_own_account_only(among_failures, simulator):
    """Ten of a stranger's under way are no part of the figure."""
    (gateway, victim), strange = among_failures, new_sid()
    let_fail(simulator, [strange], {"action": "stall", "at": "before_headers", "seconds": 5})
    assert says(gateway.ask(new_sid(), auth=victim.auth)) == list(FIELDS)
    with Flood(gateway, [request(target(strange), victim.junk()) for _ in range(10)], addresses()):
        eventually(lambda: simulator.state()["in_flight"] >= 4)
        answer = gateway.ask(new_sid(), auth=victim.auth)
    assert answer.header("RateLimit") == '"upstream";r=40', "nothing of its own is under way any more"
