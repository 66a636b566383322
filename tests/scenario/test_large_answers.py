"""Lists that are larger than a summary may be: whole, with their pages, and bounded one by one and in all."""

import json

import pytest

from harness.eventually import eventually
from harness.twilio_facts import new_sid
from harness.wire import request

MIB = 1 << 20


def answer_with(simulator, size, **more):
    meta = {"url": "https://insights.twilio.com/v1/Voice/Summaries?Page=0", "next_page_url": None}
    body = json.dumps({"meta": meta, "call_summaries": ["x" * size]})
    simulator.faults({"match": {"method": "GET"}, "times": 0, "action": "status", "status": 200, "body": body, **more})
    return body.replace("https://insights.twilio.com", "http://localhost")


@pytest.mark.parametrize("coding", [{}, {"also": [{"action": "chunked"}]}])
def test_a_list_of_two_mebibytes_comes_whole(start_gateway, simulator, coding):
    gateway = start_gateway(passthrough=["summaries"])
    expected = answer_with(simulator, 2 * MIB, **coding)
    answer = gateway.send(request("/v1/Voice/Summaries"))
    assert (answer.status, answer.body.decode() == expected) == (200, True)
    assert int(answer.header("Content-Length")) == len(expected) and answer.header("ETag")
    assert gateway.send(request("/v1/Voice/Summaries", headers=[("If-None-Match", answer.header("ETag"))])).status == 304
    old = gateway.send(request("/v1/Voice/Summaries", version="1.0"))
    assert old.body == answer.body


def too_large(answer):
    assert (answer.status, answer.json()["code"], answer.fault) == (502, 20502, "upstream_body_too_large")
    assert "larger than this gateway takes" in answer.json()["message"] and "retry" not in answer.json()["message"]


def test_one_that_is_larger_still_says_what_would_help(start_gateway, simulator):
    gateway = start_gateway(passthrough=["summaries", "call"], upstream={"max_body_bytes": "32KiB", "max_passthrough_bytes": "256KiB"})
    answer_with(simulator, 100_000)
    assert gateway.send(request("/v1/Voice/Summaries")).status == 200
    too_large(gateway.send(request(f"/v1/Voice/{new_sid()}")))
    too_large(gateway.ask(new_sid()))
    answer_with(simulator, 300_000)
    too_large(gateway.send(request("/v1/Voice/Summaries")))
    answer_with(simulator, 300_000, also=[{"action": "chunked"}])
    too_large(gateway.send(request("/v1/Voice/Summaries")))


def test_what_clients_do_not_take_is_bounded_in_all(start_gateway, simulator):
    bounds = {"max_passthrough_bytes": "12MiB", "max_passthrough_total_bytes": "12MiB"}
    gateway = start_gateway(passthrough=["summaries"], upstream=bounds)
    expected = answer_with(simulator, 8 * MIB)
    with gateway.connect(receive_buffer=4096) as idle:
        idle.send(request("/v1/Voice/Summaries"))
        assert not idle.has_ended(), "its answer has begun"
        refused = gateway.send(request("/v1/Voice/Summaries"))
        assert (refused.status, refused.json()["code"], refused.fault) == (429, 20429, "large_answers")
        assert refused.header("Retry-After") and "safe to retry" in refused.json()["message"]
        assert gateway.ask(new_sid()).fault != "large_answers"
        assert idle.read().body.decode() == expected
    eventually(lambda: gateway.send(request("/v1/Voice/Summaries")).status == 200, what="the memory is free again")


def test_a_client_that_leaves_gives_the_memory_back(start_gateway, simulator):
    bounds = {"max_passthrough_bytes": "12MiB", "max_passthrough_total_bytes": "12MiB"}
    gateway = start_gateway(passthrough=["summaries"], upstream=bounds)
    answer_with(simulator, 8 * MIB)
    with gateway.connect(receive_buffer=4096) as idle:
        idle.send(request("/v1/Voice/Summaries"))
        assert not idle.has_ended(), "its answer has begun"
    eventually(lambda: gateway.send(request("/v1/Voice/Summaries")).status == 200, what="the memory is free again")
