"""What an operator holds by hand: a pause, a circuit, an account's limit; set, seen, lifted, ended."""

import json
import re
import subprocess
import time

import pytest

from harness import events
from harness.access import Access, token
from harness.eventually import eventually
from harness.gateway import BINARY
from harness.logbook import entered, entries
from harness.simulator import Simulator
from harness.strangers import prove
from harness.twilio_facts import account, new_sid
from harness.wire import annotation, exchange, request, target


def ctl(gateway, *words, code=0):
    ended = subprocess.run([BINARY, "ctl", "--admin", f"127.0.0.1:{gateway.admin_port}", *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == code, (ended.stdout, ended.stderr)
    return ended.stdout if code == 0 else ended.stderr


def levers(gateway):
    return gateway.admin("/api/stats").json()["levers"]


def held(gateway):
    return {kind: gateway.metrics().total("levers", lever=kind) for kind in ("pause", "circuit", "limit")}


def test_a_pause_lets_kept_answers_go_on_and_refuses_the_rest_honestly(start_gateway, simulator):
    gateway = start_gateway(cache={"fresh_for": "1s", "stale_for": "1h"}, passthrough=["all"], upstream={"max_retry_after": "1h"})
    fresh, unknown = new_sid(), new_sid()
    assert gateway.ask(fresh).status == 200
    assert json.loads(ctl(gateway, "pause", "--for", "5m", "--json")) == {"lever": "pause", "set": 1, "ends_in_s": 300}
    simulator.control("DELETE", "/requests")

    assert gateway.ask(fresh).status == 200
    stale = eventually(lambda: (answer := gateway.ask(fresh)).cache.get("detail") == "stale_while_revalidate" and answer, what="it is stale")
    assert stale.status == 200
    for answer in (gateway.ask(unknown), gateway.ask(unknown, "partial"), gateway.send(request(annotation(new_sid())))):
        assert (answer.status, answer.fault) == (429, "upstream_paused"), answer.body
        assert answer.json()["code"] == 20429 and 290 <= int(answer.header("Retry-After")) <= 300
    write = gateway.annotate(new_sid(), Comment="x")
    assert (write.status, write.fault) == (429, "upstream_paused")
    assert simulator.requests() == [], "no refresh, no probe, no write"

    assert levers(gateway)[0].items() >= {"lever": "pause"}.items() and 280 <= levers(gateway)[0]["ends_in_s"] <= 300
    assert held(gateway) == {"pause": 1, "circuit": 0, "limit": 0}
    assert "pause" in ctl(gateway, "status")
    assert 280 <= gateway.admin(f"/api/explain?call_sid={unknown}").json()["upstream"]["paused_for"] <= 300
    assert gateway.metrics().total("upstream_sheds_total", reason="paused") >= 4
    assert gateway.admin("/readyz").status == 200
    was_set = entered(gateway, "lever_set")
    assert was_set.items() >= {"lever": "pause", "by": "no token", "from": "127.0.0.1", "level": "warning"}.items()

    assert ctl(gateway, "resume") == "lever   pause\nlifted  1\n"
    assert gateway.ask(unknown).status == 200
    assert entered(gateway, "lever_lifted").items() >= {"lever": "pause", "count": 1, "by": "no token"}.items()
    assert levers(gateway) == [] and json.loads(ctl(gateway, "resume", "--json"))["lifted"] == 0


def test_a_pause_ends_by_itself(start_gateway):
    gateway = start_gateway()
    ctl(gateway, "pause", "--for", "1s")
    assert gateway.ask(new_sid()).fault == "upstream_paused"
    eventually(lambda: gateway.ask(new_sid()).status == 200, what="its end")
    assert entered(gateway, "lever_expired").items() >= {"lever": "pause", "lasted_ms": 1000}.items()
    assert levers(gateway) == []


def test_held_readers_and_events_ask_nothing_in_a_pause(start_gateway, simulator, tmp_path):
    gateway = start_gateway(events=events.settings(tmp_path), cache={"not_ready_for": "100ms"}, polling={"longest_step": "1s"})
    sid = simulator.register(new_sid(), ended_ago_s=60)
    reader = gateway.connect().send(request(target(sid), headers=[("Prefer", "wait=20")]))
    eventually(lambda: gateway.metrics().total("held_readers") == 1, what="it is held")
    begun = time.monotonic()
    ctl(gateway, "pause", "--for", "3s")
    simulator.control("DELETE", "/requests")
    assert events.deliver(gateway, events.event(sid)).status == 204
    eventually(lambda: simulator.requests() != [], what="the next look")
    assert time.monotonic() - begun >= 3, "a look is due each second"
    reader.close()


@pytest.fixture
def injecting(start_gateway, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    access.client("support", "sub")
    return start_gateway(credentials=access.settings(), upstream={"max_in_flight": 8})


def ask(gateway, client, sid=None):
    return gateway.ask(sid or new_sid(), auth=f"Bearer {token(client)}")


def test_a_circuit_is_opened_and_closed_for_one_account(injecting, simulator):
    gateway = injecting
    ctl(gateway, "circuit", "main", "open", "--for", "1h")
    assert ask(gateway, "billing").fault == "upstream_paused"
    assert ask(gateway, "support").fault is None, "Twilio itself answers the other account"
    assert levers(gateway)[0].items() >= {"lever": "circuit", "account": "main"}.items()
    assert entered(gateway, "lever_set").items() >= {"lever": "circuit", "account": "main"}.items()
    ctl(gateway, "circuit", "main", "close")
    assert ask(gateway, "billing").status == 200


def test_closing_ends_a_breaker_that_failures_opened(start_gateway, simulator):
    gateway = start_gateway(upstream={"failures_to_break": 3})
    prove(gateway)
    simulator.faults({"match": {}, "times": 0, "action": "status", "status": 503})
    eventually(lambda: gateway.ask(new_sid()).fault == "upstream_failing", what="the breaker")
    simulator.faults()
    shown = entered(gateway, "circuit_opened")["account"]
    ctl(gateway, "circuit", shown, "close")
    assert gateway.ask(new_sid()).status == 200, "by the digits that the events show"
    ctl(gateway, "circuit", account(1), "open")
    assert gateway.ask(new_sid()).fault == "upstream_paused", "by its AccountSid"


def test_a_limit_is_held_and_given_back(injecting, simulator):
    gateway = injecting
    assert ask(gateway, "billing").status == 200
    ctl(gateway, "limit", "main", "2", "--for", "1h")
    simulator.barrier(True)
    readers = [gateway.connect().send(request(target(new_sid()), f"Bearer {token('billing')}")) for _ in range(6)]
    eventually(lambda: gateway.metrics().total("upstream_queue") == 4, what="four wait")
    assert gateway.metrics().total("upstream_in_flight") == 2
    assert levers(gateway)[0].items() >= {"lever": "limit", "account": "main", "limit": 2}.items()
    ctl(gateway, "limit", "main", "auto")
    eventually(lambda: gateway.metrics().total("upstream_in_flight") == 6, what="all are sent")
    simulator.barrier(False)
    assert [reader.read().status for reader in readers] == [200] * 6


def test_of_several_upstreams_a_lever_names_one_or_is_for_all(start_gateway, simulator, tmp_path):
    eu = Simulator(tmp_path, name="eu-simulator")
    try:
        listeners = [{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0", "upstream": "eu"}]
        access = Access(tmp_path)
        access.accounts[1]["upstream"] = "eu"
        access.client("billing", "main")
        access.client("support", "sub")
        gateway = start_gateway(
            listeners=listeners, upstreams=[{"name": "eu", "url": eu.url, "ca_file": eu.ca_file}], credentials=access.settings()
        )
        port = int(re.search(r"on http://127\.0\.0\.1:(\d+) for the upstream eu$", gateway.output(), re.M).group(1))
        ask_eu = lambda: exchange(port, request(target(new_sid()), f"Bearer {token('support')}"))
        ctl(gateway, "pause", "--upstream", "eu")
        assert ask_eu().fault == "upstream_paused" and ask(gateway, "billing").status == 200
        assert [one["upstream"] for one in levers(gateway)] == ["eu"]
        ctl(gateway, "pause")
        assert ask_eu().fault == ask(gateway, "billing").fault == "upstream_paused"
        assert held(gateway)["pause"] == 2
        ctl(gateway, "resume", "--upstream", "default")
        assert ask_eu().fault == "upstream_paused" and ask(gateway, "billing").status == 200
        ctl(gateway, "resume")
        ctl(gateway, "circuit", "sub", "open")
        assert [(one["upstream"], one["account"]) for one in levers(gateway)] == [("eu", "sub")], "where the account is"
        assert "It is at eu." in ctl(gateway, "circuit", "sub", "open", "--upstream", "default", code=1)
    finally:
        eu.stop()


def test_a_reload_keeps_a_lever_and_a_restart_does_not(start_gateway):
    gateway = start_gateway()
    ctl(gateway, "pause", "--for", "1h")
    gateway.config_path.write_text(gateway.config_path.read_text() + "server_timing: true\n")
    assert gateway.admin("/api/reload", "POST").json()["changed"] == ["server_timing"]
    assert gateway.ask(new_sid()).fault == "upstream_paused"
    assert held(start_gateway())["pause"] == 0


def test_what_cannot_be_done_is_refused_with_the_reason(injecting):
    for words, why in (
        (("limit", "nobody", "2"), "No account is called so"),
        (("limit", "main", "9"), "from 1 to 8 (upstream.max_in_flight)"),
        (("pause", "--upstream", "eu"), "There is no such upstream. The names are: default."),
        (("circuit", "01234567", "open"), "No account is called so"),
    ):
        assert why in ctl(injecting, *words, code=1), words
    for words in (("pause", "--for", "25h"), ("limit", "main"), ("limit", "main", "0"), ("circuit", "main", "half"), ("resume", "--for", "1m"), ("pause", "now")):
        ctl(injecting, *words, code=64)
    assert injecting.admin("/api/pause").status == 405, "GET changes nothing"
    bad = injecting.admin("/api/pause?for=2d", "POST")
    assert bad.status == 400 and "24h" in bad.json()["message"]
    assert levers(injecting) == [] and not entries(injecting, "lever_set")
