"""A client's quota of requests to Twilio: what is cached is served on, what needs Twilio is told when it may come again."""

import json
import re
import subprocess
import time

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.gateway import yaml
from harness.program import BUILD
from harness.twilio_facts import new_sid
from harness.wire import request, target


def bearer(name):
    return f"Bearer {token(name)}"


def quota(calls, per="30d"):
    return {"quota": {"upstream_calls": calls, "per": per}}


@pytest.fixture
def access(tmp_path):
    return Access(tmp_path)


def start(start_gateway, access, **more):
    return start_gateway(credentials=access.settings(), **more)


def ask(gateway, name, sid=None, **more):
    return gateway.ask(sid or new_sid(), auth=bearer(name), **more)


def change(gateway, access, calls, per="30d"):
    """A reload with another quota of the first client."""
    access.clients[0].update(quota(calls, per))
    head, _, _ = gateway.config_path.read_text().partition("credentials:\n")
    gateway.config_path.write_text(head + yaml({"credentials": access.settings()}))
    assert gateway.admin("/api/reload", "POST").status == 200


def field(answer, name):
    """The member of that list field that is the quota's; each member has a line of its own."""
    found = re.findall(rf'^{name}: ("quota".*?)\r$', answer.raw.decode("latin-1").split("\r\n\r\n")[0] + "\r\n", re.M)
    return found[0] if found else None


def is_refused(answer):
    assert (answer.status, answer.json()["code"], answer.fault) == (429, 20429, "quota_exhausted"), answer.raw[:600]
    return True


def test_misses_have_an_end_and_hits_have_none(start_gateway, access, simulator):
    access.client("billing", "main", quota(3))
    gateway = start(start_gateway, access)
    kept = new_sid()
    for left, sid in ((2, kept), (1, new_sid()), (0, new_sid())):
        answer = ask(gateway, "billing", sid)
        assert answer.status == 200
        assert field(answer, "RateLimit-Policy") == f'"quota";q=3;w={30 * 86400}'
        assert re.fullmatch(rf'"quota";r={left};t=\d+', field(answer, "RateLimit"))
    refused = ask(gateway, "billing")
    assert is_refused(refused)
    assert f"It is 3 in each window of {30 * 86400} seconds." in refused.json()["message"]
    wait = int(refused.header("Retry-After"))
    assert 0 < wait <= 30 * 86400 and abs(wait - (30 * 86400 - time.time() % (30 * 86400))) < 30, "to the end of the window"
    assert field(refused, "RateLimit") == f'"quota";r=0;t={wait}'
    for _ in range(5):
        hit = ask(gateway, "billing", kept)
        assert hit.status == 200 and hit.cache.get("hit") and field(hit, "RateLimit") is None
        assert is_refused(ask(gateway, "billing"))
    assert len(simulator.requests()) == 3
    gateway.says("client billing has used up its quota of 3 requests to Twilio per 30d")
    assert gateway.metrics().total("logbook_entries_total", event="quota_used_up") == 1, "once in a window"


def test_operators_see_what_is_left(start_gateway, access, simulator):
    access.client("billing", "main", quota(3))
    access.client("other", "main")
    gateway = start(start_gateway, access)
    for _ in range(2):
        ask(gateway, "billing")
    ask(gateway, "other")
    rows = {row["client"]: row for row in gateway.admin("/api/clients").json()["clients"]}
    assert (rows["billing"]["quota_used"], rows["billing"]["quota_of"]) == (2, 3) and rows["billing"]["quota_resets_in"] > 0
    assert "quota_of" not in rows["other"]
    command = [BUILD / "summary-gateway", "ctl", "--admin", f"127.0.0.1:{gateway.admin_port}", "clients"]
    table = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    assert "quota_used  quota_of  quota_resets_in" in table.splitlines()[0]
    metrics = gateway.metrics()
    assert metrics.total("client_quota_calls", client="billing", state="used") == 2
    assert metrics.total("client_quota_calls", client="billing", state="left") == 1
    assert 0 < metrics.total("client_quota_reset_seconds", client="billing") <= 30 * 86400
    kept = new_sid()
    ask(gateway, "billing", kept)

    def explained(sid):
        return gateway.admin(f"/api/explain?call_sid={sid}&client=billing").json()["client"]

    known = explained(kept)
    assert [known["quota"][name] for name in ("upstream_calls", "per", "used", "left")] == [3, 30 * 86400, 3, 0]
    assert known["next"]["outcome"] == "hit"
    assert explained(new_sid())["next"]["outcome"] == "quota_exhausted"
    assert json.loads(gateway.admin("/api/config").body)["credentials"]["clients"][0]["quota"] == {"upstream_calls": 3, "per": "30d"}


def test_retry_after_is_honest(start_gateway, access):
    """Each refusal's promise is kept, and no window has more than its calls."""
    access.client("billing", "main", quota(2, "2s"))
    gateway = start(start_gateway, access)
    served, begun = [], time.monotonic()
    while time.monotonic() - begun < 7:
        answer = ask(gateway, "billing")
        if answer.status == 200:
            served.append(time.time())
            continue
        assert is_refused(answer) and int(answer.header("Retry-After")) <= 2
        due = time.time() + int(answer.header("Retry-After"))
        eventually(lambda due=due: time.time() >= due, what="the promised moment")
        assert ask(gateway, "billing").status == 200, "the promise"
        served.append(time.time())
    assert len(served) >= 6
    for moment in served:
        assert len([other for other in served if other // 2 == moment // 2]) <= 3, "two, and one at the window's edge"


def test_several_lanes_take_no_more_than_there_are(start_gateway, access, simulator):
    access.client("billing", "main", quota(20))
    gateway = start(start_gateway, access, workers=4)
    simulator.latency("20ms")
    readers = [gateway.connect().send(request(target(new_sid()), bearer("billing"))) for _ in range(80)]
    statuses = [reader.read().status for reader in readers]
    assert (statuses.count(200), statuses.count(429)) == (20, 60)
    assert len(simulator.requests()) == 20


def test_a_client_s_quota_is_no_other_client_s(start_gateway, access):
    access.client("billing", "main", quota(1))
    access.client("reports", "main", quota(1))
    access.client("free", "main")
    gateway = start(start_gateway, access)
    assert ask(gateway, "billing").status == 200 and is_refused(ask(gateway, "billing"))
    assert ask(gateway, "reports").status == 200
    free = ask(gateway, "free")
    assert free.status == 200 and field(free, "RateLimit") is None


def waiting_for(gateway, sid):
    return sum(one["waiting"] for one in gateway.admin(f"/api/explain?call_sid={sid}").json()["flights"])


def test_who_joins_a_fetch_pays_nothing(start_gateway, access, simulator):
    access.client("billing", "main", quota(1))
    access.client("reports", "main", quota(5))
    gateway = start(start_gateway, access)
    assert ask(gateway, "billing").status == 200
    simulator.barrier(True)
    sid = new_sid()
    leader = gateway.connect().send(request(target(sid), bearer("reports")))
    eventually(lambda: simulator.state()["in_flight"] == 1)
    joined = gateway.connect().send(request(target(sid), bearer("billing")))
    eventually(lambda: waiting_for(gateway, sid) == 2)
    simulator.barrier(False)
    assert (leader.read().status, joined.read().status) == (200, 200)
    assert gateway.metrics().total("client_quota_calls", client="reports", state="used") == 1


def test_who_joined_a_fetch_that_its_client_may_not_pay_asks_for_itself(start_gateway, access, simulator):
    """The fetch waits for its permit when a reload takes its client's last call."""
    access.client("billing", "main", quota(2))
    access.client("reports", "main", quota(5))
    gateway = start(start_gateway, access, upstream={"max_in_flight": 1})
    simulator.barrier(True)
    first = gateway.connect().send(request(target(new_sid()), bearer("billing")))
    eventually(lambda: simulator.state()["in_flight"] == 1)
    sid = new_sid()
    leader = gateway.connect().send(request(target(sid), bearer("billing")))
    eventually(lambda: waiting_for(gateway, sid) == 1)
    joined = [gateway.connect().send(request(target(sid), bearer(name))) for name in ("reports", "billing", "reports")]
    eventually(lambda: waiting_for(gateway, sid) == 4)
    change(gateway, access, 1)
    simulator.barrier(False)
    assert first.read().status == 200
    assert is_refused(leader.read())
    assert [one.read().status for one in joined] == [200, 429, 200]
    assert simulator.count(sid) == 1
    assert gateway.metrics().total("client_quota_calls", client="reports", state="used") == 1


def test_stale_answers_are_given_where_the_upstream_would_be_asked(start_gateway, access, simulator):
    access.client("billing", "main", quota(1))
    access.client("free", "main")
    gateway = start(start_gateway, access, cache={"fresh_for": "1s", "refresh_backoff": "1s"})
    sid = new_sid()
    assert ask(gateway, "billing", sid).status == 200
    newer = ask(gateway, "billing", sid, headers=[("Cache-Control", "no-cache")])
    assert (newer.status, newer.cache["detail"]) == (200, "stale_if_error")
    eventually(lambda: ask(gateway, "billing", sid).cache["ttl"] < 0)
    for _ in range(20):
        assert ask(gateway, "billing", sid).cache["detail"] == "stale_while_revalidate"
    assert simulator.count(sid) == 1, "a refresh counts for the client whose request begins it"
    assert ask(gateway, "free", sid).status == 200
    eventually(lambda: simulator.count(sid) == 2, what="the refresh that another client begins")


def test_what_passes_through_counts_too_and_what_was_not_sent_does_not(start_gateway, access, simulator):
    access.client("billing", "main", {**quota(2), "may": ["all", "annotation.write"]})
    gateway = start(start_gateway, access, upstream={"url": simulator.url, "connect_to": "127.0.0.1:1", "connect_timeout": "1s", "failures_to_break": 1000})
    for _ in range(4):
        assert ask(gateway, "billing").status == 502, "nothing listens there"
    assert gateway.metrics().total("client_quota_calls", client="billing", state="used") == 0
    other, sid = start(start_gateway, access), new_sid()
    assert ask(other, "billing", sid).status == 200
    assert other.annotate(sid, auth=bearer("billing"), Comment="once").status == 200
    assert is_refused(other.annotate(sid, auth=bearer("billing"), Comment="twice"))
    assert len(simulator.requests(sid)) == 2


def test_a_reload_counts_at_once_and_keeps_what_was_used(start_gateway, access):
    access.client("billing", "main", quota(2))
    gateway = start(start_gateway, access)
    assert [ask(gateway, "billing").status for _ in range(3)] == [200, 200, 429]
    change(gateway, access, 3)
    assert [ask(gateway, "billing").status for _ in range(2)] == [200, 429]
    change(gateway, access, 2)
    assert ask(gateway, "billing").status == 429
    change(gateway, access, 1, "29d")
    assert [ask(gateway, "billing").status for _ in range(2)] == [200, 429], "another window"


def test_looks_for_held_readers_are_paid_by_a_client_that_has_calls_left(start_gateway, access, simulator):
    access.client("billing", "main", quota(1))
    access.client("reports", "main", quota(1000))
    gateway = start(start_gateway, access, cache={"not_ready_for": "1s"}, polling={"longest_step": "1s"})
    sid = simulator.register(new_sid(), ended_ago_s=60)

    def held(name):
        before = gateway.metrics().total("held_readers")
        reader = gateway.connect().send(request(target(sid), bearer(name), headers=[("Prefer", "wait=20")]))
        eventually(lambda: gateway.metrics().total("held_readers") == before + 1)
        return reader

    poor, rich = held("billing"), held("reports")
    simulator.register(sid, ended_ago_s=7200)
    assert (poor.read().status, rich.read().status) == (200, 200)
    assert gateway.metrics().total("client_quota_calls", client="billing", state="used") == 1
