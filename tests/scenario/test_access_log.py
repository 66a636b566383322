"""The access log: one line of JSON per request that is told of, and what its settings make of it."""

import json
import os
import signal
import subprocess
import time

import pytest

from harness.eventually import eventually
from harness.gateway import BINARY, settings_for, yaml
from harness.twilio_facts import PARENT, error_sid, new_sid
from harness.wire import exchange, request, target

ALL = {"access": "all"}


def lines_of(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def lines_in(path):
    return path.read_text().count("\n") if path.exists() else -1


def test_a_line_tells_what_the_request_came_to(start_gateway, simulator):
    gateway = start_gateway(workers=1, log=ALL)
    sid, asked = new_sid(), [("X-Request-Id", "ticket-1")]
    answers = [
        gateway.ask(sid, headers=asked),
        gateway.ask(sid, headers=asked),
        gateway.ask(sid, "partial", method="HEAD"),
        gateway.ask(error_sid(17001), headers=[("Cache-Control", "no-store")]),
        gateway.ask(sid, auth=None),
        gateway.send(request("/nothing/here")),
        exchange(gateway.port, b"rubbish\r\n\r\n"),
        gateway.annotate(sid, Comment="x"),
    ]
    gateway.stop()
    lines = lines_of(gateway.output())
    facts = ("outcome", "status", "fault", "method", "resource", "lookup", "detail", "not_stored", "upstream_status")
    assert [tuple(line.get(fact) for fact in facts) for line in lines] == [
        ("miss", 200, None, "GET", "summary", "nothing", None, None, 200),
        ("hit", 200, None, "GET", "summary", "hit", None, None, None),
        ("bypass", 200, None, "HEAD", "summary", "bypass", "partial", None, 200),
        ("miss", 404, None, "GET", "summary", "nothing", "no_store", "client_forbids", 404),
        ("rejected", 401, "missing_credentials", "GET", "summary", None, None, None, None),
        ("rejected", 404, "no_such_route", "GET", None, None, None, None, None),
        ("rejected", 400, "malformed_request_line", None, None, None, None, None, None),
        ("bypass", 200, None, "POST", "annotation", None, "annotation", None, 200),
    ]
    for line, answer in zip(lines, answers):
        assert line["type"] == "access" and line["weight"] == 1 and line["listener"] == "127.0.0.1:0"
        assert line["request_id"] == answer.header("X-Request-Id")
        assert line["bytes"] == len(answer.raw)
        assert abs(line["time_us"] / 1e6 - time.time()) < 60
        assert abs(sum(line["hops_us"].values()) - line["duration_us"]) <= len(line["hops_us"]), "the hops add up"
    assert lines[0]["request_id"] == "ticket-1"
    assert lines[0]["hops_us"]["first_byte"] > 0 and "first_byte" not in lines[1]["hops_us"]


def test_each_answer_of_a_batch_has_bytes_of_its_own(start_gateway, simulator):
    gateway, sid = start_gateway(workers=1, log=ALL), new_sid()
    gateway.ask(sid)
    with gateway.connect() as connection:
        connection.send(request(target(sid)) + request("/short") + request(target(sid)))
        sizes = [len(connection.read().raw) for _ in range(3)]
    gateway.stop()
    assert [line["bytes"] for line in lines_of(gateway.output())[1:]] == sizes


def test_repetitions_are_logged(start_gateway, simulator):
    gateway, sid = start_gateway(workers=1, log=ALL), new_sid()
    simulator.fault_for(sid, "status", times=2, status=429, code=20429)
    assert gateway.ask(sid).status == 200
    gateway.stop()
    assert [line.get("retries") for line in lines_of(gateway.output())] == [2]


@pytest.mark.parametrize("access, told", {"all": 3, "errors_and_slow": 1, "none": 0}.items())
def test_the_mode_says_which_requests_get_a_line(start_gateway, simulator, access, told):
    gateway, sid = start_gateway(log={"access": access}), new_sid()
    gateway.ask(sid)
    gateway.ask(sid)
    assert gateway.ask(error_sid(17008)).status == 502
    gateway.stop()
    assert len(lines_of(gateway.output())) == told


def test_slow_requests_are_logged(start_gateway, simulator):
    gateway, sid = start_gateway(log={"slow_after": "200ms"}), new_sid()
    simulator.fault_for(sid, "latency", times=1, ms=250)
    gateway.ask(sid)
    gateway.ask(sid)
    gateway.stop()
    assert [(line["outcome"], line["hops_us"]["first_byte"] > 200_000) for line in lines_of(gateway.output())] == [("miss", True)]


def test_a_sample_of_the_others_has_their_weight(start_gateway, simulator):
    gateway, sid = start_gateway(log={"sample": 10}), new_sid()
    gateway.ask(sid)
    with gateway.connect() as connection:
        for _ in range(20):
            connection.send(request(target(sid)) * 50)
            for _ in range(50):
                connection.read()
    gateway.stop()
    lines = lines_of(gateway.output())
    assert {line["weight"] for line in lines} == {10}
    assert 60 < len(lines) < 150, "a thousand hits, one in ten"


def test_a_file_is_opened_anew_on_sigusr1_and_no_line_is_lost(start_gateway, simulator, tmp_path):
    path, sid = tmp_path / "access.log", new_sid()
    path.write_text('{"old":1}\n')
    gateway = start_gateway(workers=1, log={**ALL, "access_file": path})
    ids = [f"n{number}" for number in range(300)]
    with gateway.connect() as connection:
        for number, name in enumerate(ids):
            connection.send(request(target(sid), headers=[("X-Request-Id", name)]))
            connection.read()
            if number == 100:
                eventually(lambda: lines_in(path) > 50)
                os.rename(path, tmp_path / "access.log.1")
            if number == 200:
                gateway.signal(signal.SIGUSR1)
                eventually(lambda: lines_in(path) >= 0)
    gateway.ask(sid)
    gateway.stop()
    before, after = lines_of((tmp_path / "access.log.1").read_text()), lines_of(path.read_text())
    assert before[0] == {"old": 1}, "it was appended to"
    assert len(before) > 50 and len(after) > 50, "both files were written"
    assert [line["request_id"] for line in before[1:] + after][:-1] == ids
    assert not lines_of(gateway.output()), "nothing on standard error"


def test_a_file_that_cannot_be_opened_again_changes_nothing(start_gateway, simulator, tmp_path):
    directory = tmp_path / "logs"
    directory.mkdir()
    gateway = start_gateway(log={**ALL, "access_file": directory / "access.log"})
    os.rename(directory, tmp_path / "moved")
    gateway.signal(signal.SIGUSR1)
    gateway.says("the old file is still written")
    gateway.ask(new_sid())
    gateway.stop()
    assert len(lines_of((tmp_path / "moved" / "access.log").read_text())) == 1


def test_a_file_that_cannot_be_opened_is_a_reason_not_to_start(simulator, tmp_path):
    config = tmp_path / "gateway.yaml"
    config.write_text(yaml(settings_for(simulator, log={"access_file": tmp_path})))
    ended = subprocess.run([BINARY, "--config", config], capture_output=True, text=True, timeout=20)
    assert ended.returncode == 70
    assert "log.access_file: '" in ended.stderr and "Is a directory" in ended.stderr


def test_who_does_not_read_the_lines_delays_nobody(simulator, tmp_path, start_gateway):
    """A pipe that nobody reads fills; answers come as ever, and what finds no place is counted."""
    pipe, sid = tmp_path / "pipe", new_sid()
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        gateway = start_gateway(log={**ALL, "access_file": pipe})
        gateway.ask(sid)
        with gateway.connect() as connection:
            for _ in range(400):
                connection.send(request(target(sid)) * 25)
                for _ in range(25):
                    assert connection.read().status == 200
        dropped = gateway.metrics().total("access_log_dropped_total")
        assert 0 < dropped < 10_000
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 10
    finally:
        os.close(reader)


@pytest.mark.parametrize("shown", ["none", "hashed", "plain"])
def test_calls_are_named_as_the_setting_says(start_gateway, simulator, shown):
    gateway, sid, other = start_gateway(workers=1, log={**ALL, "call_sids": shown}), new_sid(), new_sid()
    for asked in (sid, sid, other):
        gateway.ask(asked)
    gateway.stop()
    names = [line.get("call") for line in lines_of(gateway.output())]
    if shown == "plain":
        assert names == [sid, sid, other]
    else:
        assert sid not in gateway.output() and other not in gateway.output()
    if shown == "none":
        assert names == [None] * 3
    if shown == "hashed":
        assert names[0] == names[1] != names[2] and len(names[0]) == 16
    assert PARENT not in gateway.output()
