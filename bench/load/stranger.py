#!/usr/bin/env python3
"""Strangers, as a process of its own that takes half a core at most: stranger.py KIND ADDRESS:PORT. They go on until they are ended."""

import asyncio
import base64
import itertools
import random
import signal
import sys
import time

from clients import calls

SHARE = 0.5            # of a core
VICTIM = "AC" + "1".rjust(32, "0")
KEPT = calls(115, 5)   # of the victims: strangers who guess well
_numbers = itertools.count(1)
_guessed = itertools.cycle(KEPT)
_digits = random.Random(99)


def basic(user, secret):
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def named():
    return f"Authorization: {basic(VICTIM, f'x{next(_numbers)}')}"


def invented():
    return f"Authorization: {basic(f'AC{0xBAD << 96 | next(_numbers):032x}', 'x')}"


def get(path, *fields):
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: gateway", *fields, "", ""]).encode()


def summary(who, *fields):
    return get(f"/v1/Voice/CAc{_digits.getrandbits(124):031x}/Summary", who(), *fields)


def written(call, *fields):
    head = [f"POST /v1/Voice/{call}/Annotation HTTP/1.1", "Host: gateway", invented(), "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: 9", *fields, "", ""]
    return "\r\n".join(head).encode() + b"Comment=x"


class Budget:
    """What one process may take of the processor; whoever has just done something asks."""

    def __init__(self):
        self._began = time.monotonic()

    async def rest(self):
        over = time.process_time() / SHARE - (time.monotonic() - self._began)
        await asyncio.sleep(max(0.0, over))


async def one(address, budget, source, make, at_once=1, pause=0.0):
    """A connection that asks for `at_once` things in one write, and again when all are answered."""
    host, port = address.rsplit(":", 1)
    while True:
        writer = None
        try:
            reader, writer = await asyncio.open_connection(host, int(port), local_addr=(source, 0))
            while True:
                writer.write(b"".join(make() for _ in range(at_once)))
                for _ in range(at_once):
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
                    await reader.readexactly(int(length or 0))
                await budget.rest()
                await asyncio.sleep(pause)
        except (OSError, EOFError, ValueError):
            await asyncio.sleep(0.05)
        finally:
            if writer:
                writer.transport.abort()


async def unfinished(address, budget, source, pause):
    """A head without its end, and a byte more of it now and then."""
    host, port = address.rsplit(":", 1)
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, int(port), local_addr=(source, 0))
            writer.write(b"GET / HTTP/1.1\r\nHost: gateway\r\nX-Slow: ")
            while not reader.at_eof():
                await asyncio.sleep(pause)
                writer.write(b"x")
                await budget.rest()
            writer.transport.abort()
        except OSError:
            await asyncio.sleep(0.05)


def many(count, make, addresses=1, **how):
    return lambda address, budget: [one(address, budget, f"127.0.1.{1 + number % addresses}", make, **how) for number in range(count)]


def heads(count, pause):
    return lambda address, budget: [unfinished(address, budget, "127.0.1.1", pause) for _ in range(count)]


KINDS = {
    "hasty-annotations": many(1, lambda: get(f"/v1/Voice/{KEPT[0]}/Annotation", named(), "X-Request-Timeout: 0.03"), pause=0.05),
    "hasty-summaries": many(1, lambda: summary(invented, "X-Request-Timeout: 0.000001"), at_once=32),
    "flood-named": many(1500, lambda: summary(named)),
    "flood-invented": many(600, lambda: summary(invented), addresses=16),
    "writes": many(40, lambda: written(next(_guessed), "X-Request-Timeout: 0.05"), addresses=16),
    "refused": many(16, lambda: summary(invented), addresses=16, at_once=8),
    "heads": heads(300, 0.5),
    "twenty": many(200, lambda: summary(invented), addresses=20),
}


async def main():
    kind, address = sys.argv[1:]
    budget = Budget()
    going = [asyncio.ensure_future(each) for each in KINDS[kind](address, budget)]
    print("stranger: ready", flush=True)
    await asyncio.gather(*going)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    asyncio.run(main())
