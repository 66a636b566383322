"""A summary is compressed once and sent so to clients that list gzip, and to nobody else."""

import gzip

import pytest

from harness.twilio_facts import new_sid
from harness.wire import request, target

NODE = ("Accept-Encoding", "gzip, compress, deflate, br")


@pytest.fixture(scope="module")
def large(the_simulator):
    return the_simulator.register(new_sid(), ended_ago_s=7200, bytes=5000)


def test_who_lists_gzip_gets_it_from_the_first_answer_on(gateway, simulator, large):
    upstream = simulator.ask(large).body
    for _ in range(3):
        answer = gateway.ask(large, headers=[NODE])
        assert answer.header("Content-Encoding") == "gzip"
        assert int(answer.header("Content-Length")) == len(answer.body) < len(upstream)
        assert gzip.decompress(answer.body) == upstream
        assert answer.header("Vary") == "Authorization, Accept-Encoding"
        assert answer.header("Content-Type").startswith("application/json")


IDENTITY = ["utf-8", "identity", "identity;q=0", "*", "gzip;q=0", "gzip;q=0, *", "br, deflate", "", "gzip;q=0.2, identity"]


@pytest.mark.parametrize("value", IDENTITY)
def test_nobody_else_does_and_nobody_is_refused(gateway, simulator, large, value):
    answer = gateway.ask(large, headers=[("Accept-Encoding", value)])
    assert (answer.status, answer.header("Content-Encoding")) == (200, None)
    assert answer.body == simulator.ask(large).body


def test_each_form_has_a_validator_of_its_own(gateway, large):
    plain, packed = gateway.ask(large).header("ETag"), gateway.ask(large, headers=[NODE]).header("ETag")
    assert plain != packed and packed == plain[:-1] + '-gzip"'

    def status(tag, *more):
        return gateway.ask(large, headers=[("If-None-Match", tag), *more]).status

    assert (status(plain), status(packed, NODE)) == (304, 304)
    assert (status(packed), status(plain, NODE)) == (200, 200)
    assert status(f"{packed}, {plain}") == status("*", NODE) == 304


def test_the_tags_of_several_lines_are_one_list(gateway, large):
    tag = gateway.ask(large).header("ETag")
    assert gateway.ask(large, headers=[("If-None-Match", tag), ("If-None-Match", '"other"')]).status == 304


def test_head_says_what_get_would_send(gateway, large):
    get, head = gateway.ask(large, headers=[NODE]), gateway.ask(large, method="HEAD", headers=[NODE])
    for name in ("Content-Length", "Content-Encoding", "ETag", "Vary", "Content-Type"):
        assert get.header(name) == head.header(name), name


def test_forms_alternate_on_one_connection(gateway, simulator, large):
    upstream = simulator.ask(large).body
    with gateway.connect() as connection:
        connection.send((request(target(large), headers=[NODE]) + request(target(large))) * 3)
        bodies = [connection.read().body for _ in range(6)]
    assert [gzip.decompress(body) if at % 2 == 0 else body for at, body in enumerate(bodies)] == [upstream] * 6


def test_small_summaries_partials_and_refusals_stay_as_they_are(gateway, simulator):
    small = simulator.register(new_sid(), ended_ago_s=7200, bytes=900)
    partial = simulator.register(new_sid(), ended_ago_s=900, bytes=5000)
    young = simulator.register(new_sid(), ended_ago_s=60)
    for sid, state in ((small, None), (small, None), (partial, "partial"), (young, None), (young, None)):
        answer = gateway.ask(sid, state, headers=[NODE])
        assert answer.header("Content-Encoding") is None
        assert answer.json()


def test_an_operator_may_do_without(start_gateway, large):
    gateway = start_gateway(cache={"gzip": "false"})
    for _ in range(2):
        assert gateway.ask(large, headers=[NODE]).header("Content-Encoding") is None


def test_both_forms_are_counted(start_gateway, simulator, large):
    def bytes_with(**cache):
        gateway = start_gateway(cache=cache)
        gateway.ask(large)
        return gateway.metrics().total("cache_bytes")

    assert bytes_with() > bytes_with(gzip="false") + 500
