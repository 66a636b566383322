"""Retry-After of a summary that is not ready: honest, so that who waits so long finds a new answer upstream."""

from harness.eventually import eventually
from harness.twilio_facts import error_sid, new_sid


def seconds(answer):
    return int(answer.header("Retry-After"))


def test_first_and_remembered_answers_count_down_together(start_gateway, simulator):
    gateway = start_gateway(cache={"not_ready_for": "3s"}, polling={"longest_step": "1s"})
    sid = simulator.register(new_sid(), ended_ago_s=60)
    first = gateway.ask(sid)
    assert (first.json()["code"], seconds(first)) == (17001, 3)
    seen = [3]

    def count_down():
        answer = gateway.ask(sid)
        if "hit" in answer.cache:
            assert seconds(answer) == max(1, answer.cache["ttl"] + 1), "the rest of the memory, rounded up"
            seen.append(seconds(answer))
        return "hit" not in answer.cache

    eventually(count_down)
    assert seen == sorted(seen, reverse=True) and set(seen) == {3, 2, 1}


def test_upstreams_retry_after_is_kept_up_to_its_bound(gateway, simulator):
    sid = simulator.register(new_sid(), ended_ago_s=60)
    simulator.fault_for(sid, "header", name="Retry-After", value="86400")
    for _ in range(2):
        assert 20 <= seconds(gateway.ask(sid)) <= 30, "upstream.max_retry_after"
    assert simulator.count(sid) == 1


def test_nobody_else_is_told_to_come_again(gateway):
    for sid in (new_sid(), error_sid(17002), error_sid(20404)):
        for _ in range(2):
            assert gateway.ask(sid).header("Retry-After") is None
