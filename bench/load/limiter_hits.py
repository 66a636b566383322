"""Whether hits notice that the upstream is hopeless: limit 1, its one place taken for ever, others' misses coming in beside."""

import asyncio
import random
from statistics import median

from clients import CLIENTS, Clients, Planned, arrivals, calls
from measure import Load, Observer, Work
from processes import BenchError
from limiter_peers import Times, contenders

PAIRS, SECONDS, REPEATS = 5, 1.0, 2
BESIDE = 5.0  # requests per second of each client beside


async def _run(observer, contender, cold, hopeless):
    """The hits are bench-load's; the clients beside ask for what is kept, or for what nobody can get."""
    chance = random.Random(1)
    warm = calls(1, 0)[0]
    clients = Clients(contender.address)
    if hopeless:
        await contender.control("POST", "limit", {"concurrency": 1})
        await contender.control("POST", "barrier", {"hold": True})
    planned = arrivals({client: BESIDE for client in range(CLIENTS)}, SECONDS + 1,
                       lambda due, who: Planned(due, who, next(cold) if hopeless else warm), chance)
    beside = asyncio.create_task(clients.play(planned, grace=0.1))
    await asyncio.sleep(0.5)  # those who came first have met the wall
    run = await asyncio.to_thread(observer.run, contender.running, Work(), SECONDS)
    await beside
    if hopeless:
        await contender.control("POST", "barrier", {"hold": False})
        await contender.control("POST", "limit", {"concurrency": 0})
    served = sum(answer.status == 200 for answer in clients.answers)
    if run.errors or (served > 0) == hopeless:
        raise BenchError(f"hits beside a hopeless upstream: {run.errors} errors, {served} of {len(clients.answers)} beside were served")
    return run


async def _quiet_run(observer, contender, cold, hopeless):
    """The least disturbed one of a few at most."""
    tries = []
    while not tries or (tries[-1].noise and len(tries) <= REPEATS):
        tries.append(await _run(observer, contender, cold, hopeless))
    return min(tries, key=lambda run: (bool(run.noise), run.foreign_share))


async def _runs(observer, contender, say):
    cold = iter(calls(10_000, 7))
    await asyncio.to_thread(observer.warm_up, contender.running, Work(), 0.5)
    runs = {False: [], True: []}
    for number in range(2 * PAIRS + 1):  # idle at both ends: every hopeless run stands between two idle ones
        hopeless = number % 2 == 1
        run = await _quiet_run(observer, contender, cold, hopeless)
        runs[hopeless].append(run)
        say(f"[{number + 1:>2}/{2 * PAIRS + 1} hits, upstream {'hopeless' if hopeless else 'idle':<8}] {run.cpu_us:6.2f} µs/request "
            f"{run.per_second:>9,.0f}/s{'  noisy: ' + '; '.join(run.noise) if run.noise else ''}")
    return runs


def bench(wanted, around, say):
    load = Load(wanted.build_dir / "bench/bench-load", wanted.cores[1], around.body_bytes)
    with contenders(around, ["gateway"], Times()) as (gateway,):
        runs = asyncio.run(_runs(Observer(load, gateway.around.control, wanted.cores), gateway, say))
    idle, hopeless = runs[False], runs[True]

    def ratio(figure):
        pairs = [figure(one) / ((figure(before) + figure(after)) / 2) for before, one, after in zip(idle, hopeless, idle[1:])]
        return f"{median(pairs):.2f} ({min(pairs):.2f}–{max(pairs):.2f})"
    noisy = sum(bool(run.noise) for run in idle + hopeless)
    return (f"**Hits while the upstream is hopeless ÷ while it is idle**: requests/s {ratio(lambda run: run.per_second)}, "
            f"CPU per request {ratio(lambda run: run.cpu_us)}; {PAIRS} runs of {SECONDS:g} s, each between two idle ones; "
            f"{noisy} of {len(idle + hopeless)} runs stayed noisy\n")
