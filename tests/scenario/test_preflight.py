"""A browser asks first: the preflight is answered here, without a credential and without upstream."""

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
    # Authorization is never covered by a wildcard (Fetch standard), so it must be named.
    assert "authorization" in words(answer.header("Access-Control-Allow-Headers"))
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
