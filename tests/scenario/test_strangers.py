"""Who has a good credential does not notice how many come with invented ones: not in what is served, not in how soon."""

import itertools

import pytest

from harness.access import Access, token
from harness.strangers import INVENTED, PASSTHROUGH, WHAT, Flood, Victim, addresses, ask_for, prove, read_cold, refuse_strangers, unnoticed
from harness.twilio_facts import new_sid
from harness.wire import Connection, request, target

CROWD = 420  # more than there is room to wait in
TIGHT = {"max_in_flight": 10, "max_queued": 300}


@pytest.fixture
def crowded(start_gateway, simulator):
    """A gateway with little room, and a victim that has been given its good answer; upstream takes 200 ms."""

    def start(**settings):
        gateway = start_gateway(**{"may_cut": True, "upstream": TIGHT, "limits": {"drain_timeout": "1s"}, "passthrough": list(PASSTHROUGH), **settings})
        victim = Victim(simulator)
        prove(gateway, victim.auth)
        simulator.latency("200ms")
        return gateway, victim, read_cold(gateway, 1, victim.auth)

    return start


def beside(gateway, victim, strange, sources=("127.0.0.1",)):
    """The victim's reads while all these wait for their answers."""
    with Flood(gateway, strange, sources):
        return read_cold(gateway, 4, victim.auth, at_most=4)


# --- a flood of cold reads -----------------------------------------------------------
FLOODS = [
    ("the victim's AccountSid", "its address"),
    ("the victim's AccountSid", "sixteen addresses"),
    ("invented accounts", "sixteen addresses"),
    ("invented bearer tokens", "its address"),
]


@pytest.mark.strangers
@pytest.mark.parametrize(("who", "where"), FLOODS)
def test_a_flood_of_invented_credentials_is_not_noticed(crowded, who, where):
    gateway, victim, alone = crowded()
    make = INVENTED.get(who, victim.junk)
    strange = [request(target(new_sid()), make()) for _ in range(CROWD)]
    unnoticed(alone, beside(gateway, victim, strange, ["127.0.0.1"] if where == "its address" else addresses()))


@pytest.mark.strangers
def test_nor_is_one_of_all_kinds_of_requests(crowded, simulator):
    gateway, victim, alone = crowded()
    strange = new_sid()
    refuse_strangers(simulator, strange, "")
    flood = [ask_for(what, strange, victim.junk())[0] for what, _ in zip(itertools.cycle(WHAT), range(CROWD))]
    unnoticed(alone, beside(gateway, victim, flood, addresses()))


@pytest.mark.strangers
def test_nor_is_one_where_bodies_are_shared_by_grants(crowded):
    gateway, victim, alone = crowded(credentials={"sharing": "grants"})
    unnoticed(alone, beside(gateway, victim, [request(target(new_sid()), victim.junk()) for _ in range(CROWD)], addresses()))


@pytest.mark.strangers
def test_nor_is_one_through_a_unix_socket(crowded, tmp_path):
    """One user of this machine is one line, as one address is."""
    path = tmp_path / "http.sock"
    gateway, victim, alone = crowded(listeners=[{"address": "127.0.0.1:0"}, {"address": f"unix:{path}"}])
    with Flood(gateway, [request(target(new_sid()), victim.junk()) for _ in range(CROWD)], [None], path):
        unnoticed(alone, read_cold(gateway, 4, victim.auth, at_most=4))


@pytest.mark.strangers
@pytest.mark.parametrize("headers", [[], [("X-Request-Timeout", "0.05")]], ids=["waited for", "not waited for"])
def test_nor_are_exchanges_of_strangers_that_take_long(crowded, simulator, headers):
    """They fill what places they have for seconds."""
    gateway, victim, alone = crowded()
    slow = new_sid()
    simulator.faults({"match": {"call_sid": slow}, "times": 0, "action": "latency", "ms": 6000})
    unnoticed(alone, beside(gateway, victim, [request(target(slow), victim.junk(), headers=headers) for _ in range(60)], addresses()))


@pytest.mark.strangers
def test_nor_is_one_connection_that_pipelines_what_it_does_not_wait_for(crowded):
    gateway, victim, alone = crowded()
    hasty = [("X-Request-Timeout", "0.000001")]
    with gateway.connect() as one:
        one.send(b"".join(request(target(new_sid()), victim.junk(), headers=hasty) for _ in range(CROWD)))
        assert one.read().status in (504, 429)
        unnoticed(alone, read_cold(gateway, 4, victim.auth, at_most=4))


@pytest.mark.strangers
def test_nor_are_guests_of_mode_inject(start_gateway, simulator, tmp_path):
    """What they want goes out with the account's own credential; the limit is the account's, too."""
    access = Access(tmp_path)
    access.client("reports", "main")
    gateway = start_gateway(may_cut=True, upstream=TIGHT, limits={"drain_timeout": "1s"}, credentials=access.settings(allow_unauthenticated="main"))
    reports = "Bearer " + token("reports")
    prove(gateway, reports)
    simulator.latency("200ms")
    alone = read_cold(gateway, 1, reports)
    with Flood(gateway, [request(target(new_sid()), None) for _ in range(CROWD)], addresses()):
        unnoticed(alone, read_cold(gateway, 4, reports, at_most=4))


def test_strangers_use_what_nobody_else_wants(crowded):
    """They are no lower beings: alone they are all answered, by the upstream itself."""
    gateway, victim, _ = crowded()
    with Flood(gateway, [request(target(new_sid()), victim.junk()) for _ in range(60)], addresses()) as flood:
        assert [connection.read().status for connection in flood.connections] == [401] * 60


@pytest.mark.strangers
def test_a_new_good_credential_gets_in_among_strangers(crowded, simulator):
    """Its first read comes in the line of its address; the next ones as those of anybody who is proved."""
    gateway, victim, alone = crowded()
    newcomer = Victim(simulator)
    with Flood(gateway, [request(target(new_sid()), victim.junk()) for _ in range(CROWD)], itertools.islice(addresses(), 4)):
        with Connection(gateway.port, source="127.0.0.99") as first:
            assert first.send(request(target(new_sid()), newcomer.auth)).read().status == 200
        unnoticed(alone, read_cold(gateway, 4, newcomer.auth, at_most=4))
