"""Where an upstream's answer begins and ends is the upstream's word, and words without end, or in the wrong place, change nothing here."""

import gzip
import json
import re
from pathlib import Path

import pytest

from harness.certificates import Authority
from harness.gateway import Gateway, settings_for
from harness.tls_upstream import TlsUpstream, server_context
from harness.twilio_facts import new_sid

CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
PIECE = 64 * 1024
ENDLESS = 96 << 20  # what a test takes for endless


@pytest.fixture(scope="module")
def leaf_and_authority(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("authority"), "authority")
    return authority.leaf(), authority


@pytest.fixture
def answering(tmp_path, leaf_and_authority):
    """A gateway whose upstream gives this answer; the answer is a function of the request's head."""
    leaf, authority = leaf_and_authority
    started = []

    def start(answer, **more):
        upstream = TlsUpstream(server_context(leaf), answer=answer, **more)
        settings = settings_for(None, upstream={"url": upstream.url, "ca_file": authority.certificate, "max_body_bytes": "64KiB"})
        started.extend([Gateway(tmp_path, settings), upstream])
        return started[0]

    yield start
    gateway, upstream = started
    gateway.stop()
    with upstream:
        pass


def summary(head):
    sid = re.search(rb"/Voice/(CA\w+)/", head).group(1).decode()
    return json.dumps({"call_sid": sid, "processing_state": "complete", "end_time": None}).encode()


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def resident(gateway):
    """Bytes, as the kernel counts them."""
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{gateway.process.pid}/status").read_text()).group(1)) << 10


WITHOUT_END = {
    "a chunk's length": (b"\r\n", b"0"),
    "a chunk's extension": (b"\r\n5;", b"x"),
    "a trailer's value": (b"\r\n0\r\nX-Trailer: ", b"x"),
    "trailers": (b"\r\n0\r\n", b"X-Trailer: again\r\n"),
    "a header's value": (b"X-Header: ", b"x"),
    "headers": (b"", b"X-Header: again\r\n"),
    "a body": (b"\r\n", b"400\r\n" + b"x" * 0x400 + b"\r\n"),
}


@pytest.mark.parametrize("opening, repeated", WITHOUT_END.values(), ids=WITHOUT_END)
def test_what_never_ends_is_cut_short(answering, opening, repeated):
    sent = []

    def endless(_head):
        yield CHUNKED + opening
        part = repeated * (PIECE // len(repeated))
        for _ in range(ENDLESS // PIECE):
            yield part
            sent.append(len(part))

    gateway = answering(endless)
    gateway.ask(new_sid())  # so that what the first fetch needs once is there
    before = resident(gateway)
    for _ in range(3):
        answer = gateway.ask(new_sid())
        assert (answer.status, answer.json()["code"]) == (502, 20502), answer.raw[:400]
    # A sanitizer's quarantine grows too: the bound is against all of it being kept.
    assert resident(gateway) - before < 8 << 20
    assert sum(sent) < ENDLESS, "hung up on, not listened to"


def test_trailers_are_not_header_fields(answering):
    trailers = b"X-Trailer: planted\r\nAccess-Control-Allow-Origin: https://planted.example\r\nTwilio-Request-Id: RQplanted\r\n"

    def with_trailers(head):
        return CHUNKED + b"Trailer: X-Trailer\r\nTwilio-Request-Id: RQreal\r\n\r\n" + chunk(summary(head)) + b"0\r\n" + trailers + b"\r\n"

    gateway, sid = answering(with_trailers), new_sid()
    for answer in (gateway.ask(sid), gateway.ask(sid), gateway.ask(sid, method="HEAD")):
        assert answer.status == 200
        assert b"planted" not in answer.raw, answer.raw
    assert gateway.ask(sid).cache.get("hit")
    assert gateway.ask(sid).header("X-Origin-Twilio-Request-Id") == "RQreal"


def test_a_body_that_only_the_connection_ends_must_be_ended_by_tls(answering):
    """Anybody on the way can end a TCP connection, wherever it suits them; only the upstream itself can say close_notify."""

    def without_length(head):
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + summary(head)

    gateway = answering(without_length, ends=True)
    for _ in range(2):
        answer = gateway.ask(new_sid())
        assert (answer.status, answer.json()["code"]) == (502, 20502), answer.raw[:400]
    assert gateway.metrics().total("cache_entries") == 0


def test_the_connection_is_good_for_the_next_request_after_trailers(answering):
    def with_trailers(head):
        return CHUNKED + b"\r\n" + chunk(summary(head)) + b"0\r\nX-Trailer: 1\r\n\r\n"

    gateway = answering(with_trailers)
    for sid in [new_sid() for _ in range(5)]:
        assert gateway.ask(sid).json()["call_sid"] == sid


def coded(coding, body, status="200 OK"):
    fields = f"Content-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return f"HTTP/1.1 {status}\r\n{fields}".encode() + body


def test_a_summary_that_was_compressed_unasked_is_kept_as_it_is_meant(answering):
    gateway, sid = answering(lambda head: coded("gzip", gzip.compress(summary(head)))), new_sid()
    first, second, third = gateway.ask(sid), gateway.ask(sid), gateway.ask(sid, headers=[("Accept-Encoding", "gzip")])
    assert first.status == 200 and first.header("Content-Encoding") is None
    assert first.json()["call_sid"] == sid and second.body == first.body
    assert second.cache.get("hit") and second.header("ETag") == first.header("ETag")
    assert third.status == 200 and third.header("ETag")


def test_a_bomb_is_no_answer(answering):
    bomb = gzip.compress(b'{"a":"' + b"x" * (8 << 20) + b'"}')
    assert len(bomb) < 64 << 10, "within the bound of what is received"
    gateway = answering(lambda _head: coded("gzip", bomb))
    before = resident(gateway)
    for _ in range(3):
        assert gateway.ask(new_sid()).fault == "upstream_unusable_body"
    assert resident(gateway) - before < 8 << 20


ERROR = b'{"code":20404,"message":"not found","more_info":"","status":404}'


def test_a_compressed_refusal_is_read(answering):
    gateway, sid = answering(lambda _head: coded("gzip", gzip.compress(ERROR), "404 Not Found")), new_sid()
    answer = gateway.ask(sid)
    assert (answer.status, answer.header("Content-Encoding"), answer.body) == (404, None, ERROR)
    assert gateway.ask(sid).cache.get("hit"), "its code says that it may be remembered"


def test_a_refusal_in_an_unknown_coding_keeps_it(answering):
    """Its bytes are relayed as they are, so what they are must be said."""
    answer = answering(lambda _head: coded("br", b"no brotli", "404 Not Found")).ask(new_sid())
    assert (answer.status, answer.header("Content-Encoding"), answer.body) == (404, "br", b"no brotli")


def test_blanks_behind_a_chunks_size_are_nothing(answering):
    def padded(head):
        body = summary(head)
        return CHUNKED + b"\r\n5   \r\n" + body[:5] + b"\r\n%x \r\n" % (len(body) - 5) + body[5:] + b"\r\n0  \r\n\r\n"

    gateway = answering(padded)
    for sid in [new_sid() for _ in range(3)]:
        assert gateway.ask(sid).json()["call_sid"] == sid
