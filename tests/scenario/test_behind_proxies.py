"""Clients behind HAProxy and nginx are who they are: each has a limit and figures of its own, and nobody becomes somebody else."""

from contextlib import contextmanager

import pytest

from harness import front_proxies
from harness.access import Access, token
from harness.eventually import eventually
from harness.front_proxies import ADDRESS
from harness.twilio_facts import new_sid
from harness.wire import Connection, request, target
from test_clients import PLAIN, clients

ANNOUNCED = {"proxy_protocol": {"from": [f"{ADDRESS}/32"]}}
FORWARDED = {"trusted_proxies": [ADDRESS]}
FRONTS = {
    "haproxy, PROXY v1": (ANNOUNCED, lambda where, to: front_proxies.haproxy(where, to, "send-proxy")),
    "haproxy, PROXY v2": (ANNOUNCED, lambda where, to: front_proxies.haproxy(where, to, "send-proxy-v2")),
    "haproxy, PROXY v2 with options": (
        ANNOUNCED,
        lambda where, to: front_proxies.haproxy(where, to, "send-proxy-v2 proxy-v2-options crc32c,unique-id", option="unique-id-format %{+X}o%ci-%pid"),
    ),
    "nginx, PROXY v1": (ANNOUNCED, lambda where, to: front_proxies.nginx(where, to, stream=True)),
    "haproxy, X-Forwarded-For": (FORWARDED, lambda where, to: front_proxies.haproxy(where, to, mode="http", option="option forwardfor")),
    "nginx, X-Forwarded-For": (FORWARDED, lambda where, to: front_proxies.nginx(where, to)),
}


@pytest.fixture
def start_gateway(start_gateway):
    """Clients are shown by their addresses."""
    return lambda **settings: start_gateway(**PLAIN, **settings)


@pytest.fixture
def behind(start_gateway, tmp_path):
    """behind("nginx, X-Forwarded-For", client_limit={…}) → gateway, front."""

    @contextmanager
    def started(kind, listener=None, **settings):
        how, start = FRONTS[kind]
        gateway = start_gateway(listeners=[{"address": "127.0.0.1:0", **how, **(listener or {})}], **settings)
        front = start(tmp_path, f"127.0.0.1:{gateway.port}")
        try:
            yield gateway, front
        finally:
            front.stop()

    return started


def ask(front, source, sid, headers=(), **how):
    with Connection(front.port, source=source) as connection:
        return connection.send(request(target(sid), headers=headers, **how)).read()


@pytest.mark.parametrize("kind", FRONTS)
def test_two_clients_behind_one_proxy_are_told_apart(behind, kind):
    with behind(kind, client_limit={"requests": 2, "per": "1h"}) as (gateway, front):
        sid = new_sid()
        assert [ask(front, "127.0.0.2", sid).status for _ in range(3)] == [200, 200, 429]
        assert [ask(front, "127.0.0.3", sid).status for _ in range(3)] == [200, 200, 429], "another client, another limit"
        told = clients(gateway)
        assert {name: row["requests"] for name, row in told.items()} == {"127.0.0.2": 3, "127.0.0.3": 3}


@pytest.mark.parametrize("kind", [kind for kind, (how, _) in FRONTS.items() if how is FORWARDED])
def test_whatever_a_client_says_of_itself_it_stays_who_it_is(behind, kind):
    lies = [
        [("X-Forwarded-For", "192.0.2.66")],
        [("X-Forwarded-For", "192.0.2.66")] * 8,
        [("X-Forwarded-For", "192.0.2.66, unknown, \"")],
        [("X-Forwarded-For", ADDRESS)],
        [("X-Forwarded-For", ", " * 200)],
    ]
    with behind(kind) as (gateway, front):
        for lie in lies:
            assert ask(front, "127.0.0.2", new_sid(), lie).status == 200
        assert set(clients(gateway)) == {"127.0.0.2"}
        # These proxies pass on a Forwarded that they did not write: it can only hide its sender behind the proxy.
        ask(front, "127.0.0.2", new_sid(), [("Forwarded", "for=192.0.2.66")])
        assert set(clients(gateway)) == {"127.0.0.2", ADDRESS}


def test_one_connection_of_a_proxy_carries_requests_of_many(start_gateway):
    gateway, sid = start_gateway(listeners=[{"address": "127.0.0.1:0", **FORWARDED}], client_limit={"requests": 3, "per": "1h"}), new_sid()
    with Connection(gateway.port, source=ADDRESS) as proxy:
        told = [f"192.0.2.{number % 2 + 1}" for number in range(8)]
        answers = [proxy.send(request(target(sid), headers=[("X-Forwarded-For", name)])).read().status for name in told]
        assert answers == [200] * 6 + [429] * 2
        proxy.send(request(target(sid), headers=[("Forwarded", 'for="[2001:db8:1:2::9]:4711", for=127.0.0.9')]))
        assert proxy.read().status == 200
        proxy.send(request(target(sid))).read()
        # What cannot be read is nobody's but the proxy's.
        proxy.send_what_it_takes(b"NONSENSE\r\n\r\n").rest()
    seen = {name: row["requests"] for name, row in clients(gateway).items()}
    assert seen == {"192.0.2.1": 4, "192.0.2.2": 4, "2001:db8:1:2::/64": 1, ADDRESS: 2}


def test_who_is_not_trusted_is_not_believed(start_gateway):
    gateway = start_gateway(listeners=[{"address": "127.0.0.1:0", **FORWARDED}])
    for fields in ([("X-Forwarded-For", "192.0.2.1")], [("Forwarded", "for=192.0.2.1")]):
        assert ask(gateway, "127.0.0.2", new_sid(), fields).status == 200
    assert set(clients(gateway)) == {"127.0.0.2"}


@pytest.mark.parametrize("how", [ANNOUNCED, FORWARDED], ids=["announced", "forwarded"])
def test_nobody_behind_a_proxy_is_local(start_gateway, tmp_path, how):
    access = Access(tmp_path)
    access.client("billing", "main")
    gateway = start_gateway(
        listeners=[{"address": "127.0.0.1:0", **how}], credentials={**access.settings(), "allow_unauthenticated": "main"}
    )
    sid = new_sid()
    assert gateway.ask(sid, auth=None).status == 200, "on this machine"
    for whom in ("127.0.0.1", "192.0.2.1"):
        said = f"PROXY TCP4 {whom} 127.0.0.1 1 2\r\n".encode() if how is ANNOUNCED else b""
        fields = [("X-Forwarded-For", whom)] if how is FORWARDED else []
        for auth, status in ((None, 401), (f"Bearer {token('billing')}", 200)):
            with Connection(gateway.port, source=ADDRESS) as connection:
                assert connection.send(said + request(target(sid), auth, headers=fields)).read().status == status, (whom, auth)
    with Connection(gateway.port, source=ADDRESS) as connection:
        said = b"PROXY UNKNOWN\r\n" if how is ANNOUNCED else b""
        assert connection.send(said + request(target(sid), None)).read().status == 401, "nor is who is not named"


def test_a_reload_brings_other_proxies_for_those_who_come_then(start_gateway, simulator):
    from harness.gateway import settings_for, yaml  # pylint: disable=import-outside-toplevel

    gateway, sid = start_gateway(), new_sid()
    listener = {"address": f"127.0.0.1:{gateway.port}"}
    before = Connection(gateway.port, source=ADDRESS)
    before.send(request(target(sid), headers=[("X-Forwarded-For", "192.0.2.1")])).read()
    gateway.config_path.write_text(yaml(settings_for(simulator, listeners=[{"address": "127.0.0.1:0", **FORWARDED}], **PLAIN)))
    answer = gateway.admin("/api/reload", "POST")
    assert (answer.status, answer.json()["changed"]) == (200, ["listeners"]), (answer.raw, listener)
    before.send(request(target(sid), headers=[("X-Forwarded-For", "192.0.2.2")])).read()
    before.close()
    assert set(clients(gateway)) == {ADDRESS}
    eventually(lambda: ask(gateway, ADDRESS, sid, [("X-Forwarded-For", "192.0.2.3")]) and "192.0.2.3" in clients(gateway))
