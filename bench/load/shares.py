"""Shares of clients: do the turns go by weight, and what does somebody interactive notice of an export beside?"""

import asyncio
import os
import random
import subprocess
import time
from dataclasses import dataclass, replace
from statistics import median

from clients import CLIENTS, Clients, Planned, read_answer, arrivals, calls
from limiter_peers import one_contender
from limiter_report import at, markdown, percent, served, spread
from peers import start_gateway
from processes import BenchError

WEIGHTS = [(1, 2, 4)[client % 3] for client in range(CLIENTS)]
ALLOWED = 20              # exchanges at once
LATENCY = 0.1             # mean of uniform:80ms:120ms
BULK_SHARE = 5            # percent, the default
WAITING = 10              # of each client while turns are counted: the heaviest never has none
EXPORT_WAITING = 60       # of the export
PAGES = 80.0              # interactive requests a second of all clients together: two fifths of what the upstream takes
OFF, SLOWER = 0.1, 1.2    # the goals: turns off their share, and p99 beside the export ÷ alone
GRACE = 4.0
OPTIONS = ("--latency", "uniform:80ms:120ms", "--concurrency-limit", ALLOWED)
# What an export can be, each with a client of its own.
EXPORTS = {"bulk": "class: bulk", "bulk, max_in_flight: 5": "class: bulk, max_in_flight: 5", "a client of weight 1": "weight: 1"}

CONFIG = """\
workers: 1
listeners:
  - address: 127.0.0.1:0
admin:
  address: 127.0.0.1:0
credentials:
  mode: inject
  accounts: [{{ name: main, credential_file: {directory}/main.credential }}]
  clients:
{clients}
upstream:
  url: https://localhost:{port}
  ca_file: {ca_file}
  max_in_flight: {allowed}
  bulk_share: {bulk_share}
limits:
  drain_timeout: 1s
cache:
  gzip: false
log:
  access: none
"""


@dataclass(frozen=True)
class Spans:
    """In seconds."""
    settling: float = 3.0
    turns: float = 15.0
    pages: float = 15.0


QUICK = Spans(1.0, 4.0, 2.0)


def token(name):
    return f"{name}-of-the-bench".ljust(40, "x")


def _secret(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


def _client(own, name, share):
    hashed = subprocess.run([own.build / "summary-gateway", "--hash-token"], input=token(name) + "\n", capture_output=True, text=True, check=True)
    return f"    - {{ name: {name}, account: main, token_file: {_secret(own.directory / name, hashed.stdout)}, {share} }}"


def _start(own):
    _secret(own.directory / "main.credential", "AC00000000000000000000000000000001:parent-token\n")
    shares = {f"client-{client}": f"weight: {weight}" for client, weight in enumerate(WEIGHTS)}
    shares |= {f"export-{number}": share for number, share in enumerate(EXPORTS.values())}
    lines = "\n".join(_client(own, name, share) for name, share in shares.items())
    return start_gateway(own, CONFIG, clients=lines, allowed=ALLOWED, bulk_share=BULK_SHARE)


def fresh(around):
    return one_contender(replace(around, body_bytes=0), "shares", "summary-gateway", _start, *OPTIONS)


class Backlogs:
    """Clients that always wait for so many answers: each answer is followed by the next request for an unknown call."""

    def __init__(self, address, seed):
        self.host, port = address.rsplit(":", 1)
        self.port = int(port)
        self.names = iter(calls(1_000_000, seed))
        self.answered = {}
        self.failed = 0
        self._running = []

    def add(self, name, waiting):
        self.answered[name] = 0
        self._running += [asyncio.create_task(self._one(name)) for _ in range(waiting)]

    async def _one(self, name):
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            while True:
                writer.write((f"GET /v1/Voice/{next(self.names)}/Summary HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
                              f"Authorization: Bearer {token(name)}\r\n\r\n").encode())
                status, _, _ = await read_answer(reader)
                if status == 200:
                    self.answered[name] += 1
                else:
                    self.failed += 1
                    await asyncio.sleep(LATENCY)  # as Retry-After would have it
        finally:
            writer.transport.abort()

    async def stop(self):
        for one in self._running:
            one.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


@dataclass
class Turns:
    """Of one round: each weight's clients and the export, as parts of their ideal share."""
    by_weight: dict
    bulk: float
    failed: int


async def _turns(contender, spans, seed):
    crowd = Backlogs(contender.address, seed)
    await _prove(contender)
    for client in range(CLIENTS):
        crowd.add(f"client-{client}", WAITING)
    crowd.add("export-0", EXPORT_WAITING)
    await asyncio.sleep(spans.settling)
    before = dict(crowd.answered)
    await asyncio.sleep(spans.turns)
    had = {name: count - before[name] for name, count in crowd.answered.items()}
    await crowd.stop()
    everything = sum(had.values())
    for_pages = everything * (1 - BULK_SHARE / 100) / sum(WEIGHTS)
    by_weight = {weight: [had[f"client-{client}"] / (for_pages * weight) for client in range(CLIENTS) if WEIGHTS[client] == weight]
                 for weight in sorted(set(WEIGHTS))}
    return Turns(by_weight, had["export-0"] / (everything * BULK_SHARE / 100), crowd.failed)


async def _prove(contender):
    """Twilio accepts the account: until then, its requests wait one by one."""
    clients = Clients(contender.address)
    await clients.play([_page(0.0, 0, calls(1, time.time_ns())[0])], grace=GRACE)
    if clients.answers[0].status != 200:
        raise BenchError(f"the first request got {clients.answers[0].status}")


def _page(due, client, call):
    return Planned(due, client, call, authorization=f"Bearer {token(f'client-{client}')}")


async def _pages(contender, spans, seed, export):
    await _prove(contender)
    names = iter(calls(1_000_000, seed + 1))
    planned = arrivals({client: PAGES / CLIENTS for client in range(CLIENTS)}, spans.pages, lambda due, who: _page(due, who, next(names)),
                       random.Random(seed))
    beside, clients = Backlogs(contender.address, seed), Clients(contender.address)
    if export is not None:
        beside.add(f"export-{list(EXPORTS).index(export)}", EXPORT_WAITING)
        await asyncio.sleep(5 * LATENCY)
    await clients.play(planned, grace=GRACE)
    await beside.stop()
    return clients.answers, sum(beside.answered.values())


def p99_ms(answers):
    return 1e3 * at([one.took for one in answers if one.status == 200], 0.99)


def turns_table(rounds):
    rows = [["weight", "share of turns ÷ ideal", "of the client furthest off", "goal"]]
    for weight in rounds[0].by_weight:
        means = [sum(one.by_weight[weight]) / len(one.by_weight[weight]) for one in rounds]
        furthest = [max(one.by_weight[weight], key=lambda share: abs(share - 1)) for one in rounds]
        good = abs(median(furthest) - 1) <= OFF
        rows.append([str(weight), spread(means, "{:.3f}"), spread(furthest, "{:.3f}"), "kept" if good else "**missed**"])
    rows.append([f"export, bulk_share {BULK_SHARE} %", spread([one.bulk for one in rounds], "{:.3f}"), "–", "–"])
    failed = sum(one.failed for one in rounds)
    return (f"**Turns**: {CLIENTS} clients of weights 1, 2 and 4 that always wait, a bulk export beside; {ALLOWED} exchanges of 100 ms at once "
            f"(goal: within {OFF:.0%}; {failed} requests failed)\n\n" + markdown(rows))


def pages_table(collected):
    alone = collected[None]
    rows = [["an export beside", "interactive p50 ms", "p99 ms", "p99 ÷ without", "served", "exported", "goal"]]
    for export, rounds in collected.items():
        ratios = [p99_ms(answers) / p99_ms(without) for (answers, _), (without, _) in zip(rounds, alone)]
        is_bulk = export is not None and "bulk" in export
        rows.append([export or "none", spread([1e3 * at([one.took for one in answers if one.status == 200], 0.5) for answers, _ in rounds]),
                     spread([p99_ms(answers) for answers, _ in rounds]), spread(ratios, "{:.2f}"), percent(served(answers) for answers, _ in rounds),
                     spread([exported for _, exported in rounds]), ("kept" if median(ratios) <= SLOWER else "**missed**") if is_bulk else "–"])
    return (f"**An export beside {PAGES:.0f} interactive requests a second** for unknown calls, {EXPORT_WAITING} of the export wait always "
            f"(goal: p99 ≤ {SLOWER} × without)\n\n" + markdown(rows))


def bench(whole):
    wanted, around, say = whole.wanted, whole.around, whole.say
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {wanted.cores[1]})  # the clients are in this process
    spans = QUICK if whole.quick else Spans()
    try:
        turns, pages = [], {export: [] for export in (None, *EXPORTS)}
        for number in range(1, wanted.rounds + 1):
            with fresh(around) as contender:
                turns.append(asyncio.run(_turns(contender, spans, number)))
                contender.must_be_alive()
            say(f"[shares {number}/{wanted.rounds}] turns ÷ ideal: "
                + ", ".join(f"weight {weight} {sum(all_of) / len(all_of):.3f}" for weight, all_of in turns[-1].by_weight.items())
                + f", export {turns[-1].bulk:.3f}")
            for export, found in pages.items():
                with fresh(around) as contender:
                    found.append(asyncio.run(_pages(contender, spans, number, export)))
                    contender.must_be_alive()
                say(f"[shares {number}/{wanted.rounds}] export {export or 'none'}: p99 {p99_ms(found[-1][0]):.0f} ms, "
                    f"{served(found[-1][0]):.0%} served, {found[-1][1]} exported")
        print(turns_table(turns), pages_table(pages), sep="\n\n", end="\n\n")
    except OSError as error:
        raise BenchError(f"shares: {error}") from None
    finally:
        os.sched_setaffinity(0, mine)
