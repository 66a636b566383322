"""What hits feel of an erasure: a million summaries are kept, and all are read for a number again and again while hits go on."""

import contextlib
import json
import threading
import time
import urllib.request

import report
from measure import Work

ENTRIES, SMALL_BODY, ROOM_MIB = 1_000_000, 512, 3072
HIT_KEYS = 1000
RATE = 4000                    # hits a second, due whether or not the last ones are answered: else a stall would hide in fewer requests
NUMBER = "+99 999 000 0001"    # of which nothing is kept, so that each erasure reads everything that the first one read


def bench(bench):
    entries = 2000 if bench.quick else ENTRIES
    peers = [peer for peer in bench.peers if peer.is_ours and peer.caches]
    rows = [["hits, 4,000 a second", "p50, µs", "p99, µs", "CPU µs per request", "erasures", "each read the cache in, s"]]
    with bench.serving(peers, body_bytes=SMALL_BODY, cache_mib=ROOM_MIB) as stage:
        for peer in peers:
            running = stage.running[peer.key]
            bench.say(f"filling {peer.name} with {entries:,} summaries …")
            for _ in range(2):
                stage.observer.load.call(running, Work(keys=entries, connections=16), requests=entries, seconds=900)
            runs, took = _rounds(bench, stage, peer, running)
            for name, label in (("alone", f"{peer.name} alone"), ("beside", f"{peer.name} beside an erasure")):
                own = took if name == "beside" else []
                rows.append([label, report.spread([run.p50_us for run in runs[name]], 0), report.spread([run.p99_us for run in runs[name]], 0),
                             report.spread([run.cpu_us for run in runs[name]], 1), str(len(own)), report.spread(own, 2) if own else "–"])
    print(f"\n**Erasing**, {entries:,} kept summaries of {SMALL_BODY} bytes, one worker and the eraser on one core; {bench.rounds} rounds of "
          f"{bench.seconds:g} s, the two in turn\n")
    print(report.markdown(rows), flush=True)


def _rounds(bench, stage, peer, running):
    work = Work(keys=HIT_KEYS, connections=16, rate=RATE)
    runs, took = {"alone": [], "beside": []}, []
    for number in range(1, bench.rounds + 1):
        for name, all_runs in runs.items():
            with _erasing(running.admin, took) if name == "beside" else contextlib.nullcontext():
                run = stage.observer.run(running, work, bench.seconds)
            bench.check(run, False, True)
            all_runs.append(run)
            bench.say(f"[erasing, round {number}] {peer.name}, {name}: p50 {run.p50_us:,.0f} µs, p99 {run.p99_us:,.0f} µs")
    return runs, took


@contextlib.contextmanager
def _erasing(admin, took):
    """One erasure after the other until the end of the block; adds how long each one took."""
    over = threading.Event()

    def erase():
        while not over.is_set():
            began = time.monotonic()
            wanted = urllib.request.Request(f"http://{admin}/api/erase", json.dumps({"number": NUMBER}).encode(), method="POST")
            with urllib.request.urlopen(wanted, timeout=30) as answer:
                if json.load(answer)["state"] == "complete":
                    took.append(time.monotonic() - began)

    thread = threading.Thread(target=erase)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
