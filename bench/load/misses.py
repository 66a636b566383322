"""Misses: unique calls through every proxy to an upstream over kept TLS connections. What one costs, and what it adds to a direct call."""

from dataclasses import replace
from statistics import median

import report
from measure import Work
from peers import NGINX_WITHOUT_CACHE, RELAY, missing
from surroundings import Running

CONNECTIONS = 32
KEYS = 400_000   # more than anybody can be asked for in one run: nothing is asked for twice
CALM = 1000      # per second


def bench(bench):
    # The floor of a miss takes the floor's place; sendfile is about hits.
    peers = [RELAY] + [peer for peer in bench.peers if not peer.is_floor and peer.key != "nginx-sendfile"]
    if any(peer.key == "nginx" for peer in peers) and not missing(NGINX_WITHOUT_CACHE):
        peers.append(NGINX_WITHOUT_CACHE)
    unique = Work(keys=KEYS, connections=CONNECTIONS, misses=True)
    with bench.serving(peers) as stage:
        for number, peer in enumerate(peers):
            bench.say(f"warm-up: {peer.name}, misses")
            stage.observer.load.call(stage.running[peer.key], replace(unique, seed=1_000_000 + number), seconds=min(0.5, bench.seconds))
        # Under full load the upstream shares the generator's core, so that the server has its own; both together are the limit then.
        stage.simulator.pin(bench.wanted.cores[1])
        stage.observer.beside = [stage.simulator]
        closed = bench.interleaved(stage, peers, None, "misses, closed loop", works_of=lambda at: replace(unique, seed=1000 + at))
        # At a gentle rate it shares the server's, since the generator never sleeps there: a call is with one of the two at a time.
        stage.simulator.pin(bench.wanted.cores[0])
        opened = _calm(bench, stage, peers, replace(unique, rate=200 if bench.quick else CALM))
    _print(bench, peers, closed, opened)


def _calm(bench, stage, peers, work):
    """Runs at a gentle rate by peer; under `direct` those of the generator asking the upstream itself, in the same rounds."""
    direct = Running(stage.simulator, "", tls_address=stage.around.upstream)
    results = {"direct": []} | {peer.key: [] for peer in peers}
    ours = {"direct"} | {peer.key for peer in peers if peer.is_ours}
    for number in range(1, bench.rounds + 1):
        for turn, key in enumerate(results):
            asked = replace(work, seed=10_000 + 100 * number + turn, tls=key == "direct")
            # A direct call is the upstream's own work, everybody else's has the upstream beside it.
            stage.observer.beside = [] if key == "direct" else [stage.simulator]
            run = stage.observer.clean_run(direct if key == "direct" else stage.running[key], asked, bench.seconds)
            results[key].append(run)
            bench.check(run, True, key in ours)
            bench.say(f"[misses at {work.rate:,}/s, round {number}] {key:<16} p50 {run.p50_us:,.0f} µs, p99 {run.p99_us:,.0f} µs"
                      f"{'  noisy: ' + '; '.join(run.noise) if run.noise else ''}")
    return results


def _print(bench, peers, closed, opened):
    rate = 200 if bench.quick else CALM
    rows = [["miss", "CPU µs per request", "× floor", "requests/s", f"added p50 µs at {rate:,}/s", "added p99 µs"]]
    for peer in peers:
        runs = closed[peer.key]
        added = {which: [getattr(run, which) - getattr(direct, which) for run, direct in zip(opened[peer.key], opened["direct"])]
                 for which in ("p50_us", "p99_us")}
        rows.append([peer.name, report.spread([run.cpu_us for run in runs], 1), report.versus_floor(peer, runs, closed["floor"]),
                     report.per_second(runs), report.spread(added["p50_us"], 0), report.spread(added["p99_us"], 0)])
    direct = [report.spread([getattr(run, which) for run in opened["direct"]], 0) for which in ("p50_us", "p99_us")]
    print(f"\n**Misses**: unique calls, kept TLS to the upstream, {CONNECTIONS} connections, bodies of {bench.around.body_bytes:,} bytes, "
          f"{bench.rounds} rounds of {bench.seconds:g} s; a direct call takes p50 {direct[0]}, p99 {direct[1]} µs; median (least–most)\n")
    text = report.markdown(rows)
    print(text + report.legend(text), end="\n\n")
    lines = report.comparison(peers, closed) + report.caveats("closed loop", peers, closed, misses=True)
    print(*lines, *report.caveats(f"{rate:,}/s", peers, opened, misses=True), sep="\n", flush=True)
    bench.plot["miss"] = {peer.name: median(report.ratios(closed[peer.key], closed["floor"])) for peer in peers[1:]}
