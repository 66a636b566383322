"""Twilio says that a summary has changed: the gateway looks again, and believes nothing else of what it is told."""

import hashlib
import ssl

import pytest

from harness import events
from harness.access import Access, token
from harness.certificates import Authority
from harness.eventually import eventually
from harness.events import TOKEN, URL, deliver, deliveries, event, noted
from harness.fleet import connected
from harness.twilio_facts import OTHER, PARENT, account, new_sid
from harness.wire import Connection, exchange, request, target


@pytest.fixture
def listening(start_gateway, tmp_path):
    """A gateway that remembers "not ready" for long, so that only an event can end it."""

    def start(*tokens, **overrides):
        return start_gateway(events=events.settings(tmp_path, *tokens), cache={"not_ready_for": "10m"}, **overrides)

    return start


def not_ready(gateway, simulator, auth=PARENT):
    """A call that Twilio has completed since the gateway remembered that it is not ready."""
    sid = simulator.register(new_sid(), ended_ago_s=60)
    assert gateway.ask(sid, auth=auth).json()["code"] == 17001
    simulator.register(sid, ended_ago_s=7200)
    return sid


def is_remembered(gateway, sid):
    return gateway.ask(sid).status == 404


def test_an_event_ends_what_is_remembered(listening, simulator):
    gateway = listening()
    sid = not_ready(gateway, simulator)
    assert is_remembered(gateway, sid)
    answer = deliver(gateway, event(sid))
    assert (answer.status, answer.body) == (204, b"")
    assert gateway.ask(sid).json()["processing_state"] == "complete"
    assert noted(gateway, type="complete") == 1 and deliveries(gateway, "accepted") == 1


def test_a_batch_counts_each_event_once(listening, simulator):
    gateway = listening()
    sids = [not_ready(gateway, simulator) for _ in range(3)]
    batch = [event(sid) for sid in sids] + [event(sids[0], "partial"), event(sids[0], "deleted"), {"type": "com.twilio.eventstreams.test-event"}]
    for _ in range(2):
        assert deliver(gateway, *batch).status == 204
    assert all(gateway.ask(sid).status == 200 for sid in sids)
    assert noted(gateway, type="complete") == 3 and noted(gateway, "duplicate", type="complete") == 3
    assert noted(gateway, type="partial") == 1
    assert noted(gateway, "ignored", type="other") == 2 and noted(gateway, "ignored", type="test") == 2


def test_a_large_batch_is_taken(listening):
    gateway = listening()
    assert deliver(gateway, *(event(new_sid()) for _ in range(1500))).status == 204
    assert noted(gateway) == 1500


def test_what_is_older_than_the_copy_changes_nothing(listening, simulator):
    gateway = listening()
    sid = simulator.register(new_sid(), ended_ago_s=7200)
    assert gateway.ask(sid).status == 200
    for ago_s in (0, 60, 3600, 30 * 86400):
        assert deliver(gateway, event(sid, ago_s=ago_s)).status == 204
        assert gateway.ask(sid).cache.get("hit")
    young = not_ready(gateway, simulator)
    assert deliver(gateway, event(young, ago_s=600)).status == 204
    assert is_remembered(gateway, young), "an event from before the question says nothing of the answer"
    assert simulator.count(sid) == 1 and simulator.count(young) == 1


def test_an_event_grants_nothing(listening, simulator):
    """Another tenant's event costs a look, and each credential still sees what Twilio shows to it."""
    gateway = listening()
    sid = simulator.register(new_sid(), ended_ago_s=7200)
    assert gateway.ask(sid, auth=OTHER).json()["code"] == 17000
    assert deliver(gateway, event(sid)).status == 204
    assert gateway.ask(sid, auth=OTHER).json()["code"] == 17000
    assert gateway.ask(sid, auth=None).status == 401


FORGED = {
    "no signature": ({"token": None}, 403, "no_signature"),
    "another token": ({"token": "2" * 32}, 403, "wrong_signature"),
    "another url's signature": ({"url": "https://hooks.example.org/twilio/events"}, 403, "wrong_signature"),
    "http": ({"url": URL.replace("https", "http")}, 403, "wrong_signature"),
    "no hash": ({"query": ""}, 403, "no_hash"),
    "two hashes": ({"query": f"bodySHA256={hashlib.sha256(b'').hexdigest()}&bodySHA256="}, 403, "no_hash"),
    "another body": ({"query": f"bodySHA256={hashlib.sha256(b'[]').hexdigest()}"}, 403, "wrong_hash"),
    "two signatures": ({"headers": [("X-Twilio-Signature", events.signature(URL))]}, 403, "no_signature"),
    "a shared key": ({"headers": [("X-Twilio-Webhooks-Signature-Settings", "kid=1")]}, 403, "shared_key"),
    "another path": ({"path": "/twilio/other"}, 404, "misdirected"),
    "another method": ({"method": "PUT"}, 405, "misdirected"),
    "no array": ({"body": b'{"type": "com.twilio.eventstreams.test-event"}'}, 400, "unreadable"),
    "no json": ({"body": b"[{"}, 400, "unreadable"),
    "too large": ({"body": b"[" + b" " * 2**20 + b"]"}, 413, "too_large"),
}


@pytest.mark.parametrize("forged", FORGED)
def test_what_twilio_did_not_sign_for_this_url_and_body_changes_nothing(listening, simulator, forged):
    how, status, result = FORGED[forged]
    gateway = listening()
    sid = not_ready(gateway, simulator)
    before = deliveries(gateway, result)
    answer = deliver(gateway, event(sid), **how)
    assert answer.status == status and answer.fault
    assert status != 405 or answer.header("Allow") == "POST"
    assert deliveries(gateway, result) == before + 1 and deliveries(gateway, "accepted") == 0
    assert is_remembered(gateway, sid) and noted(gateway) == 0
    assert deliver(gateway, event(sid)).status == 204, "the listener still works"


def test_a_flood_of_strangers_is_counted_and_changes_nothing(listening, simulator):
    gateway = listening()
    sid = not_ready(gateway, simulator)
    forged = events.delivery(event(sid), token="2" * 32)
    with Connection(events.port_of(gateway)) as connection:
        for _ in range(100):
            connection.send(forged * 100)
            assert {connection.read("POST").status for _ in range(100)} == {403}
    assert deliveries(gateway, "wrong_signature") == 10_000
    assert noted(gateway) == 0 and is_remembered(gateway, sid)
    warnings = gateway.logged("a delivery was refused")
    assert 1 <= len(warnings) <= 2, "one line a minute"


def test_tokens_are_read_again_for_a_rotation(listening, simulator, tmp_path):
    gateway = listening(TOKEN, "2" * 32)
    for token in (TOKEN, "2" * 32):
        assert deliver(gateway, event(new_sid()), token=token).status == 204
    events.write_tokens(tmp_path / "events.token", "2" * 32)
    eventually(lambda: deliver(gateway, event(new_sid())).status == 403, what="the old token is no longer good")
    assert deliver(gateway, event(new_sid()), token="2" * 32).status == 204
    (tmp_path / "events.token").unlink()
    eventually(lambda: gateway.metrics().total("credential_files_unusable") == 1)
    assert deliver(gateway, event(new_sid()), token="2" * 32).status == 204, "a file that is gone changes nothing"


def unready_for(gateways, simulator):
    """A call that all of them remember as not ready, and that Twilio has completed since."""
    sid = simulator.register(new_sid(), ended_ago_s=60)
    assert all(one.ask(sid).json()["code"] == 17001 for one in gateways)
    simulator.register(sid, ended_ago_s=7200)
    assert all(is_remembered(one, sid) for one in gateways)
    return sid


@pytest.fixture
def fleet(listening, start_gateway, engine):
    """Two gateways; Twilio tells the first one."""

    def start(share):
        settings = engine.fleet(share=share, timeout="1s")
        return connected(listening(fleet=settings), start_gateway(fleet=settings, cache={"not_ready_for": "10m"}))

    return start


@pytest.mark.parametrize("share", ["[marks]", "[cache, flights, marks]"])
def test_in_a_fleet_every_gateway_learns_of_it(fleet, simulator, share):
    gateways = fleet(share)
    sid = unready_for(gateways, simulator)
    assert deliver(gateways[0], event(sid)).status == 204
    for gateway in gateways:
        eventually(lambda: gateway.ask(sid).status == 200, what="the event has reached it")


def test_an_event_that_the_engine_could_not_pass_on_reaches_the_others_later(fleet, engine, simulator):
    gateways = fleet("[marks]")
    sid = unready_for(gateways, simulator)
    engine.stop()
    assert deliver(gateways[0], event(sid)).status == 204
    assert gateways[0].ask(sid).status == 200
    engine.go_on()
    eventually(lambda: gateways[1].ask(sid).status == 200, what="the event has reached it")


def test_a_held_reader_is_answered_when_the_event_comes(start_gateway, simulator, tmp_path):
    """Its next look would come after its wait."""
    gateway = start_gateway(events=events.settings(tmp_path))
    sid = simulator.register(new_sid(), ended_ago_s=60)
    with gateway.connect() as reader:
        reader.send(request(target(sid), PARENT, headers=[("Prefer", "wait=12")]))
        eventually(lambda: gateway.metrics().total("held_readers") == 1, what="it is held")
        simulator.register(sid, ended_ago_s=7200)
        assert deliver(gateway, event(sid)).status == 204
        answer = reader.read()
    assert answer.status == 200 and answer.json()["processing_state"] == "complete"
    assert simulator.count(sid) == 2, "one look before the event, one for it"


def test_events_over_tls(start_gateway, simulator, tmp_path):
    authority = Authority(tmp_path, "authority")
    leaf = authority.leaf()
    gateway = start_gateway(events=events.settings(tmp_path, tls={"certificate": leaf.certificate, "key": leaf.key}))
    answer = exchange(events.port_of(gateway), events.delivery(event(new_sid())), "POST", tls=ssl.create_default_context(cafile=str(authority.certificate)))
    assert answer.status == 204


def count(simulator, sid):
    return [row["user"] for row in simulator.requests(sid)]


def test_prefetch_has_the_summary_before_a_client_asks(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    gateway = start_gateway(events=events.settings(tmp_path, prefetch=True), credentials=access.settings())
    sid, early = (simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200) for _ in range(2))
    assert deliver(gateway, event(early, "partial", account_sid=account(2)), event(sid, account_sid=account(2))).status == 204
    eventually(lambda: simulator.count(sid) == 1, what="it is fetched")
    assert count(simulator, sid) == [account(2)], "with the credential of the call's account"
    assert simulator.count(early) == 0, "only a complete summary is fetched"


def test_a_prefetched_summary_is_a_hit_for_clients_of_its_account(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    access.client("of-sub", "sub")
    gateway = start_gateway(events=events.settings(tmp_path, prefetch=True), credentials=access.settings())
    sid = simulator.register(new_sid(), ended_ago_s=7200)
    assert deliver(gateway, event(sid)).status == 204
    eventually(lambda: gateway.metrics().total("cache_entries") == 1, what="it is stored")
    assert gateway.ask(sid, auth=f"Bearer {token('billing')}").cache.get("hit")
    assert not gateway.ask(sid, auth=f"Bearer {token('of-sub')}").cache.get("hit"), "another account sees nothing of it"
    assert gateway.ask(sid, auth=None).status == 401


def test_without_prefetch_nothing_is_fetched_for_nobody(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    gateway = start_gateway(events=events.settings(tmp_path), credentials=access.settings())
    sid, other = (simulator.register(new_sid(), ended_ago_s=7200) for _ in range(2))
    assert deliver(gateway, event(sid)).status == 204
    assert gateway.ask(other, auth=f"Bearer {token('billing')}").status == 200
    assert simulator.count(sid) == 0
