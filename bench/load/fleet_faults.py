"""What readers notice of an engine in trouble: for each fault a fleet, and then as many islands that are asked for the same."""

import asyncio
import os
import random
import signal
import time
from dataclasses import dataclass
from statistics import median
from typing import Callable

from clients import calls
from engine_relay import EngineRelay
from fleet_cases import Reader
from fleet_groups import ALLOWED, engine_program, group
from limiter_report import at, markdown, percent, spread
from processes import BenchError

FLEET, ISLANDS = "fleet", "islands"
BEGINS, ENDS, SECONDS = 1.5, 4.5, 7.0  # of a fault, and of the work
RATE, HOT = 60, 20                     # requests per second; of ten, three are for one of the hot calls
LEARNT_BY = 3.0                        # so long the part of a gateway that is alone may take to grow


@dataclass(frozen=True)
class Case:
    name: str
    begin: Callable = lambda group: None
    end: Callable = lambda group: None
    islands: Callable = lambda group: None  # what islands see instead when it begins
    relayed: bool = False  # the engine is reached through a relay
    limit: int = ALLOWED   # of the account
    alone: bool = False    # one gateway has all the work; counted from when it must have learnt its part anew

    @property
    def counts_from(self):
        return BEGINS + LEARNT_BY if self.alone else 0.0


def _signalled(number):
    return lambda group: group.engine.server.process.send_signal(number)


def _asked(*words):
    return lambda group: group.engine.ask(*words)


def _comes_back_older(group):
    """As after a failover that lost an erasure."""
    group.engine.ask("SAVE")
    group.purge_now(0, "all=true&hard=true")
    group.engine.kill()
    group.engine.start()


def _all_purged(group):
    for number in range(len(group.running)):
        group.purge_now(number, "all=true&hard=true")


CASES = [
    Case("none"),
    Case("kill -9", lambda group: group.engine.kill(), lambda group: group.engine.start()),
    Case("SIGSTOP", _signalled(signal.SIGSTOP), _signalled(signal.SIGCONT)),
    Case("CLIENT PAUSE", _asked("CLIENT", "PAUSE", f"{1000 * (ENDS - BEGINS):.0f}", "ALL")),
    Case("FLUSHALL", _asked("FLUSHALL")),
    Case("back without an erasure", _comes_back_older, islands=_all_purged),
    Case("maxmemory reached", _asked("CONFIG", "SET", "maxmemory", "1"), _asked("CONFIG", "SET", "maxmemory", "0")),
    Case("rights revoked", _asked("ACL", "SETUSER", "default", "-eval", "-evalsha"), _asked("ACL", "SETUSER", "default", "+@all")),
    Case("a byte a second", lambda group: group.relay.say("drip"), lambda group: group.relay.say("pass"), relayed=True),
    Case("a gigabyte", lambda group: group.relay.say("flood"), lambda group: group.relay.say("pass"), relayed=True),
    Case("kill -9, one gateway has all, 70 % of limit 10", lambda group: group.engine.kill(), lambda group: group.engine.start(), limit=10, alone=True),
]


def _plan(case, seed, gateways):
    """(due, gateway, call) of each request: the same for fleet and islands."""
    chance = random.Random(seed)
    rate = 0.7 * case.limit / 0.1 if case.alone else RATE
    hot, cold = calls(HOT, seed), iter(calls(int(3 * rate * SECONDS), seed + 1))
    planned, due = [], 0.0
    while (due := due + chance.expovariate(rate)) < SECONDS:
        planned.append((due, 0 if case.alone else chance.randrange(gateways), chance.choice(hot) if chance.random() < 0.3 and not case.alone else next(cold)))
    return planned


async def _played(case, gateways, reader, planned):
    """(due, status, seconds) of each request; the fault begins and ends meanwhile."""
    began, asking = time.monotonic(), []

    async def ask(due, gateway, call):
        status, took, *_ = await reader.ask(gateway, call)
        return due, status, took

    async def trouble():
        for moment, what in ((BEGINS, case.begin), (ENDS, case.end)) if gateways.engine else ((BEGINS, case.islands),):
            await asyncio.sleep(max(0, began + moment - time.monotonic()))
            await asyncio.to_thread(what, gateways)
    meanwhile = asyncio.create_task(trouble())
    for due, *what in planned:
        await asyncio.sleep(max(0, began + due - time.monotonic()))
        asking.append(asyncio.create_task(ask(due, *what)))
    came = await asyncio.gather(*asking)
    await meanwhile
    return [one for one in came if one[0] >= case.counts_from]


async def _figures(case, gateways, seed):
    await gateways.upstream("POST", "limit", {"concurrency": case.limit})
    reader = Reader(gateways)
    try:
        # Credentials are proved, connections open, and the limit is known.
        for number in range(len(gateways.running)):
            await asyncio.gather(*(reader.ask(number, call) for call in calls(2 * case.limit, seed + 7 + number)))
        came = await _played(case, gateways, reader, _plan(case, seed, len(gateways.running)))
    finally:
        reader.close()
    took = [1e3 * seconds for _, _, seconds in came]
    return {"errors": sum(status != 200 for _, status, _ in came) / len(came), "p50": at(took, 0.5), "p99": at(took, 0.99), "most": max(took)}


def _run(case, kind, count, around, seed):
    with group(kind, count, around, EngineRelay if case.relayed else None) as gateways:
        found = asyncio.run(_figures(case, gateways, seed))
        for one in gateways.running:
            one.must_be_alive()
        return found


def _row(case, pairs):
    def column(kind, name, form="{:.0f}"):
        values = [pair[kind][name] for pair in pairs]
        return percent(values) if name == "errors" else spread(values, form)
    more_errors = median(pair[FLEET]["errors"] - pair[ISLANDS]["errors"] for pair in pairs)
    later = median(pair[FLEET]["p99"] - pair[ISLANDS]["p99"] for pair in pairs)
    cells = [column(kind, name) for name in ("errors", "p50", "p99", "most") for kind in (FLEET, ISLANDS)]
    return [case.name, *cells, f"{100 * more_errors:+.1f} %", f"{later:+.0f}"]


def bench(wanted, around, say):
    if engine_program() is None:
        raise BenchError("the fleet's engine is missing: deploy/install-deps --bench installs redis-server")
    os.sched_setaffinity(0, {wanted.cores[1]})  # the generator is in this process
    count = min(wanted.gateways)
    rows = [["fault", *(f"{name}, {kind}" for name in ("errors", "p50 ms", "p99 ms", "longest ms") for kind in (FLEET, ISLANDS)),
             "more errors", "p99 later by ms"]]
    for case in CASES:
        pairs = []
        for seed in range(1, wanted.rounds + 1):
            # Turn about, so that neither is always the first.
            kinds = (FLEET, ISLANDS) if seed % 2 else (ISLANDS, FLEET)
            pairs.append({kind: _run(case, kind, count, around, 1000 * seed) for kind in kinds})
        rows.append(_row(case, pairs))
        say("    " + " | ".join(rows[-1]))
    print(f"{count} gateways of each; medians of {wanted.rounds} pairs, and their spread\n")
    print(markdown(rows))
    return True
