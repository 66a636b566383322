"""A summary is kept no longer than thirty days after its call's end; one whose end cannot be read is not kept at all."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from harness.eventually import eventually
from harness.twilio_facts import new_sid


def ended(**ago):
    return (datetime.now(timezone.utc) - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def registered(simulator, end):
    """A finished call whose record says this of its end, and which the simulator goes on showing all the same."""
    sid = new_sid()
    return simulator.register(sid, ended_ago_s=7200, body=json.dumps({"call_sid": sid, "processing_state": "complete", "end_time": end}))


def test_a_summary_is_erased_thirty_days_after_its_calls_end_though_nobody_asks(start_gateway, simulator):
    gateway = start_gateway()
    lasting, ending = (registered(simulator, ended(days=30, seconds=-left)) for left in (3600, 6))
    for sid in (lasting, ending):
        assert gateway.ask(sid).cache.get("stored")
    hit = gateway.ask(ending).cache
    assert hit.get("hit") and hit["ttl"] <= 6, "and fresh no longer than that"
    eventually(lambda: gateway.metrics().total("cache_entries") == 1, what="memory is given back")
    assert gateway.metrics().total("cache_evictions_total", reason="expired") == 1
    assert "hit" not in gateway.ask(ending).cache
    assert gateway.ask(lasting).cache.get("hit")


def test_a_summary_older_than_that_is_delivered_but_not_stored(start_gateway, simulator):
    gateway = start_gateway()
    sid = registered(simulator, ended(days=30, seconds=1))
    for asked in (1, 2):
        answer = gateway.ask(sid)
        assert answer.status == 200 and "hit" not in answer.cache and "stored" not in answer.cache
        assert simulator.count(sid) == asked
    assert gateway.metrics().total("not_stored_total", reason="record_over") == 2
    assert gateway.metrics().total("cache_entries") == 0


UNREADABLE_ENDS = ["soon", "", 17, True, {}, [], "2026-13-45T99:00:00Z", "2026-01-01T00:00:00Z and more"]


@pytest.mark.parametrize("end", UNREADABLE_ENDS, ids=repr)
def test_a_summary_whose_end_cannot_be_read_is_delivered_but_not_stored(gateway, simulator, end):
    sid = registered(simulator, end)
    for asked in (1, 2):
        answer = gateway.ask(sid)
        assert answer.status == 200 and answer.json()["end_time"] == end
        assert "hit" not in answer.cache and "stored" not in answer.cache
        assert simulator.count(sid) == asked


def test_a_summary_that_names_no_end_is_stored(gateway, simulator):
    sid = registered(simulator, None)
    assert gateway.ask(sid).cache.get("stored")
    assert gateway.ask(sid).cache.get("hit")
