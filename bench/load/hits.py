"""Cache hits in every way that clients come: plain and TLS, kept, pipelined, a new connection each; saturated and at fixed rates."""

from dataclasses import dataclass, replace
from statistics import median

import report
from measure import Work
from tenants import must_be_apart

CALM = 0.7  # of what the slowest server but one can do at most: a rate at which everybody (but the slowest, perhaps) has time to breathe


@dataclass(frozen=True)
class Way:
    part: str   # as chosen on the command line
    name: str
    work: Work
    opens: bool = True  # measured at fixed rates as well


WAYS = [
    Way("hits", "plain, connections kept", Work()),
    Way("pipelined", "plain, 16 pipelined", Work(pipelined=16), opens=False),
    Way("connect_each", "plain, a connection each", Work(connect_each=True)),
    Way("tls", "TLS, connections kept", Work(tls=True)),
    Way("tls", "TLS, 16 pipelined", Work(tls=True, pipelined=16), opens=False),
    Way("tls", "TLS, a full handshake each", Work(tls=True, connect_each=True)),
]


def bench(bench, parts):
    ways = [way for way in WAYS if way.part in parts]
    with bench.serving(keys=max(bench.wanted.keys)) as stage:
        must_be_apart(bench.peers, stage)
        for keys in bench.wanted.keys:
            for way in ways:
                peers = [peer for peer in bench.peers if not way.work.tls or stage.running[peer.key].tls_address]
                _one_table(bench, stage, peers, way, keys)


def _one_table(bench, stage, peers, way, keys):
    work = replace(way.work, keys=keys, connections=bench.wanted.connections)
    label = f"{way.name}, {keys:,} key{'s' * (keys > 1)}"
    bench.warm_up(stage, peers, work)
    closed = bench.interleaved(stage, peers, work, f"{label}, closed loop")
    opened = {}
    if way.opens:
        for rate in _rates(bench.wanted.rate, peers, closed):
            opened[rate] = bench.interleaved(stage, peers, replace(work, rate=rate), f"{label}, {rate:,}/s")
    print(f"\n**Hits: {label}**; {work.connections} connections, bodies of {stage.around.body_bytes:,} bytes, {bench.rounds} rounds of "
          f"{bench.seconds:g} s; median (least–most); noisy runs repeated so far: {stage.observer.repeated}\n")
    text = report.table("hit", peers, closed, opened)
    print(text + report.legend(text), end="\n\n")
    lines = report.comparison(peers, closed) + report.caveats("closed loop", peers, closed)
    for rate, results in opened.items():
        lines += report.caveats(f"{rate:,}/s", peers, results)
    print(*lines, sep="\n", flush=True)
    bench.plot[label] = {peer.name: median(report.ratios(closed[peer.key], closed["floor"])) for peer in peers[1:]}


def _rates(fixed, peers, closed):
    """A fixed one, if it is low enough to be comfortable, and one that is a share of what the slowest but one can do."""
    if not fixed:
        return []
    speeds = sorted(median(run.per_second for run in closed[peer.key]) for peer in peers if not peer.is_floor)
    calm = round(CALM * (speeds[1] if len(speeds) > 2 else speeds[0]) if speeds else fixed, -2) or 100
    return [int(rate) for rate in sorted({fixed, calm}) if rate <= calm]
