"""Each group of settings that a reload takes over really holds afterwards, without a restart; what needs one is refused by name."""

import re
import signal

import pytest

from harness.access import Access, token
from harness.certificates import Authority
from harness.eventually import eventually
from harness.gateway import Gateway, settings_for, yaml
from harness.strangers import prove
from harness.tls_upstream import TlsUpstream, server_context
from harness.twilio_facts import new_sid
from harness.wire import exchange, request, target


def take_over(gateway, simulator, **settings):
    gateway.config_path.write_text(yaml(settings_for(simulator, **settings)))
    answer = gateway.admin("/api/reload", "POST")
    assert answer.status == 200, answer.raw
    return answer.json()["changed"]


def serves_from_memory(gateway, simulator):
    """404/17001: with not_ready_for and longest_step 0s each reader goes upstream."""
    sid = new_sid()
    simulator.register(sid, ended_ago_s=60)
    asked = [gateway.ask(sid), gateway.ask(sid)]
    assert {one.status for one in asked} == {404}
    return simulator.count(sid) == 1


def preflight(gateway, _):
    fields = [("Origin", "https://app.example"), ("Access-Control-Request-Method", "GET")]
    answer = gateway.send(request(target(new_sid()), None, "OPTIONS", fields), "OPTIONS")
    return answer.header("Access-Control-Allow-Origin") == "https://app.example"


def idles_shortly(gateway, _):
    with gateway.connect() as connection:
        connection.send(request(target(new_sid()))).read()
        connection.socket.settimeout(1.5)
        try:
            return connection.has_ended()
        except TimeoutError:
            return False


def has_room_for_one(gateway, simulator):
    simulator.barrier(True)
    with gateway.connect() as busy:
        busy.send(request(target(new_sid())))  # it is being answered: it does not give way
        eventually(lambda: gateway.metrics().total("connections", listener="127.0.0.1:0") == 1)
        with gateway.connect() as second:
            only_one = second.send_what_it_takes(request(target(new_sid()), None, headers=[("Connection", "close")])).rest() == b""
        simulator.barrier(False)
        busy.read()
    return only_one


def is_limited(gateway, _):
    return [gateway.ask(new_sid()).status for _ in range(3)][-1] == 429


def long_target_refused(gateway, _):
    return gateway.send(request(target(new_sid()) + "?" + "x" * 200)).status == 414


def is_logged(gateway, _):
    sid = new_sid()
    gateway.ask(sid)
    try:
        return eventually(lambda: sid in gateway.output(), timeout=0.5)
    except AssertionError:
        return False


GROUPS = {
    "server_timing": ({"server_timing": True}, lambda gateway, _: gateway.ask(new_sid()).header("Server-Timing") is not None),
    "passthrough": (
        {"passthrough": "[events]"},
        lambda gateway, _: gateway.send(request(f"/v1/Voice/{new_sid()}/Events")).fault != "route_not_enabled",
    ),
    "cors": ({"cors": {"allow_origins": '["https://app.example"]'}}, preflight),
    "cache": ({"cache": {"not_ready_for": "10m"}}, serves_from_memory),
    "polling": ({"polling": {"longest_step": "1m"}}, serves_from_memory),
    "limits": ({"limits": {"idle_timeout": "200ms"}}, idles_shortly),
    "limits of heads": ({"limits": {"max_target_bytes": "128B"}}, long_target_refused),
    "limits of connections": ({"limits": {"max_connections": 1}}, has_room_for_one),
    "client_limit": ({"client_limit": {"requests": 2}}, is_limited),
    "upstream": ({"upstream": {"max_in_flight": 7}}, lambda gateway, _: gateway.metrics().total("upstream_limit") == 7),
    "cache.max_bytes": ({"cache": {"max_bytes": "3MiB"}}, lambda gateway, _: b'"max_bytes":3145728' in gateway.admin("/api/stats").body),
    "log": ({"log": {"access": "all", "call_sids": "plain"}}, is_logged),
}


@pytest.mark.parametrize("settings, holds", GROUPS.values(), ids=GROUPS)
def test_what_is_taken_over_holds_and_so_does_what_was_before(start_gateway, simulator, settings, holds):
    first = {"cache": {"not_ready_for": "0s"}, "polling": {"longest_step": "0s"}, "cors": {"allow_origins": '["https://else.example"]'}}
    gateway = start_gateway(**first)
    assert not holds(gateway, simulator)
    merged = {name: {**first.get(name, {}), **value} if isinstance(value, dict) else value for name, value in settings.items()}
    changed = take_over(gateway, simulator, **{**first, **merged})
    assert {key.split(".")[0] for key in changed} == set(settings)
    eventually(lambda: holds(gateway, simulator), what="it holds")
    for key in changed:
        eventually(lambda key=key: re.search(rf"reloaded: .*{re.escape(key)}", gateway.output()), what=f"{key} in the log")
    take_over(gateway, simulator, **first)
    eventually(lambda: not holds(gateway, simulator), what="as before")


def test_a_flight_is_bounded_by_the_timeout_that_held_when_it_began(start_gateway, simulator):
    gateway, sid = start_gateway(upstream={"timeout": "20s"}), new_sid()
    prove(gateway)
    simulator.barrier(True)
    with gateway.connect() as early:
        early.send(request(target(sid)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        take_over(gateway, simulator, upstream={"timeout": "300ms"})
        late = gateway.ask(new_sid())
        assert (late.status, late.fault) == (504, "upstream_timeout")
        assert early.silent()
        simulator.barrier(False)
        assert early.read().status == 200


def test_connections_are_kept_warm_from_now_on(start_gateway, simulator):
    gateway = start_gateway()
    assert gateway.metrics().total("upstream_connections", state="idle") == 0
    assert take_over(gateway, simulator, upstream={"warm_connections": 3}) == ["upstream.warm_connections"]
    eventually(lambda: gateway.metrics().total("upstream_connections", state="idle") == 3, what="three")


def test_clients_and_accounts_come_and_go(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("alice", "main")
    gateway, sid = start_gateway(credentials=access.settings()), new_sid()
    bearer = {name: f"Bearer {token(name)}" for name in ("alice", "bob")}
    with gateway.connect() as connection:
        assert connection.send(request(target(sid), bearer["alice"])).read().status == 200
        assert gateway.ask(sid, auth=bearer["bob"]).status == 401
        access.clients.clear()
        access.client("bob", "main")
        assert take_over(gateway, simulator, credentials=access.settings()) == ["credentials.clients"]
        eventually(lambda: gateway.ask(sid, auth=bearer["bob"]).status == 200, what="bob is known")
        assert connection.send(request(target(sid), bearer["alice"])).read().status == 401, "on the connection that she had, too"
    access.clients[0]["token_file"].unlink()
    gateway.signal(signal.SIGHUP)
    gateway.says("reload refused")
    assert gateway.ask(sid, auth=bearer["bob"]).status == 200, "what cannot be read changes nothing"


def asked_with(gateway, bearer):
    return exchange(gateway.admin_port, request("/metrics", bearer and f"Bearer {bearer}", headers=[("Connection", "close")])).status


def test_the_admin_token_changes_with_its_file_and_with_the_settings(start_gateway, simulator, tmp_path):
    file = tmp_path / "admin.token"
    file.write_text("first-token\n")
    gateway = start_gateway(admin={"token_file": file})
    assert (asked_with(gateway, "first-token"), asked_with(gateway, None)) == (200, 401)
    file.write_text("second-token\n")
    eventually(lambda: asked_with(gateway, "second-token") == 200, what="it counts by itself")
    assert asked_with(gateway, "first-token") == 401
    file.write_text("")
    gateway.says("the tokens read before stay in force")
    assert (asked_with(gateway, "second-token"), asked_with(gateway, None)) == (200, 401), "nobody is let in by a lost file"
    gateway.signal(signal.SIGHUP)
    gateway.says("reload refused")
    other = tmp_path / "other.token"
    other.write_text("third-token\n")
    gateway.config_path.write_text(yaml(settings_for(simulator, admin={"token_file": other})))
    gateway.signal(signal.SIGHUP)
    eventually(lambda: asked_with(gateway, "third-token") == 200, what="the other file's")
    assert asked_with(gateway, "second-token") == 401
    for text in ("first-token", "second-token", "third-token"):
        assert text not in gateway.output()


def test_other_authorities_count_for_new_connections_and_idle_ones_are_not_used_again(tmp_path):
    ours, strangers = Authority(tmp_path, "ours"), Authority(tmp_path, "strangers")
    bundle = tmp_path / "bundle.pem"

    def upstream(peer):
        return {"upstream": {"url": peer.url, "ca_file": bundle, "timeout": "4s"}}

    with TlsUpstream(server_context(ours.leaf())) as peer:
        bundle.write_text(ours.certificate.read_text())
        gateway = Gateway(tmp_path, settings_for(None, **upstream(peer)))
        assert gateway.ask(new_sid()).status == 200
        assert gateway.metrics().total("upstream_connections", state="idle") == 1
        bundle.write_text(strangers.certificate.read_text())
        assert take_over(gateway, None, **upstream(peer)) == []
        eventually(lambda: gateway.metrics().total("upstream_connections", state="idle") == 0, what="the idle one is closed")
        refused = gateway.ask(new_sid())
        assert (refused.status, refused.fault) == (502, "upstream_tls"), "neither a kept connection nor a kept session"
        bundle.write_text("no certificate")
        assert gateway.admin("/api/reload", "POST").status == 409
        bundle.write_text(ours.certificate.read_text() + strangers.certificate.read_text())
        assert take_over(gateway, None, **upstream(peer)) == []
        eventually(lambda: gateway.ask(new_sid()).status == 200, what="trusted again")
        gateway.stop()


def test_what_needs_a_restart_is_named_and_nothing_else_is_taken_over(start_gateway, simulator):
    gateway = start_gateway()
    settings = {"workers": 3, "handover": "unix:/run/x.sock", "limits": {"max_connections_per_address": 3}, "server_timing": True}
    gateway.config_path.write_text(yaml(settings_for(simulator, **settings)))
    answer = gateway.admin("/api/reload", "POST")
    assert answer.status == 409
    for key in ("workers", "handover", "limits.max_connections_per_address"):
        assert f"{key}: a change of it needs a restart" in answer.json()["message"]
    assert "server_timing" not in answer.json()["message"]
    assert gateway.ask(new_sid()).header("Server-Timing") is None


def test_while_it_ends_nothing_is_taken_over(start_gateway, simulator):
    gateway = start_gateway(limits={"drain_delay": "2s"})
    gateway.signal(signal.SIGTERM)
    eventually(lambda: gateway.admin("/readyz").status == 503)
    answer = gateway.admin("/api/reload", "POST")
    assert answer.status == 409 and "about to end" in answer.json()["message"]
    assert gateway.wait() == 0
