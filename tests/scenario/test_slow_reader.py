"""Pipelined hits that are read slowly do not use up the time of the miss behind them."""

import time

import pytest

from harness.twilio_facts import new_sid
from harness.wire import Connection, exchange, request, target

PAUSE = 1.6  # more than upstream.timeout and the half second of grace


@pytest.fixture
def door(start_gateway, tmp_path):
    """Over a unix socket what the kernel holds for a slow reader is a fixed 208 KiB."""
    path = tmp_path / "http.sock"
    start_gateway(listeners=[{"address": f"unix:{path}"}], upstream={"timeout": "1s"})
    return path


def test_a_miss_has_its_own_time_from_when_it_is_first(door, simulator):
    large = simulator.register(new_sid(), ended_ago_s=7200, bytes=180_000)
    small = simulator.register(new_sid(), ended_ago_s=7200, bytes=11_000)
    missing = new_sid()
    for sid in (large, small):
        assert exchange(door, request(target(sid))).status == 200
    row = [large] + [small] * 5 + [missing]
    with Connection(door) as slow:
        slow.send(b"".join(request(target(sid)) for sid in row))
        # The slow reader's own pace, not a wait for anything.
        time.sleep(PAUSE)
        assert simulator.count(missing) == 0, "the hits before it are still being written"
        answers = [slow.read() for _ in row]
    assert [answer.status for answer in answers] == [200] * len(row), answers[-1].raw[:400]
    assert [answer.json()["call_sid"] for answer in answers] == row
