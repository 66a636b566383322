"""The upstream's limit goes from 40 to 10 and back: is it found, used, kept, and who waits how long?"""

import asyncio
import random
from dataclasses import dataclass, field

from clients import CLIENTS, GREEDY, Clients, Planned, arrivals, calls, rates, zipf
from limiter_peers import ALLOWED, Flow, Times, flow
from limiter_report import at, markdown, percent, served, spread

LATENCY = 0.2                 # mean of uniform:150ms:250ms
LIMITS = (ALLOWED, 10, ALLOWED)
SETTLING = 5 * LATENCY        # five round trips
SHARE = ALLOWED / LATENCY / CLIENTS
MODEST_RATE = 2.0             # within its share even when the limit is 10, which is 2.5/s
GREEDY_RATE = 50 * SHARE
TIMES = Times()
OPTIONS = ("--latency", "uniform:150ms:250ms", "--concurrency-limit", ALLOWED)


def planned_of(phase_seconds, seed):
    chance = random.Random(seed)
    pick = zipf(calls(100_000, seed), 0.8, chance)
    return arrivals(rates(MODEST_RATE, GREEDY_RATE), phase_seconds * len(LIMITS), lambda due, who: Planned(due, who, pick()), chance)


@dataclass
class Phase:
    limit: int
    begin: float
    end: float
    whole: Flow
    settled: Flow
    answers: list = field(default_factory=list)


async def play(contender, planned, phase_seconds):
    clients = Clients(contender.address)
    playing = asyncio.create_task(clients.play(planned, grace=2))
    await asyncio.sleep(0)
    phases = []
    for number, limit in enumerate(LIMITS):
        begin, end = number * phase_seconds, (number + 1) * phase_seconds
        await asyncio.sleep(begin - clients.elapsed())
        await contender.control("POST", "limit", {"concurrency": limit})
        first = await contender.watch()
        await asyncio.sleep(begin + SETTLING - clients.elapsed())
        then = await contender.watch()
        await asyncio.sleep(end - clients.elapsed())
        last = await contender.watch()
        phases.append(Phase(limit, begin, end, flow(first, last), flow(then, last)))
    await playing
    for phase in phases:
        phase.answers = [answer for answer in clients.answers if phase.begin <= answer.plan.due < phase.end]
    return phases


def _waits(answers, part, joined=False):
    """Of those who were served with what nobody had been given before; who came first needed the upstream, the others joined somebody."""
    return 1e3 * at([answer.took for answer in answers if answer.status == 200 and not answer.known and answer.joined == joined], part)


def fair_wait(limit):
    """Everybody else's turn first, each once, as fast as the limit allows; then one's own exchange. In ms."""
    return 1e3 * (LATENCY * CLIENTS / limit + LATENCY)


def table(collected, _):
    rows = [["limit", "", "429 of upstream answers", "after 5 round trips", "summaries/s ÷ ideal", "after 5 round trips", "modest: served",
             "came first: p50 ms", "p99", "fair", "joined: p99", "greedy: served", "came first: p50 ms"]]
    for number, phase in enumerate(next(iter(collected.values()))[0]):
        for name, rounds in collected.items():
            phases = [phases[number] for phases in rounds]
            modest, greedy = ([[answer for answer in one.answers if (answer.plan.client == GREEDY) == is_greedy] for one in phases]
                              for is_greedy in (False, True))
            spans = [[one.whole for one in phases], [one.settled for one in phases]]
            rows.append([f"{number + 1}: {phase.limit}", name,
                         *(percent(one.refused_share for one in span) for span in spans),
                         *(spread((one.accepted_per_second / (phase.limit / LATENCY) for one in span), "{:.2f}") for span in spans),
                         percent(map(served, modest)), spread(_waits(one, 0.5) for one in modest),
                         spread(_waits(one, 0.99) for one in modest), f"{fair_wait(phase.limit):.0f}",
                         spread(_waits(one, 0.99, joined=True) for one in modest),
                         percent(map(served, greedy)), spread(_waits(one, 0.5) for one in greedy)])
    return f"**Limit 40 → 10 → 40**, the greedy client asks for {GREEDY_RATE:.0f}/s; ideal: limit ÷ latency\n\n" + markdown(rows)


def brief(phases):
    return ", ".join(f"limit {one.limit}: {one.whole.accepted_per_second / (one.limit / LATENCY):.2f} of the ideal, "
                     f"{100 * one.whole.refused_share:.1f} % refused" for one in phases)
