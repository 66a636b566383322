"""An outage of ten minutes, thirty times as fast: who is still served, how often the upstream is asked meanwhile, what heals it."""

import asyncio
import random
from dataclasses import dataclass

from clients import CLIENTS, Clients, Planned, arrivals, calls, rates, zipf
from limiter_peers import ALLOWED, Flow, Times, flow
from limiter_report import at, markdown, percent, served, spread

FASTER = 30
OUTAGE_FROM, HEALED_FOR = 2.0, 4.0
KNOWN = 300
COLD_SHARE = 0.05
TIMES = Times(fresh_for="1s", refresh_backoff="167ms", error_backoff="67ms", max_retry_after="1s")
OPTIONS = ("--latency", "uniform:30ms:70ms", "--concurrency-limit", ALLOWED)


def known_calls():
    return calls(KNOWN, 0)


def planned_of(seconds, seed):
    chance = random.Random(seed)
    pick, cold = zipf(known_calls(), 0.8, chance), iter(calls(10_000, seed + 1))

    def make(due, who):
        return Planned(due, who, next(cold) if chance.random() < COLD_SHARE else pick())
    return arrivals(rates(2.0, 100.0), OUTAGE_FROM + seconds + HEALED_FOR, make, chance)


@dataclass
class Outage:
    first_second: Flow   # of upstream calls
    afterwards: Flow
    to_heal: int         # upstream calls after its end up to the first that was answered with a summary
    healed_after: float  # until somebody new was given a summary; infinity: not seen
    known: list          # answers due during the outage about calls that had been given before
    cold: list           # and about others

    @property
    def calls(self):
        return self.first_second.answered + self.afterwards.answered


async def play(contender, planned, seconds):
    known = known_calls()
    clients = Clients(contender.address)
    await clients.play([Planned(number * 0.005, number % CLIENTS, call) for number, call in enumerate(known)], grace=2)
    clients.answers.clear()
    playing = asyncio.create_task(clients.play(planned, grace=2))
    await asyncio.sleep(OUTAGE_FROM)
    await contender.control("POST", "faults", [{"match": {}, "times": 0, "action": "status", "status": 503}])
    begun = clients.elapsed()
    watched = []
    for moment in (begun, begun + 1, begun + seconds):
        await asyncio.sleep(moment - clients.elapsed())
        watched.append(await contender.watch())
    await contender.control("DELETE", "requests")
    await contender.control("DELETE", "faults")
    ended = clients.elapsed()
    await playing
    rows = (await contender.control("GET", "requests"))["requests"]
    to_heal = next((number for number, row in enumerate(rows, 1) if row["status"] == 200), 0)
    is_known = set(known)
    healed = min((answer.ended for answer in clients.answers if answer.status == 200 and answer.plan.call not in is_known
                  and answer.ended > ended), default=float("inf"))
    during = [answer for answer in clients.answers if begun <= answer.plan.due < ended]
    return Outage(flow(watched[0], watched[1]), flow(watched[1], watched[-1]), to_heal, healed - ended,
                  [answer for answer in during if answer.plan.call in is_known],
                  [answer for answer in during if answer.plan.call not in is_known])


def table(collected, seconds):
    rows = [["outage", "known: from the cache", "p99 ms", "new: told in p99 ms", "upstream calls/s, first second", "afterwards", "in all",
             "calls to heal", "new ones served again after s"]]
    for name, rounds in collected.items():
        rows.append([name, percent(served(one.known) for one in rounds),
                     spread((1e3 * at([answer.took for answer in one.known], 0.99) for one in rounds), "{:.1f}"),
                     spread((1e3 * at([answer.took for answer in one.cold], 0.99) for one in rounds), "{:.1f}"),
                     spread(one.first_second.answered / one.first_second.seconds for one in rounds),
                     spread((one.afterwards.answered / one.afterwards.seconds for one in rounds), "{:.1f}"),
                     spread(one.calls for one in rounds), spread(one.to_heal for one in rounds),
                     spread((one.healed_after for one in rounds), "{:.2f}")])
    return f"**Outage** of {seconds:.0f} s, {seconds * FASTER / 60:.0f} minutes at {FASTER} × the speed\n\n" + markdown(rows)


def brief(outage):
    return f"{outage.calls} upstream calls in the outage, healed after {outage.healed_after:.2f} s"
