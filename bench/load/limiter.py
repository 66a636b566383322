"""The bench of the upstream limiter: every stage, several rounds of it, all contenders at the same time in front of simulators of their own."""

import asyncio
import os
import time
from dataclasses import dataclass, field, replace

import limiter_hits
import limiter_life
import limiter_limit
import limiter_outage
import limiter_report
from measure import busy_seconds
from processes import BenchError
from limiter_peers import contenders


# Each has TIMES and OPTIONS for the contenders, planned_of(seconds, seed), play(contender, planned, seconds) → figures, brief(figures), and
# table(figures of all rounds by contender, seconds).
STAGES = {limiter_limit: 6, limiter_life: limiter_life.SECONDS, limiter_outage: 600 / limiter_outage.FASTER}


@dataclass
class Disturbance:
    """What else the machine did during one stage's rounds."""
    late_ms: list = field(default_factory=list)  # the generator's own delay, p99
    latest_ms: list = field(default_factory=list)
    foreign: list = field(default_factory=list)  # of the two cores
    own: list = field(default_factory=list)


def _round(stage, around, keys, cores, seconds, seed, noise):
    planned = stage.planned_of(seconds, seed)  # made before the clock starts, for it takes a while
    with contenders(replace(around, body_bytes=0), keys, stage.TIMES, *stage.OPTIONS) as found:
        began, machine = time.monotonic(), busy_seconds(cores)
        ours = time.process_time() + sum(one.cpu_seconds() for one in found)
        late = []
        figures = asyncio.run(_measured(stage, found, planned, seconds, late))
        ours = time.process_time() + sum(one.cpu_seconds() for one in found) - ours
        span = time.monotonic() - began
        for one in found:
            one.must_be_alive()
        noise.late_ms.append(1e3 * sorted(late)[int(0.99 * (len(late) - 1))])
        noise.latest_ms.append(1e3 * max(late))
        noise.own.append(ours / span / len(cores))
        noise.foreign.append(max(0.0, busy_seconds(cores) - machine - ours) / span / len(cores))
        return {one.name: figure for one, figure in zip(found, figures)}


async def _measured(stage, found, planned, seconds, late):
    """With somebody beside it who wants to be woken every 10 ms, and notes by how much that was late."""
    async def keep_watch():
        while True:
            due = time.monotonic() + 0.01
            await asyncio.sleep(0.01)
            late.append(time.monotonic() - due)
    watch = asyncio.create_task(keep_watch())
    try:
        return await asyncio.gather(*(stage.play(one, planned, seconds) for one in found))
    finally:
        watch.cancel()


def bench(wanted, around, say):
    os.sched_setaffinity(0, {wanted.cores[1]})  # the generator is in this process
    lengths = {stage: seconds / (3 if wanted.quick and stage is not limiter_life else 1) for stage, seconds in STAGES.items()}
    collected = {stage: {} for stage in STAGES}
    noise = {stage: Disturbance() for stage in STAGES}
    for number in range(1, wanted.rounds + 1):
        for stage, seconds in lengths.items():
            say(f"[round {number}/{wanted.rounds}] {stage.__name__} …")
            try:
                got = _round(stage, around, wanted.peers, wanted.cores, seconds, number, noise[stage])
            except OSError as error:
                raise BenchError(f"{stage.__name__}: {error}") from None
            for name, figures in got.items():
                collected[stage].setdefault(name, []).append(figures)
                say(f"    {name}: {stage.brief(figures)}")
    for stage, seconds in lengths.items():
        print(stage.table(collected[stage], seconds), limiter_report.noise_line(noise[stage]), sep="\n\n", end="\n\n")
    if "gateway" in wanted.peers:
        print(limiter_hits.bench(wanted, around, say))
    return True
