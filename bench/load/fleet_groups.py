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


class Engine:
    def __init__(self, around):
        self.path = around.directory / "engine.sock"
        self._around = around
        self.start()

    def start(self):
        """Again, with what it saved last, after kill()."""
        # Nothing on disk by itself: it is shared memory, not a store.
        command = [engine_program(), "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "no", "--dir", self._around.directory]
        self.server = Server("engine", command, self._around.core, self._around.directory / "engine.log")
        for _ in range(200):
            with contextlib.suppress(OSError):
                self.ask("PING")
                return
            self.server.must_be_alive()
            time.sleep(0.02)
        self.server.stop()
        raise BenchError("the engine did not listen")

    def kill(self):
        self.server.process.kill()
        self.server.process.wait()

    def stop(self):
        if self.server.process.poll() is None:
            self.kill()
        self.server.stop()

    def ask(self, *words):
        """The first part of the reply, as it came."""
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.path))
            link.sendall(f"*{len(words)}\r\n".encode() + b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words))
            return link.recv(65536).decode()

    def scripts(self):
        """How many runs of scripts it has carried out."""
        return sum(map(int, re.findall(r"cmdstat_eval(?:sha)?:calls=(\d+)", self.ask("INFO", "commandstats"))))


@dataclass
class Group:
    kind: str
    running: list      # the gateways
    control: str       # of the simulator
    simulator: Server
    engine: Engine = None
    relay: object = None  # between the gateways and the engine

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
        return await asyncio.to_thread(self.purge_now, number, f"call_sid={call}")

    def purge_now(self, number, query):
        return ask(self.admin(number, f"/api/purge?{query}"), "POST")


def ask(url, method, body=None):
    content = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data=content, method=method)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.load(answer)


def _start(kind, number, around, engine_path):
    name = f"{kind}-{number}"
    if kind == "nginx":
        return start_nginx(around, name, "nginx-limiter.conf.in", PER_CLIENT=str(ALLOWED), IN_ALL=str(ALLOWED), FRESH_FOR="1h",
                           NOT_READY_FOR="5s")
    template, words = GATEWAY_CONFIG, {}
    if engine_path:
        template, words = GATEWAY_CONFIG + FLEET_CONFIG, {"engine": engine_path, "key": around.directory / "fleet.key"}
    return start_gateway(around, template, name=name, in_all=ALLOWED, **vars(Times()), **words)


@contextlib.contextmanager
def group(kind, count, around, relay=None):
    """Fresh ones, gone at the end of the block. `relay`: made for the engine's path, and has the path for the gateways."""
    own = replace(around, directory=Path(tempfile.mkdtemp(prefix="fleet-", dir=around.directory)), body_bytes=2048)
    with contextlib.ExitStack() as stack:
        simulator = start_simulator(own, "--latency", f"{LATENCY * 1e3:.0f}ms", "--concurrency-limit", ALLOWED)
        stack.callback(simulator.stop)
        engine, between = None, None
        if kind == "fleet":
            key = own.directory / "fleet.key"
            key.touch(mode=0o600)
            key.write_text(secrets.token_hex(32) + "\n")
            engine = Engine(own)
            stack.callback(engine.stop)
            if relay:
                between = relay(engine.path)
                stack.callback(between.stop)
        running = []
        for number in range(count):
            running.append(_start(kind, number, own, between.path if between else engine and engine.path))
            stack.callback(running[-1].stop)
        yield Group(kind, running, own.control, simulator, engine, between)
