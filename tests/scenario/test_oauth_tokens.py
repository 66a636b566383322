"""OAuth bearer tokens in mode forward: clients that make a new token for each request share one copy, and never a right that is not theirs."""

import base64
import itertools
import json
import time

import pytest

from harness.twilio_facts import account, new_sid

HOUR = 3600
numbers = itertools.count(1)


def jwt(subject="OQ1", ends_in=HOUR, **more):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    claims = {"iss": "https://identity.example", "sub": subject, "aud": "insights", "exp": int(time.time()) + ends_in, "jti": next(numbers), **more}
    return f"{part({'alg': 'RS256'})}.{part(claims)}.c2lnbmF0dXJl"


@pytest.fixture
def token(simulator):
    """A token that Twilio takes for a credential of the account."""

    def make(number=1, known=True, **claims):
        made = jwt(**claims)
        if known:
            simulator.credential("bearer", made, account(number))
        return f"Bearer {made}"

    return make


def test_tokens_with_the_same_claims_share_what_was_shown_to_each(gateway, simulator, token):
    first, second = token(), token()
    one, two, three = new_sid(), new_sid(), new_sid()
    bodies = [gateway.ask(sid, auth=first).body for sid in (one, two)]
    assert "hit" not in gateway.ask(one, auth=second).cache, "each token needs a 200 of its own"
    assert gateway.ask(two, auth=second).cache.get("hit")
    assert gateway.ask(two, auth=second).body == bodies[1]
    assert gateway.ask(three, auth=second).status == 200
    assert gateway.ask(three, auth=first).cache.get("hit"), "in both directions"
    assert simulator.count(two) == 1
    entries = gateway.admin(f"/api/explain?call_sid={one}").json()["entries"]
    assert len(entries) == 1, "one copy, however many tokens"


@pytest.mark.parametrize("claims", [{"subject": "OQ2"}, {"scope": "read"}, {"aud": ["insights"]}, {"iss": "https://other.example"}])
def test_other_claims_share_nothing(gateway, token, claims):
    first, other, sid, mine = token(), token(**claims), new_sid(), new_sid()
    gateway.ask(sid, auth=first)
    assert gateway.ask(mine, auth=other).status == 200
    assert "hit" not in gateway.ask(sid, auth=other).cache


def test_claims_alone_open_nothing(gateway, simulator, token):
    first, forged, sid = token(), token(known=False), new_sid()
    gateway.ask(sid, auth=first)
    for _ in range(2):
        assert gateway.ask(sid, auth=forged).status == 401
    assert gateway.ask(sid, auth=first).cache.get("hit"), "and end nothing for others"


def test_a_refusal_hits_that_token_alone(gateway, simulator, token):
    first, second = token(), token()
    one, two = new_sid(), new_sid()
    for each in (first, second):
        assert gateway.ask(one, auth=each).status == 200
    simulator.credential("bearer", second.split()[1], account(1), "revoked")
    assert gateway.ask(two, auth=second).status == 401
    assert gateway.ask(one, auth=second).status == 401, "nothing from memory any more"
    assert gateway.ask(one, auth=first).cache.get("hit")


def test_another_account_needs_a_200_of_its_own(gateway, simulator, token):
    parents, subs = new_sid(), simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)
    first, second = token(), token()
    assert gateway.ask(subs, auth=first).status == 200
    assert gateway.ask(parents, auth=second).status == 200
    assert "hit" not in gateway.ask(subs, auth=second).cache, "only the parent's own account was shown to it"


def test_an_expired_token_gets_nothing_from_memory(gateway, simulator, token):
    living, expired, sid = token(), token(ends_in=-HOUR), new_sid()
    gateway.ask(sid, auth=living)
    for _ in range(2):
        answer = gateway.ask(sid, auth=expired)
        assert (answer.status, answer.cache["fwd"]) == (200, "uri-miss"), "Twilio decides, each time"
    assert simulator.count(sid) == 3
    assert gateway.ask(sid, auth=expired, headers=[("Cache-Control", "only-if-cached")]).fault == "not_cached"


def test_a_hold_ends_with_its_token(gateway, simulator, token):
    """An expired token is not held at all, and one that expires meanwhile is told the truth of that moment, long before its N is over."""
    sid = simulator.register(new_sid(), ended_ago_s=60)
    wait = [("Prefer", "wait=20")]
    expired = gateway.ask(sid, auth=token(ends_in=-HOUR), headers=wait)
    assert (expired.status, expired.header("Preference-Applied")) == (404, None)
    began = time.monotonic()
    ends = gateway.ask(sid, auth=token(ends_in=3), headers=wait)
    assert (ends.status, ends.json()["code"], ends.header("Preference-Applied")) == (404, 17001, "wait=20")
    assert time.monotonic() - began < 18, "no hold of 20 s ends before 18.75 s by itself"
