"""What happens to the gateway as a whole: said once, with its cause and its account, in the log, at /api/events, by ctl; and nothing secret in it."""

import re
import signal
import subprocess

import pytest

from harness import events
from harness.access import Access, token
from harness.eventually import eventually
from harness.gateway import BINARY, yaml
from harness.logbook import entered, entries, logged
from harness.strangers import INVENTED, prove
from harness.twilio_facts import account, new_sid
from harness.wire import exchange, request, target

OUTAGE = {"match": {}, "times": 0, "action": "status", "status": 503}
FORMS = ["text", "json"]


def in_log(gateway, form, entry):
    """The line of that entry: the same words, and in JSON the same members."""
    (line,) = [one for one in logged(gateway, form) if one["message"] == entry["message"] and one["time"] == entry["time"]]
    assert line["level"] == entry["level"]
    if form == "json":
        assert line == {name: value for name, value in entry.items() if name != "number"}


@pytest.mark.parametrize("form", FORMS)
def test_an_outage_has_a_beginning_a_cause_and_an_end(start_gateway, simulator, form):
    gateway = start_gateway(log={"format": form}, upstream={"failures_to_break": 3, "max_retry_after": "1s"})
    prove(gateway)
    simulator.faults(OUTAGE)
    eventually(lambda: gateway.ask(new_sid()).fault == "upstream_failing", what="the circuit breaker opens")
    opened = entered(gateway, "circuit_opened")
    assert opened["cause"] == "upstream_error" and opened["resource"] == "summary" and opened["level"] == "warning"
    assert re.fullmatch(r"[0-9a-f]{8}", opened["account"])
    shedding = entered(gateway, "shedding_begun")
    assert shedding["count"] >= 1
    simulator.faults()
    eventually(lambda: gateway.ask(new_sid()).status == 200, what="the end of the outage")
    closed = entered(gateway, "circuit_closed")
    assert closed["account"] == opened["account"] and closed["lasted_ms"] >= 1000 and closed["number"] > opened["number"]
    ended = entered(gateway, "shedding_ended")
    assert ended["count"] >= shedding["count"]
    for entry in (opened, closed, shedding, ended):
        in_log(gateway, form, entry)
    assert len(entries(gateway, "circuit_opened", "circuit_closed")) == 2, "probes that fail are no news"
    assert gateway.metrics().total("logbook_entries_total", event="circuit_opened") == 1


def test_an_upstream_that_is_gone_is_one_circuit_and_no_accounts(start_gateway):
    gateway = start_gateway(upstream={"url": "https://127.0.0.1:1", "failures_to_break": 3})
    eventually(lambda: gateway.ask(new_sid()).fault == "upstream_failing")
    opened = entered(gateway, "circuit_opened")
    assert opened["cause"] == "upstream_unreachable" and "account" not in opened


def test_strangers_fill_no_log(start_gateway, simulator):
    gateway = start_gateway(upstream={"failures_to_break": 1})
    simulator.faults(OUTAGE)
    before = len(eventually(lambda: logged(gateway, "text"), what="the line of the start"))
    for kind in INVENTED.values():
        for _ in range(30):
            gateway.ask(new_sid(), auth=kind())
    eventually(lambda: gateway.metrics().total("upstream_unproved", state="circuit_open") == 1)
    entered(gateway, "shedding_begun")
    assert not entries(gateway, "circuit_opened", "cool_down_begun", "limit_lowered")
    assert len(logged(gateway, "text")) <= before + 1


def test_a_limit_that_falls_and_comes_back_is_told_as_a_whole(start_gateway, simulator):
    gateway = start_gateway(upstream={"max_in_flight": 16})
    prove(gateway)

    def crowd():
        connections = [gateway.connect().send(request(target(new_sid()))) for _ in range(24)]
        for connection in connections:
            connection.read()
            connection.close()
        return True

    simulator.latency("20ms")
    simulator.limit(4)
    crowd()
    lowered = entered(gateway, "limit_lowered")
    assert lowered["from"] == 16 and lowered["to"] < 12 and re.fullmatch(r"[0-9a-f]{8}", lowered["account"])
    cooled = entered(gateway, "cool_down_begun")
    assert cooled["account"] == lowered["account"] and cooled["status"] == 429
    simulator.limit(0)
    eventually(lambda: crowd() and entries(gateway, "limit_raised"), timeout=30, what="it rises again")
    assert entries(gateway, "limit_raised")[0]["account"] == lowered["account"]


@pytest.mark.parametrize("form", FORMS)
def test_what_an_operator_changes_says_who_and_what(start_gateway, simulator, tmp_path, form):
    access = Access(tmp_path)
    access.client("billing", "main")
    secret = access.file("admin.token", "x" * 40)
    gateway = start_gateway(admin={"token_file": secret}, credentials=access.settings(), log={"format": form, "level": "debug"})
    sid = new_sid()
    assert gateway.ask(sid, auth=f"Bearer {token('billing')}").status == 200
    change = lambda path: exchange(gateway.admin_port, request(path, f"Bearer {'x' * 40}", "POST"), "POST")
    see = lambda kind: exchange(gateway.admin_port, request("/api/events", f"Bearer {'x' * 40}")).json()["events"][-1]
    who = {"by": "the admin token", "from": "127.0.0.1"}

    assert change(f"/api/purge?call_sid={sid}&hard=true").status == 200
    purged = see("purged")
    assert purged.items() >= {"event": "purged", "scope": "one call", "depth": "hard", "entries": 1, **who}.items()
    assert change(f"/api/purge?account_sid={account(2)}").status == 200
    assert see("purged").items() >= {"scope": "account", "account": "sub", "depth": "soft", "entries": 0, **who}.items()
    assert change("/api/purge?all=true").status == 200
    assert see("purged").items() >= {"scope": "all", **who}.items()

    text = gateway.config_path.read_text()
    gateway.config_path.write_text(text + "cache:\n  fresh_for: 5m\n")
    assert change("/api/reload").status == 200
    assert see("reloaded").items() >= {"event": "reloaded", "settings": "cache.fresh_for", "count": 1, **who}.items()
    gateway.config_path.write_text("workers: many\n")
    assert change("/api/reload").status == 409
    refused = see("reload_refused")
    assert refused["level"] == "error" and "workers" in refused["cause"] and refused.items() >= who.items()
    gateway.config_path.write_text(text)
    gateway.signal(signal.SIGHUP)
    eventually(lambda: see("reloaded")["event"] == "reloaded")
    assert see("reloaded")["by"] == "SIGHUP" and "from" not in see("reloaded")
    in_log(gateway, form, purged)
    in_log(gateway, form, refused)
    said = gateway.stderr_path.read_text()
    for never in (sid, account(2), "x" * 40, token("billing"), "parent-token", "sub-token"):
        assert never not in said, never


def test_the_form_and_the_level_change_with_a_reload(start_gateway, simulator):
    gateway = start_gateway()
    text = gateway.config_path.read_text()
    gateway.config_path.write_text(text + yaml({"log": {"format": "json", "level": "debug"}}))
    assert gateway.admin("/api/reload", "POST").status == 200
    seen = gateway.stderr_path.read_text().count("\n")
    assert gateway.ask(new_sid()).status == 200
    lines = eventually(lambda: gateway.stderr_path.read_text().splitlines()[seen:])
    assert all(line.startswith("{") for line in lines) and any('"level":"debug"' in line for line in lines)


@pytest.mark.parametrize("form", FORMS)
def test_an_engine_that_goes_and_comes_back(start_gateway, engine, form):
    gateway = start_gateway(fleet=engine.fleet(), log={"format": form})
    first = entered(gateway, "engine_connected")
    assert "lasted_ms" not in first
    engine.kill()
    lost = entered(gateway, "engine_lost")
    assert lost["engine"] == f"127.0.0.1:{engine.port}" and lost["cause"] and lost["level"] == "warning"
    engine.start()
    back = entered(gateway, "engine_connected", 2)
    assert back["lasted_ms"] >= 0
    for entry in (first, lost, back):
        in_log(gateway, form, entry)


def test_a_refused_credential_is_told_with_its_account_until_it_is_accepted(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    access.file("main.credential", "SK" + 31 * "0" + "7:first")
    simulator.credential("SK" + 31 * "0" + "7", "first", account(1), "revoked")
    gateway = start_gateway(credentials=access.settings())
    gateway.ask(new_sid(), auth=f"Bearer {token('billing')}")
    doubted = entered(gateway, "credential_doubted")
    assert doubted.items() >= {"account": "main", "status": 401, "code": 20003, "level": "error"}.items()
    simulator.credential("SK" + 31 * "0" + "7", "first", account(1), "active")
    eventually(lambda: gateway.ask(new_sid(), auth=f"Bearer {token('billing')}").status == 200)
    assert entered(gateway, "credential_accepted")["account"] == "main"


def test_deliveries_that_are_refused_and_accepted_again(start_gateway, tmp_path):
    gateway = start_gateway(events=events.settings(tmp_path))
    for _ in range(20):
        assert events.deliver(gateway, events.event(new_sid()), token="2" * 32).status == 403
    assert "auth token" in entered(gateway, "webhook_refused")["cause"]
    for _ in range(2):
        assert events.deliver(gateway, events.event(new_sid())).status == 204
    assert entered(gateway, "webhook_accepted")["refused"] == 20
    assert len(entries(gateway, "webhook_refused", "webhook_accepted")) == 2


def test_readers_continue_where_they_were_and_ctl_reads_lines(start_gateway):
    gateway = start_gateway()
    ctl = lambda *words: subprocess.run(
        [BINARY, "ctl", "--admin", f"127.0.0.1:{gateway.admin_port}", "events", *words], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    assert [one["event"] for one in entries(gateway)] == ["started"]
    for _ in range(3):
        gateway.admin("/api/purge?all=true", "POST")
    numbers = [one["number"] for one in entries(gateway)]
    assert numbers == [1, 2, 3, 4]
    assert [one["number"] for one in entries(gateway, since=3)] == [4] and entries(gateway, since=4) == []
    assert gateway.admin("/api/events?since=x").status == 400
    lines = ctl().splitlines()
    assert len(lines) == 4 and lines[1].split(" ", 1)[1].startswith("info purge (soft) of all: 0 cached answer(s); asked for by no token from 127.0.0.1")
    assert ctl("--since", "4") == "no events\n"
    assert '"number":4' in ctl("--since=3", "--json")
