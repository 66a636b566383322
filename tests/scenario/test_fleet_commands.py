"""Only commands of Redis 6.2 are sent. A newer server tells since when it has each command and each of their options."""

import re

import pytest

from harness.engine import Engine
from harness.eventually import eventually
from harness.fleet import connected, purge
from harness.program import REPOSITORY
from harness.twilio_facts import new_sid

OLDEST = (6, 2)
# Of a Sentinel, which has no list. It has this one since 2.8.
OF_SENTINEL = "SENTINEL"
OWN = {"ping", "info", "command"}  # of this test
SCRIPTS = "".join(path.read_text() for path in sorted((REPOSITORY / "src/core/fleet").glob("*.cpp")))
LINK = "".join(path.read_text() for path in sorted((REPOSITORY / "src/io/fleet").glob("*.cpp")))


# What may stand between two parentheses of a script: texts, other calls, and the rest.
FLAT = r"(?:'[^']*'|[^()'])*"
INSIDE = rf"(?:'[^']*'|[^()']|\((?:'[^']*'|[^()']|\({FLAT}\))*\))*"


def commands_sent():
    """The words of each command that are written in the source: its name, and options among its arguments."""
    inside = re.findall(rf"redis\.call\(({INSIDE})\)", SCRIPTS)
    assert len(inside) == SCRIPTS.count("redis.call("), "each is found"
    link = re.findall(r"append_command\(\w+, \{([^}]*)\}", LINK)
    names = [[name] for name in re.findall(r'"(EVAL\w*)"', LINK)]
    return [re.findall(r"['\"]([A-Z]+)['\"]", words) for words in inside + link] + names


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with Engine(tmp_path_factory.mktemp("engine")) as engine, engine.client() as one:
        yield one


def pairs(flat):
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2])}


def options(arguments, since="0"):
    """(option, since when) of all of them, at any depth."""
    for one in map(pairs, arguments):
        mine = one.get("since", since.encode()).decode()
        if "token" in one:
            yield one["token"].decode(), mine
        yield from options(one.get("arguments", []), mine)


def newer(client, words):
    """Those of the words that Redis 6.2 does not know."""
    name, *others = words
    found = client.ask("COMMAND", "DOCS", name)
    assert found, f"{name} is no command"
    told = pairs(found[1])
    known = dict(options(told.get("arguments", [])))
    since = {name: told["since"].decode()} | {word: known[word] for word in others if word in known}
    return [word for word, version in since.items() if tuple(map(int, version.split(".")[:2])) > OLDEST]


@pytest.mark.parametrize("words, found", [(["ZMPOP"], ["ZMPOP"]), (["PEXPIRE", "GT"], ["GT"]), (["PEXPIRE"], []), (["ZRANGE", "WITHSCORES"], [])])
def test_what_is_newer_is_noticed(client, words, found):
    assert newer(client, words) == found


def test_each_command_and_option_is_known_to_the_oldest_server(client):
    sent = commands_sent()
    assert len(sent) > 60 and all(sent)
    assert {words[0]: found for words in sent if words[0] != OF_SENTINEL and (found := newer(client, words))} == {}


def test_scripts_use_nothing_but_commands():
    """redis.acl_check_cmd, redis.setresp and others came later."""
    assert set(re.findall(r"\bredis\.(\w+)", SCRIPTS)) == {"call"}


def test_no_command_is_sent_that_the_source_does_not_show(start_gateway, engine):
    gateways = connected(*(start_gateway(fleet=engine.fleet(timeout="1s")) for _ in range(2)))
    sid = new_sid()
    assert {one.ask(sid).status for one in gateways} == {200}
    carried_out = lambda: set(re.findall(r"^cmdstat_([a-z]+)", engine.ask("INFO", "commandstats").decode(), re.M))
    stored = lambda: sum(one.metrics().total("fleet_tier_total", result="stored") for one in gateways)
    eventually(lambda: stored() == 1, what="the summary is in the engine, which is sent after the answer")
    assert purge(gateways[0], "all=true&hard=true")["fleet"] == "done"
    eventually(lambda: {"evalsha", "subscribe", "hset", "unlink"} <= carried_out(), what="each kind of command")
    assert carried_out() <= {words[0].lower() for words in commands_sent()} | OWN
