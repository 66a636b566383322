"""Builds of the gateway beside each other, in hundreds of short slices: differences of a few per cent, which longer runs lose in the host's moods."""

import random
from statistics import median

import report
from measure import Work

SLICE = 0.15      # seconds; so short that neighbours in time meet the same mood
PER_ROUND = 20    # slices of each server


def bench(bench):
    with bench.serving(keys=max(bench.wanted.keys)) as stage:
        for keys in bench.wanted.keys:
            _one_table(bench, stage, Work(keys=keys, connections=bench.wanted.connections))


def _one_table(bench, stage, work):
    bench.warm_up(stage, bench.peers, work)
    slices = 2 if bench.quick else PER_ROUND * bench.rounds
    costs = {peer.key: [] for peer in bench.peers}
    for number in range(slices):
        # There and back again: whoever is slowed by its place in the order is slowed as often as all others.
        for peer in bench.peers if number % 2 == 0 else reversed(bench.peers):
            run = stage.observer.run(stage.running[peer.key], work, SLICE)
            bench.check(run, False, peer.is_ours)
            costs[peer.key].append(run.cpu_us)
        if number % PER_ROUND == PER_ROUND - 1:
            bench.say(f"[changes, {work.keys:,} keys, slice {number + 1}/{slices}] "
                      + " · ".join(f"{peer.name} {median(costs[peer.key]):.2f} µs" for peer in bench.peers))
    beside = {"floor": "× floor", "floor-per-key": "× floor (a body per key)", "gateway": "÷ summary-gateway"}
    rows = [["hit", "CPU µs", *(cell for name in beside.values() for cell in (name, "95 % of medians"))]]
    for peer in bench.peers:
        rows.append([peer.name, f"{median(costs[peer.key]):.2f}",
                     *(cell for other in beside for cell in (_ratio(costs[peer.key], costs[other]) if other in costs else ("–", "–")))])
    print(f"\n**Changes**, {work.keys:,} key{'s' * (work.keys > 1)}, {work.connections} connections, {slices} slices of {SLICE:g} s each, "
          "paired slice by slice\n")
    print(report.markdown(rows), flush=True)


def _ratio(costs, others):
    """Its median, and between what the medians of samples drawn from it lie."""
    ratios = [one / other for one, other in zip(costs, others)]
    chance = random.Random(1)
    medians = sorted(median(chance.choices(ratios, k=len(ratios))) for _ in range(400))
    return f"{median(ratios):.3f}", f"{medians[10]:.3f}–{medians[-11]:.3f}"
