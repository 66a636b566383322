"""The engine of a fleet: found, lost, found again; and a gateway that never needs it."""

import subprocess

import pytest

from harness.certificates import Authority
from harness.engine import Engine, Sentinel, taken
from harness.eventually import eventually
from harness.fleet import becomes, engine_of
from harness.free_port import free_port
from harness.gateway import BINARY, settings_for, yaml
from harness.name_server import NameServer
from harness.twilio_facts import new_sid
from harness.warm import told


def test_without_a_fleet_there_is_no_engine(gateway):
    assert gateway.admin("/api/fleet").json() == {"engine": None}
    assert not gateway.metrics().series("fleet_engine") and not gateway.metrics().series("fleet_commands_total")


@pytest.mark.parametrize("way", ["url", "unix_url"])
def test_an_engine_is_connected(start_gateway, engine, way):
    gateway = start_gateway(fleet=engine.fleet(url=getattr(engine, way)))
    becomes(gateway, "connected")
    assert gateway.ask(new_sid()).status == 200


def test_an_engine_that_comes_later_is_found(start_gateway, engine):
    engine.kill()
    gateway = start_gateway(fleet=engine.fleet())
    eventually(lambda: "the engine at 127.0.0.1" in gateway.output() and "goes on alone" in gateway.output())
    assert gateway.ask(new_sid()).status == 200
    engine.start()
    becomes(gateway, "connected")
    assert gateway.output().count("goes on alone") == 1, "said once"


def test_an_engine_that_dies_is_lost_and_found_again(start_gateway, engine):
    gateway = start_gateway(fleet=engine.fleet())
    becomes(gateway, "connected")
    engine.kill()
    becomes(gateway, "away")
    assert gateway.ask(new_sid()).status == 200
    engine.start()
    becomes(gateway, "connected")


def test_a_stopped_engine_is_noticed_without_a_request(start_gateway, engine):
    gateway = start_gateway(fleet=engine.fleet())
    becomes(gateway, "connected")
    engine.stop()
    becomes(gateway, "away")
    assert "did not answer in time" in engine_of(gateway)["why"]
    engine.go_on()
    becomes(gateway, "connected")


def test_a_name_that_leads_nowhere_is_looked_up_again_and_logged_once(start_gateway, tmp_path, engine):
    with NameServer() as names:
        gateway = start_gateway(fleet=engine.fleet(url="redis://engine.example.:6379"), preexec=names.used_by(tmp_path))
        eventually(lambda: names.asked >= 6, what="three look-ups, each for IPv4 and IPv6")
        assert len(gateway.logged("engine.example. cannot be resolved")) == 1
        assert "its name has no address" in engine_of(gateway)["why"]


def test_sentinels_name_the_primary_also_after_a_failover(start_gateway, tmp_path, engine):
    with Engine(tmp_path, "replica", replicaof=f"127.0.0.1 {engine.port}") as replica:
        with Sentinel(tmp_path, engine) as sentinel:
            addresses = ["127.0.0.1:1", sentinel.address]
            fleet = {"key_file": engine.key_file, "sentinel": {"name": "main", "addresses": addresses}}
            gateway = start_gateway(fleet=fleet)
            becomes(gateway, "connected")
            engine.kill()
            eventually(replica.is_primary, 20)
            becomes(gateway, "connected")
            eventually(lambda: b"cmd=subscribe" in replica.ask("CLIENT", "LIST"), what="the gateway listens to the new primary")


def test_a_name_that_no_sentinel_knows_is_said(start_gateway, tmp_path, engine):
    with Engine(tmp_path, "replica", replicaof=f"127.0.0.1 {engine.port}"), Sentinel(tmp_path, engine) as sentinel:
        gateway = start_gateway(fleet={"key_file": engine.key_file, "sentinel": {"name": "other", "addresses": [sentinel.address]}})
        eventually(lambda: "knows no primary of that name" in engine_of(gateway).get("why", ""))


@pytest.fixture
def cluster(tmp_path):
    """Two nodes that know each other; the first one has all keys."""
    buses, nodes = [], []
    for i in range(2):
        # Without its own setting it would be 10,000 above the node's port: where the system puts outgoing connections.
        buses.append(free_port(besides=taken))
        taken.add(buses[-1])
        nodes.append(Engine(tmp_path, f"node-{i}", cluster_enabled="yes", cluster_config_file=f"nodes-{i}.conf", cluster_port=buses[-1]))
    with nodes[0] as first, nodes[1] as second:
        first.ask("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        first.ask("CLUSTER", "MEET", "127.0.0.1", second.port, buses[1])
        for node in nodes:
            eventually(lambda node=node: b"cluster_state:ok" in node.ask("CLUSTER", "INFO"), 20, "the cluster is whole")
        yield nodes


def is_at(node):
    return eventually(lambda: b"cmd=subscribe" in node.ask("CLIENT", "LIST"), what=f"the gateway is at {node.name}")


def test_a_cluster_is_followed_to_the_node_that_has_the_keys(start_gateway, cluster):
    first, second = cluster
    gateway = start_gateway(fleet=second.fleet())
    becomes(gateway, "connected")
    is_at(first)


def test_keys_that_a_cluster_moves_are_found_at_both_nodes(start_gateway, cluster):
    """Until the slot has moved, the old node answers ASK for what the new one has."""
    old, new = cluster
    gateway = start_gateway(fleet=old.fleet(share=["limit"], timeout="1s"))
    becomes(gateway, "connected")
    beats = "{sg}:bg"
    eventually(lambda: old.keys() == [beats], what="the gateway says that it is there")
    slot, ids = old.ask("CLUSTER", "KEYSLOT", beats), [node.ask("CLUSTER", "MYID") for node in cluster]
    new.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
    old.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
    old.ask("MIGRATE", "127.0.0.1", new.port, beats, 0, 5000)

    def last_beat():
        with new.client() as client:
            client.ask("ASKING")
            return client.ask("ZRANGE", beats, 0, -1, "WITHSCORES")[-1]

    before = last_beat()
    eventually(lambda: last_beat() > before, what="the next one is at the new node")
    assert old.keys() == [] and engine_of(gateway)["state"] == "connected"
    assert gateway.ask(new_sid()).status == 200
    for node in (new, old):
        node.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
    eventually(lambda: b"cmd=evalsha" not in old.ask("CLIENT", "LIST"), what="the gateway has left the old node")
    becomes(gateway, "connected")
    before = new.ask("ZRANGE", beats, 0, -1, "WITHSCORES")[-1]
    eventually(lambda: new.ask("ZRANGE", beats, 0, -1, "WITHSCORES")[-1] > before, what="it goes on at the new one")
    assert gateway.ask(new_sid()).status == 200


def test_an_engine_by_tls_is_verified(start_gateway, tmp_path):
    authority = Authority(tmp_path, "authority")
    leaf = authority.leaf("DNS:localhost")
    tls = {"tls_port": (port := free_port()), "tls_cert_file": leaf.certificate, "tls_key_file": leaf.key, "tls_auth_clients": "no"}
    taken.add(port)
    with Engine(tmp_path, tls_ca_cert_file=authority.certificate, **tls) as engine:
        good = start_gateway(fleet=engine.fleet(url=f"rediss://localhost:{port}", ca_file=authority.certificate))
        becomes(good, "connected")
        other_name = start_gateway(fleet=engine.fleet(url=f"rediss://127.0.0.1:{port}", ca_file=authority.certificate))
        other_authority = start_gateway(fleet=engine.fleet(url=f"rediss://localhost:{port}"))
        plain = start_gateway(fleet=engine.fleet(url=f"redis://localhost:{port}"))
        for gateway in (other_name, other_authority):
            eventually(lambda gateway=gateway: "TLS:" in engine_of(gateway).get("why", ""))
        eventually(lambda: engine_of(plain).get("why"))
        assert engine_of(plain)["state"] == "away"


def test_a_snapshot_counts_within_a_fleet_and_not_across_its_border(generations, engine):
    """The owners of its entries are fingerprinted with the fleet's key, or with one of its own."""
    run = generations()
    alone = run.start()
    alone.ask(sid := new_sid())
    alone.stop()
    joined = run.start(fleet=engine.fleet())
    told(joined, "is ignored", "fingerprinted with another key")
    assert joined.ask(sid).cache.get("fwd") == "uri-miss"
    again = run.restart(fleet=engine.fleet())
    assert again.ask(sid).cache.get("hit")
    another_key = engine.directory / "another.key"
    another_key.write_text("1e" * 32 + "\n")
    another_key.chmod(0o600)
    again.stop()
    other = run.start(fleet=engine.fleet(key_file=another_key))
    told(other, "is ignored", "fingerprinted with another key")
    assert other.ask(sid).cache.get("fwd") == "uri-miss"


def test_a_stopped_engine_does_not_keep_a_gateway_from_ending(start_gateway, engine):
    gateway = start_gateway(fleet=engine.fleet())
    becomes(gateway, "connected")
    engine.stop()
    becomes(gateway, "away")
    gateway.stop()
    gateway.says("drained")


@pytest.mark.parametrize(
    "content, words",
    [(None, "No such file"), ("", "is empty"), ("abc\n", "64 hexadecimal digits"), ("0f" * 32 + " " + "0f" * 32, "64 hexadecimal digits")],
)
def test_a_missing_or_malformed_key_is_a_problem_of_the_settings(tmp_path, simulator, content, words):
    key_file = tmp_path / "fleet.key"
    if content is not None:
        key_file.write_text(content)
        key_file.chmod(0o600)
    config = tmp_path / "gateway.yaml"
    config.write_text(yaml(settings_for(simulator, fleet={"url": "redis://127.0.0.1:1", "key_file": key_file})))
    done = subprocess.run([BINARY, "--check-config", "--config", config], capture_output=True, text=True, timeout=20)
    assert done.returncode == 64
    assert "fleet.key_file:" in done.stdout and words in done.stdout
