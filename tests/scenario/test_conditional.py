"""A 304 goes only to a client that asked for one with the right validator."""

import pytest

from harness.twilio_facts import BEARER, new_sid
from harness.wire import request, target


@pytest.fixture(scope="module")
def stored(gateway):
    sid = new_sid()
    return sid, gateway.ask(sid)


MATCHING = {
    "the same": "{etag}",
    "in a list": '"another", {etag}, "one more"',
    "in a list without blanks": '"another",{etag}',
    "weak, which If-None-Match compares as equal": "W/{etag}",
    "anything at all": "*",
}
OTHERS = {
    "another": '"another"',
    "a part of it": "{prefix}",
    "without quotes": "{bare}",
    "empty": "",
    "garbage": '"""W/,,',
}


def fill(form, etag):
    return form.format(etag=etag, prefix=etag[:-2] + '"', bare=etag.strip('"'))


@pytest.mark.parametrize("form", MATCHING.values(), ids=MATCHING)
def test_a_matching_validator_gets_304(gateway, stored, form):
    sid, first = stored
    answer = gateway.ask(sid, headers=[("If-None-Match", fill(form, first.header("ETag")))])
    assert answer.status == 304
    assert answer.body == b""
    assert answer.header("ETag") == first.header("ETag")
    assert answer.header("Vary") == first.header("Vary")
    assert answer.header("Access-Control-Allow-Origin") == "*", "a page may have asked with a tag of its own"
    assert answer.cache.get("hit")


@pytest.mark.parametrize("form", OTHERS.values(), ids=OTHERS)
def test_any_other_validator_gets_the_bytes(gateway, stored, form):
    sid, first = stored
    answer = gateway.ask(sid, headers=[("If-None-Match", fill(form, first.header("ETag")))])
    assert (answer.status, answer.body) == (200, first.body)


def test_nobody_gets_an_unasked_304(gateway, stored):
    sid, first = stored
    others = {"If-Modified-Since": "Sat, 01 Jan 2039 00:00:00 GMT", "If-Match": first.header("ETag"), "Cache-Control": "max-age=0"}
    for field in others.items():
        answer = gateway.ask(sid, headers=[field])
        assert (answer.status, answer.body) == (200, first.body), field


def test_head_may_be_conditional_too(gateway, stored):
    sid, first = stored
    answer = gateway.ask(sid, method="HEAD", headers=[("If-None-Match", first.header("ETag"))])
    assert answer.status == 304


def test_the_connection_goes_on_after_a_304(gateway, stored):
    sid, first = stored
    with gateway.connect() as connection:
        asked = request(target(sid), headers=[("If-None-Match", first.header("ETag"))])
        connection.send(asked + request(target(sid)) + asked)
        assert [connection.read().status for _ in range(3)] == [304, 200, 304]


def test_a_validator_does_not_open_another_credentials_entry(gateway, stored, simulator):
    sid, first = stored
    answer = gateway.ask(sid, auth=BEARER, headers=[("If-None-Match", first.header("ETag"))])
    assert answer.cache.get("fwd") == "uri-miss", "this credential has proven nothing yet"
    assert simulator.count(sid) == 1
