"""Doors of every address family, several at once; and what happens when there are too few descriptors to open them."""

import resource
import socket

import pytest

from harness.free_port import free_port
from harness.gateway import BINARY, settings_for, yaml
from harness.program import Program
from harness.twilio_facts import new_sid
from harness.wire import Connection, exchange, request, target


def test_an_ipv6_listener(start_gateway):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no ::1")
    gateway = start_gateway(listeners=[{"address": '"[::1]:0"'}])
    assert f"summary-gateway: listening on http://[::1]:{gateway.port}" in gateway.lines
    assert exchange(gateway.port, request(target(new_sid())), host="::1").status == 200


@pytest.mark.parametrize("descriptors", [100, 200, 500, 4000])
def test_more_workers_than_descriptors_is_a_sentence_and_not_a_crash(simulator, tmp_path, descriptors):
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    path = tmp_path / "gateway.yaml"
    path.write_text(yaml(settings_for(simulator, workers=256)))
    program = Program([BINARY, "--config", path], tmp_path, "crowded", few)
    try:
        program.expect("summary-gateway: ready$")
    except AssertionError:
        code, said = program.wait(), program.output()
        assert code == 70, said
        assert any(line.startswith("summary-gateway: ") for line in said.splitlines()), said
        program.no_sanitizer_report()
    else:
        program.stop()


def test_several_doors_at_once_and_the_same_port_for_both_families(start_gateway, tmp_path):
    path, sid, port = tmp_path / "http.sock", new_sid(), free_port()
    doors = [{"address": f"0.0.0.0:{port}"}, {"address": f'"[::]:{port}"'}, {"address": "127.0.0.1:0"}, {"address": f"unix:{path}"}]
    gateway = start_gateway(listeners=doors)
    assert sum("listening on" in line for line in gateway.lines) == 4
    assert exchange(port, request(target(sid))).status == 200
    assert exchange(port, request(target(sid)), host="::1").cache.get("hit")
    assert exchange(path, request(target(sid))).cache.get("hit"), "one cache behind all of them"
