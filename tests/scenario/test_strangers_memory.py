"""Whatever is remembered of strangers, nothing that somebody else has is forgotten for it."""

import itertools

import pytest

from harness.strangers import INVENTED, Victim
from harness.twilio_facts import new_sid
from harness.wire import request, target

MANY = 4000  # enough to hit one place in five of a table of 16 Ki
AT_ONCE = 50


def in_bulk(gateway, requests, connections=8):
    """Pipelined on a few connections, all answered; their statuses."""
    lanes = [gateway.connect() for _ in range(connections)]
    statuses = []
    for start in range(0, len(requests), AT_ONCE * connections):
        slices = [requests[start + AT_ONCE * lane : start + AT_ONCE * (lane + 1)] for lane in range(connections)]
        for connection, some in zip(lanes, slices):
            connection.send(b"".join(some))
        statuses += [connection.read().status for connection, some in zip(lanes, slices) for _ in some]
    for connection in lanes:
        connection.close()
    return statuses


def is_hit(gateway, sid, auth):
    answer = gateway.ask(sid, auth=auth)
    return answer.cache.get("hit") is True and "detail" not in answer.cache


@pytest.mark.strangers
def test_refusals_of_strangers_take_nobodys_answers(start_gateway, simulator):
    gateway = start_gateway()
    victims = [(Victim(simulator), new_sid()) for _ in range(40)]
    for victim, sid in victims:
        gateway.ask(sid, auth=victim.auth)
        assert is_hit(gateway, sid, victim.auth)
    makers = itertools.cycle([INVENTED["invented keys"], victims[0][0].junk])
    refused = in_bulk(gateway, [request(target(new_sid()), make()) for make, _ in zip(makers, range(MANY))])
    assert set(refused) <= {401, 429} and refused.count(401) >= MANY / 8, "the upstream has refused them"
    lost = [sid for victim, sid in victims if not is_hit(gateway, sid, victim.auth)]
    assert not lost, f"{len(lost)} of {len(victims)} are asked for anew"


def test_a_refusal_of_who_has_something_to_lose_takes_it(start_gateway, simulator):
    """It is still noted for whom it concerns: what a revoked credential had is out of its reach at once."""
    gateway, victim, sid = start_gateway(), Victim(simulator), new_sid()
    gateway.ask(sid, auth=victim.auth)
    assert is_hit(gateway, sid, victim.auth)
    simulator.credential(victim.user, "the right secret", victim.user, "revoked")
    assert gateway.ask(new_sid(), auth=victim.auth).status == 401
    assert gateway.ask(sid, auth=victim.auth).status == 401


@pytest.mark.strangers
def test_strangers_do_not_pay_a_clients_debts(start_gateway, simulator):
    """client_limit.by: credential. Who has used its share up is not forgiven because many others came."""
    gateway = start_gateway(client_limit={"by": "credential", "requests": 1, "per": "1h"})
    debtors = [Victim(simulator) for _ in range(30)]
    for number, one in enumerate(debtors):  # each from elsewhere: what nobody has proved yet counts as its address
        with gateway.connect(source=f"127.0.1.{number + 1}") as own:
            assert [own.send(request(target(new_sid()), one.auth)).read().status for _ in range(2)] == [200, 429]
    nothing = [("Cache-Control", "only-if-cached")]
    strangers = (request(target(new_sid()), INVENTED["invented keys"](), headers=nothing) for _ in range(40_000))
    assert set(in_bulk(gateway, list(strangers))) <= {504, 429}
    forgiven = [one for one in debtors if gateway.ask(new_sid(), auth=one.auth, headers=nothing).status != 429]
    assert not forgiven, f"{len(forgiven)} of {len(debtors)}"
