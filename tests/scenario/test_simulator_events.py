"""The simulator's Event Streams over real sockets: what a sink receives, as Twilio would send it."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.simulator import COMPLETE, PARTIAL, PREDICTED, TEST_EVENT
from harness.tls_upstream import server_context
from harness.twilio_facts import OTHER, PARENT, WRONG_SECRET, account, new_sid
from harness.webhook_sink import WebhookSink
from harness.wire import exchange, request

TOKEN = "parent-token"  # of the simulator's first account
IN_ORDER = [PARTIAL, PREDICTED, PARTIAL, PARTIAL, COMPLETE]


@pytest.fixture
def simulator(simulator_with_a_clock):
    return simulator_with_a_clock


@pytest.fixture
def sink():
    with WebhookSink() as one:
        yield one


def signature(url, token=TOKEN):
    return base64.b64encode(hmac.new(token.encode(), url.encode(), hashlib.sha1).digest()).decode()


def is_signed(delivered, origin, token=TOKEN):
    hashed = delivered.path.rpartition("bodySHA256=")[2] == hashlib.sha256(delivered.body).hexdigest()
    return hashed and delivered.headers.get("x-twilio-signature") == signature(origin + delivered.path, token)


def types_of(delivered):
    return [event["type"] for one in delivered for event in json.loads(one.body)]


def test_a_call_is_followed_to_its_end_by_signed_events(simulator, sink):
    origin = f"http://127.0.0.1:{sink.port}"
    simulator.stream_to(f"{origin}/twilio/events?a=b")
    sid = simulator.register(new_sid())
    simulator.advance(1800)
    delivered = sink.wait_for(5)
    assert types_of(delivered) == IN_ORDER
    assert all(is_signed(one, origin) for one in delivered)
    assert {one.path.partition("&bodySHA256=")[0] for one in delivered} == {"/twilio/events?a=b"}
    assert {json.loads(one.body)[0]["data"]["call_sid"] for one in delivered} == {sid}
    assert len({one.connection for one in delivered}) == 1, "the connection is kept"
    eventually(lambda: simulator.state()["deliveries_accepted"] == 5, what="all are accepted")
    assert [row["status"] for row in simulator.deliveries()] == [204] * 5
    assert simulator.ask(sid).status == 200


def test_nothing_is_sent_before_it_is_true(simulator, sink):
    simulator.stream_to(f"http://127.0.0.1:{sink.port}/")
    sid = simulator.register(new_sid())
    assert simulator.ask(sid, "partial").status == 404
    simulator.advance(600)
    assert types_of(sink.wait_for(1)) == [PARTIAL]
    assert simulator.ask(sid, "partial").status == 200
    assert simulator.state()["deliveries"] == 1


def test_a_fast_clock_brings_them_by_itself(simulator, sink):
    simulator.stream_to(f"http://127.0.0.1:{sink.port}/", types=[COMPLETE])
    simulator.speed(600)
    sid = simulator.register(new_sid())
    assert types_of(sink.wait_for(1)) == [COMPLETE]
    assert simulator.ask(sid).status == 200


def test_a_batch_that_is_refused_comes_again_until_it_is_accepted(simulator):
    with WebhookSink(answers=[503, 403]) as sink:
        simulator.stream_to(f"http://127.0.0.1:{sink.port}/", batch_events=True, reversed=True)
        simulator.register(new_sid())
        simulator.advance(1800)
        for delivered in (1, 2):
            sink.wait_for(delivered)
            eventually(lambda: simulator.deliveries()[-1]["status"], what="the answer is noted")
            simulator.advance(300)
        delivered = sink.wait_for(3)
        assert [one.status for one in delivered] == [503, 403, 204]
        assert len({one.body for one in delivered}) == 1
        assert types_of(delivered[:1]) == IN_ORDER[::-1]
        assert [row["attempt"] for row in simulator.deliveries()] == [1, 2, 3]


def test_a_sink_behind_a_tls_terminator_gets_the_public_url_signed(simulator, sink):
    simulator.stream_to("https://hooks.example.com/twilio/events", deliver_to=f"http://127.0.0.1:{sink.port}", duplicates=1)
    simulator.register(new_sid())
    simulator.advance(600)
    first, second = sink.wait_for(2)
    assert first.headers["host"] == "hooks.example.com"
    assert is_signed(first, "https://hooks.example.com")
    assert (first.body, first.headers) == (second.body, second.headers)


def test_https_is_verified_and_a_sink_that_cannot_be_trusted_gets_nothing(simulator, tmp_path):
    authority = Authority(tmp_path, "sink-ca")
    with WebhookSink(tls=server_context(authority.leaf("DNS:localhost"))) as sink:
        url = f"https://localhost:{sink.port}"
        trusting = simulator.stream_to(f"{url}/", ca_pem=authority.certificate.read_text())
        simulator.send_events(trusting, [{"type": TEST_EVENT}])
        assert is_signed(sink.wait_for(1)[0], url)
        doubting = simulator.stream_to(f"{url}/")
        simulator.send_events(doubting, [{"type": TEST_EVENT}], retry=False)
        row = eventually(lambda: next((row for row in simulator.deliveries() if row["error"]), None), what="the refusal is noted")
        assert (row["sink_sid"], row["status"]) == (doubting, 0)
        assert len(sink.delivered) == 1


def test_any_event_can_be_sent_by_hand_and_signed_wrongly(simulator, sink):
    origin = f"http://127.0.0.1:{sink.port}"
    to = simulator.stream_to(f"{origin}/", auth_token="1" * 32)
    sid = new_sid()
    events = [{"type": COMPLETE, "call_sid": sid, "time": "2026-01-31T12:00:00Z", "end_time": "2026-01-31T11:30:00Z"}, {"type": "com.example.unknown"}]
    simulator.send_events(to, events, times=2)
    delivered = sink.wait_for(2)
    assert all(is_signed(one, origin, "1" * 32) for one in delivered)
    complete, unknown = json.loads(delivered[0].body)
    assert complete["time"] == "2026-01-31T12:00:00.000Z"
    assert (complete["data"]["call_sid"], complete["data"]["end_time"]) == (sid, "2026-01-31T11:30:00Z")
    assert (complete["data"]["account_sid"], unknown["type"]) == (account(1), "com.example.unknown")
    for ways, signing in enumerate(["wrong_token", "absent", "other_url", "no_body_hash", "other_body"], 3):
        simulator.send_events(to, events, signing=signing, headers={"X-Test": signing})
        last = sink.wait_for(ways)[-1]
        assert last.headers["x-test"] == signing
        assert not is_signed(last, origin, "1" * 32), signing
    simulator.send_events(to, body="no JSON")
    assert sink.wait_for(8)[-1].body == b"no JSON"


def test_a_sink_that_is_not_there_is_tried_again(simulator, sink):
    to = simulator.stream_to("http://127.0.0.1:1/")
    simulator.send_events(to, [{"type": TEST_EVENT}])
    row = eventually(lambda: next((row for row in simulator.deliveries() if row["error"]), None), what="the failure is noted")
    assert "refused" in row["error"]
    simulator.control("POST", "/sinks", {"sid": to, "destination": f"http://127.0.0.1:{sink.port}/"})
    simulator.advance(1)
    assert types_of(sink.wait_for(1)) == [TEST_EVENT]


def test_a_stream_is_set_up_with_twilios_own_requests(simulator, sink):
    url = f"http://127.0.0.1:{sink.port}/twilio/events"

    def post(path, *pairs, auth=PARENT, method="POST"):
        content = urlencode(pairs).encode()
        head = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", len(content)), ("Connection", "close")]
        return exchange(simulator.port, request(path, auth, method, headers=head, body=content), tls=simulator.tls)

    described = ("SinkConfiguration", json.dumps({"destination": url, "method": "POST", "batch_events": True}))
    made = post("/v1/Sinks", ("Description", "of a test"), ("SinkType", "webhook"), described)
    assert (made.status, made.json()["description"], made.json()["sink_configuration"]["destination"]) == (201, "of a test", url)
    to = made.json()["sid"]
    wanted = [("Types", json.dumps({"type": type, "schema_version": 1})) for type in (PARTIAL, COMPLETE)]
    assert post("/v1/Subscriptions", ("Description", "of a test"), ("SinkSid", to), *wanted).status == 201
    assert post(f"/v1/Sinks/{to}/Test").status == 201
    assert types_of(sink.wait_for(1)) == [TEST_EVENT]
    simulator.register(new_sid(), account_sid=account(2))
    simulator.register(new_sid())
    simulator.advance(1800)
    assert types_of(sink.wait_for(2)[1:]) == [PARTIAL, PARTIAL, PARTIAL, COMPLETE]
    assert all(is_signed(one, f"http://127.0.0.1:{sink.port}") for one in sink.delivered)
    for code, refused in {
        20003: post("/v1/Sinks", described, auth=WRONG_SECRET),
        20004: post("/v1/Sinks", method="GET"),
        20001: post("/v1/Sinks", ("SinkType", "webhook"), ("SinkConfiguration", "{}")),
        20404: post("/v1/Subscriptions", ("SinkSid", to), *wanted, auth=OTHER),
    }.items():
        assert refused.json()["code"] == code
    assert post("/v1/Sinks", ("SinkType", "kinesis"), described).json()["code"] == 20001
    assert post("/v1/Subscriptions", ("SinkSid", to), ("Types", "complete")).json()["code"] == 20001
    assert post(f"/v1/Sinks/{to}/Test", auth=OTHER).json()["code"] == 20404
