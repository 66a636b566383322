"""What people with invented credentials cost somebody with a good one: the same reads without and with each kind of stranger beside them."""

import asyncio
import contextlib
import os
import random
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import limiter_limit
from clients import CLIENTS, FAILED, Answer, Clients, Planned, arrivals, calls
from peers import start_gateway
from processes import BenchError, Server
from limiter_peers import contenders, one_contender
from limiter_report import at, markdown, percent, served, spread
from stranger import KEPT, SHARE, VICTIM, basic

GRACE = 4.0                      # seconds for what was due last
RATE = 20.0                      # of the victim's cold reads a second: two under way, where the strangers leave room for five
READERS = 23                     # other credentials of the victim's account, with five kept calls each
SLOWER, SERVED = 1.2, 0.98       # the goals
OPTIONS = ("--latency", "100ms")

CONFIG = """\
workers: 1
listeners:
  - address: 127.0.0.1:0
admin:
  address: 127.0.0.1:0
upstream:
  url: https://localhost:{port}
  ca_file: {ca_file}
  max_in_flight: 10
  max_queued: 400
limits:
  max_connections: {connections}
  drain_timeout: 1s
cache:
  gzip: false
log:
  access: none
"""


@dataclass(frozen=True)
class Spans:
    """In seconds."""
    measured: float = 3.0
    to_arrive: float = 1.5  # for all strangers to connect
    third: float = 6.0      # of 40 → 10 → 40


QUICK = Spans(0.5, 0.3, 0.5)


@dataclass(frozen=True)
class Row:
    what: str
    kind: str               # of stranger.py
    connections: int = 10_000
    admin: bool = False     # the strangers and who notices are at the admin listener


ROWS = [
    Row("A1: annotations by `AC<victim>:junk`, each for 30 ms", "hasty-annotations"),
    Row("A2: one connection pipelines cold reads of 1 µs", "hasty-summaries"),
    Row("A3: 1,500 cold reads by `AC<victim>:x<i>` at once", "flood-named"),
    Row("A3: 600 by invented accounts, 16 addresses", "flood-invented"),
    Row("A4: writes by invented accounts to the kept calls, each for 50 ms", "writes"),
    Row("A5: invented credentials, refused one after another", "refused"),
    Row("A10: 300 unfinished heads, `max_connections: 300`", "heads", connections=300),
    Row("A10: 300 unfinished heads at the admin listener; its probes", "heads", admin=True),
]


@dataclass
class Noticed:
    """By the victim, in one half of a pair."""
    answers: list = field(default_factory=list)
    kept: float = 1.0  # of what was in the cache before, what is answered from it afterwards

    @property
    def p99_ms(self):
        """Of all that were answered with what was asked for; not a number if nothing was."""
        return 1e3 * at([one.took for one in self.answers if one.status == 200], 0.99)


def fresh(around, row):
    start = lambda own: start_gateway(own, CONFIG, connections=row.connections)
    return one_contender(replace(around, body_bytes=0), "strangers", "summary-gateway", start, *OPTIONS)


@contextlib.contextmanager
def strangers(around, core, kind, address):
    """They share the core of who measures, and give way to it."""
    command = ["nice", "-n", "10", sys.executable, Path(__file__).with_name("stranger.py"), kind, address]
    server = Server("stranger", command, core, around.directory / "stranger.log")
    try:
        server.read_until_ready()
        yield
        server.must_be_alive()
    finally:
        server.stop()


async def _keep(contender):
    """Each reader asks for its calls, which are stored from then on. Returns the planned requests, to be sent again."""
    planned = []
    for number in range(READERS):
        user, secret = f"SK{0x600D << 96 | number:032x}", "good"
        await contender.control("POST", "credentials", {"user": user, "secret": secret, "account_sid": VICTIM, "state": "active"})
        planned += [Planned(0.005 * len(planned), number % CLIENTS, call, authorization=basic(user, secret)) for call in KEPT[5 * number:5 * number + 5]]
    await Clients(contender.address).play(planned, grace=GRACE)
    return planned


async def _still_kept(contender, planned):
    clients = Clients(contender.address)
    await clients.play(planned, grace=GRACE)
    return sum(answer.from_cache for answer in clients.answers) / len(planned)


async def _cold_reads(contender, seconds, seed):
    chance, cold = random.Random(seed), iter(calls(10_000, seed))
    planned = arrivals({client: RATE / CLIENTS for client in range(CLIENTS)}, seconds, lambda due, who: Planned(due, who, next(cold)), chance)
    clients = Clients(contender.address)
    await clients.play(planned, grace=GRACE)
    return Noticed(clients.answers)


async def _probes(contender, seconds):
    """As an orchestrator does: a connection each."""
    began, answers = time.monotonic(), []

    async def probe(answer):
        with contextlib.suppress(OSError, EOFError, ValueError, asyncio.TimeoutError):
            reader, writer = await asyncio.open_connection(*contender.running.admin.rsplit(":", 1))
            writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer.status = int((await asyncio.wait_for(reader.readuntil(b"\r\n"), 2))[9:12])
            writer.transport.abort()
        answer.took = time.monotonic() - began - answer.plan.due

    asking = []
    for number in range(max(5, int(RATE * seconds))):
        await asyncio.sleep(number / RATE - (time.monotonic() - began))
        answers.append(Answer(Planned(number / RATE, 0, ""), known=False, joined=False, status=FAILED))
        asking.append(asyncio.create_task(probe(answers[-1])))
    await asyncio.gather(*asking)
    return Noticed(answers)


async def _pair(wanted, contender, row, spans, seed):
    look = _probes if row.admin else lambda one, span: _cold_reads(one, span, next(seeds))
    seeds = iter((2 * seed, 2 * seed + 1))
    kept = await _keep(contender)
    alone = await look(contender, spans.measured)
    with strangers(contender.around, wanted.cores[1], row.kind, contender.running.admin if row.admin else contender.address):
        await asyncio.sleep(spans.to_arrive)
        beside = await look(contender, spans.measured)
    beside.kept = await _still_kept(contender, kept)
    contender.must_be_alive()
    return alone, beside


def table(collected):
    rows = [["stranger", "victim's p99 ms alone", "beside", "ratio", "served alone", "beside", "kept answers still there", "goals"]]
    for row, pairs in collected.items():
        alone, beside = zip(*pairs)
        ratios = [there.p99_ms / here.p99_ms for here, there in pairs]
        shares = [served(one.answers) for one in beside]
        good = min(median(ratios) <= SLOWER, median(shares) >= SERVED, median(one.kept for one in beside) >= SERVED)
        rows.append([row.what, spread((one.p99_ms for one in alone), "{:.1f}"), spread((one.p99_ms for one in beside), "{:.1f}"),
                     spread(ratios, "{:.2f}"), percent(served(one.answers) for one in alone), percent(shares),
                     percent(one.kept for one in beside), "kept" if good else "**missed**"])
    return (f"**Strangers at {SHARE:g} of a core**: the victim asks for {RATE:g} unknown calls a second of an upstream that takes 100 ms "
            f"(goals: p99 ≤ {SLOWER} ×, {SERVED:.0%} served and kept)\n\n" + markdown(rows))


def _limit_beside(wanted, around, say, seconds):
    """The limiter's first stage, with and without twenty strangers."""
    collected = {"alone": [], "20 strangers beside": []}
    for number in range(1, wanted.rounds + 1):
        for name, found in collected.items():
            with contenders(replace(around, body_bytes=0), ["gateway"], limiter_limit.TIMES, *limiter_limit.OPTIONS) as (contender,):
                others = strangers(contender.around, wanted.cores[1], "twenty", contender.address)
                with contextlib.nullcontext() if name == "alone" else others:
                    found.append(asyncio.run(limiter_limit.play(contender, limiter_limit.planned_of(seconds, number), seconds)))
                contender.must_be_alive()
            say(f"[limit {number}/{wanted.rounds}] {name}: {limiter_limit.brief(found[-1])}")
    return limiter_limit.table(collected, seconds)


def bench(whole):
    wanted, around, say = whole.wanted, whole.around, whole.say
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {wanted.cores[1]})  # the victim is in this process
    spans = QUICK if whole.quick else Spans()
    try:
        collected = {row: [] for row in ROWS}
        for number in range(1, wanted.rounds + 1):
            for row, pairs in collected.items():
                with fresh(around, row) as contender:
                    pairs.append(asyncio.run(_pair(wanted, contender, row, spans, number)))
                alone, beside = pairs[-1]
                say(f"[strangers {number}/{wanted.rounds}] {row.what}: p99 {alone.p99_ms:.1f} → {beside.p99_ms:.1f} ms, "
                    f"{served(beside.answers):.0%} served, {beside.kept:.0%} still kept")
        print(table(collected), _limit_beside(wanted, around, say, spans.third), sep="\n\n", end="\n\n")
    except OSError as error:
        raise BenchError(f"strangers: {error}") from None
    finally:
        os.sched_setaffinity(0, mine)
