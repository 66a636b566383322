"""A hit is as well authorised as a miss: each credential gets what upstream says to it."""

import base64

import pytest

from harness.eventually import eventually
from harness.twilio_facts import (
    API_KEY, BEARER, OTHER, PARENT, RESTRICTED_KEY, REVOKED_KEY, SIBLING, SUB, SUSPENDED, WRONG_SECRET, account, basic, new_sid,
)
from harness.wire import request, target


def encoded(text):
    return base64.b64encode(text).decode()


UNREADABLE = {
    "none": None,
    "another scheme": "Digest username=x",
    "a scheme alone": "Basic",
    "not base64": "Basic !!!!",
    "no colon inside": "Basic " + encoded(b"AC1"),
    "no user": "Basic " + encoded(b":secret"),
    "a NUL inside": "Basic " + encoded(b"AC1:a\0b"),
    "a line end inside": "Basic " + encoded(b"AC1:a\r\nX: y"),
    "an empty token": "Bearer",
    "two tokens": "Bearer one two",
    "a bare secret": "parent-token",
}


def twilio_error(answer, status, code):
    assert (answer.status, answer.json()["code"]) == (status, code), answer.raw[:500]


@pytest.mark.parametrize("credential", UNREADABLE.values(), ids=UNREADABLE)
def test_without_a_readable_credential_there_is_a_401_from_here(gateway, simulator, credential):
    warm = new_sid()
    gateway.ask(warm)
    for sid in (warm, new_sid()):
        answer = gateway.ask(sid, auth=credential)
        twilio_error(answer, 401, 20003)
        assert answer.header("WWW-Authenticate").startswith("Basic")
        assert answer.fault
    assert len(simulator.requests()) == 1, "only the warming"


def test_two_credentials_in_one_request_are_none(gateway, simulator):
    for first, second in ((PARENT, PARENT), (PARENT, WRONG_SECRET), (WRONG_SECRET, PARENT)):
        answer = gateway.ask(new_sid(), auth=first, headers=[("Authorization", second)])
        assert answer.status in (400, 401) and answer.fault
    assert simulator.requests() == []


def test_the_scheme_is_not_case_sensitive(gateway):
    for credential in (PARENT.replace("Basic", "basic"), PARENT.replace("Basic", "BASIC"), BEARER.replace("Bearer", "bearer")):
        assert gateway.ask(new_sid(), auth=credential).status == 200, credential.split()[0]


def test_a_wrong_secret_does_not_open_a_warm_entry(gateway, simulator):
    sid = new_sid()
    assert gateway.ask(sid).status == 200
    answer = gateway.ask(sid, auth=WRONG_SECRET)
    twilio_error(answer, 401, 20003)
    assert answer.header("WWW-Authenticate"), "RFC 9110 11.6.1"
    assert answer.body == simulator.ask(sid, auth=WRONG_SECRET).body, "upstream's own words"


def test_a_refusal_of_one_credential_spoils_nothing_for_another(gateway):
    sid = new_sid()
    twilio_error(gateway.ask(sid, auth=WRONG_SECRET), 401, 20003)
    twilio_error(gateway.ask(sid, auth=OTHER), 403, 17000)
    assert gateway.ask(sid).status == 200
    assert gateway.ask(sid).cache.get("hit")
    twilio_error(gateway.ask(sid, auth=OTHER), 403, 17000)


@pytest.mark.parametrize("credential", [API_KEY, BEARER], ids=["api key", "bearer"])
def test_each_credential_of_an_account_proves_itself_once(gateway, simulator, credential):
    sid = new_sid()
    expected = gateway.ask(sid).body
    first, second = gateway.ask(sid, auth=credential), gateway.ask(sid, auth=credential)
    assert first.cache["fwd"] == "uri-miss"
    assert second.cache.get("hit")
    assert first.body == second.body == expected
    assert simulator.count(sid) == 2


def test_a_parent_reads_its_subaccounts_calls_and_siblings_do_not(gateway, simulator):
    sid = simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)
    for _ in range(2):
        assert gateway.ask(sid, auth=PARENT).status == 200
        assert gateway.ask(sid, auth=SUB).status == 200
        twilio_error(gateway.ask(sid, auth=SIBLING), 403, 17000)
        twilio_error(gateway.ask(sid, auth=OTHER), 403, 17000)
    parents_own = new_sid()
    assert gateway.ask(parents_own).status == 200
    twilio_error(gateway.ask(parents_own, auth=SUB), 403, 17000)


def test_two_credentials_in_flight_together_do_not_share_a_flight(gateway, simulator):
    sid = simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)
    simulator.barrier(True)
    credentials = [PARENT, SIBLING, SUB, OTHER, WRONG_SECRET]
    connections = [gateway.connect().send(request(target(sid), auth=credential)) for credential in credentials]
    eventually(lambda: simulator.state()["in_flight"] == len(credentials), what="a flight of its own for each")
    simulator.barrier(False)
    answers = [connection.read() for connection in connections]
    assert [answer.status for answer in answers] == [200, 403, 200, 403, 401]
    assert answers[0].body == answers[2].body
    for connection in connections:
        connection.close()


REFUSED = {"suspended": (SUSPENDED, 403, 20403), "restricted": (RESTRICTED_KEY, 401, 70051), "revoked": (REVOKED_KEY, 401, 20003)}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_upstreams_refusals_reach_the_client_every_time(gateway, simulator, row):
    (credential, status, code), sid = row, new_sid()
    for _ in range(2):
        twilio_error(gateway.ask(sid, auth=credential), status, code)
    assert simulator.count(sid) == 2, "never stored"


def test_a_credential_that_becomes_valid_is_not_refused_from_memory(gateway, simulator):
    user, sid = f"SK{int(new_sid()[3:], 16) % 16**32:032x}", new_sid()
    twilio_error(gateway.ask(sid, auth=basic(user, "fresh-secret")), 401, 20003)
    simulator.credential(user, "fresh-secret", account(1))
    assert gateway.ask(sid, auth=basic(user, "fresh-secret")).status == 200


@pytest.fixture
def doomed(simulator):
    """A good API key of account 1, and how to revoke it."""
    user = f"SK{int(new_sid()[3:], 16) % 16**32:032x}"
    simulator.credential(user, "fresh-secret", account(1))
    return basic(user, "fresh-secret"), lambda: simulator.credential(user, "fresh-secret", account(1), "revoked")


def test_the_first_refusal_of_a_revoked_credential_takes_everything_it_had(gateway, doomed):
    (credential, revoke), warm = doomed, [new_sid() for _ in range(3)]
    for sid in warm:
        assert gateway.ask(sid, auth=credential).status == gateway.ask(sid).status == 200
    revoke()
    assert gateway.ask(warm[0], auth=credential).cache.get("hit"), "nobody has told the gateway yet"
    twilio_error(gateway.ask(new_sid(), auth=credential), 401, 20003)
    for sid in warm:
        twilio_error(gateway.ask(sid, auth=credential), 401, 20003)
        assert gateway.ask(sid).cache.get("hit"), "another credential of that account"


def test_a_revoked_credential_that_only_reads_what_it_knows_ends_with_its_freshness(start_gateway, doomed):
    gateway, (credential, revoke), sid = start_gateway(cache={"fresh_for": "1s"}), doomed, new_sid()
    assert gateway.ask(sid, auth=credential).status == 200
    revoke()
    eventually(lambda: gateway.ask(sid, auth=credential).status == 401, what="the refresh that is refused")
    twilio_error(gateway.ask(sid, auth=credential), 401, 20003)


def test_an_answer_under_way_while_its_credential_is_refused_is_not_stored(gateway, simulator, doomed):
    (credential, revoke), sid = doomed, new_sid()
    simulator.fault_for(sid, "stall", times=1, at="after_headers", seconds=1)
    with gateway.connect().send(request(target(sid), auth=credential)) as early:
        eventually(lambda: simulator.count(sid) == 1)
        revoke()
        twilio_error(gateway.ask(new_sid(), auth=credential), 401, 20003)
        assert early.read().status == 200, "upstream said so when it was asked"
    twilio_error(gateway.ask(sid, auth=credential), 401, 20003)


def test_credentials_alternate_on_one_connection(gateway, simulator):
    sid = simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)
    row = [(SUB, 200), (SIBLING, 403), (None, 401), (SUB, 200), (WRONG_SECRET, 401), (PARENT, 200), (None, 401)]
    with gateway.connect() as connection:
        connection.send(b"".join(request(target(sid), auth=credential) for credential, _ in row))
        assert [connection.read().status for _ in row] == [status for _, status in row]
