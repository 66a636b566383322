"""What the setting shadow estimates for other policies beside what gateways with those policies really do with the same requests. All
gateways get each part of the trace at the same moment, so that summaries live and end alike in all of them. Real time."""

import json
import random
import re
import socket
import tempfile
import urllib.request
from dataclasses import dataclass, field, replace
from pathlib import Path

from clients import AUTHORIZATION, calls, zipf
from limiter_report import markdown
from peers import start_gateway
from processes import BenchError
from surroundings import start_simulator

API_KEY = "Basic U0swMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTprZXktc2VjcmV0"  # of the same account
AT_ONCE = 50            # requests to one gateway before the next one's turn
ABSENT_EVERY = 20       # of the calls, one is unknown to the upstream
BODY_BYTES = 1024
MOST_POINTS = 2
PRESENT = {"max_bytes": "16MiB", "fresh_for": "20s", "sharing": "partition"}
MAX_BYTES, FRESH_FOR, SHARING = ["4MiB", "8MiB", "32MiB"], ["5s", "1m"], "grants"
CONFIG = """\
workers: 1
listeners:
  - address: 127.0.0.1:0
admin:
  address: 127.0.0.1:0
upstream:
  url: https://localhost:{port}
  ca_file: {ca_file}
credentials:
  sharing: {sharing}
cache:
  max_bytes: {max_bytes}
  fresh_for: {fresh_for}
log:
  access: none
"""
SHADOW = f"""\
shadow:
  max_bytes: [{", ".join(MAX_BYTES)}]
  fresh_for: [{", ".join(FRESH_FOR)}]
  sharing: {SHARING}
"""
HIT = re.compile(rb"\r\ncache-status: [^\r]*; hit\b", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass
class Played:
    """A gateway with one policy."""
    name: str
    running: object
    hits: int = 0
    requests: int = 0
    connection: socket.socket = None
    kept: bytes = field(default=b"", repr=False)

    def ask(self, requests):
        """All of them in one write; counts those that were answered from memory."""
        if self.connection is None:
            host, port = self.running.address.rsplit(":", 1)
            self.connection = socket.create_connection((host, int(port)))
        self.connection.sendall(b"".join(requests))
        for _ in requests:
            head = self._read_until(b"\r\n\r\n")
            self.hits += bool(HIT.search(head))
            self._read(int(LENGTH.search(head)[1]))
        self.requests += len(requests)

    def _more(self):
        received = self.connection.recv(1 << 18)
        if not received:
            raise EOFError(f"{self.name} closed the connection")
        self.kept += received

    def _read_until(self, end):
        while (at := self.kept.find(end)) < 0:
            self._more()
        head, self.kept = self.kept[:at + len(end)], self.kept[at + len(end):]
        return head

    def _read(self, count):
        while len(self.kept) < count:
            self._more()
        self.kept = self.kept[count:]

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.running.admin}{path}", timeout=10) as answer:
            return answer.read().decode()

    def upstream_calls(self):
        lines = self.get("/metrics").splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("summary_gateway_upstream_requests_total{"))


def _policies():
    """The name of each in the answer of /api/shadow, and its settings."""
    yield "present", PRESENT
    for one in MAX_BYTES:
        yield f"max_bytes {one}", {**PRESENT, "max_bytes": one}
    for one in FRESH_FOR:
        yield f"fresh_for {one}", {**PRESENT, "fresh_for": one}
    yield f"sharing {SHARING}", {**PRESENT, "sharing": SHARING}


def _name(row):
    return row["policy"] if row["policy"] in ("real", "present") else f"{row['policy']} {row[row['policy']]}"


def _request(call, authorization):
    return f"GET /v1/Voice/{call}/Summary HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n\r\n".encode()


def _trace(count, skew, chance):
    known = [call if number % ABSENT_EVERY else f"CA20404{call[7:]}" for number, call in enumerate(calls(count, f"shadow {skew}"))]
    pick = zipf(known, skew, chance)
    return lambda: _request(pick(), chance.choice((AUTHORIZATION, API_KEY)))


def _play(around, distinct, requests, skew):
    """Rows: a policy, its real and its estimated hit ratio, and its real and its estimated calls upstream."""
    own = replace(around, directory=Path(tempfile.mkdtemp(prefix="shadow-", dir=around.directory)), body_bytes=BODY_BYTES)
    simulator = start_simulator(own)
    played = []
    try:
        for name, policy in _policies():
            config = CONFIG + (SHADOW if name == "present" else "")
            played.append(Played(name, start_gateway(own, config, name=f"gateway-{len(played)}", **policy)))
        next_one = _trace(distinct, skew, random.Random(skew))
        for _ in range(requests // AT_ONCE):
            some = [next_one() for _ in range(AT_ONCE)]
            for one in played:
                one.ask(some)
        said = json.loads(played[0].get("/api/shadow"))
        estimates = {_name(row): row for row in said["policies"]}
        rows = [(one.name, one.hits / one.requests, estimates[one.name]["hit_ratio"], one.upstream_calls(), estimates[one.name]["upstream_calls"])
                for one in played]
        return said, rows
    finally:
        for one in played:
            one.running.stop()
        simulator.stop()


def _table(rows):
    table = [("policy", "hit ratio", "estimated", "points", "upstream calls", "estimated")]
    for name, real, estimate, calls_real, calls_estimate in rows:
        table.append((name, f"{real:.2%}", f"{estimate:.2%}", f"{100 * (estimate - real):+.2f}", f"{calls_real:.0f}", f"{calls_estimate}"))
    return markdown(table)


def bench(whole):
    sizes = [(1_000, 2_000)] if whole.quick else [(8_000, 60_000), (60_000, 180_000)]
    for distinct, requests in sizes:
        for skew in (0.9,) if whole.quick else (0.7, 0.9, 1.1):
            whole.say(f"[shadow] {requests:,} requests for {distinct:,} calls, skew {skew}")
            try:
                said, rows = _play(whole.around, distinct, requests, skew)
            except (OSError, EOFError) as error:
                raise BenchError(f"shadow: {error}") from None
            whole.good = whole.good and all(abs(estimate - real) <= MOST_POINTS / 100 for _, real, estimate, *_ in rows)
            print(f"**Shadow: {requests:,} requests for {distinct:,} calls, 1/rank^{skew}**; {said['sampled_calls']:,} calls sampled, "
                  f"rate {said['sample_rate']:.3f}, lost {said['lost']}", _table(rows), sep="\n\n", end="\n\n")
