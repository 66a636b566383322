"""Connections to the upstream that are open before anybody needs them."""

from harness.eventually import eventually
from harness.twilio_facts import new_sid


def handshakes(gateway):
    metrics = gateway.metrics()
    return metrics.total("upstream_tls_handshakes_total", kind="full"), metrics.total("upstream_tls_handshakes_total", kind="resumed")


def test_the_first_miss_pays_for_no_handshake(start_gateway, simulator):
    gateway = start_gateway(upstream={"warm_connections": 4}, workers=2)
    eventually(lambda: gateway.metrics().total("upstream_connections", state="idle") == 4)
    before = handshakes(gateway)
    assert sum(before) == 4
    sids = [new_sid() for _ in range(2)]
    for sid in sids:
        assert gateway.ask(sid).status == 200
    assert all(row["tls_version"] == "TLSv1.3" for sid in sids for row in simulator.requests(sid)), "whose tickets come unasked"
    assert sum(handshakes(gateway)) == 4, "over those that were open"


def test_what_the_upstream_closes_is_opened_again_and_resumed(start_gateway, simulator):
    gateway = start_gateway(upstream={"warm_connections": 1}, workers=1)
    assert gateway.ask(new_sid()).status == 200
    eventually(lambda: gateway.metrics().total("upstream_connections", state="idle") >= 1)
    simulator.close_idle_connections()
    assert gateway.ask(new_sid()).status == 200
    eventually(lambda: handshakes(gateway)[1] >= 1, what="a session resumed")


def test_by_default_nothing_is_opened_in_advance(start_gateway):
    assert sum(handshakes(start_gateway())) == 0
