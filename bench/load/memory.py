"""What things cost in memory: a cached summary, an idle connection, an idle TLS connection. Growth of a server's own and shared pages."""

import contextlib
import json
import re
import subprocess
import urllib.request

import report
from measure import Work
from processes import BenchError

BODY = 2048
ENTRIES, ENTRIES_OF_PEERS = 1_000_000, 100_000
ROOM_MIB = 4095       # the most that HAProxy's cache can have
PLAIN, TLS = 10_000, 2_000


def bench(bench):
    ours, others = (2000, 1000) if bench.quick else (ENTRIES, ENTRIES_OF_PEERS)
    _entries(bench, ours, others)
    _connections(bench, {"plain": 500, "TLS": 100} if bench.quick else {"plain": PLAIN, "TLS": TLS})


def _entries(bench, ours, others):
    peers = [peer for peer in bench.peers if peer.caches]
    rows = [["entry", "entries", "process memory, bytes each", "cache files, bytes each", "as /metrics says"]]
    with bench.serving(peers, body_bytes=BODY, cache_mib=ROOM_MIB) as stage:
        for peer in peers:
            entries = ours if peer.is_ours else others
            bench.say(f"filling {peer.name} with {entries:,} summaries …")
            grown = _fill(stage, stage.running[peer.key], entries)
            rows.append([peer.name, f"{entries:,}", *(f"{grown[kind] / entries:,.0f}" if kind in grown else "–"
                                                      for kind in ("process", "files", "cache_bytes"))])
    print(f"\n**Memory per entry**, summaries of {BODY:,} bytes; growth of the server's own and shared pages, and of files on tmpfs\n")
    print(report.markdown(rows), flush=True)


def _fill(stage, running, entries):
    """Growth by kind. Connections, pools and buffers get their size first, from a few summaries fetched and hit."""
    def state():
        figures = {"process": running.anonymous_bytes()}
        if running.admin:
            figures |= {name: _gauge(running.admin, name) for name in ("cache_bytes", "cache_entries")}
        if running.cache_directory:
            figures["files"] = sum(path.stat().st_blocks * 512 for path in running.cache_directory.rglob("*") if path.is_file())
        return figures

    def take_in(work, **options):
        result, _ = stage.observer.load.call(running, work, **options)
        if result["errors"]:
            raise BenchError(f"{running.server.name}: {result['errors']} errors, the first: {result['first_error']}")

    # 64 keys through 16 connections at once open as many upstream connections as the fill will; the seed makes them other keys.
    few = Work(keys=64, connections=16, seed=2)
    take_in(few, requests=64, seconds=30)
    take_in(few, seconds=0.5)
    before = state()
    many = Work(keys=entries, connections=16)
    take_in(many, requests=entries, seconds=900)
    take_in(many, requests=entries, seconds=900)  # once more: what fills a memory cache only when it is read has done so
    grown = {kind: value - before[kind] for kind, value in state().items()}
    if grown.get("cache_entries", entries) != entries:
        raise BenchError(f"{running.server.name} holds {grown['cache_entries']:.0f} new entries after {entries} distinct summaries")
    return grown


def _gauge(admin, name):
    with urllib.request.urlopen(f"http://{admin}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf"^summary_gateway_{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
    if not found:
        raise BenchError(f"/metrics has no summary_gateway_{name}")
    return float(found.group(1))


def _connections(bench, numbers):
    rows = [["idle connection", *(f"{kind}, bytes each of {number:,}" for kind, number in numbers.items())]]
    peers = [peer for peer in bench.peers if peer.key != "floor-per-key"]  # its connections are the floor's
    cells = {peer.key: [] for peer in peers}
    for kind, number in numbers.items():
        with bench.serving(peers) as stage:  # fresh: nothing that an earlier kind left is used again
            for peer in peers:
                running = stage.running[peer.key]
                if kind == "TLS" and not running.tls_address:
                    cells[peer.key].append("–")
                    continue
                bench.say(f"{number:,} idle {kind} connections to {peer.name} …")
                stage.observer.load.call(running, Work(tls=kind == "TLS"), requests=64, seconds=10)
                before = running.anonymous_bytes()
                with _held(stage.observer.load, running, Work(connections=number, tls=kind == "TLS")):
                    cells[peer.key].append(f"{(running.anonymous_bytes() - before) / number:,.0f}")
    print("\n**Memory per idle connection**, each has asked once; without the kernel's own for its sockets. About 0: taken at start, or given "
          "back when idle\n")
    print(report.markdown(rows + [[peer.name, *cells[peer.key]] for peer in peers]), flush=True)


@contextlib.contextmanager
def _held(load, running, work):
    """These connections, each once used and then idle, until the end of the block."""
    command = load.command(running, work, requests=work.connections, seconds=60, hold=True)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        line = holder.stdout.readline()
        if not line:
            raise BenchError(f"bench-load could not hold {work.connections} connections to {running.server.name}")
        result = json.loads(line)
        if result["errors"]:
            raise BenchError(f"{running.server.name}: {result['errors']} errors, the first: {result['first_error']}")
        yield
        holder.stdin.close()
