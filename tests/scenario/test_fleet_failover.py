"""A failover that loses writes: the new primary has again what was erased, and lacks the marks. What was erased stays erased."""

import signal

import pytest

from harness.engine import Engine, Sentinel
from harness.eventually import eventually
from harness.fleet import connected, none_serves, purge
from harness.replicas import second_tier
from harness.twilio_facts import account, new_sid


def summaries(engine):
    """The fields of all calls that are summaries."""
    with engine.client() as client:
        return [field for key in client.ask("KEYS", "{sg}:c:*") for field in client.ask("HKEYS", key) if field.startswith(b"b:")]


def marks(engine):
    return engine.ask("ZCARD", "{sg}:mz")


@pytest.fixture
def watched(start_gateway, tmp_path, engine):
    """The replica, and what starts gateways that ask a Sentinel for the primary."""
    with Engine(tmp_path, "replica", replicaof=f"127.0.0.1 {engine.port}", dbfilename="replica.rdb") as replica:
        with Sentinel(tmp_path, engine) as sentinel:
            fleet = {"key_file": engine.key_file, "sentinel": {"name": "main", "addresses": [sentinel.address]}, "timeout": "1s"}

            def start():
                one = start_gateway(fleet=fleet)
                eventually(lambda: second_tier(one) == "on", 20, "the second tier is used")
                return one

            yield replica, start


@pytest.mark.parametrize("scope", ["call", "account", "all"])
def test_what_was_erased_stays_erased_when_the_new_primary_has_it_again(watched, engine, simulator, scope):
    replica, start = watched
    gateways = connected(start(), start())
    sid = simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)
    assert {one.ask(sid).status for one in gateways} == {200}
    assert simulator.count(sid) == 1
    eventually(lambda: summaries(replica), what="the replica has the summary")

    # What follows does not reach the replica.
    replica.stop()
    engine.ask("CLIENT", "KILL", "TYPE", "replica")
    query = {"call": f"call_sid={sid}", "account": f"account_sid={account(2)}", "all": "all=true"}[scope]
    assert purge(gateways[0], f"{query}&hard=true")["fleet"] == "done"
    none_serves(gateways, sid)
    eventually(lambda: not summaries(engine), what="the summary is erased from the engine")
    for one in gateways:
        one.signal(signal.SIGSTOP)
    try:
        engine.kill()
        replica.go_on()
        eventually(replica.is_primary, 30, "the replica is the primary")
        assert summaries(replica) and not marks(replica), "the erasure is lost there"
    finally:
        for one in gateways:
            one.signal(signal.SIGCONT)

    eventually(lambda: marks(replica) == 1 and not summaries(replica), 20, "the gateways erase it there again")
    newcomer = start()
    none_serves([*gateways, newcomer], sid)
    assert newcomer.ask(sid).status == 200
    assert simulator.count(sid) == 2, "nothing of before is believed"
