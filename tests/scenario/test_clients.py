"""Who causes it: what each client asks for, what that costs upstream, what it is spared, and what it asks for in vain."""

import threading

from harness.access import Access, token
from harness.eventually import eventually
from harness.twilio_facts import PARENT, error_sid, new_sid
from harness.wire import request, target


def clients(gateway):
    answer = gateway.admin("/api/clients")
    assert answer.status == 200
    return {row.pop("client"): row for row in answer.json()["clients"]}


def figures(requests, hits=0, upstream_calls=0, avoided=None, wasted_polls=0, throttled=0):
    return {
        "requests": requests,
        "hits": hits,
        "upstream_calls": upstream_calls,
        "avoided": hits if avoided is None else avoided,
        "wasted_polls": wasted_polls,
        "throttled": throttled,
    }


def test_a_client_is_its_address(start_gateway, simulator):
    gateway, sid, unready = start_gateway(), new_sid(), error_sid(17001)
    assert clients(gateway) == {}
    tag = gateway.ask(sid).header("ETag")
    gateway.ask(sid)
    gateway.ask(sid, headers=[("If-None-Match", tag)])  # it has that already
    for _ in range(3):
        gateway.ask(unready)  # twice it knows
    gateway.ask(sid, auth=None)
    assert clients(gateway) == {"127.0.0.1": figures(7, hits=4, upstream_calls=2, wasted_polls=3)}
    assert gateway.admin("/api/stats").json()["clients"] == gateway.admin("/api/clients").json()["clients"]
    assert PARENT not in gateway.admin("/api/clients").body.decode()


def test_who_joins_a_flight_is_spared_a_call(start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    simulator.barrier(True)
    readers = [gateway.connect().send(request(target(sid))) for _ in range(10)]
    explained = f"/api/explain?call_sid={sid}"
    eventually(lambda: [flight["waiting"] for flight in gateway.admin(explained).json()["flights"]] == [10])
    simulator.barrier(False)
    for one in readers:
        one.read()
    assert clients(gateway) == {"127.0.0.1": figures(10, upstream_calls=1, avoided=9)}


def test_repetitions_and_refusals_are_on_the_account_of_who_asked(start_gateway, simulator):
    gateway, sid = start_gateway(client_limit={"requests": 2, "per": "1h"}), new_sid()
    simulator.fault_for(sid, "status", times=2, status=429, code=20429)
    gateway.ask(sid)
    assert clients(gateway) == {"127.0.0.1": figures(1, upstream_calls=3)}
    gateway.ask(sid)
    assert gateway.ask(sid).status == 429
    assert clients(gateway) == {"127.0.0.1": figures(3, hits=1, upstream_calls=3, throttled=1)}


def test_a_refresh_is_on_the_account_of_who_caused_it(start_gateway, simulator):
    gateway, sid = start_gateway(cache={"fresh_for": "0s"}), new_sid()
    gateway.ask(sid)
    gateway.ask(sid)
    eventually(lambda: clients(gateway) == {"127.0.0.1": figures(2, hits=1, upstream_calls=2)})


def test_clients_with_names_are_told_apart_on_one_connection_too(start_gateway, simulator, tmp_path):
    access, sid = Access(tmp_path), new_sid()
    access.client("billing", "main")
    access.client("reports", "main")
    gateway = start_gateway(credentials=access.settings())
    with gateway.connect() as connection:
        for name in ("billing", "reports", "billing", "reports", "reports"):
            connection.send(request(target(sid), f"Bearer {token(name)}"))
            assert connection.read().status == 200
    gateway.ask(sid, auth="Bearer nobody-knows-this-one")
    told = clients(gateway)
    assert told == {"billing": figures(2, hits=1, upstream_calls=1), "reports": figures(3, hits=3), "127.0.0.1": figures(1)}
    for name in ("billing", "reports"):
        assert token(name) not in gateway.admin("/api/clients").body.decode()


def test_requests_of_many_connections_are_counted_once_each(start_gateway, simulator):
    gateway, sid = start_gateway(workers=4), new_sid()
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
