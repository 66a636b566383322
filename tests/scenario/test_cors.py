"""Which pages can read which answers: cors.allow_origins decides, and Twilio's own word counts only where no page asks and all may."""

import pytest

from harness.gateway import Gateway, settings_for
from harness.twilio_facts import new_sid
from harness.wire import request

LISTED, OTHER = "https://support.example", "https://evil.example"
ORIGINS = {"listed": LISTED, "not listed": OTHER, "no page": None, "null": "null", "a longer name": LISTED + ".evil.example"}
OFFERED = ["Cache-Status", "ETag", "Gateway-Fault", "Preference-Applied", "RateLimit", "Retry-After", "X-Request-Id"]


def asked(gateway, sid, origin, **more):
    fields = [("Origin", origin)] if origin else []
    return gateway.ask(sid, headers=[*fields, *more.pop("headers", ())], **more)


def miss(gateway, _simulator, origin):
    return asked(gateway, new_sid(), origin), 200


def hit(gateway, _simulator, origin):
    sid = new_sid()
    gateway.ask(sid)
    answer = asked(gateway, sid, origin)
    assert answer.cache.get("hit")
    return answer, 200


def packed_hit(gateway, _simulator, origin):
    sid = new_sid()
    gateway.ask(sid)
    return asked(gateway, sid, origin, headers=[("Accept-Encoding", "gzip")]), 200


def not_modified(gateway, _simulator, origin):
    sid = new_sid()
    tag = gateway.ask(sid).header("ETag")
    return asked(gateway, sid, origin, headers=[("If-None-Match", tag)]), 304


def relayed(gateway, simulator, origin):
    sid = new_sid()
    simulator.fault_for(sid, "status", status=400, code=20001)
    return asked(gateway, sid, origin), 400


def remembered_refusal(gateway, simulator, origin):
    sid = simulator.register(new_sid(), ended_ago_s=60)
    gateway.ask(sid)
    return asked(gateway, sid, origin), 404


def own_fault(gateway, _simulator, origin):
    return asked(gateway, "CA1", origin), 400


def preflight(gateway, _simulator, origin):
    return asked(gateway, new_sid(), origin, auth=None, method="OPTIONS", headers=[("Access-Control-Request-Method", "GET")]), 204


def passed_through(gateway, _simulator, origin):
    fields = [("Origin", origin)] if origin else []
    return gateway.send(request(f"/v1/Voice/{new_sid()}/Annotation", headers=fields)), 200


ANSWERS = [miss, hit, packed_hit, not_modified, relayed, remembered_refusal, own_fault, preflight, passed_through]


@pytest.fixture(scope="module")
def listing(the_simulator, tmp_path_factory):
    gateway = Gateway(tmp_path_factory.mktemp("listing"), settings_for(the_simulator, cors={"allow_origins": [LISTED]}))
    yield gateway
    gateway.stop()


def page_fields(answer):
    return [(name, value) for name, value in answer.fields if name.lower().startswith("access-control-")]


def varies_by(answer):
    return {word.strip().lower() for name, value in answer.fields if name.lower() == "vary" for word in value.split(",")}


@pytest.mark.parametrize("origin", ORIGINS.values(), ids=ORIGINS)
@pytest.mark.parametrize("kind", ANSWERS)
def test_with_a_list_only_its_pages_can_read(listing, simulator, kind, origin):
    answer, status = kind(listing, simulator, origin)
    assert answer.status == status
    assert "origin" in varies_by(answer)
    if origin == LISTED:
        assert answer.header("Access-Control-Allow-Origin") == LISTED
        assert answer.header("Access-Control-Allow-Credentials") is None
    else:
        assert not page_fields(answer), "Twilio's own * does not count"


@pytest.mark.parametrize("origin", [LISTED, None], ids=["a page", "no page"])
@pytest.mark.parametrize("kind", ANSWERS)
def test_without_a_list_every_page_can_read(gateway, simulator, kind, origin):
    answer, status = kind(gateway, simulator, origin)
    assert answer.status == status
    assert "origin" not in varies_by(answer)
    if origin:
        assert answer.header("Access-Control-Allow-Origin") == "*"
    elif kind in (miss, hit, packed_hit):
        assert ("Access-Control-Allow-Origin", "*") in page_fields(answer), "as Twilio sent it"


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if kind is not preflight])
def test_a_page_can_read_the_fields_that_clients_are_offered(listing, simulator, kind):
    answer, _ = kind(listing, simulator, LISTED)
    exposed = {word.strip().lower() for word in answer.header("Access-Control-Expose-Headers").split(",")}
    assert {name.lower() for name in OFFERED} <= exposed


def test_a_page_can_send_the_fields_that_clients_are_offered(listing, simulator):
    answer, _ = preflight(listing, simulator, LISTED)
    allowed = {word.strip().lower() for word in answer.header("Access-Control-Allow-Headers").split(",")}
    assert {"authorization", "if-none-match", "prefer", "x-request-timeout", "x-request-id", "traceparent", "tracestate"} <= allowed


def test_an_unreadable_request_says_that_answers_differ(listing):
    with listing.connect() as connection:
        answer = connection.send(b"NONSENSE\r\n\r\n").read()
    assert answer.status == 400 and "origin" in varies_by(answer) and not page_fields(answer)
