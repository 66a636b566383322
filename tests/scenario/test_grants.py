"""credentials.sharing: grants. A body is kept once, and only whom upstream has shown its account may have it from memory."""

import pytest

from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.twilio_facts import API_KEY, BEARER, OTHER, PARENT, SIBLING, SUB, WRONG_SECRET, account, basic, key, new_sid
from harness.wire import request, target

GRANTS = {"sharing": "grants"}
REFUSED = {"sibling": (SIBLING, 403, 17000), "stranger": (OTHER, 403, 17000), "wrong secret": (WRONG_SECRET, 401, 20003)}
_keys = iter(range(70_000, 80_000))


@pytest.fixture(scope="module")
def gateway(the_simulator, tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), settings_for(the_simulator, credentials=GRANTS))
    yield gateway
    gateway.stop()


@pytest.fixture
def new_key(simulator):
    """A credential that nobody has used yet: new_key(1) is another API key of account 1."""

    def make(number, secret="a-secret"):
        user = key(next(_keys))
        simulator.credential(user, secret, account(number))
        make.revoke = lambda: simulator.credential(user, secret, account(number), "revoked")
        return basic(user, secret)

    return make


def of_the_subaccount(simulator):
    return simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)


def twilio_error(answer, status, code):
    assert (answer.status, answer.json()["code"]) == (status, code), answer.raw[:500]


def test_a_credential_proves_itself_once_for_an_account_and_then_shares_its_bodies(gateway, simulator, new_key):
    first, second, mine = new_sid(), new_sid(), new_key(1)
    body = gateway.ask(first).body
    entries = gateway.metrics().total("cache_entries")
    assert gateway.ask(first, auth=mine).cache["fwd"] == "uri-miss", "nobody has shown it anything yet"
    assert gateway.metrics().total("cache_entries") == entries >= 1, "kept once"
    gateway.ask(second)
    answer = gateway.ask(second, auth=mine)
    assert answer.cache.get("hit"), "it has been shown another call of this account"
    assert simulator.count(second) == 1
    assert gateway.ask(first, auth=mine).body == body
    assert gateway.metrics().total("grants") >= 2


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_a_warm_body_is_nobodys_without_a_grant(gateway, simulator, row):
    (credential, status, code), sid = row, new_sid()
    assert gateway.ask(sid).status == 200
    for method in ("GET", "HEAD"):
        assert gateway.ask(sid, auth=credential, method=method).status == status
    answer = gateway.ask(sid, auth=credential)
    twilio_error(answer, status, code)
    assert answer.body == simulator.ask(sid, auth=credential).body, "upstream's own words"
    assert "hit" not in answer.cache and "detail" not in answer.cache, "nothing says that somebody else has asked for it"
    assert gateway.ask(sid).cache.get("hit"), "nor does it disturb who may"


def test_an_etag_is_no_key(gateway):
    sid = new_sid()
    tag = gateway.ask(sid).header("ETag")
    assert gateway.ask(sid, headers=[("If-None-Match", tag)]).status == 304
    for match in (tag, "*"):
        twilio_error(gateway.ask(sid, auth=SIBLING, headers=[("If-None-Match", match)]), 403, 17000)


def test_a_parent_shares_with_its_subaccount_what_is_the_subaccounts(gateway, simulator):
    sids = [of_the_subaccount(simulator) for _ in range(3)]
    parents_own = new_sid()
    for sid in (parents_own, sids[0]):
        assert gateway.ask(sid, auth=PARENT).status == 200
    assert gateway.ask(sids[1], auth=SUB).status == 200
    assert gateway.ask(sids[0], auth=SUB).cache.get("hit")
    assert gateway.ask(sids[1], auth=PARENT).cache.get("hit")
    twilio_error(gateway.ask(parents_own, auth=SUB), 403, 17000)
    for sid in sids:
        twilio_error(gateway.ask(sid, auth=SIBLING), 403, 17000)
    assert gateway.ask(sids[0], auth=SUB).cache.get("hit"), "its refusal for the parent's call changed nothing for its own"


def test_in_flight_together_each_credential_has_a_flight_of_its_own(gateway, simulator, new_key):
    sid = of_the_subaccount(simulator)
    simulator.barrier(True)
    credentials = [PARENT, SUB, new_key(2), SIBLING, OTHER, WRONG_SECRET]
    connections = [gateway.connect().send(request(target(sid), auth=credential)) for credential in credentials]
    eventually(lambda: simulator.state()["in_flight"] == len(credentials), what="a flight of its own for each")
    simulator.barrier(False)
    answers = [connection.read() for connection in connections]
    assert [answer.status for answer in answers] == [200, 200, 200, 403, 403, 401]
    assert not any("collapsed" in answer.cache for answer in answers)
    for connection in connections:
        connection.close()


def test_a_revoked_credential_ends_with_its_grant_at_the_latest(start_gateway, simulator, new_key):
    gateway = start_gateway(credentials={**GRANTS, "grant_ttl": "1s"})
    sid, mine = new_sid(), new_key(1)
    assert gateway.ask(sid, auth=mine).status == 200
    new_key.revoke()
    eventually(lambda: gateway.ask(sid, auth=mine).status == 401, what="the grant's end")
    assert gateway.ask(sid, auth=mine).status == 401
    assert gateway.ask(sid).status == 200, "others go on"


def test_one_refusal_takes_all_grants_at_once(gateway, simulator, new_key):
    sids, mine = [new_sid() for _ in range(3)], new_key(1)
    for sid in sids:
        gateway.ask(sid), gateway.ask(sid, auth=mine)
    new_key.revoke()
    assert gateway.ask(sids[0], auth=mine).cache.get("hit"), "within grant_ttl, as documented"
    twilio_error(gateway.ask(new_sid(), auth=mine), 401, 20003)
    for sid in sids:
        twilio_error(gateway.ask(sid, auth=mine), 401, 20003)


def test_a_call_that_is_refused_takes_the_grant_of_its_account(gateway, simulator, new_key):
    sids, mine = [new_sid() for _ in range(2)], new_key(1)
    for sid in sids:
        gateway.ask(sid), gateway.ask(sid, auth=mine)
    assert gateway.ask(sids[1], auth=mine).cache.get("hit")
    simulator.fault_for(sids[0], "status", times=1, status=403, code=17000)
    twilio_error(gateway.ask(sids[0], "partial", auth=mine), 403, 17000)
    before = simulator.count(sids[1])
    assert "hit" not in gateway.ask(sids[1], auth=mine).cache
    assert simulator.count(sids[1]) == before + 1
    assert gateway.ask(sids[1], auth=BEARER).status == 200


def test_not_ready_stays_with_the_credential_that_got_it(gateway, simulator):
    sid = simulator.register(new_sid(), ended_ago_s=60)
    twilio_error(gateway.ask(sid), 404, 17001)
    twilio_error(gateway.ask(sid, auth=SIBLING), 403, 17000)
    twilio_error(gateway.ask(sid, auth=API_KEY), 404, 17001)
    assert gateway.ask(sid).cache.get("hit") and gateway.ask(sid, auth=API_KEY).cache.get("hit")
    assert simulator.count(sid) == 3
