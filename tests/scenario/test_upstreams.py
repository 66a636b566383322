"""One gateway for two regions: each upstream has its own bytes, limit, circuit breaker, trust and cache, also after a restart and in a fleet."""

import json
import re

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.fleet import is_served
from harness.gateway import Gateway, settings_for, yaml
from harness.refused import fails_to_start
from harness.replicas import fleet_settings, second_tier
from harness.simulator import Simulator
from harness.strangers import prove
from harness.twilio_facts import PARENT, account, new_sid
from harness.warm import loaded
from harness.wire import Connection, exchange, request, target


@pytest.fixture(scope="module")
def the_eu_simulator(tmp_path_factory):
    simulator = Simulator(tmp_path_factory.mktemp("eu"), name="eu-simulator", shared=True)
    yield simulator
    simulator.stop()


@pytest.fixture
def eu_simulator(the_eu_simulator):
    the_eu_simulator.reset()
    yield the_eu_simulator
    the_eu_simulator.barrier(False)


def eu_of(simulator, **more):
    return {"name": "eu", "url": simulator.url, "ca_file": simulator.ca_file, **more}


def two_regions(eu, **more):
    """The first listener serves the section upstream, the second one serves eu."""
    listeners = [{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0", "upstream": "eu"}]
    return {"listeners": listeners, "upstreams": [eu], **more}


def eu_port(gateway):
    return int(re.search(r"listening on http://127\.0\.0\.1:(\d+) for the upstream eu$", gateway.output(), re.M).group(1))


def ask_eu(gateway, sid, auth=PARENT, headers=()):
    return exchange(eu_port(gateway), request(target(sid), auth, headers=headers))


def told_apart(simulator, eu_simulator):
    """A call whose summary both have, each in other bytes."""
    sid = new_sid()
    body = json.loads(simulator.ask(sid).body)
    eu_simulator.register(sid, ended_ago_s=7200, body=json.dumps({**body, "region": "eu"}))
    for one in (simulator, eu_simulator):
        one.control("DELETE", "/requests")
    return sid


def is_eu(answer):
    assert answer.status == 200, answer.raw
    return answer.json().get("region") == "eu"


def test_each_upstream_has_its_own_bytes_and_its_own_cache(start_gateway, simulator, eu_simulator):
    gateway = start_gateway(**two_regions(eu_of(eu_simulator)))
    sid = told_apart(simulator, eu_simulator)
    for hit in (False, True):
        for answer, region in ((gateway.ask(sid), False), (ask_eu(gateway, sid), True)):
            assert is_eu(answer) == region and ("hit" in answer.cache) == hit
    assert (simulator.count(sid), eu_simulator.count(sid)) == (1, 1)


def test_tokens_with_a_grant_see_only_what_is_of_their_upstream(start_gateway, simulator, eu_simulator):
    gateway = start_gateway(credentials={"sharing": "grants"}, **two_regions(eu_of(eu_simulator)))
    sid = told_apart(simulator, eu_simulator)
    assert [is_eu(gateway.ask(sid)), is_eu(ask_eu(gateway, sid)), is_eu(gateway.ask(sid))] == [False, True, False]
    entries = gateway.admin(f"/api/explain?call_sid={sid}").json()["entries"]
    assert [one["shared"] for one in entries] == [True, True]


def test_a_fetch_for_one_upstream_serves_no_reader_of_the_other(start_gateway, simulator, eu_simulator):
    gateway, sid = start_gateway(**two_regions(eu_of(eu_simulator))), told_apart(simulator, eu_simulator)
    simulator.barrier(True)
    eu_simulator.barrier(True)
    with gateway.connect() as here, Connection(eu_port(gateway)) as there:
        here.send(request(target(sid)))
        there.send(request(target(sid)))
        eventually(lambda: (simulator.count(sid), eu_simulator.count(sid)) == (1, 1))
        simulator.barrier(False)
        eu_simulator.barrier(False)
        assert [is_eu(here.read()), is_eu(there.read())] == [False, True]


def test_a_purge_of_a_call_reaches_both(start_gateway, simulator, eu_simulator):
    gateway, sid = start_gateway(**two_regions(eu_of(eu_simulator))), told_apart(simulator, eu_simulator)
    for _ in range(2):
        gateway.ask(sid)
        ask_eu(gateway, sid)
    assert gateway.admin(f"/api/purge?call_sid={sid}", "POST").json()["purged"] == 2
    gateway.ask(sid)
    ask_eu(gateway, sid)
    assert (simulator.count(sid), eu_simulator.count(sid)) == (2, 2)


def test_a_refusal_at_one_upstream_takes_nothing_away_at_the_other(start_gateway, simulator, eu_simulator):
    gateway, sid = start_gateway(**two_regions(eu_of(eu_simulator))), told_apart(simulator, eu_simulator)
    gateway.ask(sid)
    ask_eu(gateway, sid)
    eu_simulator.faults({"match": {}, "times": 0, "action": "status", "status": 401, "code": 20003})
    assert ask_eu(gateway, new_sid()).status == 401
    assert "hit" not in ask_eu(gateway, sid).cache
    assert "hit" in gateway.ask(sid).cache


def test_each_upstream_has_its_own_limit_and_its_own_queue(start_gateway, simulator, eu_simulator):
    gateway = start_gateway(**two_regions(eu_of(eu_simulator, max_in_flight=2), upstream={"max_in_flight": 5}))
    prove(gateway)
    assert ask_eu(gateway, new_sid()).status == 200
    for one in (simulator, eu_simulator):
        one.barrier(True)
    here = [gateway.connect().send(request(target(new_sid()))) for _ in range(7)]
    there = [Connection(eu_port(gateway)).send(request(target(new_sid()))) for _ in range(4)]

    def load():
        metrics = gateway.metrics()
        return [metrics.total("upstreams_requests", upstream=name, state=state) for name in ("default", "eu") for state in ("in_flight", "waiting")]

    eventually(lambda: load() == [5, 2, 2, 2])
    assert (simulator.state()["in_flight"], eu_simulator.state()["in_flight"]) == (5, 2)
    assert gateway.metrics().total("upstream_in_flight") == 7, "all upstreams together"
    for one in (simulator, eu_simulator):
        one.barrier(False)
    for connection in (*here, *there):
        assert connection.read().status == 200
        connection.close()


def test_one_upstream_is_down_and_the_other_serves(start_gateway, simulator, eu_simulator):
    gateway = start_gateway(**two_regions(eu_of(eu_simulator, failures_to_break=2)))
    assert ask_eu(gateway, new_sid()).status == 200
    eu_simulator.faults({"match": {}, "times": 0, "action": "status", "status": 503})
    eventually(lambda: ask_eu(gateway, new_sid()).status == 429, what="its circuit breaker is open")
    assert gateway.metrics().total("upstreams_accounts", upstream="eu", state="circuit_open") == 1
    assert gateway.metrics().total("upstreams_accounts", upstream="default", state="circuit_open") == 0
    for _ in range(5):
        assert gateway.ask(new_sid()).status == 200


def test_a_429_of_one_upstream_pauses_nothing_at_the_other(start_gateway, simulator, eu_simulator):
    gateway = start_gateway(**two_regions(eu_of(eu_simulator)))
    assert ask_eu(gateway, new_sid()).status == 200
    eu_simulator.faults({"match": {}, "times": 0, "action": "status", "status": 429, "headers": {"Retry-After": "20"}})
    assert ask_eu(gateway, new_sid()).status == 429
    eventually(lambda: gateway.metrics().total("upstreams_accounts", upstream="eu", state="cooling_down") == 1)
    assert gateway.ask(new_sid()).status == 200


def test_each_upstream_is_verified_by_its_own_authorities(start_gateway, simulator, eu_simulator):
    gateway = start_gateway(**two_regions(eu_of(eu_simulator, ca_file=simulator.ca_file)))
    assert ask_eu(gateway, new_sid()).fault == "upstream_tls"
    assert gateway.ask(new_sid()).status == 200
    right = settings_for(simulator, **two_regions(eu_of(eu_simulator)))
    gateway.config_path.write_text(yaml(right))
    assert gateway.admin("/api/reload", "POST").json()["changed"] == ["upstreams"]
    eventually(lambda: ask_eu(gateway, new_sid()).status == 200, what="the right authority is taken over")


def test_a_reload_takes_over_limits_and_names_what_it_cannot(start_gateway, simulator, eu_simulator):
    gateway = start_gateway(**two_regions(eu_of(eu_simulator)))

    def reload(**settings):
        gateway.config_path.write_text(yaml(settings_for(simulator, **settings)))
        return gateway.admin("/api/reload", "POST")

    assert reload(**two_regions(eu_of(eu_simulator, max_in_flight=3))).json()["changed"] == ["upstreams"]
    shown = {one["name"]: one["max_in_flight"] for one in gateway.admin("/api/stats").json()["upstreams"]}
    assert shown == {"default": 40, "eu": 3}
    for eu, named in (
        (eu_of(eu_simulator, url=simulator.url), "upstreams[0].url: a change of it needs a restart"),
        (eu_of(eu_simulator, connect_to="127.0.0.1:1"), "upstreams[0].connect_to: a change of it needs a restart"),
        (eu_of(eu_simulator, proxy="http://127.0.0.1:1"), "upstreams[0].proxy: a change of it needs a restart"),
    ):
        refused = reload(**two_regions(eu))
        assert refused.status == 409 and named in refused.body.decode(), refused.raw
    both = two_regions(eu_of(eu_simulator))
    refused = reload(**{**both, "upstreams": [*both["upstreams"], {**eu_of(eu_simulator), "name": "au"}]})
    assert refused.status == 409 and "upstreams: to add 'au' needs a restart" in refused.body.decode()
    refused = reload(listeners=both["listeners"][:1])
    assert refused.status == 409 and "upstreams: to remove 'eu' needs a restart" in refused.body.decode()
    refused = reload(**{**both, "listeners": [both["listeners"][0], {"address": "127.0.0.1:0"}]})
    assert refused.status == 409 and "a change of the upstream of 127.0.0.1:0 needs a restart" in refused.body.decode()
    assert ask_eu(gateway, new_sid()).status == 200


def test_an_account_of_the_gateway_is_used_with_its_own_upstream(start_gateway, simulator, eu_simulator, tmp_path):
    access = Access(tmp_path)
    access.account("eu-main", f"{account(1)}:parent-token")
    access.accounts[-1]["upstream"] = "eu"
    access.client("here", "main")
    access.client("there", "eu-main")
    gateway = start_gateway(credentials=access.settings(), **two_regions(eu_of(eu_simulator)))
    sid = told_apart(simulator, eu_simulator)
    here, there = (f"Bearer {token(name)}" for name in ("here", "there"))
    assert not is_eu(gateway.ask(sid, auth=here)) and is_eu(ask_eu(gateway, sid, auth=there))
    assert [gateway.ask(sid, auth=there).fault, ask_eu(gateway, sid, auth=here).fault] == ["unknown_token"] * 2
    assert (simulator.count(sid), eu_simulator.count(sid)) == (1, 1)


def test_an_account_with_oauth_gets_its_tokens_as_its_upstream_is_reached(start_gateway, simulator, eu_simulator, tmp_path):
    """The token endpoint of eu has a certificate that only eu's authorities vouch for."""
    access = Access(tmp_path)
    access.oauth("main", simulator)
    access.oauth("eu-main", eu_simulator)
    access.accounts[-1]["upstream"] = "eu"
    access.client("here", "main")
    access.client("there", "eu-main")
    both, sid = two_regions(eu_of(eu_simulator)), told_apart(simulator, eu_simulator)
    gateway = start_gateway(credentials=access.settings(), **both)
    here, there = (f"Bearer {token(name)}" for name in ("here", "there"))
    assert not is_eu(gateway.ask(sid, auth=here)) and is_eu(ask_eu(gateway, sid, auth=there))
    assert [row["user"] for one in (simulator, eu_simulator) for row in one.requests(sid)] == ["bearer"] * 2
    assert [len([row for row in one.requests() if row["target"] == "/v2/token"]) for one in (simulator, eu_simulator)] == [1, 1]
    # Moved to the other upstream under its name, the account finds nothing of what it had.
    access.oauth("main", eu_simulator)
    access.accounts[-1]["upstream"] = "eu"
    gateway.config_path.write_text(yaml(settings_for(simulator, credentials=access.settings(), **both)))
    assert gateway.admin("/api/reload", "POST").json()["changed"] == ["credentials.accounts"]
    moved = ask_eu(gateway, sid, auth=here)
    assert "hit" not in moved.cache and is_eu(moved)


def test_an_account_that_is_moved_finds_nothing_of_its_former_upstream(start_gateway, simulator, eu_simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    both, sid = two_regions(eu_of(eu_simulator)), told_apart(simulator, eu_simulator)
    gateway, billing = start_gateway(credentials=access.settings(), **both), f"Bearer {token('billing')}"
    only_here = new_sid()
    assert not is_eu(gateway.ask(sid, auth=billing)) and gateway.ask(only_here, auth=billing).status == 200
    access.accounts[0]["upstream"] = "eu"
    gateway.config_path.write_text(yaml(settings_for(simulator, credentials=access.settings(), **both)))
    assert gateway.admin("/api/reload", "POST").json()["changed"] == ["credentials.accounts"]
    moved = ask_eu(gateway, sid, auth=billing)
    assert "hit" not in moved.cache and is_eu(moved)
    assert "hit" not in ask_eu(gateway, only_here, auth=billing).cache, "it is no successor of what it was elsewhere"
    assert gateway.ask(sid, auth=billing).fault == "unknown_token"


def test_after_a_restart_a_snapshot_keeps_them_apart(simulator, eu_simulator, tmp_path):
    settings = settings_for(simulator, snapshot={"file": tmp_path / "cache.snapshot", "every": "1h"}, **two_regions(eu_of(eu_simulator)))
    sid, only_here = told_apart(simulator, eu_simulator), new_sid()
    first = Gateway(tmp_path, settings, name="first")
    first.ask(sid), first.ask(only_here), ask_eu(first, sid)
    first.stop()
    second = loaded(Gateway(tmp_path, settings, name="second"))
    try:
        for answer, region in ((second.ask(sid), False), (ask_eu(second, sid), True)):
            assert "hit" in answer.cache and is_eu(answer) == region
        assert "hit" not in ask_eu(second, only_here).cache
        assert (simulator.count(sid), eu_simulator.count(sid), eu_simulator.count(only_here)) == (1, 1, 1)
    finally:
        second.stop()


def test_gateways_of_a_fleet_share_each_upstream_by_itself(start_gateway, simulator, eu_simulator, engine):
    one, other = (
        start_gateway(
            fleet=fleet_settings(engine, "[cache, flights, limit, marks]"),
            upstream={"max_in_flight": 3},
            **two_regions(eu_of(eu_simulator, max_in_flight=2)),
        )
        for _ in range(2)
    )
    for gateway in (one, other):
        eventually(lambda gateway=gateway: second_tier(gateway) == "on", what="the second tier is used")
    sid = told_apart(simulator, eu_simulator)
    assert [is_eu(one.ask(sid)), is_eu(ask_eu(one, sid))] == [False, True]
    eventually(lambda: not is_eu(other.ask(sid)) and is_eu(ask_eu(other, sid)))
    assert (simulator.count(sid), eu_simulator.count(sid)) == (1, 1), "what one fetched, both have, each of its own upstream"
    assert one.admin(f"/api/purge?call_sid={sid}", "POST").status == 200
    eventually(lambda: not is_served(other, sid))
    gone = [("Cache-Control", "only-if-cached")]
    eventually(lambda: ask_eu(other, sid, headers=gone).status == 504, what="a purge reaches both upstreams in all gateways")
    for simulated in (simulator, eu_simulator):
        simulated.barrier(True)
    here = [gateway.connect().send(request(target(new_sid()))) for gateway in (one, other) for _ in range(4)]
    there = [Connection(eu_port(gateway)).send(request(target(new_sid()))) for gateway in (one, other) for _ in range(4)]
    eventually(lambda: (simulator.state()["in_flight"], eu_simulator.state()["in_flight"]) == (3, 2), what="each account limit is the fleet's")
    for simulated in (simulator, eu_simulator):
        simulated.barrier(False)
    for connection in (*here, *there):
        assert connection.read().status == 200
        connection.close()
    assert (simulator.state()["max_in_flight"], eu_simulator.state()["max_in_flight"]) == (3, 2)


def test_operators_see_which_upstream(start_gateway, simulator, eu_simulator):
    gateway = start_gateway(**two_regions(eu_of(eu_simulator)))
    gateway.says(f"upstream eu: {eu_simulator.url}")
    config = gateway.admin("/api/config").json()
    assert config["upstreams"][0]["name"] == "eu" and config["upstreams"][0]["timeout"] == "8s" and config["listeners"][1]["upstream"] == "eu"
    explained = gateway.admin(f"/api/explain?call_sid={new_sid()}").json()["upstreams"]
    assert [one["name"] for one in explained] == ["default", "eu"]


def test_without_the_setting_nothing_names_an_upstream(gateway):
    assert "for the upstream" not in gateway.output()
    assert "upstreams" not in gateway.admin("/api/stats").json()
    assert "upstreams" not in gateway.admin(f"/api/explain?call_sid={new_sid()}").json()
    assert 'upstream="' not in gateway.admin("/metrics").body.decode()


def test_an_unknown_upstream_is_refused_with_a_hint(simulator, tmp_path):
    both = two_regions(eu_of(simulator), listeners=[{"address": "127.0.0.1:0", "upstream": "ue"}])
    code, said = fails_to_start(tmp_path, settings_for(simulator, **both))
    assert code == 64 and "listeners[0].upstream: 'ue' is no upstream; did you mean 'eu'?" in said
