"""The shield bench: every stage, several rounds of it, all contenders at the same time in front of simulators of their own."""

import asyncio
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import shield_hits
import shield_report
import shield_stages as stages
from measure import busy_seconds
from processes import BenchError
from shield_peers import contenders


@dataclass(frozen=True)
class Stage:
    name: str
    wishes: object    # (seconds, seed) → what the clients of every contender ask for
    play: object      # (contender, wishes, seconds) → figures
    seconds: float    # what the two make of it is their business
    times: object
    options: tuple
    table: object     # figures of all rounds by contender → text


STAGES = [
    Stage("limit", stages.limit_wishes, stages.limit_stage, 6, stages.LIMIT_TIMES, stages.LIMIT_OPTIONS, shield_report.limit_table),
    Stage("life", stages.life_wishes, stages.life_stage, stages.LIFE_SECONDS, stages.LIFE_TIMES, stages.LIFE_OPTIONS, shield_report.life_table),
    Stage("outage", stages.outage_wishes, stages.outage_stage, 600 / stages.FASTER, stages.OUTAGE_TIMES, stages.OUTAGE_OPTIONS,
          shield_report.outage_table),
]


@dataclass
class Disturbance:
    """What else the machine did during one stage's rounds."""
    late_ms: list = field(default_factory=list)  # the generator's own delay, p99
    latest_ms: list = field(default_factory=list)
    foreign: list = field(default_factory=list)  # of the two cores
    own: list = field(default_factory=list)


def _round(stage, around, keys, cores, seconds, seed, noise):
    wishes = stage.wishes(seconds, seed)  # made before the clock starts, for it takes a while
    with contenders(replace(around, body_bytes=0), keys, stage.times, *stage.options) as found:
        began, machine = time.monotonic(), busy_seconds(cores)
        ours = time.process_time() + sum(one.cpu_seconds() for one in found)
        late = []
        figures = asyncio.run(_measured(stage, found, wishes, seconds, late))
        ours = time.process_time() + sum(one.cpu_seconds() for one in found) - ours
        span = time.monotonic() - began
        for one in found:
            one.must_be_alive()
        noise.late_ms.append(1e3 * sorted(late)[int(0.99 * (len(late) - 1))])
        noise.latest_ms.append(1e3 * max(late))
        noise.own.append(ours / span / len(cores))
        noise.foreign.append(max(0.0, busy_seconds(cores) - machine - ours) / span / len(cores))
        return {one.name: figure for one, figure in zip(found, figures)}


async def _measured(stage, found, wishes, seconds, late):
    """With somebody beside it who wants to be woken every 10 ms, and notes by how much that was late."""
    async def keep_watch():
        while True:
            due = time.monotonic() + 0.01
            await asyncio.sleep(0.01)
            late.append(time.monotonic() - due)
    watch = asyncio.create_task(keep_watch())
    try:
        return await asyncio.gather(*(stage.play(one, wishes, seconds) for one in found))
    finally:
        watch.cancel()


def bench(wanted, around, say):
    os.sched_setaffinity(0, {wanted.cores[1]})  # the generator is in this process
    seconds = {stage.name: stage.seconds / (3 if wanted.quick and stage.name != "life" else 1) for stage in STAGES}
    collected = {stage.name: {} for stage in STAGES}
    noise = {stage.name: Disturbance() for stage in STAGES}
    for number in range(1, wanted.rounds + 1):
        for stage in STAGES:
            say(f"[round {number}/{wanted.rounds}] {stage.name} …")
            try:
                got = _round(stage, around, wanted.peers, wanted.cores, seconds[stage.name], number, noise[stage.name])
            except OSError as error:
                raise BenchError(f"{stage.name}: {error}") from None
            for name, figures in got.items():
                collected[stage.name].setdefault(name, []).append(figures)
                say(f"    {name}: {shield_report.brief(figures)}")
    for stage in STAGES:
        print(stage.table(collected[stage.name], seconds[stage.name]), end="\n\n")
        print(shield_report.noise_line(noise[stage.name]), end="\n\n")
    if "gateway" in wanted.peers:
        print(shield_hits.bench(wanted, around, say))
    return True
