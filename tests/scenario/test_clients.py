"""Which client causes it: what each client requests, what that costs upstream, what it is spared, and what it requests in vain."""

import json
import threading

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.twilio_facts import PARENT, error_sid, new_sid
from harness.wire import request, target
from test_tracing import Collector


def clients(gateway):
    answer = gateway.admin("/api/clients")
    assert answer.status == 200
    rows = answer.json()["clients"]
    assert all(row.pop("per_second") >= 0 for row in rows)
    return {row.pop("client"): row for row in rows}


PLAIN = {"log": {"client_addresses": "plain"}}


def figures(requests, hits=0, upstream_calls=0, avoided=None, wasted_polls=0, throttled=0, status_4xx=0, status_5xx=0):
    return {
        "requests": requests,
        "hits": hits,
        "upstream_calls": upstream_calls,
        "avoided": hits if avoided is None else avoided,
        "wasted_polls": wasted_polls,
        "throttled": throttled,
        "status_4xx": status_4xx,
        "status_5xx": status_5xx,
    }


def test_a_client_is_its_address(start_gateway, simulator):
    gateway, sid, unready = start_gateway(**PLAIN), new_sid(), error_sid(17001)
    assert clients(gateway) == {}
    tag = gateway.ask(sid).header("ETag")
    gateway.ask(sid)
    gateway.ask(sid, headers=[("If-None-Match", tag)])  # it has that already
    for _ in range(3):
        gateway.ask(unready)  # twice it knows
    gateway.ask(sid, auth=None)
    assert clients(gateway) == {"127.0.0.1": figures(7, hits=4, upstream_calls=2, wasted_polls=3, status_4xx=4)}
    assert [row["client"] for row in gateway.admin("/api/stats").json()["clients"]] == ["127.0.0.1"]
    assert PARENT not in gateway.admin("/api/clients").body.decode()


def test_who_joins_a_flight_is_spared_a_call(start_gateway, simulator):
    gateway, sid = start_gateway(**PLAIN), new_sid()
    simulator.barrier(True)
    readers = [gateway.connect().send(request(target(sid))) for _ in range(10)]
    explained = f"/api/explain?call_sid={sid}"
    eventually(lambda: [flight["waiting"] for flight in gateway.admin(explained).json()["flights"]] == [10])
    simulator.barrier(False)
    for one in readers:
        one.read()
    assert clients(gateway) == {"127.0.0.1": figures(10, upstream_calls=1, avoided=9)}


def test_repetitions_and_refusals_are_on_the_account_of_who_asked(start_gateway, simulator):
    gateway, sid = start_gateway(client_limit={"requests": 2, "per": "1h"}, **PLAIN), new_sid()
    simulator.fault_for(sid, "status", times=2, status=429, code=20429)
    gateway.ask(sid)
    assert clients(gateway) == {"127.0.0.1": figures(1, upstream_calls=3)}
    gateway.ask(sid)
    assert gateway.ask(sid).status == 429
    assert clients(gateway) == {"127.0.0.1": figures(3, hits=1, upstream_calls=3, throttled=1, status_4xx=1)}


def test_a_refresh_is_on_the_account_of_who_caused_it(start_gateway, simulator):
    gateway, sid = start_gateway(cache={"fresh_for": "0s"}, **PLAIN), new_sid()
    gateway.ask(sid)
    gateway.ask(sid)
    eventually(lambda: clients(gateway) == {"127.0.0.1": figures(2, hits=1, upstream_calls=2)})


def test_clients_with_names_are_told_apart_on_one_connection_too(start_gateway, simulator, tmp_path):
    access, sid = Access(tmp_path), new_sid()
    access.client("billing", "main")
    access.client("reports", "main")
    gateway = start_gateway(credentials=access.settings(), **PLAIN)
    with gateway.connect() as connection:
        for name in ("billing", "reports", "billing", "reports", "reports"):
            connection.send(request(target(sid), f"Bearer {token(name)}"))
            assert connection.read().status == 200
    gateway.ask(sid, auth="Bearer nobody-knows-this-one")
    told = clients(gateway)
    usual = {"class": "interactive", "weight": 1, "in_flight": 0, "max_in_flight": 0}  # of clients in the settings
    assert told == {
        "billing": {**figures(2, hits=1, upstream_calls=1), **usual},
        "reports": {**figures(3, hits=3), **usual},
        "127.0.0.1": figures(1, status_4xx=1),
    }
    for name in ("billing", "reports"):
        assert token(name) not in gateway.admin("/api/clients").body.decode()


def test_requests_of_many_connections_are_counted_once_each(start_gateway, simulator):
    gateway, sid = start_gateway(workers=4, **PLAIN), new_sid()
    gateway.ask(sid)

    def ask():
        with gateway.connect() as connection:
            for _ in range(20):
                connection.send(request(target(sid)) * 5)
                for _ in range(5):
                    connection.read()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert clients(gateway) == {"127.0.0.1": figures(801, hits=800, upstream_calls=1)}


# --- the same name in every place, and the address in none unless the operator wants it ----------------------------------------------
def said_everywhere(gateway, collector):
    """What the gateway says of a client, in all places: logs, spans, metrics and the admin listener."""
    eventually(lambda: len([span for span in collector.spans if span["kind"] == 2]) == 3, what="a span for each")
    paths = ("/api/clients", "/api/slow", "/api/stats", "/metrics", "/api/fleet")
    told = [gateway.admin(path).body.decode() for path in paths]
    gateway.stop()
    return [*told, gateway.output(), json.dumps(collector.spans)]


@pytest.mark.parametrize("shown", ["hashed", "plain", "none"])
def test_a_client_has_the_same_name_in_every_place(start_gateway, simulator, shown):
    listener = {"address": "127.0.0.1:0", "trusted_proxies": ["127.0.0.1"]}
    with Collector() as collector:
        gateway = start_gateway(
            workers=1, listeners=[listener], log={"access": "all", "client_addresses": shown}, tracing={"otlp_url": collector.url}
        )
        for address in ("192.0.2.77", "192.0.2.78", "2001:db8:77::1"):
            assert gateway.ask(error_sid(17008), headers=[("X-Forwarded-For", address)]).status == 502
        by_api = {row["client"] for row in gateway.admin("/api/clients").json()["clients"]}
        eventually(lambda: sum(row["weight"] for row in gateway.admin("/api/slow").json()["requests"]) == 3, what="all are recorded")
        by_slow = {row["client"] for row in gateway.admin("/api/slow").json()["requests"]}
        for client in by_slow:
            found = gateway.admin(f"/api/slow?client={client.replace('/', '%2F')}&fault=upstream_error&outcome=failed").json()["requests"]
            assert [row["client"] for row in found] == [client] and found[0]["weight"] == (3 if shown == "none" else 1)
        told = said_everywhere(gateway, collector)
    by_line = {json.loads(line)["client"] for line in gateway.output().splitlines() if line.startswith("{")}
    assert by_api == by_slow == by_line
    if shown == "none":
        assert by_api == {"unnamed"}
    else:
        assert len(by_api) == 3
    if shown == "plain":
        assert by_api == {"192.0.2.77", "192.0.2.78", "2001:db8:77:0::/64"}
        assert '"client.address"' in told[-1]
        return
    for text in told:
        assert "192.0.2.7" not in text and "2001:db8" not in text and "client.address" not in text
