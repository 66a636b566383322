"""Gateways that stand in front of one simulator, alone or as a fleet with an engine of its own."""

import asyncio
import contextlib
import json
import re
import secrets
import socket
import tempfile
import time
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

from limiter_peers import GATEWAY_CONFIG, Times
from peers import start_gateway
from processes import BenchError, Server
from proxies import program, start_nginx
from surroundings import start_simulator

LATENCY = 0.1
ALLOWED = 40
FLEET_CONFIG = """\
fleet:
  url: unix:{engine}
  key_file: {key}
"""


def engine_program():
    return program("redis-server") or program("valkey-server")


@dataclass
class Engine:
    server: Server
    path: Path

    def scripts(self):
        """How many runs of scripts it has carried out."""
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.path))
            link.sendall(b"INFO commandstats\r\n")
            text = link.recv(65536).decode()
        return sum(map(int, re.findall(r"cmdstat_eval(?:sha)?:calls=(\d+)", text)))


@dataclass
class Group:
    kind: str
    running: list      # the gateways
    control: str       # of the simulator
    simulator: Server
    engine: Engine = None

    def must_be_alive(self):
        for one in (self.simulator, *self.running, *([self.engine.server] if self.engine else [])):
            one.must_be_alive()

    def cpu_seconds(self):
        return sum(one.cpu_seconds() for one in self.running)

    def admin(self, number, path):
        return f"http://{self.running[number].admin}{path}"

    async def upstream(self, method, path, body=None):
        return await asyncio.to_thread(ask, f"http://{self.control}/{path}", method, body)

    async def purge(self, number, call):
        return await asyncio.to_thread(ask, self.admin(number, f"/api/purge?call_sid={call}"), "POST")


def ask(url, method, body=None):
    content = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data=content, method=method)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.load(answer)


def _start_engine(around):
    path = around.directory / "engine.sock"
    # Nothing on disk: it is shared memory, not a store.
    command = [engine_program(), "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", around.directory]
    server = Server("engine", command, around.core, around.directory / "engine.log")
    for _ in range(200):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as link:
            link.connect(str(path))
            return Engine(server, path)
        server.must_be_alive()
        time.sleep(0.02)
    server.stop()
    raise BenchError("the engine did not listen")


def _start(kind, number, around, engine):
    name = f"{kind}-{number}"
    if kind == "nginx":
        return start_nginx(around, name, "nginx-limiter.conf.in", PER_CLIENT=str(ALLOWED), IN_ALL=str(ALLOWED), FRESH_FOR="1h",
                           NOT_READY_FOR="5s")
    template, words = GATEWAY_CONFIG, {}
    if engine:
        template, words = GATEWAY_CONFIG + FLEET_CONFIG, {"engine": engine.path, "key": around.directory / "fleet.key"}
    return start_gateway(around, template, name=name, in_all=ALLOWED, **vars(Times()), **words)


@contextlib.contextmanager
def group(kind, count, around):
    """Fresh ones, gone at the end of the block."""
    own = replace(around, directory=Path(tempfile.mkdtemp(prefix="fleet-", dir=around.directory)), body_bytes=2048)
    with contextlib.ExitStack() as stack:
        simulator = start_simulator(own, "--latency", f"{LATENCY * 1e3:.0f}ms", "--concurrency-limit", ALLOWED)
        stack.callback(simulator.stop)
        engine = None
        if kind == "fleet":
            key = own.directory / "fleet.key"
            key.touch(mode=0o600)
            key.write_text(secrets.token_hex(32) + "\n")
            engine = _start_engine(own)
            stack.callback(engine.server.stop)
        running = []
        for number in range(count):
            running.append(_start(kind, number, own, engine))
            stack.callback(running[-1].stop)
        yield Group(kind, running, own.control, simulator, engine)
