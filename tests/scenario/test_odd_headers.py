"""What one client sends beside its question cannot spoil the answer that others get (cache poisoning)."""

import pytest

from harness.twilio_facts import new_sid

ODD = {
    "a method in a header": [("X-HTTP-Method-Override", "DELETE")],
    "another host": [("X-Forwarded-Host", "evil.example"), ("X-Host", "evil.example")],
    "another path": [("X-Original-URL", "/v1/Voice/CA" + "e" * 32 + "/Summary"), ("X-Rewrite-URL", "/")],
    "a condition for upstream": [("If-Modified-Since", "Sat, 01 Jan 2039 00:00:00 GMT"), ("If-None-Match", '"x"')],
    "a range": [("Range", "bytes=0-3"), ("If-Range", '"x"')],
    "a type nobody has": [("Accept", "image/png"), ("Accept-Language", "xx"), ("Accept-Charset", "ebcdic")],
    "a coding nobody has": [("Accept-Encoding", "zstd;q=1, identity;q=0")],
    "a large field": [("X-Large", "x" * 12_000)],
    "many fields": [(f"X-{number}", "x") for number in range(80)],
    "odd bytes": [("X-Odd", "\x80\xff caf\xe9")],
    "cookies": [("Cookie", "lang=<script>")],
}


@pytest.mark.parametrize("fields", ODD.values(), ids=ODD)
def test_the_next_reader_gets_what_upstream_says_to_a_plain_question(gateway, simulator, fields):
    sid = new_sid()
    first = gateway.ask(sid, headers=fields)
    (seen,) = simulator.requests(sid)
    assert set(seen["headers"]) <= {"host", "accept", "accept-encoding", "user-agent", "via", "traceparent"}, "the question is made anew"
    second = gateway.ask(sid)
    assert first.status == second.status == 200
    assert first.body == second.body == simulator.ask(sid).body
    assert second.cache.get("hit")
