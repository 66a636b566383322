"""What is done to the contenders, and what was seen: the limit that changes, the life of summaries, an outage."""

import asyncio
import random
import time
from dataclasses import dataclass, field

from clients import CLIENTS, GREEDY, Clients, Wish, arrivals, calls, zipf
from shield_peers import ALLOWED, Times

# --- the limit: 40, 10, 40 ---
LATENCY = 0.2                 # mean of uniform:150ms:250ms
LIMITS = (ALLOWED, 10, ALLOWED)
SETTLING = 5 * LATENCY        # five round trips
SHARE = ALLOWED / LATENCY / CLIENTS
MODEST_RATE = 2.0             # within its share even when the limit is 10, which is 2.5/s
GREEDY_RATE = 50 * SHARE
LIMIT_TIMES = Times()
LIMIT_OPTIONS = ("--latency", "uniform:150ms:250ms", "--concurrency-limit", ALLOWED)


def rates(modest, greedy):
    return {client: greedy if client == GREEDY else modest for client in range(CLIENTS)}


def limit_wishes(phase_seconds, seed):
    chance = random.Random(seed)
    pick = zipf(calls(100_000, seed), 0.8, chance)
    return arrivals(rates(MODEST_RATE, GREEDY_RATE), phase_seconds * len(LIMITS), lambda due, who: Wish(due, who, pick()), chance)


@dataclass
class Flow:
    """What the upstream saw in some span of time."""
    seconds: float
    answered: int
    throttled: int

    @property
    def accepted_per_second(self):
        return (self.answered - self.throttled) / self.seconds

    @property
    def refused_share(self):
        return self.throttled / self.answered if self.answered else 0.0


@dataclass
class Phase:
    limit: int
    begin: float
    end: float
    whole: Flow
    settled: Flow
    answers: list = field(default_factory=list)


async def _watch(contender):
    state = await contender.control("GET", "state")
    return time.monotonic(), state["requests"] - state["in_flight"], state["throttled"]


def _flow(before, after):
    return Flow(after[0] - before[0], after[1] - before[1], after[2] - before[2])


async def limit_stage(contender, wishes, phase_seconds):
    clients = Clients(contender.address)
    playing = asyncio.create_task(clients.play(wishes, grace=2))
    await asyncio.sleep(0)
    phases = []
    for number, limit in enumerate(LIMITS):
        begin, end = number * phase_seconds, (number + 1) * phase_seconds
        await asyncio.sleep(begin - clients.elapsed())
        await contender.control("POST", "limit", {"concurrency": limit})
        first = await _watch(contender)
        await asyncio.sleep(begin + SETTLING - clients.elapsed())
        then = await _watch(contender)
        await asyncio.sleep(end - clients.elapsed())
        last = await _watch(contender)
        phases.append(Phase(limit, begin, end, _flow(first, last), _flow(then, last)))
    await playing
    for phase in phases:
        phase.answers = [answer for answer in clients.answers if phase.begin <= answer.wish.due < phase.end]
    return phases


# --- the life of a summary: not ready, complete, annotated; 30 minutes in 6 seconds ---
SPEED = 300
PARTIAL_AFTER, COMPLETE_AFTER = 600, 1800
COMPLETE_AT, ANNOTATED_AT, LIFE_SECONDS = COMPLETE_AFTER / SPEED, 8.0, 10.5
LIVING = 40
NOTE = "heard-by-the-bench"
LIFE_TIMES = Times(not_ready_for="1s")
LIFE_OPTIONS = ("--latency", "uniform:30ms:70ms", "--clock-speed", SPEED)


def life_wishes(_, seed):
    names = calls(LIVING, seed)
    chance = random.Random(seed)
    pick = zipf(names, 0.5, chance)
    wishes = arrivals(rates(15.0, 15.0), LIFE_SECONDS, lambda due, who: Wish(due, who, pick()), chance)
    wishes += arrivals(rates(3.0, 3.0), COMPLETE_AT, lambda due, who: Wish(due, who, pick(), state="partial"), chance)
    wishes += [Wish(ANNOTATED_AT + number * 0.01, 1, name, annotate=NOTE) for number, name in enumerate(names)]
    return sorted(wishes, key=lambda wish: wish.due)


@dataclass
class Life:
    upstream: dict        # version → upstream calls of plain readers
    given: int            # versions, not ready included, that plain readers were given
    partial_asked: int
    partial_upstream: int
    stale_reads: int      # due after the write was acknowledged, answered without it
    reads_after_write: int
    delays: list          # from complete to the first reader who was given it


async def life_stage(contender, wishes, _):
    registered = time.monotonic()
    for name in {wish.call for wish in wishes}:
        await contender.control("POST", "calls", {"call_sid": name, "ended_ago_s": 0, "partial_after_s": PARTIAL_AFTER,
                                                  "complete_after_s": COMPLETE_AFTER})
    clients = Clients(contender.address)
    await clients.play(wishes, grace=2)
    complete_at = COMPLETE_AT - (clients.began - registered)
    rows = (await contender.control("GET", "requests"))["requests"]
    return _life_of(rows, clients.answers, complete_at)


def _life_of(rows, answers, complete_at):
    upstream, annotated = {"not ready": 0, "complete": 0, "annotated": 0}, set()
    partial = 0
    for row in rows:
        if row["method"] == "POST":
            annotated.add(row["call_sid"])
        elif row["processing_state"]:
            partial += 1
        elif row["status"] == 404:
            upstream["not ready"] += 1
        else:
            upstream["annotated" if row["call_sid"] in annotated else "complete"] += 1
    written = {answer.wish.call: answer.ended for answer in answers if answer.wish.annotate and answer.status == 200}
    plain = [answer for answer in answers if not answer.wish.annotate and not answer.wish.state]
    later = [answer for answer in plain if answer.status == 200 and answer.wish.due > written.get(answer.wish.call, float("inf"))]
    first = {}
    for answer in plain:
        if answer.status == 200:
            first[answer.wish.call] = min(answer.ended, first.get(answer.wish.call, answer.ended))
    given = {(answer.wish.call, answer.status, NOTE.encode() in answer.body) for answer in plain if answer.status in (200, 404)}
    return Life(upstream, len(given), sum(answer.wish.state == "partial" for answer in answers), partial,
                sum(NOTE.encode() not in answer.body for answer in later), len(later),
                [moment - complete_at for moment in first.values()])


# --- an outage of ten minutes, thirty times as fast ---
FASTER = 30
OUTAGE_FROM, HEALED_FOR = 2.0, 4.0
KNOWN = 300
COLD_SHARE = 0.05
OUTAGE_TIMES = Times(fresh_for="1s", refresh_backoff="167ms", error_backoff="67ms", max_retry_after="1s")
OUTAGE_OPTIONS = ("--latency", "uniform:30ms:70ms", "--concurrency-limit", ALLOWED)


def known_calls():
    return calls(KNOWN, 0)


def outage_wishes(seconds, seed):
    chance = random.Random(seed)
    pick, cold = zipf(known_calls(), 0.8, chance), iter(calls(10_000, seed + 1))

    def make(due, who):
        return Wish(due, who, next(cold) if chance.random() < COLD_SHARE else pick())
    return arrivals(rates(2.0, 100.0), OUTAGE_FROM + seconds + HEALED_FOR, make, chance)


@dataclass
class Outage:
    seconds: float
    attempts: list       # upstream calls in each second
    to_heal: int         # upstream calls after its end up to the first that was answered with a summary
    healed_after: float  # until somebody new was given a summary; infinity: not seen
    known: list          # answers due during the outage about calls that had been given before
    cold: list           # and about others


async def outage_stage(contender, wishes, seconds):
    known = known_calls()
    clients = Clients(contender.address)
    await clients.play([Wish(number * 0.005, number % CLIENTS, call) for number, call in enumerate(known)], grace=2)
    clients.answers.clear()
    playing = asyncio.create_task(clients.play(wishes, grace=2))
    await asyncio.sleep(OUTAGE_FROM)
    await contender.control("POST", "faults", [{"match": {}, "times": 0, "action": "status", "status": 503}])
    begun = clients.elapsed()
    watched = [await _watch(contender)]
    while clients.elapsed() < begun + seconds:
        await asyncio.sleep(min(1, begun + seconds - clients.elapsed()))
        watched.append(await _watch(contender))
    await contender.control("DELETE", "requests")
    await contender.control("DELETE", "faults")
    ended = clients.elapsed()
    await playing
    rows = (await contender.control("GET", "requests"))["requests"]
    to_heal = next((number for number, row in enumerate(rows, 1) if row["status"] == 200), 0)
    is_known = set(known)
    healed = min((answer.ended for answer in clients.answers if answer.status == 200 and answer.wish.call not in is_known
                  and answer.ended > ended), default=float("inf"))
    during = [answer for answer in clients.answers if begun <= answer.wish.due < ended]
    return Outage(ended - begun, [flow.answered / flow.seconds for flow in map(_flow, watched, watched[1:])], to_heal, healed - ended,
                  [answer for answer in during if answer.wish.call in is_known],
                  [answer for answer in during if answer.wish.call not in is_known])
