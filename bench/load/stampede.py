"""A stampede: a thousand clients ask for one cold key at once. How often is the upstream asked, and how long does the last one wait?"""

import json
import urllib.request

import report
from measure import Work

CLIENTS = 1000
LATENCY_MS = 100  # of the upstream, about as Twilio's


def bench(bench):
    peers = [peer for peer in bench.peers if peer.caches]
    clients = 100 if bench.quick else CLIENTS
    rows = [["stampede", "upstream calls", "p50 ms", "p99 ms", "errors"]]
    with bench.serving(peers) as stage:
        observer = stage.observer
        for peer in peers:
            # Upstream connections are there, as in a server that has been running for a while.
            observer.load.call(stage.running[peer.key], Work(keys=64, connections=32, seed=2), requests=64, seconds=30)
        _set_latency(observer.control, LATENCY_MS)
        seen = {peer.key: [] for peer in peers}
        for number in range(1, bench.rounds + 1):
            for peer in peers:
                before = observer.upstream_requests()
                cold = Work(connections=clients, seed=100 + number)
                result, _ = observer.load.call(stage.running[peer.key], cold, requests=clients, seconds=30)
                calls = observer.upstream_requests() - before
                seen[peer.key].append((calls, result))
                bench.good &= peer.key != "gateway" or (calls == 1 and not result["errors"])
                bench.say(f"[stampede, round {number}/{bench.rounds}] {peer.name:<20} {calls} upstream calls, p99 "
                          f"{result['p99_us'] / 1e3:.0f} ms, {result['errors']} errors {result['first_error']}")
    for peer in peers:
        calls, results = zip(*seen[peer.key])
        rows.append([peer.name, report.spread(calls, 0), report.spread([one["p50_us"] / 1e3 for one in results], 0),
                     report.spread([one["p99_us"] / 1e3 for one in results], 0), report.spread([one["errors"] for one in results], 0)])
    print(f"\n**Stampede** of {clients:,} clients on one cold key, an upstream that takes {LATENCY_MS} ms, {bench.rounds} rounds; "
          "median (least–most)\n")
    print(report.markdown(rows), flush=True)


def _set_latency(control, milliseconds):
    asked = urllib.request.Request(f"http://{control}/latency", data=json.dumps({"spec": f"{milliseconds}ms"}).encode(), method="POST")
    urllib.request.urlopen(asked, timeout=10).close()
