"""Listening sockets that somebody else holds: served as they are, never replaced, and still there when nobody serves them."""

import os
import socket
import stat

import pytest

from harness.gateway import Gateway, settings_for
from harness.refused import fails_to_start
from harness.service_manager import ServiceManager, held_socket
from harness.twilio_facts import new_sid
from harness.wire import Connection, exchange, request, target


def address_of(held):
    name = held.getsockname()
    if isinstance(name, str):
        return f"unix:{name}"
    return f'"[{name[0]}]:{name[1]}"' if ":" in name[0] else f"{name[0]}:{name[1]}"


@pytest.fixture
def start(simulator, tmp_path):
    """A gateway on these sockets: data listeners, unless settings say otherwise."""
    started = []

    def start(*sockets, **settings):
        settings.setdefault("listeners", [{"address": address_of(one)} for one in sockets])
        started.append(Gateway(tmp_path, settings_for(simulator, **settings), name=f"activated-{len(started)}", manager=ServiceManager(sockets)))
        return started[-1]

    yield start
    simulator.barrier(False)
    for gateway in started:
        gateway.stop()


@pytest.mark.parametrize("where", [("127.0.0.1", 0), ("::1", 0), "a path"], ids=["IPv4", "IPv6", "unix"])
def test_an_inherited_socket_is_served(start, tmp_path, where):
    try:
        held = held_socket(tmp_path / "held.sock" if where == "a path" else where)
    except OSError:
        pytest.skip(f"this machine has no {where[0]}")
    with held:
        gateway = start(held)
        port = tmp_path / "held.sock" if where == "a path" else held.getsockname()[1]
        host = "127.0.0.1" if where == "a path" else where[0]
        sid = new_sid()
        # More connections than workers: each lane serves the one socket.
        for _ in range(8):
            assert exchange(port, request(target(sid)), host=host).status == 200
        assert any(address_of(held).strip('"') in line for line in gateway.lines), gateway.lines


def test_admin_and_metrics_may_be_inherited_and_what_is_not_is_bound(start):
    with held_socket(("127.0.0.1", 0)) as admin, held_socket(("127.0.0.1", 0)) as metrics:
        gateway = start(
            metrics, admin,
            listeners=[{"address": "127.0.0.1:0"}],
            admin={"address": address_of(admin), "metrics_address": address_of(metrics)},
        )
        assert gateway.admin_port == admin.getsockname()[1]
        assert gateway.admin("/readyz").status == 200
        assert exchange(metrics.getsockname()[1], request("/metrics", None)).status == 200
        assert gateway.ask(new_sid()).status == 200


def test_a_program_that_it_starts_beside_gets_nothing_of_it(start):
    with held_socket(("127.0.0.1", 0)) as held:
        gateway = start(held)
        folder = f"/proc/{gateway.process.pid}"
        for descriptor in os.listdir(f"{folder}/fd"):
            if os.readlink(f"{folder}/fd/{descriptor}").startswith("socket:"):
                with open(f"{folder}/fdinfo/{descriptor}", encoding="ascii") as info:
                    flags = int(next(line for line in info if line.startswith("flags:")).split()[1], 8)
                assert flags & os.O_CLOEXEC, f"descriptor {descriptor}"


def test_a_unix_socket_s_file_stays_as_it_is(start, tmp_path):
    path = tmp_path / "held.sock"
    with held_socket(path) as held:
        path.chmod(0o640)
        before = path.stat()
        gateway = start(held)
        assert exchange(path, request(target(new_sid()))).status == 200
        gateway.stop()
        after = path.stat()
        assert (after.st_ino, stat.S_IMODE(after.st_mode)) == (before.st_ino, 0o640)


@pytest.mark.parametrize("family", ["tcp", "unix"])
def test_who_connects_while_nobody_runs_is_answered_by_the_next_one(start, tmp_path, family):
    path, sid = tmp_path / "held.sock", new_sid()
    with held_socket(("127.0.0.1", 0) if family == "tcp" else path) as held:
        port = held.getsockname()[1] if family == "tcp" else path
        gateway = start(held)
        assert exchange(port, request(target(sid))).status == 200
        gateway.stop()
        waiting = [Connection(port).send(request(target(sid))) for _ in range(20)]
        start(held)
        for connection in waiting:
            answer = connection.read()
            assert (answer.status, answer.json()["call_sid"]) == (200, sid)
            connection.close()


# --- what is refused or left alone ----------------------------------------
def refused(simulator, tmp_path, *sockets, **environment):
    code, said = fails_to_start(tmp_path, settings_for(simulator), manager=ServiceManager(sockets, **environment))
    assert code == 64 and "ready" not in said, said
    return said


def test_a_socket_that_no_listener_wants_is_refused(simulator, tmp_path):
    with held_socket(("127.0.0.1", 0)) as held:
        said = refused(simulator, tmp_path, held)
        assert f"http://{address_of(held)} was inherited" in said and "no listener" in said, said


def a_file(tmp_path):
    return open(tmp_path / "file", "wb")


def a_datagram_socket(_):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    return made


def a_bound_one_that_does_not_listen(_):
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made


def an_abstract_one(tmp_path):
    made = socket.socket(socket.AF_UNIX)
    made.bind(f"\0{tmp_path}")
    made.listen()
    return made


@pytest.mark.parametrize("what", [a_file, a_datagram_socket, a_bound_one_that_does_not_listen, an_abstract_one], ids=lambda what: what.__name__)
def test_what_is_nothing_to_listen_on_is_refused(simulator, tmp_path, what):
    with what(tmp_path) as held:
        assert "the inherited descriptor 3 is " in refused(simulator, tmp_path, held)


def test_more_promised_than_given_is_refused(simulator, tmp_path):
    with held_socket(("127.0.0.1", 0)) as held:
        settings = settings_for(simulator, listeners=[{"address": address_of(held)}])
        code, said = fails_to_start(tmp_path, settings, manager=ServiceManager([held], LISTEN_FDS=2))
        assert code == 64 and "the inherited descriptor 4 is no socket" in said, said


def test_sockets_of_another_process_are_none_of_ours(simulator, tmp_path):
    """Variables that a parent forgot to remove."""
    with held_socket(("127.0.0.1", 0)) as held:
        manager = ServiceManager([held], LISTEN_PID=1)
        gateway = Gateway(tmp_path, settings_for(simulator), manager=manager)
        assert gateway.port != held.getsockname()[1]
        assert gateway.ask(new_sid()).status == 200
        gateway.stop()
