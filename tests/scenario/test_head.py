"""HEAD is GET without the body: same headers, same cache."""

import pytest

from harness.twilio_facts import error_sid, new_sid
from harness.wire import request, target

VARYING = {"age", "cache-status", "x-request-id", "date", "server-timing"}


def stable(answer):
    return {name.lower(): value for name, value in answer.fields if name.lower() not in VARYING}


def test_head_of_a_stored_summary_has_the_headers_of_get(gateway):
    sid = new_sid()
    gateway.ask(sid)
    got, head = gateway.ask(sid), gateway.ask(sid, method="HEAD")
    assert head.status == 200
    assert head.cache.get("hit")
    assert stable(head) == stable(got)
    assert int(head.header("Content-Length")) == len(got.body)


def test_a_cold_head_fills_the_cache_for_get(gateway, simulator):
    sid = new_sid()
    head = gateway.ask(sid, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    got = gateway.ask(sid)
    assert got.cache.get("hit")
    assert len(got.body) == int(head.header("Content-Length"))
    assert [seen["method"] for seen in simulator.requests(sid)] == ["GET"]


def test_head_sends_no_body_even_with_more_requests_behind_it(gateway):
    sid = new_sid()
    with gateway.connect() as connection:
        connection.send(request(target(sid), method="HEAD") + request(target(sid)) + request(target(sid), method="HEAD"))
        assert connection.read("HEAD").status == 200
        assert connection.read("GET").json()["call_sid"] == sid
        assert connection.read("HEAD").status == 200


@pytest.mark.parametrize("path, status", [("/v1/Voice/CA123/Summary", 400), ("/nothing/here", 404)])
def test_head_of_a_refusal_has_no_body_either(gateway, path, status):
    with gateway.connect() as connection:
        connection.send(request(path, method="HEAD") + request(target(new_sid())))
        assert connection.read("HEAD").status == status
        assert connection.read("GET").status == 200


def test_head_of_upstreams_refusal(gateway):
    with gateway.connect() as connection:
        connection.send(request(target(error_sid(20404)), method="HEAD") + request(target(new_sid())))
        assert connection.read("HEAD").status == 404
        assert connection.read("GET").status == 200
