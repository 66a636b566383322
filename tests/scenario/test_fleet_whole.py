"""Everything that a fleet shares, together, as the user of the engine that the page describes."""

import re

import pytest

from harness.engine import Engine
from harness.eventually import eventually
from harness.fleet import connected, none_serves, purge, report
from harness.program import REPOSITORY
from harness.replicas import Reader, second_tier
from harness.twilio_facts import new_sid

PAGE = (REPOSITORY / "deploy" / "docs" / "fleet.md").read_text()
RULES = re.search(r"^ACL SETUSER gateway on >PASSWORD (.*)$", PAGE, re.MULTILINE).group(1)


@pytest.fixture
def engine(tmp_path):
    with Engine(tmp_path) as one:
        one.acl("gateway", "on", ">right", *RULES.split())
        yield one


@pytest.fixture
def gateways(start_gateway, engine, tmp_path):
    password = tmp_path / "engine.password"
    password.write_text("right\n")
    password.chmod(0o600)
    # On a busy machine a reply takes its time.
    settings = engine.fleet(user="gateway", password_file=password, timeout="1s")
    all = connected(*(start_gateway(fleet=settings) for _ in range(3)))
    for one in all:
        eventually(lambda: second_tier(one) == "on" and report(one)["budget"]["gateways"] == 3, what="everything is shared")
    return all


def refused(gateway):
    return gateway.metrics().total("fleet_commands_total", result="refused")


def test_all_parts_work_with_the_rights_of_the_page_and_beside_each_other(gateways, simulator):
    first, second, third = gateways
    sid, other = new_sid(), new_sid()

    # One flight, one permit of the shared limit, one stored answer.
    readers = [Reader(one, sid) for one in gateways]
    assert {one.answer().status for one in readers} == {200}
    assert simulator.count(sid) == 1
    assert second.ask(other).status == 200 and third.ask(other).status == 200
    assert simulator.count(other) == 1

    # A change through one is seen through all, although answer and limit are shared.
    assert third.annotate(sid, Comment="heard").status == 200
    for one in gateways:
        eventually(lambda: b"heard" in one.ask(sid).body, what="the comment")
    assert simulator.count(sid) <= 3, "the write, the read after it, and one that had begun before"

    # Erased through one: nobody serves it, and the engine has nothing to bring back.
    for how in (f"call_sid={sid}", "all=true"):
        assert purge(second, how)["fleet"] == "done"
        none_serves(gateways, sid)
    none_serves(gateways, other)
    before = simulator.count(other)
    assert first.ask(other).status == 200 and simulator.count(other) == before + 1
    assert [refused(one) for one in gateways] == [0, 0, 0], "each script may do what it does"
