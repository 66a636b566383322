"""Upstream calls that were avoided and those that were made account for the requests, one for one."""

from harness.eventually import eventually
from harness.replicas import Fleet
from harness.twilio_facts import error_sid, new_sid
from harness.wire import request, target


def avoided(gateway):
    return {how: count for how, count in gateway.metrics().by("upstream_avoided_total", "how").items() if count}


def counted(gateway, requests):
    """Once all are counted, which their readers may see a moment earlier."""
    eventually(lambda: gateway.metrics().total("requests_total") == requests, what=f"{requests} requests counted")
    return avoided(gateway)


def young(simulator):
    return simulator.register(new_sid(), ended_ago_s=60)


def test_what_was_avoided_and_what_was_made_are_all_requests(start_gateway, simulator):
    gateway = start_gateway(cache={"not_ready_for": "1m"})
    sid, unready = new_sid(), young(simulator)
    for _ in range(4):
        gateway.ask(sid)  # a miss, three hits
    gateway.ask(sid, method="HEAD")  # a hit
    for _ in range(3):
        gateway.ask(unready)  # a miss, two remembered refusals
    gateway.ask(sid, "partial")  # passes
    gateway.ask(error_sid(17008))  # fails upstream
    crowd_sid = new_sid()
    simulator.barrier(True)
    crowd = [gateway.connect().send(request(target(crowd_sid))) for _ in range(5)]
    eventually(lambda: simulator.state()["in_flight"] == 1)
    simulator.barrier(False)
    for one in crowd:
        assert one.read().status == 200
        one.close()
    gateway.ask("CA12")  # refused here: it would have been no call that Twilio answers
    how = counted(gateway, 16)
    assert how.pop("coalesced", 0) + how["hit"] == 4 + 4, "a reader that came late is a hit"
    assert how == {"hit": how["hit"], "negative_hit": 2}
    metrics = gateway.metrics()
    assert metrics.total("upstream_avoided_total") + simulator.state()["requests"] == 15 == metrics.total("requests_total") - 1
    assert metrics.total("upstream_requests_total") == simulator.state()["requests"]


def test_a_stale_answer_after_a_failed_call_was_no_avoided_one(start_gateway, simulator):
    gateway = start_gateway(upstream={"failures_to_break": 100})
    sid = new_sid()
    gateway.ask(sid)  # a miss
    simulator.fault_for(sid, "status", status=503)
    answer = gateway.ask(sid, headers=[("Cache-Control", "no-cache")])  # the upstream fails
    assert answer.status == 200 and answer.cache["detail"] == "stale_if_error"
    metrics = gateway.metrics()
    assert counted(gateway, 2) == {} and metrics.total("requests_total", outcome="stale") == 1
    assert simulator.state()["requests"] == 2


def test_held_readers_cost_the_looks_alone(start_gateway, simulator):
    gateway = start_gateway(cache={"not_ready_for": "1s"}, polling={"longest_step": "1s"})
    sid = young(simulator)
    readers = []
    for count in range(1, 4):  # the first one asks for itself, the others are told from memory, and held
        readers.append(gateway.connect().send(request(target(sid), headers=[("Prefer", "wait=20")])))
        eventually(lambda count=count: gateway.metrics().total("held_readers") == count)
    simulator.register(sid, ended_ago_s=7200)
    for one in readers:
        assert one.read().status == 200
        one.close()
    assert counted(gateway, 3) == {"held": 2}


def test_what_another_gateway_of_the_fleet_stored_is_told_apart_once(start_gateway, simulator, engine):
    one, two = Fleet(start_gateway, engine, 2)
    sid, unready = new_sid(), young(simulator)
    for gateway in (one, two, two):
        assert gateway.ask(sid).status == 200
        assert gateway.ask(unready).status == 404
    assert counted(one, 2) == {}
    assert counted(two, 4) == {"second_tier": 2, "hit": 1, "negative_hit": 1}
    assert simulator.state()["requests"] == 2


def test_requests_without_an_answer_avoid_nothing(start_gateway):
    gateway, sid = start_gateway(client_limit={"requests": 2, "per": "1h"}), new_sid()
    assert [gateway.ask(sid).status for _ in range(4)] == [200, 200, 429, 429]
    gateway.ask("CA12")
    assert counted(gateway, 5) == {"hit": 1}
