"""What the data listener answers by itself, row by row, and that none of it costs an upstream call."""

import pytest

from harness.twilio_facts import PARENT, new_sid
from harness.wire import request, target

SID = new_sid()
BAD_SIDS = {
    "too short": SID[:-1],
    "too long": SID + "0",
    "another kind of SID": "SK" + SID[2:],
    "a lower-case prefix": "ca" + SID[2:],
    "a digit that is none": SID[:-1] + "g",
    "percent-encoded": "%43A" + SID[2:],
    "a percent-encoded digit": SID[:-1] + "%30",
    "a path parameter": SID + ";x",
    "a trailing dot": SID + ".",
    "empty": "",
}
BAD_STATES = {
    "unknown": "ProcessingState=final",
    "upper case": "ProcessingState=COMPLETE",
    "trailing blank": "ProcessingState=complete%20",
    "given twice": "ProcessingState=complete&ProcessingState=complete",
    "given twice, differently": "ProcessingState=partial&ProcessingState=complete",
    "given twice, once encoded": "ProcessingState=all&Processing%53tate=all",
    "given twice, once empty": "ProcessingState=&ProcessingState=all",
    "an encoded NUL": "ProcessingState=all%00",
}
BAD_PARAMETERS = {
    "another name": "Expand=20",
    "a page, twice": "Page=1&P%61ge=1",
    "an encoded line end": "Page=%0d%0a",
    "the name in lower case": "processingstate=complete",
    "beside a good one": "ProcessingState=complete&cb=123",
    "in front of a good one": "cb=123&ProcessingState=complete",
    "a cache buster": "_=1732300000",
    "an encoded name of another": "Processing%00State=complete",
    "a name in brackets": "ProcessingState%5B%5D=complete",
}
OTHER_PATHS = {
    "the root": "/",
    "another version": f"/v2/Voice/{SID}/Summary",
    "lower case": f"/v1/voice/{SID}/Summary",
    "lower-case summary": f"/v1/Voice/{SID}/summary",
    "a trailing slash": f"/v1/Voice/{SID}/Summary/",
    "a double slash": f"/v1//Voice/{SID}/Summary",
    "a leading double slash": f"//v1/Voice/{SID}/Summary",
    "a file under it": f"/v1/Voice/{SID}/Summary/x.css",
    "a path parameter": f"/v1/Voice/{SID}/Summary;x.css",
    "an encoded slash": f"/v1/Voice/{SID}%2fSummary",
    "a dot segment": f"/v1/Voice/{SID}/./Summary",
    "two dots": f"/v1/Voice/{SID}/x/../Summary",
    "encoded dots": f"/v1/Voice/{SID}/%2e%2e/Summary",
    "a domain's root": "/v2/Voice",
    "the admin listener's path": "/metrics",
}


@pytest.fixture(autouse=True)
def nothing_upstream(simulator):
    yield
    assert simulator.requests() == []


def refused(answer, status, code, fault):
    """The shape that every SDK can parse."""
    assert (answer.status, answer.fault) == (status, fault), answer.raw[:600]
    assert answer.header("Content-Type").startswith("application/json")
    content = answer.json()
    assert set(content) == {"code", "message", "more_info", "status"}
    assert (content["code"], content["status"]) == (code, status)
    assert isinstance(content["message"], str) and len(content["message"]) > 10, "it says what was wrong"
    assert content["more_info"].startswith("https://"), content
    assert answer.header("X-Request-Id")
    assert isinstance(answer.cache, dict)
    assert "token" not in answer.raw.decode() and PARENT[6:] not in answer.raw.decode()


@pytest.mark.parametrize("sid", BAD_SIDS.values(), ids=BAD_SIDS)
def test_a_call_sid_that_is_none(gateway, sid):
    answer = gateway.ask(sid)
    if sid == "":
        assert answer.fault in ("invalid_call_sid", "no_such_route")
        refused(answer, *((400, 20001) if answer.status == 400 else (404, 20404)), answer.fault)
    else:
        refused(answer, 400, 20001, "invalid_call_sid")


@pytest.mark.parametrize("query", BAD_STATES.values(), ids=BAD_STATES)
def test_a_processing_state_that_is_none(gateway, query):
    refused(gateway.send(request(f"{target(SID)}?{query}")), 400, 17400, "invalid_processing_state")


def test_the_message_names_the_states_there_are(gateway):
    message = gateway.ask(SID, "final").json()["message"]
    for state in ("complete", "partial", "all"):
        assert state in message


@pytest.mark.parametrize("query", BAD_PARAMETERS.values(), ids=BAD_PARAMETERS)
def test_a_parameter_that_nobody_knows(gateway, query):
    refused(gateway.send(request(f"{target(SID)}?{query}")), 400, 20001, "unknown_parameter")


@pytest.mark.parametrize("path", OTHER_PATHS.values(), ids=OTHER_PATHS)
def test_another_path(gateway, path):
    refused(gateway.send(request(path)), 404, 20404, "no_such_route")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE", "get", "PROPFIND"])
def test_another_method(gateway, method):
    body = b"x=1" if method in ("POST", "PUT", "PATCH") else b""
    headers = [("Content-Length", "3")] if body else []
    answer = gateway.send(request(target(SID), method=method, headers=headers, body=body))
    refused(answer, 405, answer.json()["code"], answer.fault)
    assert isinstance(answer.json()["code"], int) and answer.fault
    assert {"GET", "HEAD", "OPTIONS"} <= {word.strip() for word in answer.header("Allow").split(",")}


@pytest.mark.parametrize("query", ["ProcessingState=%6", "%", "ProcessingState=%zz"])
def test_an_escape_that_is_none(gateway, query):
    refused(gateway.send(request(f"{target(SID)}?{query}")), 400, 20001, "malformed_target")


def test_a_refusal_leaves_the_connection_usable(gateway):
    with gateway.connect() as connection:
        for path, status in (("/nothing", 404), (target("CA12"), 400), (target(SID, "x"), 400), (target(SID) + "?a=b", 400), ("/", 404)):
            assert connection.send(request(path)).read().status == status

