"""The proxies whose protection of the upstream is compared: each with a simulator of its own, all asked the same at the same time."""

import asyncio
import contextlib
import json
import tempfile
import time
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

from peers import start_gateway
from processes import Server
from proxies import program, start_nginx
from surroundings import Running, Surroundings, start_simulator

ALLOWED = 40     # what Twilio allows at first, and what everybody's operator was told
PER_CLIENT = 30  # nginx only, see its configuration

# Everything that is not about the bench's time scale is built in.
GATEWAY_CONFIG = """\
workers: 1
listeners:
  - address: 127.0.0.1:0
admin:
  address: 127.0.0.1:0
upstream:
  url: https://localhost:{port}
  ca_file: {ca_file}
  max_in_flight: {in_all}
  max_retry_after: {max_retry_after}
  error_backoff: {error_backoff}
cache:
  fresh_for: {fresh_for}
  not_ready_for: {not_ready_for}
  refresh_backoff: {refresh_backoff}
  gzip: false
polling:
  longest_step: {not_ready_for}
  complete_after: 0s
log:
  access: none
"""


@dataclass(frozen=True)
class Times:
    """What a stage changes in the built-in times; nginx has only the first two, in whole seconds."""
    fresh_for: str = "1h"
    not_ready_for: str = "5s"
    refresh_backoff: str = "5s"
    error_backoff: str = "2s"
    max_retry_after: str = "30s"


def _gateway(around, times):
    return start_gateway(around, GATEWAY_CONFIG, in_all=ALLOWED, **vars(times))


def _nginx(around, times):
    return start_nginx(around, "nginx", "nginx-limiter.conf.in", PER_CLIENT=str(PER_CLIENT), IN_ALL=str(ALLOWED), FRESH_FOR=times.fresh_for,
                       NOT_READY_FOR=times.not_ready_for)


STARTS = {"gateway": ("summary-gateway", _gateway), "nginx": ("nginx", _nginx)}


@dataclass
class Flow:
    """What the upstream saw in some span of time."""
    seconds: float
    answered: int
    throttled: int

    @property
    def accepted_per_second(self):
        return (self.answered - self.throttled) / self.seconds

    @property
    def refused_share(self):
        return self.throttled / self.answered if self.answered else 0.0


@dataclass
class Contender:
    name: str
    around: Surroundings
    running: Running
    simulator: Server

    @property
    def address(self):
        return self.running.address

    def must_be_alive(self):
        self.simulator.must_be_alive()
        self.running.must_be_alive()

    def cpu_seconds(self):
        return self.running.cpu_seconds() + self.simulator.cpu_seconds()

    async def control(self, method, path, body=None):
        """Not on the loop's thread, which has requests to send."""
        return await asyncio.to_thread(self._control, method, path, body)

    async def watch(self):
        """The upstream's counters, for flow()."""
        state = await self.control("GET", "state")
        return time.monotonic(), state["requests"] - state["in_flight"], state["throttled"]

    def _control(self, method, path, body):
        content = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"http://{self.around.control}/{path}", data=content, method=method)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)


def flow(before, after):
    return Flow(after[0] - before[0], after[1] - before[1], after[2] - before[2])


@contextlib.contextmanager
def one_contender(around, key, name, start, *simulator_options):
    """A fresh one, made by `start(its surroundings)`, and its simulator, in a new folder; gone at the end of the block."""
    own = replace(around, directory=Path(tempfile.mkdtemp(prefix=f"{key}-", dir=around.directory)))
    with contextlib.ExitStack() as stack:
        simulator = start_simulator(own, *simulator_options)
        stack.callback(simulator.stop)
        running = start(own)
        stack.callback(running.stop)
        yield Contender(name, own, running, simulator)


@contextlib.contextmanager
def contenders(around, keys, times, *simulator_options):
    """Fresh ones, side by side, gone at the end of the block."""
    with contextlib.ExitStack() as stack:
        found = []
        for key in keys:
            if key not in STARTS or (key == "nginx" and program("nginx") is None):
                continue
            name, start = STARTS[key]
            found.append(stack.enter_context(one_contender(around, key, name, lambda own, start=start: start(own, times), *simulator_options)))
        yield found
