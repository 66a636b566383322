"""Whatever upstream does to one call, its reader gets a clear answer, nothing wrong is kept, and the next call is well."""

import time

import pytest

from harness.gateway import Gateway, settings_for
from harness.twilio_facts import new_sid
from harness.wire import request, target

TIMEOUT_MS = 1500


@pytest.fixture(scope="module")
def gateway(the_simulator, tmp_path_factory):
    """An impatient one, so that the stalls do not take the whole default of eight seconds."""
    settings = settings_for(the_simulator, upstream={"timeout": f"{TIMEOUT_MS}ms"})
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), settings)
    yield gateway
    gateway.stop()


def failed(answer, *allowed):
    assert answer.status in [status for status, _ in allowed], answer.raw[:500]
    assert (answer.status, answer.json()["code"]) in allowed, answer.raw[:500]
    assert answer.json()["status"] == answer.status and answer.fault
    assert answer.header("Content-Type").startswith("application/json")


BROKEN, LATE = (502, 20502), (504, 20504)


def healthy_again(gateway, simulator, sid):
    """Another call is served at once, and the same one as soon as the fault is gone: nothing was stored."""
    other = new_sid()
    assert gateway.ask(other).json()["call_sid"] == other
    simulator.faults()
    again = gateway.ask(sid)
    assert again.status == 200 and again.json()["call_sid"] == sid
    assert "hit" not in again.cache


# Only the framing is wrong: the body itself would be a summary of the call asked for.
SUMMARY = '{"call_sid":"<sid>","processing_state":"complete"}'
END = "Content-Type: application/json\r\nContent-Length: <length>\r\n\r\n" + SUMMARY
OK = "HTTP/1.1 200 OK\r\n"
LENGTH = len(SUMMARY.replace("<sid>", "s" * 34))


def raw(text):
    """These bytes instead of a response."""
    return {"action": "raw", "bytes": text.replace("<length>", str(LENGTH))}


def for_call(sid, fault):
    """The fault as the simulator wants it, for this one call and until it is taken back."""
    filled = {name: value.replace("<sid>", sid) if isinstance(value, str) else value for name, value in fault.items()}
    return {"match": {"call_sid": sid}, "times": 0, **filled}


ALWAYS_BROKEN = {
    "cut before the first byte": {"action": "cut", "after_bytes": 0},
    "cut inside the status line": {"action": "cut", "after_bytes": 5},
    "cut inside the headers": {"action": "cut", "after_bytes": 100},
    "cut inside the body": {"action": "cut", "after_bytes": 1000},
    "reset before the first byte": {"action": "reset", "after_bytes": 0},
    "reset inside the headers": {"action": "reset", "after_bytes": 100},
    "reset inside the body": {"action": "reset", "after_bytes": 1000},
    "garbage": {"action": "garbage", "bytes": 300},
    "much garbage": {"action": "garbage", "bytes": 200_000},
    "another call's summary": {"action": "wrong_body", "call_sid": new_sid()},
    "another call's summary, unnamed": {"action": "wrong_body"},
    "5 MiB": {"action": "huge", "bytes": 5 << 20},
    "1 MiB of headers": raw(OK + ("X-Many: " + "y" * 1000 + "\r\n") * 1000 + END),
    "one endless header": raw(OK + "X: " + "y" * 500_000),
    "a page of HTML": raw(OK + "Content-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"),
    "an empty body": raw(OK + "Content-Type: application/json\r\nContent-Length: 0\r\n\r\n"),
    "a redirect": raw("HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"),
    "an unasked 304": raw("HTTP/1.1 304 Not Modified\r\n\r\n"),
    "an unasked 101": raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n" + "x" * 50),
    "an unasked 206": raw("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\n" + END),
    "a 204": raw("HTTP/1.1 204 No Content\r\n\r\n"),
    "a status of four digits": raw("HTTP/1.1 2000 OK\r\n" + END),
    "a status of letters": raw("HTTP/1.1 abc OK\r\n" + END),
    "another protocol": raw("ICY 200 OK\r\n" + END),
    "two lengths": raw(OK + "Content-Length: 5\r\n" + END),
    "a length that is none": raw(OK + END.replace("<length>", "+<length>")),
    "a length too long": raw(OK + END.replace("<length>", "9<length>")),
    "a length of 2^64 and more": raw(OK + END.replace("<length>", str(2**64 + LENGTH))),
    "a bad chunk": raw(OK + f"Transfer-Encoding: chunked\r\n\r\nzz\r\n{SUMMARY}\r\n0\r\n\r\n"),
    "a last chunk that never comes": raw(OK + f"Transfer-Encoding: chunked\r\n\r\n{LENGTH:x}\r\n{SUMMARY}\r\n"),
    "a coding nobody asked for": raw(OK + "Transfer-Encoding: gzip\r\n" + END),
    "an encoding nobody asked for": raw(OK + "Content-Encoding: gzip\r\n" + END),
}
# A careful reader may make sense of these; what it passes on must be clean.
UNCLEAR = {
    "a NUL in a header": raw(OK + "X: a\u0000b\r\n" + END),
    "a CR alone in a header": raw(OK + "X: a\rSet-Cookie: b\r\n" + END),
    "a folded header": raw(OK + "X: a\r\n b\r\n" + END),
    "a control byte in a header that is relayed": raw(OK + "Access-Control-Allow-Origin: \u0001*\r\n" + END),
    "the length twice": raw(OK + "Content-Length: <length>\r\n" + END),
    "a length and chunks": raw(OK + f"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n{LENGTH:x}\r\n{SUMMARY}\r\n0\r\n\r\n"),
    "no reason": raw("HTTP/1.1 200\r\n" + END),
    "an odd reason": raw("HTTP/1.1 200 <script>\r\n" + END),
    "HTTP/1.0": raw("HTTP/1.0 200 OK\r\n" + END),
    "line feeds alone": raw((OK + END).replace("\r\n", "\n")),
}


@pytest.mark.parametrize("fault", ALWAYS_BROKEN.values(), ids=ALWAYS_BROKEN)
def test_a_broken_answer_is_a_502(gateway, simulator, fault):
    sid = new_sid()
    simulator.faults(for_call(sid, fault))
    # A raw answer that promises more than it brings may also end by the deadline.
    failed(gateway.ask(sid), BROKEN, *([LATE] if fault["action"] == "raw" else []))
    assert simulator.count(sid) <= 2, "at most one retry"
    healthy_again(gateway, simulator, sid)


@pytest.mark.parametrize("fault", UNCLEAR.values(), ids=UNCLEAR)
def test_an_unclear_answer_is_made_clean_or_refused(gateway, simulator, fault):
    sid = new_sid()
    simulator.faults(for_call(sid, fault))
    # Reading fails on any byte that no header field may hold.
    answer = gateway.ask(sid)
    if answer.status == 200:
        assert answer.json() == {"call_sid": sid, "processing_state": "complete"}
        assert answer.header("Set-Cookie") is None and "script" not in answer.reason
    else:
        failed(answer, BROKEN, LATE)
    other = new_sid()
    assert gateway.ask(other).json()["call_sid"] == other


STALLS = {
    "before the headers": {"action": "stall", "at": "before_headers", "seconds": 20},
    "after the headers": {"action": "stall", "at": "after_headers", "seconds": 20},
    "inside the body": {"action": "stall", "at": "body", "seconds": 20},
    "one byte a second": {"action": "drip", "bytes_per_second": 1},
    "a slow answer": {"action": "latency", "ms": 20_000},
}


@pytest.mark.parametrize("fault", STALLS.values(), ids=STALLS)
def test_a_stall_ends_by_the_deadline_with_a_504(gateway, simulator, fault):
    sid = new_sid()
    simulator.faults(for_call(sid, fault))
    begun = time.monotonic()
    failed(gateway.ask(sid), LATE)
    assert TIMEOUT_MS * 0.8 < (time.monotonic() - begun) * 1000 < TIMEOUT_MS + 2000
    healthy_again(gateway, simulator, sid)


def test_a_stalled_call_holds_up_no_other(gateway, simulator):
    stalled = new_sid()
    simulator.faults(for_call(stalled, STALLS["before the headers"]))
    with gateway.connect() as waiting:
        waiting.send(request(target(stalled)))
        for _ in range(20):
            assert gateway.ask(new_sid()).status == 200
        failed(waiting.read(), LATE)


@pytest.mark.parametrize("after", range(0, 1300, 61))
def test_a_summary_cut_anywhere_is_never_delivered_in_part(gateway, simulator, after):
    sid = new_sid()
    simulator.register(sid, ended_ago_s=7200, bytes=1500)
    simulator.faults({"match": {"call_sid": sid}, "times": 1, "action": "cut" if after % 2 else "reset", "after_bytes": after})
    answer = gateway.ask(sid)
    if answer.status == 200:
        assert answer.body == simulator.ask(sid).body, "a retry brought it whole"
    else:
        failed(answer, BROKEN)
    assert gateway.ask(sid).body == simulator.ask(sid).body


def test_the_wrong_bodys_connection_is_dropped(gateway, simulator):
    sid, later = new_sid(), new_sid()
    simulator.fault_for(sid, "wrong_body")
    failed(gateway.ask(sid), BROKEN)
    gateway.ask(later)
    wrong = {seen["connection"] for seen in simulator.requests(sid)}
    assert simulator.requests(later)[0]["connection"] not in wrong


def test_extra_bytes_behind_an_answer_are_nobodys_answer(gateway, simulator):
    sid = new_sid()
    planted = '{"call_sid":"planted"}'
    second = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(planted)}\r\n\r\n{planted}"
    simulator.fault_for(sid, "extra_bytes", bytes=second)
    answer = gateway.ask(sid)
    assert answer.status == 502 or answer.json()["call_sid"] == sid
    for _ in range(5):
        other = new_sid()
        assert gateway.ask(other).json()["call_sid"] == other


def test_an_answer_in_chunks_is_the_same_answer(gateway, simulator):
    sid = new_sid()
    expected = simulator.ask(sid).body
    simulator.fault_for(sid, "chunked")
    first, second = gateway.ask(sid), gateway.ask(sid)
    assert first.status == 200 and first.body == expected
    assert second.cache.get("hit") and second.body == expected


def test_an_interim_answer_is_not_the_answer(gateway, simulator):
    sid = new_sid()
    body = simulator.ask(sid).body.decode()
    final = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    simulator.fault_for(sid, "raw", bytes="HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + final)
    answer = gateway.ask(sid)
    if answer.status == 200:
        assert answer.body == body.encode()
    else:
        failed(answer, BROKEN)
    healthy = new_sid()
    assert gateway.ask(healthy).json()["call_sid"] == healthy


def test_upstreams_headers_split_no_response(gateway, simulator):
    sid = new_sid()
    simulator.fault_for(sid, "header", name="Twilio-Request-Id", value="RQ1\u0001\u007f<script>")
    for _ in range(2):
        # Reading fails on any byte that no header field may hold.
        assert gateway.ask(sid).status in (200, 502)


def test_closing_idle_connections_costs_no_request(gateway, simulator):
    for _ in range(10):
        assert gateway.ask(new_sid()).status == 200
        simulator.close_idle_connections()
        assert gateway.ask(new_sid()).status == 200


def test_a_reused_connection_that_dies_before_the_first_byte_is_retried_once(start_gateway, simulator):
    gateway = start_gateway(workers=1)  # idle connections belong to their worker: with two the next request may find none to reuse
    for action in ("cut", "reset") * 3:
        assert gateway.ask(new_sid()).status == 200, "leaves an idle connection behind"
        sid = new_sid()
        simulator.faults({"match": {"call_sid": sid}, "times": 1, "action": action, "after_bytes": 0})
        assert gateway.ask(sid).status == 200, action
        assert simulator.count(sid) == 2


def test_an_answer_followed_by_a_silent_close(gateway, simulator):
    simulator.faults({"match": {}, "times": 0, "action": "close_after"})
    for _ in range(10):
        sid = new_sid()
        assert gateway.ask(sid).json()["call_sid"] == sid


def test_connections_are_reused(gateway, simulator):
    gateway.ask(new_sid())
    before = simulator.state()["connections_total"]
    for _ in range(20):
        assert gateway.ask(new_sid()).status == 200
    assert simulator.state()["connections_total"] - before <= 4, "a pool, not a handshake per miss"


def test_a_client_that_leaves_during_its_miss_mixes_up_no_answers(gateway, simulator):
    simulator.latency("uniform:0ms:3ms")
    for _ in range(100):
        with gateway.connect() as connection:
            connection.send(request(target(new_sid())))
        sid = new_sid()
        assert gateway.ask(sid).json()["call_sid"] == sid
