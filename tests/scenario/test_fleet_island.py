"""Whatever becomes of the engine, a gateway serves as if it were alone, and says what is wrong."""

import os

import pytest

from harness import lying_engine
from harness.engine import Engine
from harness.eventually import eventually
from harness.fleet import becomes, engine_of
from harness.lying_engine import LyingEngine
from harness.twilio_facts import new_sid

ACL = "resetkeys ~{sg}:* resetchannels &{sg}:* -@all +@connection +eval +evalsha +subscribe +publish +role +info +time +@read +@write".split()


def serves_alone(gateway):
    """Cold calls and their hits; the engine is not needed for either."""
    for sid in [new_sid() for _ in range(10)]:
        assert gateway.ask(sid).status == 200
        assert gateway.ask(sid).cache.get("hit")


@pytest.mark.parametrize("trouble", ["kill", "stop", "pause", "flush"])
def test_an_engine_in_trouble_costs_no_answer(start_gateway, engine, trouble):
    gateway = start_gateway(fleet=engine.fleet())
    becomes(gateway, "connected")
    serves_alone(gateway)
    if trouble == "pause":
        engine.pause(3000)
    else:
        getattr(engine, trouble)()
    serves_alone(gateway)


def test_a_paused_engine_is_left_alone_until_it_answers(start_gateway, engine):
    gateway = start_gateway(fleet=engine.fleet())
    becomes(gateway, "connected")
    engine.pause(3000)
    eventually(lambda: engine_of(gateway)["state"] != "connected", what="the pause is noticed without a request")
    becomes(gateway, "connected")


@pytest.mark.parametrize(
    "says, why",
    [
        (lying_engine.gigabyte, "no reply of Redis"),
        (lying_engine.endless_arrays, "no reply of Redis"),
        (lying_engine.many_items, "no reply of Redis"),
        (lying_engine.byte_by_byte, "did not answer in time"),
        (lying_engine.no_redis, "no reply of Redis"),
        (lying_engine.closes, "closed the connection"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_is_no_engine_is_left_and_named(start_gateway, engine, says, why):
    with LyingEngine(says) as liar:
        gateway = start_gateway(fleet=engine.fleet(url=liar.url))
        eventually(lambda: why in engine_of(gateway).get("why", ""), what=why)
        serves_alone(gateway)
        resident = int(open(f"/proc/{gateway.process.pid}/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        assert resident < 1 << 30, "no announced size is believed"
        gateway.says("goes on alone")


@pytest.mark.parametrize(
    "rules, says",
    [
        (["on", ">right", *ACL], None),
        (["on", ">another", *ACL], "WRONGPASS"),
        (["off", ">right", *ACL], "WRONGPASS"),
        (["on", ">right", "~*", "&*", "-@all", "+auth"], "NOPERM"),
    ],
    ids=["the_rights_of_the_page", "wrong_password", "disabled", "no_rights"],
)
def test_the_login_of_an_acl_user(start_gateway, engine, tmp_path, rules, says):
    engine.acl("gateway", *rules)
    password = tmp_path / "engine.password"
    password.write_text("right\n")
    password.chmod(0o600)
    gateway = start_gateway(fleet=engine.fleet(user="gateway", password_file=password))
    if says:
        eventually(lambda: says in engine_of(gateway).get("why", ""), what=says)
        eventually(lambda: "fleet.user" in gateway.output() or "ACL" in gateway.output(), what="the log says what would be right")
        assert "right" not in engine_of(gateway)["why"].replace("rights", "")
    else:
        becomes(gateway, "connected")
    serves_alone(gateway)


def test_an_engine_that_wants_a_login_is_named(start_gateway, tmp_path):
    with Engine(tmp_path, requirepass="right") as engine:
        gateway = start_gateway(fleet=engine.fleet())
        eventually(lambda: "NOAUTH" in engine_of(gateway).get("why", ""))
        assert "fleet.password_file" in engine_of(gateway)["why"]


@pytest.mark.parametrize("policy, said", [("allkeys-lru", True), ("volatile-lru", False)])
def test_an_engine_that_may_evict_any_key_is_noticed(start_gateway, tmp_path, policy, said):
    with Engine(tmp_path, maxmemory="50mb", maxmemory_policy=policy) as engine:
        gateway = start_gateway(fleet=engine.fleet())
        becomes(gateway, "connected")
        gateway.stop()
        assert (policy in gateway.output()) == said


def test_a_replica_is_no_engine(start_gateway, tmp_path, engine):
    with Engine(tmp_path, "replica", replicaof=f"127.0.0.1 {engine.port}") as replica:
        eventually(lambda: replica.ask("ROLE")[0] == b"slave")
        gateway = start_gateway(fleet=engine.fleet(url=replica.url))
        eventually(lambda: "it is a replica" in engine_of(gateway).get("why", ""))
        replica.ask("REPLICAOF", "NO", "ONE")
        becomes(gateway, "connected")
