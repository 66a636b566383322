"""Rights of clients in mode inject: client x resource x method x account, each cell tried; the table in deploy/docs/security.md is made here.

GATEWAY_WRITE_REFERENCE=1 writes that table.
"""

import os
import pathlib

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.gateway import yaml
from harness.replicas import Fleet
from harness.twilio_facts import account, new_sid
from harness.wire import request, target

PAGE = pathlib.Path(__file__).parents[2] / "deploy/docs/security.md"
MARK = "<!-- The table of rights: written by tests/scenario/test_rights.py with GATEWAY_WRITE_REFERENCE=1. -->\n"
FORM = ("Content-Type", "application/x-www-form-urlencoded")
OWN, SUB = account(1), account(2)
POLICIES = {
    "without any": {},
    "`may: [summary]`": {"may": ["summary"]},
    "`may: [annotation, annotation.write]`": {"may": ["annotation", "annotation.write"]},
    "`may: [summaries, settings.write]`": {"may": ["summaries", "settings.write"]},
    "`methods: [GET]`": {"methods": ["GET"]},
    "`subaccounts: [AC2]`": {"subaccounts": [SUB]},
    "`may: [all, annotation.write, settings.write]`, `subaccounts: [AC2]`": {
        "may": ["all", "annotation.write", "settings.write"],
        "subaccounts": [SUB],
    },
}
LISTS = "/v1/Voice/Summaries?StartTime=1d&PageSize=5"


def bearer(name):
    return f"Bearer {token(name)}"


def name_of(policy):
    return f"client-{list(POLICIES).index(policy)}"


@pytest.fixture
def access(tmp_path):
    made = Access(tmp_path)
    made.client("keeper", "main")
    for policy, rights in POLICIES.items():
        made.client(name_of(policy), "main", rights)
    return made


@pytest.fixture
def gateway(start_gateway, access):
    return start_gateway(credentials=access.settings(), passthrough=["all", "settings.write"])


@pytest.fixture
def calls(simulator):
    """A fresh call of each account."""
    return lambda: {"AC1": new_sid(), "AC2": simulator.register(new_sid(), account_sid=SUB, ended_ago_s=7200)}


def send(gateway, name, path, method="GET", form=None):
    body = form.encode() if form else b""
    headers = [FORM, ("Content-Length", len(body))] if form else []
    return gateway.send(request(path, bearer(name), method, headers, body), method)


def word(answer):
    if answer.status == 200:
        assert answer.fault is None
        return "yes"
    assert answer.status == 403 and answer.fault, answer.raw[:600]
    if answer.body:
        assert answer.json()["status"] == 403
        assert answer.json()["code"] == (17000 if answer.fault == "other_account" else 20006)
    return f"`{answer.fault}`"


def cells(gateway, simulator, calls, policy):
    """What that client gets, by column."""
    name, found = name_of(policy), {}
    for whose, sid in calls().items():
        cold = word(gateway.ask(sid, auth=bearer(name)))
        assert gateway.ask(sid, auth=bearer("keeper")).status == 200
        warm = gateway.ask(sid, auth=bearer(name))
        assert word(warm) == cold and (cold != "yes" or warm.cache.get("hit")), "a hit needs the same right as a miss"
        found[f"`GET` summary of {whose}"] = cold
        if whose == "AC1":
            found["`HEAD`"] = word(gateway.ask(sid, auth=bearer(name), method="HEAD"))
        found[f"`GET` annotation of {whose}"] = word(send(gateway, name, f"/v1/Voice/{sid}/Annotation"))
        before = simulator.count(sid)
        found[f"`POST` annotation of {whose}"] = word(send(gateway, name, f"/v1/Voice/{sid}/Annotation", "POST", "Comment=seen"))
        assert (simulator.count(sid) > before) == (found[f"`POST` annotation of {whose}"] == "yes"), "a refused write is not sent"
        if whose == "AC1":
            found["`GET` call"] = word(send(gateway, name, f"/v1/Voice/{sid}"))
    found["`GET` summaries of AC1"] = word(send(gateway, name, LISTS))
    found["`GET` summaries of AC2"] = word(send(gateway, name, f"{LISTS}&Subaccount={SUB}"))
    found["`POST` settings"] = word(send(gateway, name, "/v1/Voice/Settings", "POST", "VoiceTrace=true"))
    return found


def table(rows):
    """With a line for each request: the page is narrow."""
    columns = list(next(iter(rows.values())))
    lines = ["| request | " + " | ".join(rows) + " |", "|---" * (len(rows) + 1) + "|"]
    lines += [f"| {column} | " + " | ".join(row[column].replace("yes", "**yes**") for row in rows.values()) + " |" for column in columns]
    return "\n".join(lines) + "\n"


def test_the_table_of_the_page_is_what_happens(gateway, simulator, calls):
    simulator.register(new_sid(), ended_ago_s=3600)
    simulator.register(new_sid(), account_sid=SUB, ended_ago_s=3600)
    made = table({policy: cells(gateway, simulator, calls, policy) for policy in POLICIES})
    before, _, after = PAGE.read_text().partition(MARK)
    rest = after.split("\n\n", 1)[1] if after.startswith("|") else after.lstrip("\n")
    if os.environ.get("GATEWAY_WRITE_REFERENCE"):
        PAGE.write_text(before + MARK + made + "\n" + rest)
    assert MARK + made + "\n" in PAGE.read_text(), f"GATEWAY_WRITE_REFERENCE=1 writes it:\n{made}"


def test_an_annotation_of_a_call_that_nobody_read_is_not_written_on_suspicion(gateway, simulator, calls):
    writer = name_of(list(POLICIES)[-1])
    for whose, sid in calls().items():
        path = f"/v1/Voice/{sid}/Annotation"
        refused = send(gateway, writer, path, "POST", "Comment=x")
        assert (refused.status, refused.fault) == (403, "account_unknown"), whose
        assert simulator.count(sid) == 0
        gateway.ask(sid, auth=bearer(writer))
        assert word(send(gateway, writer, path, "POST", "Comment=x")) == ("yes" if whose == "AC2" else "`other_account`")


def flights(gateway, sid):
    return gateway.admin(f"/api/explain?call_sid={sid}").json()["flights"]


def test_what_is_under_way_for_another_client_is_refused_when_it_comes(gateway, simulator, calls):
    sid, limited = calls()["AC1"], name_of("`subaccounts: [AC2]`")
    simulator.barrier(True)
    with gateway.connect() as owner, gateway.connect() as other:
        owner.send(request(target(sid), auth=bearer("keeper")))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        other.send(request(target(sid), auth=bearer(limited)))
        eventually(lambda: any(one["waiting"] == 2 for one in flights(gateway, sid)), what="both wait for one flight")
        simulator.barrier(False)
        assert owner.read().status == 200
        assert word(other.read()) == "`other_account`"
    assert simulator.count(sid) == 1


def test_stale_and_if_error_too(start_gateway, access, simulator, calls):
    gateway = start_gateway(credentials=access.settings(), cache={"fresh_for": "0s", "stale_for": "0s"})
    limited, found = name_of("`subaccounts: [AC2]`"), calls()
    for sid in found.values():
        assert gateway.ask(sid, auth=bearer("keeper")).status == 200
        simulator.fault_for(sid, "status", status=503)
    assert gateway.ask(found["AC2"], auth=bearer(limited)).cache["detail"] == "stale_if_error"
    assert word(gateway.ask(found["AC1"], auth=bearer(limited))) == "`other_account`"


def test_a_snapshot_keeps_the_account(start_gateway, access, tmp_path, simulator, calls):
    settings = {"credentials": access.settings(), "snapshot": {"file": tmp_path / "kept"}}
    limited, found = name_of("`subaccounts: [AC2]`"), calls()
    first = start_gateway(**settings)
    for sid in found.values():
        assert first.ask(sid, auth=bearer("keeper")).status == 200
    first.stop()
    second = start_gateway(**settings)
    eventually(lambda: second.metrics().total("cache_entries") == 2)
    assert second.ask(found["AC2"], auth=bearer(limited)).cache.get("hit")
    assert word(second.ask(found["AC1"], auth=bearer(limited))) == "`other_account`"
    assert [simulator.count(sid) for sid in found.values()] == [1, 1]


def test_what_another_gateway_of_a_fleet_fetched(start_gateway, engine, access, simulator, calls):
    fleet, limited = Fleet(start_gateway, engine, 2, credentials=access.settings()), name_of("`subaccounts: [AC2]`")
    for whose, sid in calls().items():
        assert fleet[0].ask(sid, auth=bearer("keeper")).status == 200
        answer = fleet[1].ask(sid, auth=bearer(limited))
        assert word(answer) == ("yes" if whose == "AC2" else "`other_account`")
        assert whose == "AC1" or answer.cache["detail"] == "fleet"
        assert simulator.count(sid) == 1


def test_a_reload_counts_at_once_on_an_open_connection_and_for_who_waits(gateway, access, simulator, calls):
    kept, cold, name = calls()["AC1"], calls()["AC1"], name_of("without any")
    change = lambda **rights: reload(gateway, access, next(one for one in access.clients if one["name"] == name), rights)
    with gateway.connect() as connection:
        ask = lambda: word(connection.send(request(target(kept), auth=bearer(name))).read())
        assert ask() == "yes"
        change(may=["annotation"])
        assert ask() == "`not_permitted`"
        change(may=["all"], subaccounts=[SUB])
        assert ask() == "`other_account`"
        change(may=["all"], subaccounts=[OWN])
        assert ask() == "yes"
        simulator.barrier(True)
        connection.send(request(target(cold), auth=bearer(name)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        change(may=["all"], subaccounts=[SUB])
        simulator.barrier(False)
        assert word(connection.read()) == "`other_account`"


def reload(gateway, access, client, rights):
    for key in ("may", "methods", "subaccounts"):
        client.pop(key, None)
    client.update(rights)
    text = gateway.config_path.read_text()
    before = text.index("\ncredentials:")
    rest = text.index("\npassthrough:")
    gateway.config_path.write_text(text[:before] + "\n" + yaml({"credentials": access.settings()}).rstrip() + text[rest:])
    assert gateway.admin("/api/reload", "POST").status == 200


def test_guests_only_read(start_gateway, access, simulator):
    gateway, sid = start_gateway(credentials=access.settings(allow_unauthenticated="main")), new_sid()
    assert gateway.ask(sid, auth=None).status == 200
    body = b"Comment=x"
    answer = gateway.send(request(f"/v1/Voice/{sid}/Annotation", None, "POST", [FORM, ("Content-Length", len(body))], body), "POST")
    assert (answer.status, answer.fault) == (403, "not_permitted")
    assert "It needs annotation.write in may of its entry in credentials.clients." in answer.json()["message"]


def test_explain_and_the_log_say_it(gateway, calls):
    sid, limited = calls()["AC1"], name_of("`subaccounts: [AC2]`")
    assert gateway.ask(sid, auth=bearer("keeper")).status == 200
    asked = lambda name: gateway.admin(f"/api/explain?call_sid={sid}&client={name}").json()["client"]
    assert asked(limited)["subaccounts"] == [SUB] and asked(limited)["next"]["outcome"] == "other_account"
    assert asked("keeper")["next"]["outcome"] == "hit"
    assert asked(name_of("`may: [annotation, annotation.write]`"))["next"]["setting"] == "credentials.clients[].may"
    assert asked("nobody") == {"name": "nobody", "known": False}
    (line,) = gateway.logged("clients that only read, by the default of may")
    assert "keeper, client-0, client-4, client-5;" in line
