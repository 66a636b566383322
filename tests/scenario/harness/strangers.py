"""People with invented credentials, and what somebody with a good one notices of them."""

import itertools
import os
import socket
import statistics
import struct
import time
from dataclasses import dataclass

from .twilio_facts import PARENT, account, basic, key, new_sid
from .wire import Connection, annotation, request, target

# What a bench shows with less: p99 ≤ 1.2 × and 98 % served, here with three times the slack.
SLOWER, SERVED = 1.6, 0.94
BUSY = 1.0  # seconds that one read may lose to the machine
# `no` where a sanitizer or another test slows one moment and not the next.
JUDGE_TIMES = os.environ.get("GATEWAY_JUDGE_TIMES", "yes") != "no"

_numbers = itertools.count(1)


class Victim:
    """An account of its own for each test, so that what one test breaks spares the next; its calls are those of the simulator's first account."""

    def __init__(self, simulator):
        self.user = account(0x7E57 << 32 | next(_numbers))
        self.auth = basic(self.user, "the right secret")
        simulator.credential(self.user, "the right secret", account(1))

    def junk(self):
        """Its AccountSid, which is no secret, and any secret: another credential at each call."""
        return basic(self.user, f"junk-{next(_numbers)}")


INVENTED = {
    "invented accounts": lambda: basic(f"AC{0xBAD << 100 | next(_numbers):032x}", "x"),
    "invented keys": lambda: basic(key(0xBAD << 100 | next(_numbers)), "x"),
    "invented bearer tokens": lambda: f"Bearer invented-{next(_numbers)}",
}


def addresses():
    """Of this machine, sixteen in turn, none of them the victim's."""
    return itertools.cycle(f"127.0.0.{host}" for host in range(2, 18))


PASSTHROUGH = {"call": "/v1/Voice/{}", "events": "/v1/Voice/{}/Events", "metrics": "/v1/Voice/{}/Metrics", "summaries": "/v1/Voice/Summaries"}
FORM = ("Content-Type", "application/x-www-form-urlencoded")


def ask_for(what, sid, auth, headers=()):
    """The bytes of a request for `what`, a name of WHAT, and its method."""
    if what in PASSTHROUGH:
        return request(PASSTHROUGH[what].format(sid), auth, headers=headers), "GET"
    if what == "write":
        body = b"Comment=x"
        return request(annotation(sid), auth, "POST", [FORM, ("Content-Length", len(body)), *headers], body), "POST"
    path = annotation(sid) if what.startswith("annotation") else target(sid, "partial" if what == "partial" else None)
    method = "HEAD" if what.endswith("HEAD") else "GET"
    return request(path, auth, method, headers), method


WHAT = ["summary", "summary HEAD", "partial", "annotation", "annotation HEAD", "write", *PASSTHROUGH]


def refuse_strangers(simulator, *sids):
    """The simulator knows no passthrough resource, and says so before it looks at the credential; Twilio refuses first."""
    simulator.faults(*({"match": {"call_sid": sid}, "times": 0, "action": "status", "status": 401, "code": 20003} for sid in sids))


def abort(connection):
    """A client that is gone for good: a reset, not half a close."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Flood:
    """Many requests at once, each on a connection of its own that waits for its answer until the end of the block."""

    def __init__(self, gateway, requests, sources=("127.0.0.1",), port=None):
        """`sources`: addresses of this machine, taken in turn; `port`: another listener's, or a unix socket's path."""
        self.connections = []
        for data, source in zip(requests, itertools.cycle(sources)):
            self.connections.append(Connection(port or gateway.port, source=source).send(data))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for connection in self.connections:
            abort(connection)


@dataclass
class Read:
    status: int
    fault: str
    seconds: float


def read_cold(gateway, count, auth=PARENT, at_most=10.0):
    """Calls that nobody asked for before, one after another; who is kept waiting stops after `at_most` seconds."""
    reads, begun = [], time.monotonic()
    while len(reads) < count and time.monotonic() - begun < at_most:
        asked = time.monotonic()
        answer = gateway.ask(new_sid(), auth=auth)
        reads.append(Read(answer.status, answer.fault, time.monotonic() - asked))
    return reads


def prove(gateway, auth=PARENT):
    """One good answer, before any stranger comes."""
    assert gateway.ask(new_sid(), auth=auth).status == 200


def unnoticed(alone, beside):
    """Who has to wait behind strangers waits at every read, so the middle one tells. One moment of a busy machine may slow one of them."""
    served = sum(read.status == 200 for read in beside) / len(beside)
    assert served >= SERVED, f"{served:.0%} served: {[(read.status, read.fault) for read in beside if read.status != 200]}"
    usual, middle = (statistics.median_high(read.seconds for read in reads) for reads in (alone, beside))
    slowest = max(read.seconds for read in beside)
    kept_waiting = middle > SLOWER * usual or slowest > usual + BUSY
    assert not (JUDGE_TIMES and kept_waiting), f"{middle:.3f} s beside strangers and at most {slowest:.3f} s, {usual:.3f} s alone"
