"""A summary is kept no longer than thirty days after its call's end; one whose end cannot be read is not kept at all."""

import json

import pytest

from harness.twilio_facts import new_sid

UNREADABLE_ENDS = ["soon", "", 17, True, {}, [], "2026-13-45T99:00:00Z", "2026-01-01T00:00:00Z and more"]


@pytest.mark.parametrize("end", UNREADABLE_ENDS, ids=repr)
def test_a_summary_whose_end_cannot_be_read_is_delivered_but_not_kept(gateway, simulator, end):
    sid = new_sid()
    simulator.register(sid, ended_ago_s=7200, body=json.dumps({"call_sid": sid, "processing_state": "complete", "end_time": end}))
    for asked in (1, 2):
        answer = gateway.ask(sid)
        assert answer.status == 200 and answer.json()["end_time"] == end
        assert "hit" not in answer.cache and "stored" not in answer.cache
        assert simulator.count(sid) == asked


def test_a_summary_that_names_no_end_is_kept(gateway, simulator):
    sid = new_sid()
    simulator.register(sid, ended_ago_s=7200, body=json.dumps({"call_sid": sid, "processing_state": "complete", "end_time": None}))
    assert gateway.ask(sid).cache.get("stored")
    assert gateway.ask(sid).cache.get("hit")
