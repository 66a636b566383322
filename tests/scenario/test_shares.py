"""Shares of clients in mode inject: turns by weight, bulk that yields, and a bound on what a client has upstream at once."""

import json
import subprocess

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.gateway import BINARY, settings_for, yaml
from harness.twilio_facts import new_sid
from harness.wire import request, target

SLOTS = 2
WAITING = "upstream_queue"


def bearer(name):
    return f"Bearer {token(name)}"


@pytest.fixture
def shared(start_gateway, simulator, tmp_path):
    """A gateway with these clients and their shares; the account's credential is proved."""

    def start(upstream=None, **clients):
        access = Access(tmp_path)
        for name, share in clients.items():
            access.client(name, "main", share)
        settings = {"credentials": access.settings(), "upstream": {"max_in_flight": SLOTS, "timeout": "60s", **(upstream or {})}}
        gateway = start_gateway(**settings)
        gateway.settings = settings_for(simulator, **settings)
        assert gateway.ask(new_sid(), auth=bearer(next(iter(clients)))).status == 200
        return gateway

    return start


class Crowd:
    """Requests that wait in the gateway while the simulator answers nothing. Its log says later in which order they were sent."""

    def __init__(self, gateway, simulator):
        self.gateway, self.simulator, self.owner, self.open = gateway, simulator, {}, []
        simulator.barrier(True)

    def ask(self, name, count=1, sids=None):
        sids = sids or [new_sid() for _ in range(count)]
        for sid in sids:
            self.owner.setdefault(sid, name)
            self.open.append(self.gateway.connect().send(request(target(sid), bearer(name))))
        return sids

    def waits(self, count):
        eventually(lambda: self.gateway.metrics().total(WAITING) == count, what=f"{count} that wait")

    def order(self):
        """Whose requests were sent, without those that the barrier held; all are answered."""
        before = [row["call_sid"] for row in self.simulator.requests()]
        self.simulator.latency("5ms")
        self.simulator.barrier(False)
        for connection in self.open:
            assert connection.read().status == 200
            connection.close()
        self.sent = [row["call_sid"] for row in self.simulator.requests()[len(before) :]]
        return [self.owner[sid] for sid in self.sent]


@pytest.fixture
def crowd(simulator):
    return lambda gateway: Crowd(gateway, simulator)


def fill(crowd, name, slots=SLOTS):
    crowd.ask(name, slots)
    eventually(lambda: crowd.gateway.metrics().total("upstream_in_flight") == slots, what="all places taken")


def test_turns_go_by_weight(shared, crowd):
    weights = {"light": 1, "middle": 2, "heavy": 4}
    # One after another: of two that are sent at once, either may come first to the simulator.
    gateway = shared({"max_in_flight": 1}, **{name: {"weight": weight} for name, weight in weights.items()})
    waiting = crowd(gateway)
    fill(waiting, "light", 1)
    for name in weights:
        waiting.ask(name, 40)
    waiting.waits(120)
    order = waiting.order()
    assert len(order) == 120
    for name, weight in weights.items():
        # While all of them wait; the heavy one has asked for the fewest rounds.
        assert abs(order[:63].count(name) - 9 * weight) <= 2, (name, order[:63])
    longest = max(len(run) for run in "".join(name[0] for name in order[:63]).replace("l", " ").replace("m", " ").split())
    assert longest <= 3, "its turns lie between those of the others"


def test_bulk_yields_but_for_its_least_share(shared, crowd):
    gateway = shared({"bulk_share": 10}, export={"class": "bulk", "weight": 100}, page={})
    waiting = crowd(gateway)
    fill(waiting, "page")
    waiting.ask("export", 30)
    waiting.waits(30)
    waiting.ask("page", 40)
    waiting.waits(70)
    assert gateway.metrics().total("upstream_bulk", state="waiting") == 30
    order = waiting.order()
    pages_end = len(order) - 1 - order[::-1].index("page")
    assert 3 <= order[: pages_end + 1].count("export") <= 5, order
    assert gateway.metrics().total("upstream_permits_total", **{"class": "bulk"}) == 30


def test_what_bulk_waits_for_becomes_interactive_with_its_reader(shared, crowd):
    gateway = shared({"bulk_share": 0}, export={"class": "bulk"}, page={})
    waiting = crowd(gateway)
    fill(waiting, "page")
    wanted = waiting.ask("export", 5)[-1]
    waiting.ask("page", 5)
    waiting.waits(10)
    joined = gateway.connect().send(request(target(wanted), bearer("page")))
    eventually(lambda: gateway.metrics().total("upstream_bulk", state="waiting") == 4, what="the fifth is no longer bulk")
    waiting.order()
    assert joined.read().status == 200
    joined.close()
    assert waiting.sent.index(wanted) < 7, "two are sent at once"


def test_what_a_client_at_its_bound_joins_is_interactive_and_a_reload_leaves_it_so(shared, crowd):
    gateway = shared({"bulk_share": 0}, export={"class": "bulk"}, page={"max_in_flight": SLOTS})
    waiting = crowd(gateway)
    fill(waiting, "page")
    wanted = waiting.ask("export", 5)[-1]
    waiting.waits(5)
    joined = gateway.connect().send(request(target(wanted), bearer("page")))
    bulk_waits = lambda: gateway.metrics().total("upstream_bulk", state="waiting")
    eventually(lambda: bulk_waits() == 4, what="the fifth is no longer bulk")
    assert reload(gateway, export={"weight": 3}) == ["credentials.clients"]
    assert bulk_waits() == 4
    waiting.order()
    assert joined.read().status == 200
    joined.close()
    assert waiting.sent.index(wanted) < 2, "two are sent at once"


def test_a_look_for_held_readers_is_interactive(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("export", "main", {"class": "bulk"})
    gateway = start_gateway(credentials=access.settings(), cache={"not_ready_for": "200ms"}, polling={"longest_step": "200ms"})
    assert gateway.ask(new_sid(), auth=bearer("export")).status == 200
    sid = simulator.register(new_sid(), ended_ago_s=60)
    reader = gateway.connect().send(request(target(sid), bearer("export"), headers=[("Prefer", "wait=2")]))
    permits = lambda group: gateway.metrics().total("upstream_permits_total", **{"class": group})
    eventually(lambda: permits("interactive") >= 1, what="a look")
    assert permits("bulk") == 1, "the fetch before"
    assert reader.read().status == 404
    reader.close()


def standing(gateway, name):
    rows = {row["client"]: row for row in gateway.admin("/api/clients").json()["clients"]}
    return rows[name]


def explained(gateway, name):
    return gateway.admin(f"/api/explain?call_sid={new_sid()}&client={name}").json()["client"]


def reload(gateway, **shares):
    for one in gateway.settings["credentials"]["clients"]:
        one.update(shares.get(one["name"], {}))
    gateway.config_path.write_text(yaml(gateway.settings))
    answer = gateway.admin("/api/reload", "POST")
    assert answer.status == 200, answer.raw
    return answer.json()["changed"]


def test_a_bound_holds_for_its_client_alone_and_a_reload_moves_it_at_once(shared, crowd, simulator):
    gateway = shared({"max_in_flight": 20}, export={"max_in_flight": 2, "weight": 3}, page={})
    known = new_sid()
    assert gateway.ask(known, auth=bearer("export")).status == 200
    waiting = crowd(gateway)
    waiting.ask("export", 8)
    waiting.waits(6)
    assert standing(gateway, "export")["in_flight"] == 2
    waiting.ask("page", 5)
    eventually(lambda: explained(gateway, "page")["in_flight"] == 5, what="others do not wait")
    hit = gateway.ask(known, auth=bearer("export"))
    assert hit.status == 200 and hit.cache.get("hit"), "a hit knows no bound"
    shown = explained(gateway, "export")
    assert (shown["class"], shown["weight"], shown["in_flight"], shown["max_in_flight"]) == ("interactive", 3, 2, 2)
    assert reload(gateway, export={"max_in_flight": 4, "class": "bulk"}) == ["credentials.clients"]
    waiting.waits(4)
    assert standing(gateway, "export")["in_flight"] == 4
    assert (explained(gateway, "export")["class"], explained(gateway, "export")["max_in_flight"]) == ("bulk", 4)
    assert gateway.metrics().total("upstream_bulk", state="waiting") == 4
    reload(gateway, export={"max_in_flight": 1})
    waiting.ask("export", 1)
    waiting.waits(5)
    waiting.order()
    eventually(lambda: standing(gateway, "export")["in_flight"] == 0)
    in_service = [row for row in simulator.requests() if waiting.owner.get(row["call_sid"]) == "export"]
    assert len(in_service) == 9, "each once"


def test_the_share_is_shown_where_an_operator_looks(shared):
    gateway = shared(export={"class": "bulk", "weight": 3, "max_in_flight": 2}, page={})
    printed = subprocess.run([BINARY, "--config", gateway.config_path, "--print-config"], capture_output=True, text=True, timeout=30, check=True)
    assert "      weight: 3\n      class: bulk\n      max_in_flight: 2\n" in printed.stdout
    said = subprocess.run(
        [BINARY, "ctl", "--admin", f"127.0.0.1:{gateway.admin_port}", "clients", "--json"], capture_output=True, text=True, timeout=30, check=True
    )
    rows = {row["client"]: row for row in json.loads(said.stdout)["clients"]}
    assert {name: rows["export"][name] for name in ("class", "weight", "in_flight", "max_in_flight")} == {
        "class": "bulk",
        "weight": 3,
        "in_flight": 0,
        "max_in_flight": 2,
    }
    assert "class" in explained(gateway, "page")
