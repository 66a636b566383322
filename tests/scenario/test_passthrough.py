"""The other resources of Voice Insights: passed on, uncached and as they are, where the settings allow it."""

import json

import pytest

from harness.gateway import Gateway, settings_for
from harness.twilio_facts import PARENT, WRONG_SECRET, error_sid, new_sid
from harness.wire import request

PATHS = {
    "call": "/v1/Voice/{}",
    "events": "/v1/Voice/{}/Events",
    "metrics": "/v1/Voice/{}/Metrics",
    "summaries": "/v1/Voice/Summaries",
    "conferences": "/v1/Conferences",
    "video_rooms": "/v1/Video/Rooms",
    "settings": "/v1/Voice/Settings",
    "reports": "/v2/Voice/Reports/voiceinsights_report_01",
    "v3": "/v3/InsightsDomains/Conversations/Metadata",
}
WRITTEN = {"settings", "reports", "v3"}
QUERY = "?Edge=sdk_edge&PageSize=5&From=%2B15550100&odd=a;b/c?d"


def answer_with(simulator, body, **more):
    """Instead of the simulator's own list."""
    simulator.faults({"match": {"method": "GET"}, "times": 0, "action": "status", "status": 200, "body": body, **more})


def targets(simulator):
    return [row["target"] for row in simulator.requests()]


@pytest.mark.parametrize("name", PATHS)
def test_nothing_passes_through_unless_it_is_listed(start_gateway, simulator, name):
    others = [other for other in PATHS if other != name]
    for gateway in (start_gateway(), start_gateway(passthrough=others)):
        answer = gateway.send(request(PATHS[name].format(new_sid())))
        assert (answer.status, answer.json()["code"], answer.fault) == (403, 20006, "route_not_enabled")
        assert answer.json()["message"].endswith(f" its setting passthrough lists {name}.")
    assert targets(simulator) == []


@pytest.mark.parametrize("name", PATHS)
def test_what_is_listed_comes_from_upstream_each_time_as_it_is(start_gateway, simulator, name):
    gateway, path = start_gateway(passthrough=[name]), PATHS[name].format(new_sid()) + QUERY
    body = json.dumps({name: [{"call_sid": new_sid()}, {"call_sid": new_sid()}], "meta": {"page": 0}})
    answer_with(simulator, body)
    for _ in range(2):
        answer = gateway.send(request(path))
        assert (answer.status, answer.body.decode()) == (200, body)
        assert answer.cache == {"fwd": "bypass", "detail": name, "fwd-status": 200}
        assert answer.header("Content-Type") == "application/json" and answer.header("Age") is None
    assert targets(simulator) == [path, path], "the query goes on as it was written"


@pytest.fixture(scope="module")
def gateway(the_simulator, tmp_path_factory):
    settings = settings_for(the_simulator, passthrough=list(PATHS))
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), settings)
    yield gateway
    gateway.stop()


def test_only_who_may_ask_and_only_to_read(gateway, simulator):
    for name, path in PATHS.items():
        path = path.format(new_sid())
        assert gateway.send(request(path, None)).fault == "missing_credentials"
        for method in ("POST", "PUT", "DELETE"):
            refused = gateway.send(request(path, PARENT, method), method)
            if method == "POST" and name in WRITTEN:
                assert (refused.status, refused.fault) == (403, "route_not_enabled")
                assert refused.json()["message"].endswith(f" its setting passthrough lists {name}.write.")
            else:
                assert (refused.status, refused.header("Allow")) == (405, "GET, HEAD, POST, OPTIONS" if name in WRITTEN else "GET, HEAD, OPTIONS")
        assert gateway.send(request(path, headers=[("Content-Length", 2)], body=b"{}")).fault == "unexpected_body"
        assert gateway.send(request(path.replace("/CA", "/ca") if "/CA" in path else path + "/")).status in (400, 404)
    assert targets(simulator) == []


def test_all_is_every_family_and_no_write(start_gateway, simulator):
    gateway = start_gateway(passthrough=["all"])
    for name, path in PATHS.items():
        answer_with(simulator, json.dumps({name: []}))
        assert gateway.send(request(path.format(new_sid()))).status == 200, name
    before = len(targets(simulator))
    for name in WRITTEN:
        assert gateway.send(request(PATHS[name], method="POST")).fault == "route_not_enabled"
    assert len(targets(simulator)) == before


def test_a_path_that_twilio_does_not_have_goes_nowhere(start_gateway, simulator):
    gateway = start_gateway(passthrough=["all", "settings.write", "reports.write", "v3.write"])
    for path in (
        "/v1/Conferences/CF123", "/v1/Conferences/..", "/v1/Video/Rooms/%2e%2e", "/v1/Video/Rooms/a%2fb", "/v1/Video/Rooms//Participants",
        "/v1/Voice/Settings/x", "/v3/InsightsDomains/a/../b", "/v1/Sinks", "/v2/Voice/Reports/PhoneNumbers/Inbound/a/b",
    ):
        answer = gateway.send(request(path))
        assert (answer.status, answer.json()["code"], answer.fault) == (404, 20404, "no_such_route"), path
    assert targets(simulator) == []


def test_upstreams_refusals_reach_the_client(gateway, simulator):
    path = PATHS["events"].format(error_sid(20404))
    answer = gateway.send(request(path))
    assert (answer.status, answer.json()["code"], answer.fault) == (404, 20404, None)
    simulator.faults({"match": {}, "times": 0, "action": "status", "status": 401, "code": 20003})
    assert gateway.send(request(path, WRONG_SECRET)).status == 401


def test_a_credential_that_upstream_does_not_know_any_more_sees_nothing_of_before(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid), gateway.ask(sid)
    assert gateway.ask(sid).cache.get("hit")
    simulator.faults({"match": {"call_sid": sid}, "action": "status", "status": 401, "code": 20003})
    assert gateway.send(request(PATHS["metrics"].format(sid))).status == 401
    assert "hit" not in gateway.ask(sid).cache
