"""The client limit: off unless asked for, before the cache, honest about when it is over."""

import re

import pytest

from harness.eventually import eventually
from harness.twilio_facts import PARENT, SUB, account, basic, new_sid
from harness.wire import Connection, exchange, request, target


def fields(answer):
    return answer.header("RateLimit-Policy"), answer.header("RateLimit")


def test_by_default_there_is_none(gateway):
    sid = new_sid()
    gateway.ask(sid)  # what comes from upstream tells of upstream's limit
    with gateway.connect() as connection:
        for _ in range(300):
            answer = connection.send(request(target(sid))).read()
            assert answer.status == 200 and fields(answer) == (None, None)


def test_a_client_may_ask_so_often_and_is_told_when_again(start_gateway, simulator):
    gateway, sid = start_gateway(client_limit={"requests": 6, "per": "12s"}), new_sid()
    gateway.ask(sid)
    for left in (4, 3, 2, 1, 0):
        answer = gateway.ask(sid)
        assert answer.status == 200
        policy, state = fields(answer)
        assert policy == '"client";q=6;w=12'
        assert re.fullmatch(rf'"client";r={left};t=\d+', state), state
    refused = gateway.ask(sid)
    assert (refused.status, refused.json()["code"], refused.fault) == (429, 20429, "client_limit")
    assert 1 <= int(refused.header("Retry-After")) <= 2, "a token every two seconds"
    assert re.fullmatch(r'"client";r=0;t=(11|12)', refused.header("RateLimit"))
    eventually(lambda: gateway.metrics().total("requests_total", outcome="shed", status="429") == 1)
    assert simulator.count(sid) == 1, "hits count, too: it is about abuse"
    eventually(lambda: gateway.ask(sid).status == 200, what="what Retry-After promised")


def test_a_refusal_leaves_the_connection_and_the_others_alone(start_gateway):
    gateway, sid = start_gateway(client_limit={"by": "credential", "requests": 2, "per": "1h"}), new_sid()
    with gateway.connect() as connection:
        statuses = [connection.send(request(target(sid))).read().status for _ in range(4)]
        assert statuses == [200, 200, 429, 429]
        assert connection.send(request(target(sid), auth=SUB)).read().status != 429, "another credential on the same connection"


def test_by_credential_invented_ones_count_as_their_address(start_gateway):
    gateway, sid = start_gateway(client_limit={"by": "credential", "requests": 4, "per": "1h"}), new_sid()
    assert gateway.ask(sid).status == 200, "charged to its address: nobody knew yet that it was somebody"
    statuses = [gateway.ask(sid, auth=basic(account(1), f"invented-{i}")).status for i in range(6)]
    assert statuses == [401, 401, 401, 429, 429, 429]
    assert [gateway.ask(sid).status for _ in range(4)] == [200, 200, 200, 429], "what is proved has a bucket of its own"


@pytest.mark.parametrize("by", ["address", "name"])
def test_by_address_all_credentials_of_one_are_one_client(start_gateway, by):
    """Without a certificate a client has no name, and is told by its address."""
    gateway, sid = start_gateway(client_limit={"by": by, "requests": 2, "per": "1h"}), new_sid()
    assert gateway.ask(sid).status == 200
    assert gateway.ask(sid, auth=SUB).status != 429
    assert gateway.ask(sid).status == 429
    elsewhere = Connection(gateway.port, source="127.0.0.2")
    assert elsewhere.send(request(target(sid))).read().status == 200, "another address"
    elsewhere.close()


def test_on_a_unix_socket_a_user_is_a_client(start_gateway, tmp_path):
    path, sid = tmp_path / "http.sock", new_sid()
    start_gateway(listeners=[{"address": f"unix:{path}"}], client_limit={"requests": 2, "per": "1h"})
    assert [exchange(path, request(target(sid))).status for _ in range(3)] == [200, 200, 429]


def test_what_is_refused_anyway_costs_nothing(start_gateway):
    gateway, sid = start_gateway(client_limit={"requests": 2, "per": "1h"}), new_sid()
    for _ in range(5):
        assert gateway.ask("CA1").status == 400
        assert gateway.ask(sid, auth=None).status == 401
        assert gateway.ask(sid, auth=PARENT, method="OPTIONS").status == 204
    assert gateway.ask(sid).status == 200
