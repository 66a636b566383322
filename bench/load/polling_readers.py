"""Readers of calls that are not ready: each asks again until it has the complete summary."""

import asyncio
import re
import time
from dataclasses import dataclass

from clients import AUTHORIZATION

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True)
class Manner:
    """How a reader asks. Seconds of the calls' time."""
    pause: float    # between an answer that says "not ready" and the next request
    hold: int = 0   # Prefer: wait


class Clock:
    """The calls' time, which runs faster than this process's."""

    def __init__(self, speed):
        self.speed = speed
        self.began = time.monotonic()

    def now(self):
        return (time.monotonic() - self.began) * self.speed

    def real(self, seconds):
        return seconds / self.speed


class Reader(asyncio.Protocol):
    """One connection, one call, until its summary is complete."""

    def __init__(self, call, manner, clock, host):
        prefer = f"Prefer: wait={manner.hold}\r\n" if manner.hold else ""
        self._request = (f"GET /v1/Voice/{call}/Summary HTTP/1.1\r\nHost: {host}\r\nAuthorization: {AUTHORIZATION}\r\nAccept: application/json\r\n"
                         f"{prefer}\r\n").encode()
        self.call = call
        self.in_vain = 0      # answers that said "not ready"
        self.refused = 0      # any other answer than that and the summary
        self.came_at = None   # in the calls' time
        self.ended = asyncio.get_running_loop().create_future()
        self._manner, self._clock, self._received, self._transport = manner, clock, b"", None

    def connection_made(self, transport):
        self._transport = transport
        self._ask()

    def connection_lost(self, error):
        if not self.ended.done():
            self.ended.set_result(False)

    def data_received(self, data):
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        size = end + 4 + int(_LENGTH.search(self._received)[1])
        if len(self._received) < size:
            return
        status, self._received = self._received[9:12], self._received[size:]
        if status == b"200":
            self.came_at = self._clock.now()
            self.ended.set_result(True)
            self._transport.close()
            return
        if status == b"404":
            self.in_vain += 1
        else:
            self.refused += 1
        asyncio.get_running_loop().call_later(self._clock.real(self._manner.pause), self._ask)

    def _ask(self):
        if not self._transport.is_closing():
            self._transport.write(self._request)
