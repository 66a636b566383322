"""Bodies made to fool a parser: delivered as they came or refused, never stored, never fatal."""

import json
import time

import pytest

from harness.certificates import Authority
from harness.gateway import Gateway, settings_for
from harness.tls_upstream import TlsUpstream, server_context
from harness.twilio_facts import new_sid

SID, OTHER = "{sid}", "CA" + "e" * 32
NAMED = '"call_sid":"{sid}"'

# Rows about the state: the call is the right one, the summary is not (surely) a complete one.
NOT_COMPLETE = {
    "no state": "{" + NAMED + "}",
    "state null": "{" + NAMED + ',"processing_state":null}',
    "state true": "{" + NAMED + ',"processing_state":true}',
    "state in upper case": "{" + NAMED + ',"processing_state":"COMPLETE"}',
    "state with a blank": "{" + NAMED + ',"processing_state":"complete "}',
    "state with a NUL": "{" + NAMED + ',"processing_state":"complete\\u0000"}',
    "state a list": "{" + NAMED + ',"processing_state":["complete"]}',
    "state only nested": "{" + NAMED + ',"properties":{"processing_state":"complete"}}',
    "state only in free text": "{" + NAMED + ',"annotation":{"comment":"\\"processing_state\\":\\"complete\\""}}',
    "a key with a blank behind it": "{" + NAMED + ',"processing_state\\u0020":"complete"}',
    "partial first, complete second": "{" + NAMED + ',"processing_state":"partial","processing_state":"complete"}',
    "complete first, partial second": "{" + NAMED + ',"processing_state":"complete","processing_state":"partial"}',
    "cut off": "{" + NAMED + ',"processing_state":"complete"',
    "cut off in a string": "{" + NAMED + ',"processing_state":"complete","x":"',
    "trailing garbage": "{" + NAMED + ',"processing_state":"complete"} x',
    "two documents": "{" + NAMED + ',"processing_state":"complete"}{"processing_state":"partial"}',
    "trailing comma": "{" + NAMED + ',"processing_state":"complete",}',
    "a comment": "{" + NAMED + ',"processing_state":"complete" /* really */}',
    "single quotes": "{" + NAMED + ",'processing_state':'complete'}",
    "an unknown escape": "{" + NAMED + ',"processing_state":"complete","x":"\\q"}',
    "a byte order mark": "\ufeff{" + NAMED + ',"processing_state":"complete"}',
    "a bare control byte": "{" + NAMED + ',"processing_state":"complete","x":"\u0001"}',
    "a number of no size": "{" + NAMED + ',"processing_state":"complete","duration":1e999999999}',
    "a number that is none": "{" + NAMED + ',"processing_state":"complete","duration":NaN}',
    "a leading zero": "{" + NAMED + ',"processing_state":"complete","duration":007}',
    "lists 100,000 deep": "{" + NAMED + ',"processing_state":"complete","x":' + "[" * 100_000 + "]" * 100_000 + "}",
    "objects 50,000 deep": "{" + NAMED + ',"processing_state":"complete","x":' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}",
    "lists 100,000 deep, never closed": "{" + NAMED + ',"processing_state":"complete","x":' + "[" * 100_000,
}
# Rows about the identity: not surely the call that was asked for.
NOT_THIS_CALL = {
    "another call": '{"call_sid":"' + OTHER + '","processing_state":"complete"}',
    "another call, then this one": '{"call_sid":"' + OTHER + '","call_sid":"{sid}","processing_state":"complete"}',
    "this call, then another": '{"call_sid":"{sid}","call_sid":"' + OTHER + '","processing_state":"complete"}',
    "this call only nested": '{"call_sid":"' + OTHER + '","x":{"call_sid":"{sid}"},"processing_state":"complete"}',
    "no call": '{"processing_state":"complete"}',
    "no call, nested": '{"x":{"call_sid":"{sid}"},"processing_state":"complete"}',
    "null": '{"call_sid":null,"processing_state":"complete"}',
    "a number": '{"call_sid":17,"processing_state":"complete"}',
    "this call and more": '{"call_sid":"{sid}0","processing_state":"complete"}',
    "this call with a prefix in lower case": '{"call_sid":"ca{digits}","processing_state":"complete"}',
    "a list": '[{"call_sid":"{sid}","processing_state":"complete"}]',
    "a string": '"{sid} complete"',
    "a number alone": "1e999999999",
    "nothing but blanks": "   \n",
    "not JSON": "<html>{sid} complete</html>",
}


def filled(form, sid):
    return form.replace("{sid}", sid).replace("{digits}", sid[2:])


@pytest.mark.parametrize("form", NOT_COMPLETE.values(), ids=NOT_COMPLETE)
def test_what_is_not_surely_complete_is_not_stored(gateway, simulator, form):
    sid = new_sid()
    body = filled(form, sid)
    simulator.register(sid, ended_ago_s=7200, body=body)
    begun = time.monotonic()
    for round_ in (1, 2):
        answer = gateway.ask(sid)
        if answer.status == 200:
            assert answer.body == body.encode(), "if at all, then untouched"
            assert "hit" not in answer.cache and "stored" not in answer.cache
        else:
            assert (answer.status, answer.json().get("code")) == (502, 20502)
        assert simulator.count(sid) == round_
    assert time.monotonic() - begun < 2, "in linear time"
    healthy = new_sid()
    assert gateway.ask(healthy).json()["call_sid"] == healthy


@pytest.mark.parametrize("form", NOT_THIS_CALL.values(), ids=NOT_THIS_CALL)
def test_what_is_not_surely_this_call_is_not_delivered(gateway, simulator, form):
    sid = new_sid()
    simulator.register(sid, ended_ago_s=7200, body=filled(form, sid))
    for round_ in (1, 2):
        answer = gateway.ask(sid)
        assert (answer.status, answer.json().get("code")) == (502, 20502), answer.raw[:600]
        assert answer.fault and OTHER not in answer.raw.decode()
        assert simulator.count(sid) == round_


def test_bytes_that_are_no_utf_8_are_not_stored(tmp_path):
    """From an upstream of its own: the simulator's bodies travel as text."""
    asked = []

    def answer(head):
        asked.append(head.split(b"/Voice/")[1][:34])
        body = b'{"call_sid":"' + asked[-1] + b'","processing_state":"complete","annotation":{"comment":"\xff\xfe\xc0\xaf"}}'
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    authority, sid = Authority(tmp_path, "trusted"), new_sid()
    with TlsUpstream(server_context(authority.leaf()), answer=answer) as upstream:
        gateway = Gateway(tmp_path, settings_for(None, upstream={"url": upstream.url, "ca_file": authority.certificate}))
        answers = [gateway.ask(sid) for _ in range(2)]
        gateway.stop()
    assert [answer.status in (200, 502) and "hit" not in answer.cache for answer in answers] == [True, True]
    assert len(asked) == 2


def complete(sid, **more):
    return {"call_sid": sid, "processing_state": "complete", **more}


NESTED = {"call_sid": OTHER, "processing_state": "partial"}
STORABLE = {
    "pretty-printed": lambda sid: json.dumps(complete(sid, x=[1, {"y": None}]), indent=4),
    "sid last": lambda sid: json.dumps({"processing_state": "complete", "a": NESTED, "call_sid": sid}),
    "escapes in the key": lambda sid: '{"call\\u005fsid":"' + sid + '","processing_state":"complete"}',
    "partial in free text": lambda sid: json.dumps(complete(sid, annotation={"comment": '"processing_state":"partial"'})),
    "emoji and friends": lambda sid: json.dumps(complete(sid, c="\U0001f4de \u2028 \u00e9"), ensure_ascii=False),
    "fields of tomorrow": lambda sid: json.dumps(complete(sid, agent_session_summaries=[{}] * 50)),
    "17 KB": lambda sid: json.dumps(complete(sid, annotation={"comment": "z" * 17_000})),
}


@pytest.mark.parametrize("make", STORABLE.values(), ids=STORABLE)
def test_an_unusual_but_true_complete_summary_is_served_byte_for_byte(gateway, simulator, make):
    sid = new_sid()
    body = make(sid)
    simulator.register(sid, ended_ago_s=7200, body=body)
    miss, second = gateway.ask(sid), gateway.ask(sid)
    assert (miss.status, miss.body) == (200, body.encode())
    assert (second.status, second.body) == (200, body.encode())
    assert second.cache.get("hit")
