"""Twenty clients that ask when they want to, not when they were answered: an open loop, each wait counted from when it was due."""

import asyncio
import collections
import itertools
import random
import re
import time
from dataclasses import dataclass

AUTHORIZATION = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpwYXJlbnQtdG9rZW4="  # the simulator's account AC…01
CLIENTS = 20
GREEDY = 0               # the number of the client that asks for far more than its share
MOST_CONNECTIONS = 1500  # of one client at once; what is due beyond waits, and its wait counts
FAILED = 0               # instead of a status: the connection ended
UNANSWERED = -1          # nothing had come when the run was over; `took` is how long that was


@dataclass(slots=True)
class Planned:
    due: float  # seconds from the start
    client: int
    call: str
    state: str = ""    # ProcessingState
    annotate: str = ""  # a write of this comment instead of a read
    authorization: str = AUTHORIZATION


@dataclass(slots=True)
class Answer:
    plan: Planned
    known: bool        # somebody had been given this call's summary before it was due
    joined: bool       # somebody was already waiting for it then
    took: float = 0.0  # from when it was due
    status: int = UNANSWERED
    body: bytes = b""
    from_cache: bool = False  # and not only because the upstream failed

    @property
    def ended(self):
        return self.plan.due + self.took


def calls(count, seed):
    """SIDs that no simulator row is reserved for."""
    digits = random.Random(seed)
    return [f"CAc{digits.getrandbits(124):031x}" for _ in range(count)]


def zipf(names, exponent, chance):
    """Picks the first name most often, the n-th n^exponent times as seldom."""
    weights = list(itertools.accumulate(1 / rank ** exponent for rank in range(1, len(names) + 1)))
    return lambda: chance.choices(names, cum_weights=weights)[0]


def rates(modest, greedy):
    return {client: greedy if client == GREEDY else modest for client in range(CLIENTS)}


def arrivals(rates, seconds, make, chance):
    """Poisson: `rates` per second by client; `make` turns a moment and a client into a plan."""
    planned = []
    for client, rate in rates.items():
        moment = chance.expovariate(rate)
        while moment < seconds:
            planned.append(make(moment, client))
            moment += chance.expovariate(rate)
    return sorted(planned, key=lambda plan: plan.due)


class Clients:
    """Each has an address of its own, all the same credential: one account, whose limit they share."""

    def __init__(self, address):
        self.host, port = address.rsplit(":", 1)
        self.port = int(port)
        self.answers = []
        self.began = 0.0
        self._idle = {client: [] for client in range(CLIENTS)}
        self._places = {client: asyncio.Semaphore(MOST_CONNECTIONS) for client in range(CLIENTS)}
        self._given = set()
        self._awaited = collections.Counter()
        self._running = set()

    def elapsed(self):
        return time.monotonic() - self.began

    async def play(self, planned, grace):
        """Until `grace` seconds after the last one was due; what has no answer by then is UNANSWERED."""
        self.began = time.monotonic()
        for plan in planned:
            if (pause := plan.due - self.elapsed()) > 0:
                await asyncio.sleep(pause)
            what = plan.call, plan.state
            answer = Answer(plan, known=what in self._given, joined=self._awaited[what] > 0)
            self.answers.append(answer)
            asking = asyncio.create_task(self._ask(answer))
            self._running.add(asking)
            asking.add_done_callback(self._running.discard)
        if self._running:
            await asyncio.wait(self._running, timeout=grace)
        await self.stop()

    async def stop(self):
        for asking in list(self._running):
            asking.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        for _, writer in itertools.chain.from_iterable(self._idle.values()):
            writer.close()
        for idle in self._idle.values():
            idle.clear()

    async def _ask(self, answer):
        plan = answer.plan
        what = plan.call, plan.state
        connection = None
        self._awaited[what] += 1
        async with self._places[plan.client]:
            try:
                idle = self._idle[plan.client]
                connection = idle.pop() if idle else await asyncio.open_connection(
                    self.host, self.port, local_addr=(f"127.0.0.{2 + plan.client}", 0))
                connection[1].write(self._request(plan))
                answer.status, answer.body, answer.from_cache = await read_answer(connection[0])
                idle.append(connection)
                connection = None
                if answer.status == 200 and not plan.annotate:
                    self._given.add(what)
            except (OSError, EOFError, ValueError):
                answer.status = FAILED
            finally:
                self._awaited[what] -= 1
                answer.took = self.elapsed() - plan.due
                if connection:
                    connection[1].transport.abort()

    def _request(self, plan):
        common = f" HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nAuthorization: {plan.authorization}\r\nAccept: application/json\r\n"
        if plan.annotate:
            form = f"Comment={plan.annotate}"
            return (f"POST /v1/Voice/{plan.call}/Annotation{common}Content-Type: application/x-www-form-urlencoded\r\n"
                    f"Content-Length: {len(form)}\r\n\r\n{form}").encode()
        query = f"?ProcessingState={plan.state}" if plan.state else ""
        return f"GET /v1/Voice/{plan.call}/Summary{query}{common}\r\n".encode()


_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_HIT = re.compile(rb"\r\ncache-status: [^\r]*; hit\b(?![^\r]*detail=stale_if_error)", re.IGNORECASE)


async def read_answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not length:
        raise ValueError("an answer without Content-Length")
    return int(head[9:12]), await reader.readexactly(int(length.group(1))), bool(_HIT.search(head))
