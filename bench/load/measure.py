"""One run of the load generator against one server: what it cost, how quick it was, and whether anything disturbed it."""

import json
import os
import subprocess
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from processes import BenchError

SATURATED = 0.90       # of a core, by the server or by the generator, in a closed loop
FOREIGN = 0.08         # of a core, by others on the two cores, that makes a run noisy
REPEATS = 2            # of one noisy run
GIVE_UP_AFTER = 10     # noisy runs in a row, each repeated in vain: then this machine is busy and no run is repeated any more


@dataclass
class Load:
    """How bench-load is to be called; the same for every server."""
    program: Path
    core: int
    connections: int
    keys: int
    body_bytes: int
    servers_core: int

    def call(self, address, **options):
        """Runs it to its end; its result and the CPU seconds of its whole process, start included."""
        command = ["taskset", "--cpu-list", str(self.core), str(self.program), "--target", address, "--keys", str(self.keys),
                   "--body-bytes", str(self.body_bytes)]
        options.setdefault("connections", self.connections)
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        before = os.times()
        done = subprocess.run(command, capture_output=True, text=True)
        after = os.times()
        if not done.stdout:
            raise BenchError(f"bench-load against {address}: {done.stderr.strip() or f'exit code {done.returncode}'}")
        result = json.loads(done.stdout)
        return result, after.children_user + after.children_system - before.children_user - before.children_system


@dataclass
class Run:
    at: float                 # middle of the run, for pairing with the floor's runs
    requests: int
    seconds: float
    cpu_us: float             # of the server, per request
    server_share: float       # of its core
    generator_share: float
    p50_us: float
    p99_us: float
    foreign_share: float
    upstream_requests: int    # during the run; a hit makes none
    errors: int
    first_error: str
    never_sent: int
    noise: list = field(default_factory=list)

    @property
    def per_second(self):
        return self.requests / self.seconds

    @property
    def generator_bound(self):
        return self.server_share < SATURATED <= self.generator_share


def busy_seconds(cores):
    """Of these cores, whoever used them; stolen time too, since nobody here got it."""
    wanted = {f"cpu{core}" for core in cores}
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *values = line.split()
        if name in wanted:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, values[:8])
            ticks += user + nice + system + irq + softirq + steal
    return ticks / os.sysconf("SC_CLK_TCK")


class Observer:
    """Makes runs, and repeats the noisy ones within bounds."""

    def __init__(self, load, control):
        self.load = load
        self.control = control
        self._cores = {load.core, load.servers_core}
        self.repeated = 0
        self._noisy_in_a_row = 0

    def clean_run(self, running, seconds, rate=0):
        """The first quiet run, or else the least disturbed of a few."""
        tries = []
        allowed = REPEATS if self._noisy_in_a_row < GIVE_UP_AFTER else 0
        for attempt in range(1 + allowed):
            self.repeated += attempt > 0
            tries.append(self.run(running, seconds, rate))
            if not tries[-1].noise:
                break
        best = min(tries, key=lambda run: (bool(run.noise), run.foreign_share))
        self._noisy_in_a_row = self._noisy_in_a_row + 1 if best.noise else 0
        return best

    def run(self, running, seconds, rate):
        running.server.must_be_alive()
        upstream_before = self._upstream_requests()
        started, machine, own = time.monotonic(), busy_seconds(self._cores), time.process_time()
        server = running.server.cpu_seconds()
        result, generator = self.load.call(running.address, seconds=seconds, rate=rate)
        server = running.server.cpu_seconds() - server
        own = time.process_time() - own
        ended, machine = time.monotonic(), busy_seconds(self._cores) - machine
        running.server.must_be_alive()
        if result["requests"] == 0:
            raise BenchError(f"{running.server.name} answered nothing as it should: {result['first_error']}")
        span = result["seconds"]
        run = Run(at=(started + ended) / 2, requests=result["requests"], seconds=span,
                  cpu_us=server / result["requests"] * 1e6, server_share=server / span, generator_share=result["cpu_seconds"] / span,
                  p50_us=result["p50_us"], p99_us=result["p99_us"],
                  foreign_share=max(0.0, machine - server - generator - own) / (ended - started),
                  upstream_requests=self._upstream_requests() - upstream_before,
                  errors=result["errors"], first_error=result["first_error"], never_sent=result["never_sent"])
        if run.foreign_share > FOREIGN:
            run.noise.append(f"others took {run.foreign_share:.0%} of a core")
        if not rate and max(run.server_share, run.generator_share) < SATURATED:
            run.noise.append(f"nobody was saturated (server {run.server_share:.0%}, generator {run.generator_share:.0%})")
        if run.never_sent:
            run.noise.append(f"{run.never_sent} requests were due but found no free connection")
        return run

    def warm_up(self, running, seconds):
        """Each key once, gently enough that no server sheds; then at full speed, so that buffers and pools have their size."""
        result, _ = self.load.call(running.address, requests=self.load.keys, connections=min(16, self.load.connections), seconds=120)
        if result["errors"] or result["requests"] < self.load.keys:
            raise BenchError(f"{running.server.name}: {result['requests']} of {self.load.keys} keys in the warm-up, "
                             f"{result['errors']} errors, the first: {result['first_error']}\n{running.server.last_words()}")
        self.load.call(running.address, seconds=seconds)

    def _upstream_requests(self):
        if not self.control:
            return 0
        with urllib.request.urlopen(f"http://{self.control}/state", timeout=10) as answer:
            return json.load(answer)["requests"]
