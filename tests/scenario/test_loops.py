"""A request that comes back to the gateway is refused at its first turn; gateways that are chained on purpose work."""

import re

import pytest

from harness.eventually import eventually
from harness.free_port import free_port
from harness.twilio_facts import PARENT, account, new_sid
from harness.wire import annotation, request, target

OWN = r"summary-gateway-[0-9a-f]{16}"


def through(gateway_port):
    """Settings whose upstream is another gateway, or the same."""
    return {"url": f"http://127.0.0.1:{gateway_port}", "allow_plaintext": True, "ca_file": None, "timeout": "5s"}


@pytest.fixture
def itself(start_gateway):
    port = free_port()
    return start_gateway(listeners=[{"address": f"127.0.0.1:{port}"}], upstream=through(port))


def via_at(simulator, sid):
    return simulator.requests(sid)[-1]["headers"]["via"]


def proxies(count):
    return ("Via", ", ".join(f"1.1 proxy{number}.example (squid, \\) 6)" for number in range(count)))


def looped(answer):
    assert (answer.status, answer.reason, answer.fault, answer.json()["code"]) == (508, "Loop Detected", "loop", 20508), answer.raw[:600]
    return answer


def test_a_gateway_that_is_its_own_upstream_refuses_at_the_first_turn(itself):
    for count in range(1, 4):
        answer = looped(itself.ask(new_sid()))
        assert (answer.cache["fwd"], answer.cache["fwd-status"]) == ("uri-miss", 508), "the first pass asked once, and knows why it failed"
        assert itself.metrics().total("upstream_requests_total") == count, "one nested request"
        eventually(lambda: itself.metrics().total("faults_total", fault="loop") == 2 * count)
    lines = itself.logged(" 508: ")
    assert len(lines) == 1 and "upstream.url" in lines[0] and " error " in lines[0], lines


def test_a_write_that_looped_was_not_applied(itself):
    answer = looped(itself.annotate(new_sid(), Comment="x"))
    assert "may have been applied" not in answer.json()["message"]
    assert itself.metrics().total("upstream_requests_total") == 1


def test_a_loop_through_another_gateway_ends_where_it_began(start_gateway):
    port = free_port()
    other = start_gateway(upstream=through(port))
    first = start_gateway(listeners=[{"address": f"127.0.0.1:{port}"}], upstream=through(other.port))
    for gateway in (first, other):
        answer = looped(gateway.ask(new_sid()))
        assert answer.cache["fwd-status"] == 508
    for gateway in (first, other):
        assert gateway.metrics().total("upstream_requests_total") == 2, "one of each turn"


def test_a_loop_that_a_stale_answer_would_hide_is_found_by_its_refresh(start_gateway, simulator):
    gateway, sid = start_gateway(cache={"fresh_for": "1s"}), new_sid()
    assert gateway.ask(sid).status == 200
    eventually(lambda: gateway.ask(sid, headers=[("Via", "1.1 other-gateway")]).cache.get("detail") == "stale_while_revalidate")
    eventually(lambda: simulator.count(sid) == 2)
    assert re.fullmatch(f"1.1 other-gateway, 1.1 {OWN}", via_at(simulator, sid))


def test_gateways_that_are_chained_on_purpose_work(start_gateway, simulator):
    behind = start_gateway()
    gateway, sid = start_gateway(upstream=through(behind.port)), new_sid()
    assert gateway.ask(sid, headers=[proxies(2)]).body == simulator.ask(sid).body
    assert gateway.ask(sid).cache.get("hit")
    names = re.fullmatch(f"1.1 proxy0.example, 1.1 proxy1.example, 1.1 ({OWN}), 1.1 ({OWN})", simulator.requests(sid)[0]["headers"]["via"])
    assert names and names[1] != names[2], "each process has a name of its own"
    assert gateway.annotate(sid, Comment="x").status == 200


def test_what_came_by_eight_proxies_goes_on_and_by_more_is_a_loop(gateway, simulator):
    sid = new_sid()
    assert gateway.ask(sid, headers=[proxies(8)]).status == 200
    assert via_at(simulator, sid).count(",") == 8
    for headers in ([proxies(9)], [proxies(4), ("Accept", "*/*"), proxies(5)]):
        looped(gateway.ask(sid, headers=headers))
        looped(gateway.ask(new_sid(), headers=headers))
        looped(gateway.send(request(annotation(new_sid()), PARENT, headers=headers)))
        looped(gateway.send(request("/elsewhere", PARENT, headers=headers)))
    assert simulator.count(sid) == 1


def test_a_request_by_http_1_0_says_so(gateway, simulator):
    sid = new_sid()
    gateway.send(request(target(sid), PARENT).replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\n"))
    assert re.fullmatch(f"1.0 {OWN}", via_at(simulator, sid))
    gateway.ask(sid := new_sid())
    assert re.fullmatch(f"1.1 {OWN}", via_at(simulator, sid))


def test_proxies_before_the_first_of_a_flight_are_no_trouble_of_those_who_joined(start_gateway, simulator):
    behind = start_gateway()
    gateway, sid, before = start_gateway(upstream={**through(behind.port), "max_in_flight": 1}), new_sid(), new_sid()
    gateway.ask(new_sid())  # proves the credential
    simulator.barrier(True)
    waiting = lambda: [flight["waiting"] for flight in gateway.admin(f"/api/explain?call_sid={sid}").json()["flights"]]
    with gateway.connect() as blocks, gateway.connect() as leads, gateway.connect() as joins:
        blocks.send(request(target(before), PARENT))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        leads.send(request(target(sid), PARENT, headers=[proxies(8)]))
        eventually(lambda: waiting() == [1])
        joins.send(request(target(sid), PARENT))
        eventually(lambda: waiting() == [2])
        simulator.barrier(False)
        assert blocks.read().status == 200
        looped(leads.read())
        assert joins.read().status == 200
