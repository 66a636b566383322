"""Thousands of held readers: all are answered at one moment, or most of them vanish at once; and hits beside them. Then a flood of forged
events beside hits. Real time; the readers are as lean as Python allows, and share the second core with nobody."""

import asyncio
import hashlib
import os
import re
import tempfile
import time
import urllib.request
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from clients import AUTHORIZATION, calls
from deliveries import HOOK, TOKEN, delivery
from fleet_groups import ask
from limiter_report import at, markdown
from peers import start_gateway
from processes import BenchError
from surroundings import start_simulator

READERS, CALLS = 5000, 50
STAYING = 1000          # of those that vanish
HOLD = 120              # longer than all that is measured
HITS_EVERY = 0.002
FORGED, RATE, CONNECTIONS = 30_000, 10_000, 8
CONFIG = """\
workers: 1
listeners:
  - address: 127.0.0.1:0
admin:
  address: 127.0.0.1:0
upstream:
  url: https://localhost:{port}
  ca_file: {ca_file}
limits:
  max_connections: 20000
  max_waiters: 20000
  request_timeout: 150s
polling:
  max_hold: 120s
events:
  address: 127.0.0.1:0
  public_url: {hook}
  auth_token_file: {token_file}
log:
  access: none
"""


def request(call, prefer=""):
    return (f"GET /v1/Voice/{call}/Summary HTTP/1.1\r\nHost: localhost\r\nAuthorization: {AUTHORIZATION}\r\n{prefer}\r\n").encode()


class Held(asyncio.Protocol):
    """Notes when its answer comes, and its status; nothing else."""

    def __init__(self, call):
        self.call, self.came_at, self.status, self.transport = call, None, b"", None

    def connection_made(self, transport):
        self.transport = transport
        transport.write(request(self.call, f"Prefer: wait={HOLD}\r\n"))

    def data_received(self, data):
        if self.came_at is None:
            self.came_at, self.status = time.monotonic(), data[9:12]


class Hits:
    """One connection that asks for the same summary at a steady rate; each wait counts from when it was due."""

    def __init__(self, address, call):
        self.address, self.call, self.took = address, call, []
        self._task = None

    async def __aenter__(self):
        self._reader, self._writer = await asyncio.open_connection(*_place(self.address))
        await self._ask()  # fetched, from now on a hit
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        self._writer.close()

    async def during(self, work):
        """The p50 and p99 of the hits beside it, in ms; and its result."""
        self.took = []
        result = await work
        return result, [1000 * at(self.took, part) for part in (0.5, 0.99)]

    async def _ask(self):
        self._writer.write(request(self.call))
        head = await self._reader.readuntil(b"\r\n\r\n")
        await self._reader.readexactly(int(re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)[1]))

    async def _run(self):
        due = time.monotonic()
        while True:
            await asyncio.sleep(max(0, due - time.monotonic()))
            await self._ask()
            self.took.append(time.monotonic() - due)
            due = max(due + HITS_EVERY, time.monotonic())


class Forger(asyncio.Protocol):
    """One connection of a stranger, whose deliveries are signed with a wrong token."""

    def __init__(self, forged):
        self.forged, self.refused, self.transport = forged, 0, None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.refused += data.count(b"HTTP/1.1 403")


def _place(address):
    host, port = address.rsplit(":", 1)
    return host, int(port)


def _gauge(admin, name):
    with urllib.request.urlopen(f"http://{admin}/metrics", timeout=10) as answer:
        return int(re.search(rf"^summary_gateway_{name} (\d+)", answer.read().decode(), re.MULTILINE)[1])


async def _until(is_so, what, every=0.02):
    began = time.monotonic()
    while not await asyncio.to_thread(is_so):
        if time.monotonic() - began > 60:
            raise BenchError(f"{what}: not within a minute")
        await asyncio.sleep(every)
    return time.monotonic() - began


def _complete(name):
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"specversion": "1.0", "type": "com.twilio.voice.insights.call-summary.complete", "source": f"/v1/Voice/{name}/Summary",
            "id": "EZ" + hashlib.md5(name.encode()).hexdigest(), "time": now, "data": {"call_sid": name, "account_sid": "AC" + "0" * 31 + "1"}}


class Stage:
    def __init__(self, around, running):
        self.around, self.running = around, running

    def set_calls(self, names, ended_ago):
        for name in names:
            ask(f"http://{self.around.control}/calls", "POST", {"call_sid": name, "ended_ago_s": ended_ago})

    async def hold(self, names):
        loop, readers = asyncio.get_running_loop(), []
        await asyncio.to_thread(self.set_calls, names, 60)
        for number in range(READERS):
            _, reader = await loop.create_connection(lambda name=names[number % len(names)]: Held(name), *_place(self.running.address))
            readers.append(reader)
        await _until(lambda: _gauge(self.running.admin, "held_readers") == READERS, f"{READERS} held readers")
        return readers

    async def complete(self, names, readers):
        """All calls in one moment, as one event batch tells. Seconds from its sending to the last answer, and the most of one call's readers."""
        await asyncio.to_thread(self.set_calls, names, 7200)
        _, writer = await asyncio.open_connection(*_place(self.running.events))
        began = time.monotonic()
        writer.write(delivery([_complete(name) for name in names]))
        while any(reader.came_at is None for reader in readers):
            if time.monotonic() - began > 60:
                raise BenchError(f"{sum(reader.came_at is None for reader in readers)} readers were never answered")
            await asyncio.sleep(0.02)
        writer.close()
        if wrong := sum(reader.status != b"200" for reader in readers):
            raise BenchError(f"{wrong} readers got another answer than the summary")
        of_calls = {}
        for reader in readers:
            of_calls.setdefault(reader.call, []).append(reader.came_at)
        return max(reader.came_at for reader in readers) - began, max(max(all_) - min(all_) for all_ in of_calls.values())

    async def vanish(self, readers):
        for number, reader in enumerate(readers):
            reader.transport.abort()
            if number % 50 == 0:
                await asyncio.sleep(0)  # the hits are in this process, too
        return await _until(lambda: _gauge(self.running.admin, "held_readers") <= STAYING, "the places of those who vanished")

    async def forge(self):
        """CPU seconds of the gateway for each forged delivery, at that rate."""
        forged = delivery([_complete(name) for name in calls(1, "forged")], token="not" + TOKEN[3:])
        loop = asyncio.get_running_loop()
        forgers = [(await loop.create_connection(lambda: Forger(forged), *_place(self.running.events)))[1] for _ in range(CONNECTIONS)]
        before, began, sent, many = self.running.server.cpu_seconds(), time.monotonic(), 0, 10
        while sent < FORGED:
            await asyncio.sleep(max(0, began + sent / RATE - time.monotonic()))
            for forger in forgers:
                forger.transport.write(forged * many)
                sent += many
        while sum(forger.refused for forger in forgers) < sent:
            if time.monotonic() - began > 60:
                raise BenchError(f"{sent - sum(forger.refused for forger in forgers)} forged deliveries were not refused")
            await asyncio.sleep(0.01)
        took = time.monotonic() - began
        for forger in forgers:
            forger.transport.close()
        return self.running.server.cpu_seconds() - before, took


async def _play(stage):
    rows = [["what", "seconds", "hits beside it: p50, ms", "p99, ms"]]

    def row(what, seconds, hits):
        rows.append([what, seconds, *(f"{one:.2f}" for one in hits)])

    async with Hits(stage.running.address, calls(1, "warm")[0]) as hits:
        _, alone = await hits.during(asyncio.sleep(3))
        row("nothing else", "–", alone)
        names = calls(CALLS, "answered")
        readers = await stage.hold(names)
        _, beside = await hits.during(asyncio.sleep(3))
        row(f"{READERS:,} held readers of {CALLS} calls", "–", beside)
        (in_all, of_call), beside = await hits.during(stage.complete(names, readers))
        row("… all answered, from the event to the last answer", f"{in_all:.3f}", beside)
        row("… from the first to the last reader of one call, at most", f"{of_call:.3f}", beside)
        names = calls(CALLS, "left")
        readers = await stage.hold(names)
        leaving, staying = readers[STAYING:], readers[:STAYING]
        took, beside = await hits.during(stage.vanish(leaving))
        row(f"{READERS - STAYING:,} of them vanish: their places are free", f"{took:.3f}", beside)
        await stage.complete(names, staying)
        (cpu, took), beside = await hits.during(stage.forge())
        row(f"{FORGED:,} forged events in {took:.1f} s: CPU for 10,000 of them", f"{cpu / FORGED * 10_000:.3f}", beside)
    return rows


def bench(wanted, around, say):
    os.sched_setaffinity(0, {wanted.cores[1]})  # the readers are in this process
    own = replace(around, directory=Path(tempfile.mkdtemp(prefix="crowd-", dir=around.directory)))
    token = own.directory / "events.token"
    token.touch(mode=0o600)
    token.write_text(TOKEN + "\n")
    simulator = start_simulator(own, "--latency", "uniform:4ms:8ms")
    try:
        running = start_gateway(own, CONFIG, hook=HOOK, token_file=token)
        try:
            print(markdown(asyncio.run(_play(Stage(own, running)))), end="\n\n")
            running.must_be_alive()
        finally:
            running.stop()
        simulator.must_be_alive()
    finally:
        simulator.stop()
    return True
