"""What a cached summary costs in memory: growth of a fresh server while it takes in many distinct ones."""

import re
import urllib.request

from processes import BenchError


def gauge(admin, name):
    with urllib.request.urlopen(f"http://{admin}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(rf"^summary_gateway_{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
    if not found:
        raise BenchError(f"/metrics has no summary_gateway_{name}")
    return float(found.group(1))


def file_bytes(directory):
    """Allocated by the files below: on tmpfs that is memory, in whole pages."""
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())


def fill(running, load, entries):
    """Bytes per entry by kind. Connections, pools and buffers get their size first, from one summary fetched and hit."""
    def state():
        figures = {"process memory": running.server.anonymous_bytes()}
        if running.admin:
            figures["cache_bytes in /metrics"] = gauge(running.admin, "cache_bytes")
            figures["cache_entries"] = gauge(running.admin, "cache_entries")
        if running.cache_directory:
            figures["cache files"] = file_bytes(running.cache_directory)
        return figures

    def take_in(keys, **options):
        load.keys = keys
        result, _ = load.call(running.address, connections=16, **options)
        if result["errors"]:
            raise BenchError(f"{running.server.name}: {result['errors']} errors, the first: {result['first_error']}")

    # 64 keys through 16 connections at once open as many upstream connections as the fill will; the seed makes them other keys.
    take_in(64, requests=64, seed=2)
    take_in(1, seconds=0.5, seed=2)
    before = state()
    take_in(entries, requests=entries, seconds=120)
    after = state()
    grown = {kind: after[kind] - before[kind] for kind in before}
    count = grown.pop("cache_entries", entries)
    if count != entries:
        raise BenchError(f"{running.server.name} holds {count:.0f} new entries after {entries} distinct summaries")
    return {kind: growth / entries for kind, growth in grown.items()}
