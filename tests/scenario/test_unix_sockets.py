"""Unix sockets: who may connect, and whose file it is that stands at the path."""

import os
import socket
import stat

import pytest

from harness.gateway import settings_for
from harness.refused import fails_to_start
from harness.twilio_facts import new_sid
from harness.wire import Connection, exchange, request, target


def unix(path, **more):
    return [{"address": f"unix:{path}", **more}]


def test_requests_are_served_over_a_unix_socket(start_gateway, tmp_path):
    path, sid = tmp_path / "http.sock", new_sid()
    gateway = start_gateway(listeners=unix(path))
    assert f"summary-gateway: listening on unix:{path}" in gateway.lines
    assert exchange(path, request(target(sid))).status == 200
    with Connection(path) as connection:
        for _ in range(20):
            assert connection.send(request(target(sid))).read().cache.get("hit")


def test_a_socket_file_left_behind_is_replaced(start_gateway, tmp_path):
    path = tmp_path / "http.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        dead.listen()
    assert path.is_socket()
    start_gateway(listeners=unix(path))
    assert exchange(path, request(target(new_sid()))).status == 200


def test_a_socket_that_somebody_serves_is_left_alone(start_gateway, simulator, tmp_path):
    path = tmp_path / "http.sock"
    start_gateway(listeners=unix(path))
    code, said = fails_to_start(tmp_path, settings_for(simulator, listeners=unix(path)))
    assert code == 70 and str(path) in said and "in use" in said, said
    assert exchange(path, request(target(new_sid()))).status == 200, "the first one still has it"


@pytest.mark.parametrize("what", ["a file", "a link to a file", "a folder"])
def test_a_path_that_is_no_socket_is_never_removed(simulator, tmp_path, what):
    path, precious = tmp_path / "http.sock", tmp_path / "precious"
    precious.write_text("precious")
    if what == "a file":
        path.write_text("precious")
    elif what == "a link to a file":
        path.symlink_to(precious)
    else:
        path.mkdir()
    code, said = fails_to_start(tmp_path, settings_for(simulator, listeners=unix(path)))
    assert code == 70 and str(path) in said, said
    assert precious.read_text() == "precious"
    assert path.is_dir() if what == "a folder" else path.read_text() == "precious"
    assert path.is_symlink() == (what == "a link to a file")


@pytest.mark.parametrize("mode", ["0600", "0666", "770"])
def test_the_file_has_the_mode_of_the_setting(start_gateway, tmp_path, mode):
    path = tmp_path / "http.sock"
    start_gateway(listeners=unix(path, mode=f'"{mode}"'))
    assert stat.S_IMODE(path.stat().st_mode) == int(mode, 8)
    assert exchange(path, request(target(new_sid()))).status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(
    "owner, user, group", [("nobody", 65534, 0), ("nobody:nogroup", 65534, 65534), (":nogroup", 0, 65534), ("1234:4321", 1234, 4321)]
)
def test_the_file_has_the_owner_of_the_setting(start_gateway, tmp_path, owner, user, group):
    path = tmp_path / "http.sock"
    start_gateway(listeners=unix(path, owner=f'"{owner}"'))
    status = path.stat()
    assert (status.st_uid, status.st_gid) == (user, group)
    assert stat.S_IMODE(status.st_mode) == 0o660, "for its owner and group, unless mode says something else"


def test_an_owner_that_nobody_is_is_named(simulator, tmp_path):
    path = tmp_path / "http.sock"
    code, said = fails_to_start(tmp_path, settings_for(simulator, listeners=unix(path, owner="no-such-user")))
    assert code == 70 and "no-such-user" in said and "USER:GROUP" in said, said
    assert not path.exists()


@pytest.mark.parametrize("wrong", [{"mode": "rw"}, {"mode": "0999"}, {"mode": "07777"}])
def test_a_mode_that_is_none_is_a_problem_of_the_settings(simulator, tmp_path, wrong):
    code, said = fails_to_start(tmp_path, settings_for(simulator, listeners=unix(tmp_path / "http.sock", **wrong)))
    assert code == 64 and "listeners[0].mode" in said and "0660" in said, said


def test_mode_and_owner_are_for_unix_sockets(simulator, tmp_path):
    listeners = [{"address": "127.0.0.1:0", "mode": "0660", "owner": "root"}]
    code, said = fails_to_start(tmp_path, settings_for(simulator, listeners=listeners))
    assert code == 64 and "listeners[0].mode" in said and "listeners[0].owner" in said, said
