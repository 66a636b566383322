"""Upstream swaps, cuts, doubles and extends bodies while many read: nobody ever gets a byte that is not the call's own."""

import gzip
import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.eventually import eventually
from harness.twilio_facts import API_KEY, BEARER, PARENT, account, new_sid
from harness.wire import request, target

CALLS, READERS, REQUESTS = 40, 12, 120


def answer(body):
    """A well-framed 200 with this body."""
    return {"action": "status", "status": 200, "body": body, "headers": {"Content-Type": "application/json"}}


def second_response(body):
    text = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    return {"action": "extra_bytes", "bytes": text}


def wrong_answers(sid, truth, others):
    """What may happen to one call's answers, one after another, healthy ones in between."""
    body, other = truth[sid].decode(), truth[random.choice(others)].decode()
    kinds = [
        answer(other),  # swapped
        {"action": "wrong_body"},
        answer(body[: len(body) // 2]),  # cut, the length told right
        {"action": "cut", "after_bytes": 700},  # cut, the length told wrong
        answer(body + body),  # doubled
        answer(body + other),
        answer(body + "\0"),  # extended
        {"action": "extra_bytes", "bytes": "x"},
        second_response(other),  # for whoever comes next on this connection
    ]
    random.shuffle(kinds)
    return [{"match": {"call_sid": sid}, "skip": at % 3, "times": 2, **kind} for at, kind in enumerate(kinds)]


def read_many(gateway, truth, seed):
    """Asks on one connection at random; returns what was wrong, and how often there was a summary."""
    dice, wrong, good = random.Random(seed), [], 0
    sids = list(truth)
    connection = gateway.connect()
    for _ in range(REQUESTS):
        sid, packed = dice.choice(sids), dice.random() < 0.5
        headers = [("Accept-Encoding", "gzip")] if packed else []
        if dice.random() < 0.2:
            headers.append(("Cache-Control", "no-cache"))
        credential = dice.choice([PARENT, API_KEY, BEARER])
        got = connection.send(request(target(sid), credential, headers=headers)).read()
        body = gzip.decompress(got.body) if got.header("Content-Encoding") == "gzip" else got.body
        if got.status == 200:
            good += 1
            if body != truth[sid]:
                wrong.append((sid, got.raw[:400]))
        elif got.status != 502:
            wrong.append((sid, got.raw[:400]))
        if dice.random() < 0.05:
            gateway.admin(f"/api/purge?call_sid={sid}" + ("&hard=true" if packed else ""), "POST")
    connection.close()
    return wrong, good


def test_no_wrong_byte_under_load(start_gateway, simulator):
    random.seed(4)
    # Always stale: each reading asks upstream behind it.
    gateway = start_gateway(cache={"fresh_for": "0s", "refresh_backoff": "100ms", "revalidate_after": "0s"}, upstream={"error_backoff": "0s"})
    sids = [simulator.register(new_sid(), ended_ago_s=7200, bytes=random.choice([1200, 2000, 5000])) for _ in range(CALLS)]
    truth = {sid: simulator.ask(sid).body for sid in sids}
    simulator.faults(*(fault for sid in sids for fault in wrong_answers(sid, truth, sids)))
    with ThreadPoolExecutor(READERS) as readers:
        results = list(readers.map(lambda seed: read_many(gateway, truth, seed), range(READERS)))
    assert [wrong for some, _ in results for wrong in some] == []
    assert sum(good for _, good in results) > READERS * REQUESTS / 2, "most readers got their summary all the same"
    metrics = gateway.metrics()
    assert metrics.total("not_stored_total", reason="wrong_call") > 10
    assert metrics.total("not_stored_total", reason="unusable_body") > 10
    simulator.faults()
    for sid in sids:
        assert eventually(lambda sid=sid: (got := gateway.ask(sid)).status == 200 and got).body == truth[sid]


def summary(sid, **more):
    return json.dumps({"call_sid": sid, "processing_state": "complete", **more})


REASONS = {
    "partial": lambda sid: json.dumps({"call_sid": sid, "processing_state": "partial"}),
    "unknown_state": lambda sid: json.dumps({"call_sid": sid, "processing_state": "predicted"}),
    "ambiguous": lambda sid: summary(sid)[:-1] + ',"processing_state":"complete"}',
    "malformed_account": lambda sid: summary(sid, account_sid="AC12"),
    "record_over": lambda sid: summary(sid, end_time="2020-01-01T00:00:00Z"),
    "too_large": lambda sid: summary(sid, annotation={"comment": "x" * 40_000}),
    "wrong_call": lambda _: summary("CA" + "e" * 32),
    "unusable_body": lambda sid: summary(sid) + "x",
}


@pytest.mark.parametrize("reason", REASONS)
def test_each_answer_that_is_not_stored_is_counted_by_its_reason(start_gateway, simulator, reason):
    gateway = start_gateway(cache={"max_entry_bytes": "16KiB"})
    sid = new_sid()
    simulator.register(sid, ended_ago_s=7200, body=REASONS[reason](sid))
    got = gateway.ask(sid)
    assert got.status == (502 if reason in ("wrong_call", "unusable_body") else 200)
    assert "stored" not in got.cache
    assert gateway.metrics().by("not_stored_total", "reason")[reason] == 1
    assert gateway.metrics().total("not_stored_total") == 1


def test_a_type_that_is_not_json_is_delivered_and_counted(start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    simulator.fault_for(sid, "status", status=200, body=summary(sid), headers={"Content-Type": "text/html"})
    got = gateway.ask(sid)
    assert (got.status, got.body) == (200, summary(sid).encode())
    assert "stored" not in got.cache
    assert gateway.metrics().total("not_stored_total", reason="content_type") == 1


def test_a_call_that_changes_its_account_is_believed_in_neither_form(start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, account_sid=account(1)))
    assert gateway.ask(sid).status == 200
    simulator.register(sid, ended_ago_s=7200, body=summary(sid, account_sid=account(9)))
    got = gateway.ask(sid, headers=[("Cache-Control", "no-cache")])
    assert (got.status, got.fault) == (502, "upstream_wrong_account"), "nor is the kept one given: one of the two is wrong"
    assert account(9) not in got.body.decode()
    assert gateway.metrics().total("cache_entries") == 0
    assert gateway.metrics().total("not_stored_total", reason="wrong_account") == 1


def test_a_newer_summary_too_large_to_store_outdates_the_stored_one(start_gateway, simulator):
    gateway, sid = start_gateway(cache={"max_entry_bytes": "16KiB", "fresh_for": "0s"}), new_sid()
    simulator.register(sid, ended_ago_s=7200, body=summary(sid))
    gateway.ask(sid)
    large = summary(sid, annotation={"comment": "x" * 40_000})
    simulator.register(sid, ended_ago_s=7200, body=large)
    eventually(lambda: gateway.ask(sid).body == large.encode())
