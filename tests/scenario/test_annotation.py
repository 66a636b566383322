"""An annotation is passed on, never kept; what was written shows in the next read of the summary, whoever reads it."""

import pytest

from harness.access import WRITES, Access, token
from harness.eventually import eventually
from harness.twilio_facts import API_KEY, PARENT, SUB, WRONG_SECRET, account, error_sid, new_sid
from harness.wire import annotation, request, target

FORM = ("Content-Type", "application/x-www-form-urlencoded")


def shows(summary, comment):
    """The simulator fills some bodies up by writing on behind a comment."""
    assert summary.status == 200, summary.raw
    return ((summary.json()["annotation"] or {}).get("comment") or "").startswith(comment)


def writes(simulator, sid):
    return [row for row in simulator.requests(sid) if row["method"] == "POST"]


def cached_for(gateway, sid, *credentials):
    for credential in credentials:
        gateway.ask(sid, auth=credential)
        assert gateway.ask(sid, auth=credential).cache.get("hit")


def test_an_annotation_comes_from_upstream_each_time(gateway, simulator):
    sid = new_sid()
    gateway.annotate(sid, Comment="noted")
    answers = [gateway.send(request(annotation(sid))) for _ in range(2)]
    for answer in answers:
        assert (answer.status, answer.json()["call_sid"], answer.json()["comment"]) == (200, sid, "noted")
        assert answer.cache == {"fwd": "bypass", "detail": "annotation", "fwd-status": 200}
        assert answer.header("Age") is None and answer.header("Twilio-Request-Id") and answer.header("Access-Control-Allow-Origin") == "*"
    assert answers[0].body == answers[1].body
    assert simulator.count(sid) == 3


def test_head_gives_the_fields_of_a_get(gateway):
    sid = new_sid()
    full, head = (gateway.send(request(annotation(sid), method=method), method) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (200, b"")
    assert head.header("Content-Length") == full.header("Content-Length") == str(len(full.body))


@pytest.mark.parametrize("sharing", ["partition", "grants"])
def test_what_was_written_shows_in_the_next_read_whoever_reads(start_gateway, simulator, sharing):
    gateway, sid, other = start_gateway(credentials={"sharing": sharing}), new_sid(), new_sid()
    cached_for(gateway, sid, PARENT, API_KEY)
    cached_for(gateway, other, PARENT)
    answer = gateway.annotate(sid, Comment="call back on Monday", CallScore=2)
    assert (answer.status, answer.json()["comment"]) == (200, "call back on Monday")
    assert answer.cache == {"fwd": "method", "detail": "annotation", "fwd-status": 200}
    before = simulator.count(sid)
    first = gateway.ask(sid)
    assert shows(first, "call back on Monday") and first.cache["fwd"] == "stale" and first.cache.get("stored")
    for credential in (PARENT, API_KEY):
        assert shows(gateway.ask(sid, auth=credential), "call back on Monday")
        assert gateway.ask(sid, auth=credential).cache.get("hit"), "and is kept again"
    assert simulator.count(sid) - before == (1 if sharing == "grants" else 2)
    assert gateway.ask(other).cache.get("hit"), "another call's summary is as it was"


def test_the_old_summary_is_served_while_upstream_fails(gateway, simulator):
    sid = new_sid()
    cached_for(gateway, sid, PARENT)
    gateway.annotate(sid, Comment="new")
    assert b'"outcome":"purged"' in gateway.admin(f"/api/explain?call_sid={sid}").body
    simulator.fault_for(sid, "status", status=503)
    answer = gateway.ask(sid)
    assert answer.status == 200 and answer.cache["detail"] == "stale_if_error"
    simulator.faults()
    assert shows(gateway.ask(sid), "new")


def test_a_fetch_under_way_does_not_bring_the_old_summary_back(gateway, simulator):
    sid = new_sid()
    simulator.faults({"match": {"call_sid": sid, "method": "GET"}, "action": "stall", "at": "body", "seconds": 3})
    with gateway.connect() as early:
        early.send(request(target(sid)))
        eventually(lambda: [row["status"] for row in simulator.requests(sid)] == [200], what="the old summary, decided and held back")
        assert gateway.annotate(sid, Comment="new").status == 200
        assert early.silent(), "its reader still waits"
        assert shows(gateway.ask(sid), "new"), "who asks after the write does not wait with those before it"
        old = early.read()
    assert not shows(old, "new") and "stored" not in old.cache
    again = gateway.ask(sid)
    assert shows(again, "new") and again.cache.get("hit")


def test_a_write_elsewhere_does_not_keep_a_summary_from_being_stored(gateway, simulator):
    sid = new_sid()
    simulator.faults({"match": {"call_sid": sid, "method": "GET"}, "action": "stall", "at": "body", "seconds": 1})
    with gateway.connect() as waiting:
        waiting.send(request(target(sid)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        assert gateway.annotate(new_sid(), Comment="of another call").status == 200
        assert waiting.silent()
        assert waiting.read().cache.get("stored")
    assert gateway.ask(sid).cache.get("hit")


def test_readers_do_not_share(gateway, simulator):
    sid = new_sid()
    simulator.barrier(True)
    connections = [gateway.connect().send(request(annotation(sid))) for _ in range(3)]
    eventually(lambda: simulator.state()["in_flight"] == 3, what="an exchange for each")
    simulator.barrier(False)
    assert [connection.read().status for connection in connections] == [200] * 3
    for connection in connections:
        connection.close()


def test_without_a_credential_nothing_goes_upstream(gateway, simulator):
    sid = new_sid()
    for answer in (gateway.annotate(sid, auth=None, Comment="x"), gateway.send(request(annotation(sid), None))):
        assert (answer.status, answer.fault) == (401, "missing_credentials")
    assert simulator.count(sid) == 0


def test_a_write_that_upstream_refuses_changes_nothing(gateway, simulator):
    sid, cached = new_sid(), simulator.register(new_sid(), account_sid=account(1), ended_ago_s=7200)
    cached_for(gateway, cached, PARENT)
    for answer, status, code in (
        (gateway.annotate(cached, auth=WRONG_SECRET, Comment="x"), 401, 20003),
        (gateway.annotate(cached, auth=SUB, Comment="x"), 403, 17000),
        (gateway.annotate(cached, CallScore=9), 400, 20001),
        (gateway.annotate(error_sid(17001), Comment="x"), 404, 17001),
        (gateway.annotate(error_sid(20429), Comment="x"), 429, 20429),
    ):
        assert (answer.status, answer.json()["code"], answer.fault) == (status, code, None), "Twilio's own words"
        assert answer.cache["fwd-status"] == status
    assert gateway.ask(cached).cache.get("hit")
    assert len(writes(simulator, cached)) == 3 and simulator.count(sid) == 0


def test_in_mode_inject_clients_write_with_the_accounts_credential(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main", WRITES)
    access.client("reports", "main")
    gateway, sid = start_gateway(credentials=access.settings()), new_sid()
    billing, reports = ("Bearer " + token(name) for name in ("billing", "reports"))
    cached_for(gateway, sid, reports)
    for credential, fault in ((None, "missing_token"), (PARENT, "unknown_token")):
        answer = gateway.annotate(sid, auth=credential, Comment="x")
        assert (answer.status, answer.fault) == (401, fault)
    assert not writes(simulator, sid)
    assert gateway.annotate(sid, auth=billing, Comment="by billing").status == 200
    assert [row["user"] for row in writes(simulator, sid)] == [account(1)]
    assert shows(gateway.ask(sid, auth=reports), "by billing")


def test_a_request_hidden_in_a_form_stays_content(gateway, simulator):
    sid, hidden = new_sid(), new_sid()
    smuggled = request(target(hidden)) + request(annotation(hidden), method="POST", headers=[("Content-Length", 0)])
    with gateway.connect() as connection:
        connection.send(request(annotation(sid), method="POST", headers=[FORM, ("Content-Length", len(smuggled))], body=smuggled))
        assert connection.read().status == 200
        connection.send(request(annotation(sid)))
        assert connection.read().json()["call_sid"] == sid, "the next answer is the next request's"
        connection.send(request(annotation(sid), headers=[("Content-Length", len(smuggled))], body=smuggled))
        assert connection.read().fault == "unexpected_body"
    assert simulator.count(hidden) == 0 and simulator.state()["malformed"] == 0


def test_a_chunked_form_goes_on_with_its_length(gateway, simulator):
    sid = new_sid()
    head = request(annotation(sid), method="POST", headers=[FORM, ("Transfer-Encoding", "chunked"), ("Expect", "100-continue")])
    with gateway.connect() as connection:
        assert connection.send(head).read().status == 100
        connection.send(b"9\r\nComment=i\r\n8;x=y\r\nn+pieces\r\n0\r\n\r\n")
        assert connection.read("POST").json()["comment"] == "in pieces"
    (row,) = simulator.requests(sid)
    assert row["headers"]["content-length"] == "17" and "transfer-encoding" not in row["headers"] and "expect" not in row["headers"]


REFUSED = {
    "too large": ([FORM, ("Content-Length", 17 * 1024)], b"", 413, "content_too_large"),
    "another type": ([("Content-Type", "application/json"), ("Content-Length", 2)], b"{}", 415, "unsupported_content_type"),
    "no type": ([("Content-Length", 9)], b"Comment=x", 415, "unsupported_content_type"),
    "coded": ([FORM, ("Content-Encoding", "gzip"), ("Content-Length", 9)], b"Comment=x", 415, "unsupported_content_type"),
}


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_content_that_is_no_small_form_is_refused_here(gateway, simulator, row):
    headers, body, status, fault = row
    sid = new_sid()
    answer = gateway.send(request(annotation(sid), method="POST", headers=headers, body=body), "POST")
    assert (answer.status, answer.fault, answer.json()["code"]) == (status, fault, 20001)
    assert simulator.count(sid) == 0


def test_other_requests_are_refused_here(gateway, simulator):
    sid = new_sid()
    for method in ("PUT", "DELETE", "PATCH"):
        answer = gateway.send(request(annotation(sid), method=method), method)
        assert (answer.status, answer.header("Allow")) == (405, "GET, HEAD, POST, OPTIONS")
    assert gateway.send(request(target(sid), method="POST"), "POST").header("Allow") == "GET, HEAD, OPTIONS"
    assert gateway.send(request(annotation(sid) + "?Comment=x")).fault == "unknown_parameter"
    assert gateway.send(request(annotation("CA123"))).fault == "invalid_call_sid"
    assert simulator.count(sid) == 0


def test_a_page_of_another_site_writes_only_if_it_is_named(start_gateway, simulator):
    sid, page = new_sid(), [("Origin", "https://app.example"), ("Sec-Fetch-Site", "cross-site")]
    for allowed, may in (("*", False), ("https://app.example", True)):
        gateway = start_gateway(cors={"allow_origins": [f'"{allowed}"']})
        preflight = gateway.send(request(annotation(sid), None, "OPTIONS", page), "OPTIONS")
        assert ("POST" in preflight.header("Access-Control-Allow-Methods")) == may
        answer = gateway.annotate(sid, headers=page, Comment="x")
        assert (answer.status, answer.fault) == ((200, None) if may else (403, "cross_site"))
        assert gateway.send(request(annotation(sid), headers=page)).status == 200, "it may read"
    assert len(writes(simulator, sid)) == 1


def test_only_if_cached_is_never_satisfied(gateway, simulator):
    sid = new_sid()
    assert gateway.send(request(annotation(sid), headers=[("Cache-Control", "only-if-cached")])).fault == "not_cached"
    assert simulator.count(sid) == 0


def test_a_matching_tag_does_not_hide_the_answer_to_a_write(gateway):
    sid = new_sid()
    tag = gateway.annotate(sid, Comment="x").header("ETag")
    assert gateway.send(request(annotation(sid), headers=[("If-None-Match", tag)])).status == 304
    assert gateway.annotate(sid, headers=[("If-None-Match", tag)], Comment="x").status == 200


UNCLEAR = {
    "reset after it was read": ({"action": "reset", "after_bytes": 0}, 502, "upstream_protocol"),
    "cut inside the answer": ({"action": "cut", "after_bytes": 300}, 502, "upstream_protocol"),
    "no answer in time": ({"action": "stall", "at": "before_headers", "seconds": 10}, 504, "upstream_timeout"),
    "a failure": ({"action": "status", "status": 503, "code": 17009}, 502, "upstream_error"),
    "another call's annotation": ({"action": "wrong_body"}, 502, "upstream_wrong_call"),
}


@pytest.mark.parametrize("row", UNCLEAR.values(), ids=UNCLEAR)
def test_a_write_of_which_nobody_knows_is_not_repeated_and_not_hidden(start_gateway, simulator, row):
    action, status, fault = row
    gateway, sid = start_gateway(upstream={"timeout": "1500ms"}), new_sid()
    cached_for(gateway, sid, PARENT)  # and with it an idle connection that a careless retry would be excused by
    simulator.faults({"match": {"call_sid": sid, "method": "POST"}, **action})
    answer = gateway.annotate(sid, Comment="perhaps")
    assert (answer.status, answer.fault) == (status, fault)
    assert "may have been applied" in answer.json()["message"] and "safe to retry" not in answer.json()["message"]
    assert len(writes(simulator, sid)) == 1
    assert shows(gateway.ask(sid), "perhaps"), "it was applied, and memory does not say otherwise"


def test_an_idle_connection_that_just_died_does_not_cost_a_write(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    simulator.faults({"match": {"method": "GET"}, "action": "close_after"})
    gateway.ask(new_sid())
    assert gateway.annotate(sid, Comment="x").status == 200
    assert len(writes(simulator, sid)) == 1


def test_an_unreachable_upstream_was_sent_nothing(start_gateway, simulator):
    gateway = start_gateway(upstream={"url": "https://localhost:1"})
    answer = gateway.annotate(new_sid(), Comment="x")
    assert (answer.status, answer.fault) == (502, "upstream_unreachable") and "safe to retry" in answer.json()["message"]


def test_a_write_keeps_to_the_bound_of_exchanges(start_gateway, simulator):
    gateway, held, shed = start_gateway(upstream={"max_in_flight": 1, "timeout": "1s"}), new_sid(), new_sid()
    simulator.barrier(True)
    with gateway.connect() as first:
        first.send(request(target(held)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        answer = gateway.annotate(shed, Comment="x")
        assert (answer.status, answer.fault, answer.header("Retry-After")) == (429, "upstream_busy", "1")
    assert simulator.count(shed) == 0


def test_exchanges_are_counted_and_what_people_wrote_stays_nowhere(start_gateway, simulator):
    gateway, sid = start_gateway(log={"level": "debug", "access": "all"}, upstream={"timeout": "1s"}), new_sid()
    private = "the caller's grandmother"
    assert gateway.annotate(sid, Comment=private).status == 200
    gateway.send(request(annotation(sid)))
    simulator.faults({"match": {"method": "POST"}, "times": 0, "action": "cut", "after_bytes": 100})
    broken = gateway.annotate(sid, Comment=private)
    # Counted once its last byte is out, so perhaps a moment after it was read.
    eventually(lambda: gateway.metrics().total("requests_total", outcome="failed", status="502") == 1)
    metrics = gateway.metrics()
    assert metrics.total("upstream_requests_total", result="relayed") == 2
    assert metrics.total("requests_total", outcome="bypass", status="200") == 2
    gateway.stop()
    for place in (gateway.output(), metrics.text, broken.raw.decode()):
        assert "grandmother" not in place and sid not in place
