"""A refusal takes with it what it must: a refused credential loses all it had, a refused call only itself."""

import pytest

from harness.eventually import eventually
from harness.twilio_facts import PARENT, SUB, account, new_sid
from harness.wire import request, target


def kept_by(simulator, gateway, *credentials, count=5):
    """Calls that each of these credentials has in the cache."""
    sids = [simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200) for _ in range(count)]
    for sid in sids:
        for credential in credentials:
            assert gateway.ask(sid, auth=credential).status == 200
    return sids


REVOKING = {"401": (401, 20003), "restricted": (401, 70051), "suspended": (403, 20403), "403 without reason": (403, None)}


@pytest.mark.parametrize("refusal", REVOKING.values(), ids=REVOKING)
def test_a_refused_credential_loses_everything_it_had(start_gateway, simulator, refusal):
    status, code = refusal
    gateway = start_gateway()
    sids = kept_by(simulator, gateway, SUB, PARENT)
    provoking = new_sid()
    simulator.fault_for(provoking, "status", status=status, **({"code": code} if code else {"body": "{}"}))
    assert gateway.ask(provoking, auth=SUB).status == status
    assert gateway.metrics().total("cache_evictions_total", reason="revoked") == len(sids)
    for sid in sids:
        assert "hit" not in gateway.ask(sid, auth=SUB).cache
        assert gateway.ask(sid, auth=PARENT).cache.get("hit"), "another credential's are untouched"


CALL_ONLY = {"another account's": (403, 17000), "before the feature": (403, 17007), "throttled": (429, 20429), "broken": (500, 20003)}


@pytest.mark.parametrize("refusal", CALL_ONLY.values(), ids=CALL_ONLY)
def test_a_refused_call_takes_nothing_else_with_it(gateway, simulator, refusal):
    status, code = refusal
    (other,) = kept_by(simulator, gateway, SUB, count=1)
    provoking = new_sid()
    simulator.fault_for(provoking, "status", status=status, code=code)
    assert gateway.ask(provoking, auth=SUB).status >= 400
    assert gateway.ask(other, auth=SUB).cache.get("hit")


def test_what_was_under_way_when_the_credential_was_refused_is_not_stored(gateway, simulator):
    sid, provoking = simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200), new_sid()
    simulator.faults(
        {"match": {"call_sid": sid}, "times": 0, "action": "latency", "ms": 1500},
        {"match": {"call_sid": provoking}, "times": 0, "action": "status", "status": 401, "code": 20003},
    )
    with gateway.connect() as fallen, gateway.connect() as other:
        fallen.send(request(target(sid), auth=SUB))
        other.send(request(target(sid), auth=PARENT))
        eventually(lambda: simulator.count(sid) == 2)
        assert gateway.ask(provoking, auth=SUB).status == 401
        late = fallen.read()
        assert late.status == 200 and "stored" not in late.cache, "upstream said so to this credential, before it fell"
        assert other.read().cache.get("stored")


def test_a_call_that_is_refused_now_is_gone_for_this_credential(gateway, simulator):
    refused, other = kept_by(simulator, gateway, SUB, PARENT, count=2)
    simulator.faults({"match": {"call_sid": refused}, "times": 2, "action": "status", "status": 403, "code": 17000})
    assert gateway.ask(refused, auth=SUB, headers=[("Cache-Control", "no-cache")]).status == 403
    assert gateway.ask(refused, auth=SUB).status == 403, "asked again: the refusal itself is not remembered"
    assert gateway.ask(other, auth=SUB).cache.get("hit")
    assert gateway.ask(refused, auth=PARENT).cache.get("hit")
