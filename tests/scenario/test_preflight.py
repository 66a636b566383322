"""A browser asks first: the preflight is answered here, without a credential and without upstream."""

import pytest

from harness.twilio_facts import new_sid
from harness.wire import request, target

SITE = "https://support.example"
BROWSER = [("Origin", SITE), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "authorization")]


def words(text):
    return {word.strip().lower() for word in text.split(",")}


def test_a_preflight_is_answered_204_here(gateway, simulator):
    answer = gateway.ask(new_sid(), auth=None, method="OPTIONS", headers=BROWSER)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("Access-Control-Allow-Origin") in ("*", SITE)
    assert {"get", "head"} <= words(answer.header("Access-Control-Allow-Methods"))
    # Authorization is never covered by a wildcard (Fetch standard), so it must be named; the others are what we heed of a reader.
    assert {"authorization", "cache-control", "pragma", "if-none-match"} <= words(answer.header("Access-Control-Allow-Headers"))
    assert simulator.requests() == []


def test_a_preflight_with_a_query_is_the_same(gateway):
    assert gateway.ask(new_sid(), "partial", auth=None, method="OPTIONS", headers=BROWSER).status == 204


def test_the_connection_goes_on_after_a_preflight(gateway):
    sid = new_sid()
    with gateway.connect() as connection:
        connection.send(request(target(sid), None, "OPTIONS", BROWSER) + request(target(sid)))
        assert connection.read("OPTIONS").status == 204
        assert connection.read().status == 200


def test_a_browser_can_read_the_answer_to_its_get(gateway):
    sid = new_sid()
    for _ in range(2):
        assert gateway.ask(sid, headers=[("Origin", SITE)]).header("Access-Control-Allow-Origin") in ("*", SITE)


PAGES = ["https://support.example", "http://localhost:3000"]


@pytest.mark.parametrize("page", PAGES)
def test_only_listed_pages_are_allowed_when_pages_are_listed(start_gateway, page):
    gateway, sid = start_gateway(cors={"allow_origins": PAGES, "max_age": "10m"}), new_sid()
    preflight = [("Origin", page), *BROWSER[1:]]
    answer = gateway.ask(sid, auth=None, method="OPTIONS", headers=preflight)
    assert answer.header("Access-Control-Allow-Origin") == page
    assert answer.header("Access-Control-Max-Age") == "600"
    assert "origin" in words(answer.header("Vary")), "another page is told something else"


@pytest.mark.parametrize("page", ["https://evil.example", "https://support.example.evil.example", "null", "https://support.example:444"])
def test_another_page_is_not_allowed_and_told_nothing(start_gateway, page):
    gateway = start_gateway(cors={"allow_origins": PAGES})
    answer = gateway.ask(new_sid(), auth=None, method="OPTIONS", headers=[("Origin", page), *BROWSER[1:]])
    assert answer.status == 204
    assert not [name for name, _ in answer.fields if name.lower().startswith("access-control-")]
    assert answer.header("Allow")


@pytest.mark.parametrize("cors", [{}, {"allow_origins": [SITE]}], ids=["all pages", "listed pages"])
def test_a_wildcard_never_comes_with_credentials(start_gateway, cors):
    """Nor does a name: a client of ours is known by its Authorization, never by cookies."""
    gateway = start_gateway(cors=cors)
    for answer in (gateway.ask(new_sid(), auth=None, method="OPTIONS", headers=BROWSER), gateway.ask("CA1", headers=BROWSER)):
        assert answer.header("Access-Control-Allow-Origin")
        assert answer.header("Access-Control-Allow-Credentials") is None


def test_a_browser_can_read_what_was_wrong(gateway):
    answer = gateway.ask("CA123", headers=[("Origin", SITE)])
    assert answer.status == 400 and answer.header("Access-Control-Allow-Origin") == "*"
    assert "gateway-fault" in words(answer.header("Access-Control-Expose-Headers"))
    assert gateway.ask("CA123").header("Access-Control-Allow-Origin") is None, "nobody asked"
