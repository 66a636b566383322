"""What readers and Twilio notice of many gateways: the cases, one after another, each with calls of its own."""

import asyncio
import json
import random
import time

from clients import AUTHORIZATION, calls
from fleet_groups import ALLOWED, LATENCY
from limiter_report import at

LIMIT = 10
NOTE = "heard-by-the-bench"

# The name of each figure, its text, its form.
FIGURES = [
    ("distinct", "upstream calls per distinct complete call", "{:.2f}"),
    ("unready", "upstream calls for one call that is not ready, polled everywhere", "{:.0f}"),
    ("burst_refused", "600 cold calls at once, limit 10: 429 of upstream answers", "%"),
    ("burst_speed", "… summaries/s ÷ ideal", "{:.2f}"),
    ("burst_p99", "… p99 s", "{:.2f}"),
    ("burst_served", "… served", "%"),
    ("steady_refused", "load 70 % of limit 10: 429 of upstream answers", "%"),
    ("steady_p50", "… p50 ms", "{:.0f}"),
    ("steady_p99", "… p99 ms", "{:.0f}"),
    ("miss_cpu", "… CPU of a miss, all gateways, µs", "{:.0f}"),
    ("engine", "… scripts in the engine per miss", "{:.1f}"),
    ("erased", "erased through one: others that serve it 1 s later", "{:.0f}"),
    ("annotated", "annotation through one: seen by all after s", "{:.2f}"),
]


class Reader:
    """Asks any gateway of the group, over connections that it keeps."""

    def __init__(self, group):
        self.addresses = [one.address.rsplit(":", 1) for one in group.running]
        self.idle = [[] for _ in self.addresses]

    async def ask(self, number, call, method="GET", what="Summary", form=""):
        """The status, the seconds, the age of a hit or -1, and the body; status 0: the connection ended."""
        host, port = self.addresses[number]
        head = (f"{method} /v1/Voice/{call}/{what} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {AUTHORIZATION}\r\n")
        if form:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
        began = time.monotonic()
        try:
            link = self.idle[number].pop() if self.idle[number] else await asyncio.open_connection(host, int(port))
            link[1].write(f"{head}\r\n{form}".encode())
            head = await link[0].readuntil(b"\r\n\r\n")
            lower = head.lower()
            length = int(lower.partition(b"content-length:")[2].split()[0])
            body = await link[0].readexactly(length)
            self.idle[number].append(link)
            age = lower.partition(b"\r\nage: ")[2].split()
            return int(head[9:12]), time.monotonic() - began, int(age[0]) if age else -1, body
        except (OSError, EOFError, ValueError, IndexError):
            return 0, time.monotonic() - began, -1, b""

    def close(self):
        for links in self.idle:
            for _, writer in links:
                writer.close()


async def _watched(group, work):
    """What `work` returns, and the upstream's answers and refusals meanwhile."""
    before = await group.upstream("GET", "state")
    came = await work
    after = await group.upstream("GET", "state")
    return came, after["requests"] - before["requests"], after["throttled"] - before["throttled"]


async def _distinct(group, reader, seed):
    chance, names, many = random.Random(seed), calls(60, seed), len(group.running)
    reads = [(number, call) for number in range(many) for call in names]
    chance.shuffle(reads)

    async def all_reads():
        for begin in range(0, len(reads), 8):
            await asyncio.gather(*(reader.ask(*one) for one in reads[begin:begin + 8]))
    _, asked, _ = await _watched(group, all_reads())
    return {"distinct": asked / len(names)}


async def _unready(group, reader, seed, seconds):
    call = calls(1, seed)[0]
    await group.upstream("POST", "calls", {"call_sid": call, "ended_ago_s": 0, "partial_after_s": 600, "complete_after_s": 1800})

    async def poll(number):
        await asyncio.sleep(0.5 * number / len(group.running))
        for _ in range(int(2 * seconds)):
            await asyncio.gather(reader.ask(number, call), asyncio.sleep(0.5))
    _, asked, _ = await _watched(group, asyncio.gather(*map(poll, range(len(group.running)))))
    return {"unready": asked}


async def _burst(group, reader, seed):
    await group.upstream("POST", "limit", {"concurrency": LIMIT})
    names = calls(600, seed)
    began = time.monotonic()
    came, asked, refused = await _watched(group, asyncio.gather(*(reader.ask(i % len(group.running), call) for i, call in enumerate(names))))
    good = [took for status, took, _, _ in came if status == 200]
    return {"burst_refused": refused / asked, "burst_speed": len(good) / (time.monotonic() - began) / (LIMIT / LATENCY),
            "burst_p99": at(good, 0.99), "burst_served": len(good) / len(names)}


async def _steady(group, reader, seed, seconds):
    chance, rate = random.Random(seed), 0.7 * LIMIT / LATENCY
    names = iter(calls(int(2 * rate * seconds), seed))
    cpu, scripts, asking, began = group.cpu_seconds(), group.engine.scripts() if group.engine else 0, [], time.monotonic()

    async def arrivals():
        due = 0.0
        while due < seconds:
            due += chance.expovariate(rate)
            await asyncio.sleep(max(0, began + due - time.monotonic()))
            asking.append(asyncio.create_task(reader.ask(chance.randrange(len(group.running)), next(names))))
        return await asyncio.gather(*asking)
    came, asked, refused = await _watched(group, arrivals())
    took = [1e3 * one for status, one, _, _ in came if status == 200]
    figures = {"steady_refused": refused / asked, "steady_p50": at(took, 0.5), "steady_p99": at(took, 0.99),
               "miss_cpu": 1e6 * (group.cpu_seconds() - cpu) / len(came)}
    if group.engine:
        figures["engine"] = (group.engine.scripts() - scripts) / len(came)
    await group.upstream("POST", "limit", {"concurrency": ALLOWED})
    return figures


async def _warm(group, reader, call):
    for number in range(len(group.running)):
        await reader.ask(number, call)


async def _erased(group, reader, seed):
    call = calls(1, seed)[0]
    await _warm(group, reader, call)
    await asyncio.sleep(1)
    await group.purge(0, call)
    await asyncio.sleep(1)
    # What was fetched after the purge is younger.
    answers = await asyncio.gather(*(reader.ask(number, call) for number in range(1, len(group.running))))
    return {"erased": sum(age >= 1 for _, _, age, _ in answers)}


async def _annotated(group, reader, seed):
    call = calls(1, seed)[0]
    await _warm(group, reader, call)
    status, *_ = await reader.ask(0, call, "POST", "Annotation", f"Comment={NOTE}")
    if status != 200:
        return {}
    began = time.monotonic()

    async def seen(number):
        while time.monotonic() < began + 5:
            if NOTE.encode() in (await reader.ask(number, call))[3]:
                return time.monotonic() - began
            await asyncio.sleep(0.02)
        return float("inf")
    return {"annotated": max(await asyncio.gather(*map(seen, range(len(group.running)))))}


async def play(group, seed, seconds):
    reader, figures, base = Reader(group), {}, 1000 * seed
    try:
        figures |= await _distinct(group, reader, base + 1)
        figures |= await _unready(group, reader, base + 2, seconds + 2)
        figures |= await _burst(group, reader, base + 3)
        figures |= await _steady(group, reader, base + 4, seconds)
        if group.kind != "nginx":
            figures |= await _erased(group, reader, base + 5) | await _annotated(group, reader, base + 6)
        return figures
    finally:
        reader.close()


def brief(figures):
    return json.dumps({name: round(value, 3) for name, value in figures.items()})
