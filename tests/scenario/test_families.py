"""Conferences, video rooms and settings through a gateway, as SDKs ask for them."""

import pytest

from harness.twilio_facts import OTHER, PARENT
from harness.wire import request

FORM = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.fixture
def gateway(start_gateway):
    return start_gateway(passthrough=["all", "settings.write"])


def pages(gateway, target):
    found = []
    while target:
        answer = gateway.send(request(target))
        assert answer.status == 200, answer.raw
        page = answer.json()
        found.append(page[page["meta"]["key"]])
        following = page["meta"]["next_page_url"]
        assert following is None or following.startswith("http://localhost/v1/")
        target = following and following.removeprefix("http://localhost")
    return found


def test_conferences_and_their_participants_come_page_by_page(gateway):
    found = pages(gateway, "/v1/Conferences?PageSize=3")
    assert [len(page) for page in found] == [3, 3, 1]
    sid = found[1][0]["conference_sid"]
    conference = gateway.send(request(f"/v1/Conferences/{sid}"))
    assert (conference.status, conference.json()["conference_sid"]) == (200, sid)
    (participants,) = pages(gateway, f"/v1/Conferences/{sid}/Participants")
    one = participants[0]["participant_sid"]
    participant = gateway.send(request(f"/v1/Conferences/{sid}/Participants/{one}"))
    assert (participant.json()["participant_sid"], participant.json()["conference_sid"]) == (one, sid)
    assert participant.cache == {"fwd": "bypass", "detail": "conferences", "fwd-status": 200}


def test_video_rooms_and_their_participants_too(gateway):
    ((room, *_),) = pages(gateway, "/v1/Video/Rooms")
    ((participant, *_),) = pages(gateway, f"/v1/Video/Rooms/{room['room_sid']}/Participants")
    path = f"/v1/Video/Rooms/{room['room_sid']}/Participants/{participant['participant_sid']}"
    assert gateway.send(request(path)).json()["participant_sid"] == participant["participant_sid"]


def change_settings(gateway, form, auth=PARENT):
    body = form.encode()
    return gateway.send(request("/v1/Voice/Settings", auth, "POST", [FORM, ("Content-Length", len(body))], body), "POST")


def test_settings_are_read_and_written(gateway, simulator):
    assert gateway.send(request("/v1/Voice/Settings")).json()["voice_trace"] is False
    changed = change_settings(gateway, "VoiceTrace=true")
    assert (changed.status, changed.json()["voice_trace"]) == (200, True)
    assert gateway.send(request("/v1/Voice/Settings")).json()["voice_trace"] is True
    assert gateway.send(request("/v1/Voice/Settings", OTHER)).json()["voice_trace"] is False, "each account has its own"
    refused = change_settings(gateway, "VoiceTrace=maybe")
    assert (refused.status, refused.json()["code"]) == (400, 20001)
    asked = gateway.send(request("/v1/Voice/Settings", method="OPTIONS"), "OPTIONS")
    assert asked.status == 204


def test_a_family_in_trouble_is_no_other_familys(gateway, simulator):
    assert gateway.send(request("/v1/Voice/Settings")).status == 200
    simulator.faults({"match": {"method": "POST"}, "times": 0, "action": "status", "status": 503, "code": 20503})
    for _ in range(12):
        assert change_settings(gateway, "VoiceTrace=true").status in (429, 502)
    assert change_settings(gateway, "VoiceTrace=true").fault == "upstream_failing"
    assert gateway.send(request("/v1/Conferences")).status == 200
