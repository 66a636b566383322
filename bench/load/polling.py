"""The half hour in which a call's summary is not ready: what its readers' questions cost upstream, and how late they hear.

The calls' time runs faster than the machine's: the simulator's by its option, the gateway's by its build. nginx has only the real one,
and whole seconds: its "not ready" lives for one, which is SPEED seconds of the calls' time."""

import asyncio
import contextlib
import os
import random
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from clients import calls
from deliveries import HOOK, TOKEN
from fleet_groups import ask
from limiter_report import at, markdown, spread
from peers import start_gateway
from polling_readers import Clock, Manner, Reader
from processes import BenchError
from proxies import program, start_nginx
from surroundings import start_simulator

SPEED = 20
READERS = 20          # of one call
PARTIAL_AFTER, COMPLETE_AFTER = 600, 1800
JITTER = 90           # Twilio's timer is not exact
BEGIN_WITHIN = 120    # calls end, and readers come, within so many seconds
LATENCY = "uniform:4ms:8ms"
EVERY_30_S, HELD = Manner(pause=30), Manner(pause=0, hold=25)
# What is not about time is as built in, but for the bounds that 200 calls of 20 readers at one address need.
CONFIG = """\
workers: 1
listeners:
  - address: 127.0.0.1:0
admin:
  address: 127.0.0.1:0
upstream:
  url: https://localhost:{port}
  ca_file: {ca_file}
polling:
  complete_after: {complete_after}s
log:
  access: none
"""
EVENTS = """\
events:
  address: 127.0.0.1:0
  public_url: {hook}
  auth_token_file: {token_file}
"""


@dataclass
class Found:
    """Of one way to read, in one round."""
    upstream: float  # calls per call's life
    delays: list     # from a call's completeness to each reader's summary, seconds of the calls' time
    in_vain: float   # answers "not ready" per reader
    refused: int     # answers that were neither that nor the summary


def fast_build(build, say):
    """The gateway whose clock runs at SPEED, in a build directory of its own."""
    fast = build / "fast"
    say(f"building the gateway with a clock of {SPEED} times the speed in {fast} …")
    source = Path(__file__).resolve().parents[2]
    try:
        subprocess.run(["cmake", "-S", source, "-B", fast, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DGATEWAY_TESTS=OFF",
                        "-DGATEWAY_BENCH=OFF", "-DGATEWAY_SOURCE_BATCHES=ON", f"-DGATEWAY_CLOCK_SPEED={SPEED}"], check=True, stdout=sys.stderr)
        subprocess.run(["cmake", "--build", fast, "--target", "summary-gateway"], check=True, stdout=sys.stderr)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BenchError(f"could not build: {error}") from None
    return fast / "summary-gateway"


@contextlib.contextmanager
def _direct(around, executable, scale):
    trusted = ssl.create_default_context(cafile=around.ca_file)
    _run_clock(around)
    yield around.upstream, trusted


@contextlib.contextmanager
def _nginx(around, executable, scale):
    running = start_nginx(around, "nginx", "nginx-limiter.conf.in", PER_CLIENT="60000", IN_ALL="60000", FRESH_FOR="1h", NOT_READY_FOR="1s")
    _run_clock(around)
    try:
        yield running.address, None
        running.must_be_alive()
    finally:
        running.stop()


@contextlib.contextmanager
def _gateway(around, executable, scale):
    with _started(around, executable, scale, CONFIG) as running:
        yield running.address, None


@contextlib.contextmanager
def _told(around, executable, scale):
    """Twilio's events tell the gateway, which has heard of another call before: so it expects them."""
    with _hearing(around, executable, scale) as running:
        (other,) = calls(1, "another")
        _control(around, "POST", "calls", {"call_sid": other, "ended_ago_s": 0, "partial_after_s": 2 * SPEED, "complete_after_s": 4 * SPEED})
        asyncio.run(_read_one(running.address, other))
        _control(around, "DELETE", "requests")
        yield running.address, None


@contextlib.contextmanager
def _forgotten(around, executable, scale):
    """The same, but the events of the calls that are measured are lost."""
    with _told(around, executable, scale) as where:
        _control(around, "DELETE", "sinks")
        yield where


async def _read_one(address, call):
    host, port = address.rsplit(":", 1)
    _, reader = await asyncio.get_running_loop().create_connection(lambda: Reader(call, HELD, Clock(SPEED), address), host, int(port))
    await asyncio.wait_for(reader.ended, 60)


@contextlib.contextmanager
def _hearing(around, executable, scale):
    token = around.directory / "events.token"
    token.touch(mode=0o600)
    token.write_text(TOKEN + "\n")
    with _started(around, executable, scale, CONFIG + EVENTS, hook=HOOK, token_file=token) as running:
        sink = _control(around, "POST", "sinks", {"destination": HOOK, "deliver_to": f"http://{running.events}", "auth_token": TOKEN,
                                                  "batch_events": True, "connections": 4})
        _control(around, "POST", "subscriptions", {"sink_sid": sink["sid"]})
        yield running


@contextlib.contextmanager
def _started(around, executable, scale, config, **words):
    """`scale`: of the calls' life; the settings follow it."""
    running = start_gateway(around, config, executable=executable, complete_after=round(COMPLETE_AFTER * scale), **words)
    try:
        _set_by(around, running.admin)
        yield running
        running.must_be_alive()
    finally:
        running.stop()


def _control(around, method, path, body=None):
    return ask(f"http://{around.control}/{path}", method, body)


def _set_by(around, admin):
    """Puts the simulator's clock, which stands still since its start, to the gateway's."""
    with urllib.request.urlopen(f"http://{admin}/livez", timeout=10) as answer:
        here = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    upstream = datetime.fromisoformat(_control(around, "GET", "state")["now"]).timestamp()
    _control(around, "POST", "clock", {"advance_s": max(0, round(here - upstream))})
    _run_clock(around)


def _run_clock(around):
    _control(around, "POST", "clock", {"speed": SPEED})


WAYS = {
    "direct, every 30 s": (_direct, EVERY_30_S),
    "nginx, every 30 s": (_nginx, EVERY_30_S),
    "gateway, every 30 s": (_gateway, EVERY_30_S),
    "gateway, Prefer: wait=25": (_gateway, HELD),
    "…, and events": (_told, HELD),
    "…, and events that are lost": (_forgotten, HELD),
}


async def _read(address, trusted, manner, names, around, chance, scale):
    loop = asyncio.get_running_loop()
    host, port = address.rsplit(":", 1)
    clock = Clock(SPEED)
    complete_at, readers = {}, []

    async def live(name, begins):
        await asyncio.sleep(clock.real(begins))
        after = round(COMPLETE_AFTER * scale + chance.uniform(0, JITTER * scale))
        complete_at[name] = clock.now() + after
        await asyncio.to_thread(_control, around, "POST", "calls", {"call_sid": name, "ended_ago_s": 0, "complete_after_s": after,
                                                                    "partial_after_s": round(PARTIAL_AFTER * scale)})
        for _ in range(READERS):
            await asyncio.sleep(clock.real(chance.uniform(0, 30 / READERS)))
            _, reader = await loop.create_connection(lambda: Reader(name, manner, clock, address), host, int(port), ssl=trusted,
                                                     server_hostname="localhost" if trusted else None)
            readers.append(reader)

    await asyncio.gather(*(live(name, chance.uniform(0, BEGIN_WITHIN * scale)) for name in names))
    longest = clock.real((COMPLETE_AFTER + JITTER) * scale + 600)
    done, late = await asyncio.wait([reader.ended for reader in readers], timeout=longest)
    if late or not all(one.result() for one in done):
        raise BenchError(f"{len(late)} readers were still waiting, {sum(not one.result() for one in done)} lost their connection")
    asked = _control(around, "GET", "state")["requests"]
    return Found(asked / len(names), [reader.came_at - complete_at[reader.call] for reader in readers],
                 sum(reader.in_vain for reader in readers) / len(readers), sum(reader.refused for reader in readers))


def _round(around, executable, wanted, seed, say):
    scale = 0.1 if wanted.quick else 1
    found = {}
    for name, (start, manner) in WAYS.items():
        if start is _nginx and program("nginx") is None:
            continue
        own = replace(around, directory=Path(tempfile.mkdtemp(prefix="polling-", dir=around.directory)), body_bytes=2048)
        simulator = start_simulator(own, "--latency", LATENCY, "--clock-speed", 0)
        try:
            with start(own, executable, scale) as (address, trusted):
                names = calls(4 if wanted.quick else wanted.calls, seed)
                found[name] = asyncio.run(_read(address, trusted, manner, names, own, random.Random(seed), scale))
            simulator.must_be_alive()
        finally:
            simulator.stop()
        say(f"    {name}: {found[name].upstream:.1f} upstream calls per call, p50 {at(found[name].delays, 0.5):.1f} s")
    return found


def _table(collected):
    rows = [["way to read", "upstream calls per call", "told after s: p50", "p99", "answers in vain per reader", "refused"]]
    for name, rounds in collected.items():
        rows.append([name, spread([one.upstream for one in rounds], "{:.1f}"),
                     *(spread([at(one.delays, part) for one in rounds], "{:.1f}") for part in (0.5, 0.99)),
                     spread([one.in_vain for one in rounds], "{:.1f}"), spread([one.refused for one in rounds])])
    rows.append(["oracle: one call per change", "2.0", "0.0", "0.0", "0.0", "0"])
    return markdown(rows)


def bench(wanted, around, say):
    executable = fast_build(wanted.build_dir, say)
    os.sched_setaffinity(0, {wanted.cores[1]})  # the readers are in this process
    collected = {}
    for number in range(1, wanted.rounds + 1):
        say(f"[round {number}/{wanted.rounds}] {4 if wanted.quick else wanted.calls} calls of {READERS} readers …")
        for name, found in _round(around, executable, wanted, number, say).items():
            collected.setdefault(name, []).append(found)
    print(_table(collected), end="\n\n")
    return True
