"""What becomes of a hit when there is more of something: connections, bytes of body, workers, threads in the store, cached entries."""

import subprocess

import report
from measure import FEW, Work
from processes import BenchError

BINARY = {"bench-store-threads": "bench/bench-store-threads"}

CONNECTIONS = (1, 10, 100, 1000, 10_000)
BODIES = (1024, 4096, 16_384)
ENTRIES = (100, 1000, 10_000, 100_000, 1_000_000)
SMALL_BODY = 512
MOST_ENTRIES_OF_PEERS = 100_000  # they take in hundreds of misses a second, or a page and more for each entry
ROOM_MIB = 3072                  # for a million of them
SLICES = 100                     # of each number of threads, a round


def bench(bench):
    _connections(bench)
    _bodies(bench)
    _workers(bench)
    _threads(bench)
    _entries(bench)


def _connections(bench):
    numbers = CONNECTIONS[::2] if bench.quick else CONNECTIONS
    columns = {}
    with bench.serving() as stage:
        for number in numbers:
            work = Work(connections=number)
            bench.warm_up(stage, bench.peers, work)
            columns[f"{number:,}"] = bench.interleaved(stage, bench.peers, work, f"{number:,} connections")
    _print(bench, "connections", columns, f"Below {FEW} nobody is saturated: the two cores wait for each other's wake-ups, the floor as well.")


def _bodies(bench):
    columns = {}
    for size in BODIES[::2] if bench.quick else BODIES:
        with bench.serving(body_bytes=size) as stage:
            bench.warm_up(stage, bench.peers, Work())
            columns[f"{size // 1024} KB"] = bench.interleaved(stage, bench.peers, Work(), f"bodies of {size:,} bytes")
    _print(bench, "body", columns)


def _entries(bench):
    """One key after another, over and over: the least that a processor's caches can help."""
    numbers = ENTRIES[:2] if bench.quick else ENTRIES
    columns = {}
    with bench.serving(body_bytes=SMALL_BODY, cache_mib=ROOM_MIB, keys=max(numbers)) as stage:
        for number in numbers:
            peers = [peer for peer in bench.peers if number <= MOST_ENTRIES_OF_PEERS or peer.is_ours]
            bench.warm_up(stage, peers, Work(keys=number))
            columns[f"{number:,}"] = bench.interleaved(stage, peers, Work(keys=number), f"{number:,} entries")
    _print(bench, f"entries of {SMALL_BODY} bytes", columns, "The floor with one body sends it for ever, the other looks for the key's.")


def _print(bench, what, columns, remark=""):
    rows = [[what, *columns]]
    for peer in bench.peers:
        rows.append([peer.name, *(_cell(peer, runs) for runs in columns.values())])
    print(f"\n**Scale: {what}**, × floor at that scale (least–most); requests/s; hits over plain, kept connections, {bench.rounds} rounds of "
          f"{bench.seconds:g} s. {remark}\n")
    text = report.markdown(rows)
    print(text + report.legend(text), end="\n\n")
    print(*(line for name, runs in columns.items() for line in report.caveats(f"{what} {name}", bench.peers, runs)), sep="\n", flush=True)


def _cell(peer, runs):
    if peer.key not in runs:
        return "–"
    return f"{report.versus_floor(peer, runs[peer.key], runs['floor'])}; {report.per_second(runs[peer.key])}/s"


def _workers(bench):
    """One worker on the servers' core; then two on both cores, which the second one shares with the generator."""
    one, two = str(bench.wanted.cores[0]), ",".join(map(str, bench.wanted.cores))
    for keys in (1,) if bench.quick else (1, 10_000):
        results = {}
        for workers, cores in ((1, one), (2, two)):
            with bench.serving(workers=workers, core=cores, keys=keys) as stage:
                work = Work(keys=keys)
                bench.warm_up(stage, bench.peers, work)
                label = f"{workers} worker{'s' * (workers > 1)}, {keys:,} key{'s' * (keys > 1)}"
                results[workers] = bench.interleaved(stage, bench.peers, work, label)
        _print_workers(bench, keys, results)


def _print_workers(bench, keys, results):
    rows = [["workers", "CPU µs per request, 1", "2", "× floor, 1", "2", "requests per CPU second, 1", "2", "requests/s, 1", "2"]]
    for peer in bench.peers:
        runs = {workers: results[workers][peer.key] for workers in results}
        rows.append([peer.name, *(report.spread([run.cpu_us for run in runs[workers]], 2) for workers in runs),
                     *(report.versus_floor(peer, runs[workers], results[workers]["floor"]) for workers in runs),
                     *(report.spread([1e6 / run.cpu_us for run in runs[workers]], 0) for workers in runs),
                     *(report.per_second(runs[workers]) for workers in runs)])
    print(f"\n**Scale: workers**, {keys:,} key{'s' * (keys > 1)}; the second worker shares its core with the generator, so requests/s say little; "
          "CPU per request says what sharing costs. The floors have one thread in both columns.\n")
    print(report.markdown(rows), flush=True)


def _threads(bench):
    """The store alone: no sockets, so that nothing hides what one thread's finds cost another one's."""
    bench.say("threads in the store …")
    how = ["--rounds", "2", "--milliseconds", "1"] if bench.quick else ["--rounds", str(SLICES * bench.rounds)]
    done = subprocess.run([bench.around.build / BINARY["bench-store-threads"], *how], capture_output=True, text=True)
    if done.returncode:
        raise BenchError(f"bench-store-threads: exit code {done.returncode}: {done.stderr.strip()}")
    print("\n**Scale: threads in the store**, a find of one of 10,000 summaries and a look at its first byte, ns of each thread; paired, medians\n")
    print(done.stdout, end="", flush=True)
