"""The life of summaries: not ready, complete, annotated; what readers are given, how late, and what that costs upstream."""

import random
import time
from dataclasses import dataclass

from clients import Clients, Planned, arrivals, calls, rates, zipf
from limiter_peers import Times
from limiter_report import at, markdown, percent, spread

SPEED = 300  # 30 minutes in 6 seconds
PARTIAL_AFTER, COMPLETE_AFTER = 600, 1800
COMPLETE_AT, ANNOTATED_AT, SECONDS = COMPLETE_AFTER / SPEED, 8.0, 10.5
LIVING = 40
NOTE = "heard-by-the-bench"
TIMES = Times(not_ready_for="1s")
OPTIONS = ("--latency", "uniform:30ms:70ms", "--clock-speed", SPEED)


def planned_of(_, seed):
    names = calls(LIVING, seed)
    chance = random.Random(seed)
    pick = zipf(names, 0.5, chance)
    planned = arrivals(rates(15.0, 15.0), SECONDS, lambda due, who: Planned(due, who, pick()), chance)
    planned += arrivals(rates(3.0, 3.0), COMPLETE_AT, lambda due, who: Planned(due, who, pick(), state="partial"), chance)
    planned += [Planned(ANNOTATED_AT + number * 0.01, 1, name, annotate=NOTE) for number, name in enumerate(names)]
    return sorted(planned, key=lambda plan: plan.due)


@dataclass
class Life:
    upstream: dict        # version → upstream calls of plain readers
    given: int            # versions, not ready included, that plain readers were given
    partial_asked: int
    partial_upstream: int
    stale_reads: int      # due after the write was acknowledged, answered without it
    reads_after_write: int
    delays: list          # from complete to the first reader who was given it


async def play(contender, planned, _):
    registered = time.monotonic()
    for name in sorted({plan.call for plan in planned}):
        await contender.control("POST", "calls", {"call_sid": name, "ended_ago_s": 0, "partial_after_s": PARTIAL_AFTER,
                                                  "complete_after_s": COMPLETE_AFTER})
    clients = Clients(contender.address)
    await clients.play(planned, grace=2)
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
    written = {answer.plan.call: answer.ended for answer in answers if answer.plan.annotate and answer.status == 200}
    plain = [answer for answer in answers if not answer.plan.annotate and not answer.plan.state]
    later = [answer for answer in plain if answer.status == 200 and answer.plan.due > written.get(answer.plan.call, float("inf"))]
    first = {}
    for answer in plain:
        if answer.status == 200:
            first[answer.plan.call] = min(answer.ended, first.get(answer.plan.call, answer.ended))
    given = {(answer.plan.call, answer.status, NOTE.encode() in answer.body) for answer in plain if answer.status in (200, 404)}
    return Life(upstream, len(given), sum(answer.plan.state == "partial" for answer in answers), partial,
                sum(NOTE.encode() not in answer.body for answer in later), len(later),
                [moment - complete_at for moment in first.values()])


def table(collected, _):
    rows = [["upstream calls per call", "not ready", "complete", "annotated", "per version given", "of 3 given", "partial: upstream ÷ readers",
             "complete seen after ms", "stale reads after a write"]]
    for name, rounds in collected.items():
        row = [name] + [spread([one.upstream[version] / LIVING for one in rounds], "{:.2f}") for version in rounds[0].upstream]
        row.append(spread((sum(one.upstream.values()) / one.given for one in rounds), "{:.2f}"))
        row.append(spread((one.given / LIVING for one in rounds), "{:.2f}"))
        row.append(spread([one.partial_upstream / one.partial_asked for one in rounds], "{:.2f}"))
        row.append(spread(1e3 * at(one.delays, 0.5) for one in rounds))
        row.append(percent(one.stale_reads / one.reads_after_write for one in rounds))
        rows.append(row)
    return f"**The life of {LIVING} calls**\n\n" + markdown(rows)


def brief(life):
    return f"{sum(life.upstream.values())} upstream calls of plain readers, {life.stale_reads} stale reads after a write"
