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
FEW = 16               # connections; fewer need not saturate anybody: they wait for each other's wake-ups


@dataclass(frozen=True)
class Work:
    """What is asked for in a run, and how; the same for every server."""
    keys: int = 1
    connections: int = 64
    tls: bool = False
    pipelined: int = 1
    connect_each: bool = False
    rate: int = 0          # requests per second; 0: closed loop
    seed: int = 1          # other seeds ask for other keys
    misses: bool = False   # nothing asked for is in the cache


@dataclass
class Load:
    """How bench-load is to be called."""
    program: Path
    core: int
    body_bytes: int

    def command(self, running, work, **options):
        options = {"target": running.tls_address if work.tls else running.address, "tls": work.tls, "connections": work.connections, "pipelined": work.pipelined,
                   "connect_each": work.connect_each, "rate": work.rate, "keys": work.keys, "seed": work.seed,
                   "body_bytes": self.body_bytes} | options
        command = ["taskset", "--cpu-list", str(self.core), str(self.program)]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)]
        return command

    def call(self, running, work, **options):
        """Runs it to its end; its result and the CPU seconds of its whole process, start included."""
        before = os.times()
        done = subprocess.run(self.command(running, work, **options), capture_output=True, text=True)
        after = os.times()
        if not done.stdout:
            raise BenchError(f"bench-load against {running.server.name}: {done.stderr.strip() or f'exit code {done.returncode}'}"
                             f"\n{running.server.last_words()}")
        return json.loads(done.stdout), after.children_user + after.children_system - before.children_user - before.children_system


@dataclass
class Run:
    at: float                 # middle of the run, for pairing with the floor's runs
    requests: int
    seconds: float
    cpu_us: float             # of the server, per request
    server_share: float       # of one core
    generator_share: float    # with whatever shares its core
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

    def __init__(self, load, control, cores, repeats=REPEATS):
        self.load = load
        self.control = control
        self.repeated = 0
        self.beside = []         # servers that work on the generator's core during a run: an upstream that is asked for misses
        self._cores = cores
        self._repeats = repeats
        self._noisy_in_a_row = 0

    def clean_run(self, running, work, seconds):
        """The first quiet run, or else the least disturbed of a few."""
        tries = []
        allowed = self._repeats if self._noisy_in_a_row < GIVE_UP_AFTER and not work.misses else 0  # a miss repeated is a hit
        for attempt in range(1 + allowed):
            self.repeated += attempt > 0
            tries.append(self.run(running, work, seconds))
            if not tries[-1].noise:
                break
        best = min(tries, key=lambda run: (bool(run.noise), run.foreign_share))
        self._noisy_in_a_row = self._noisy_in_a_row + 1 if best.noise else 0
        return best

    def run(self, running, work, seconds, **options):
        running.must_be_alive()
        upstream_before = self.upstream_requests()
        started, machine, own = time.monotonic(), busy_seconds(self._cores), time.process_time()
        server, beside = running.cpu_seconds(), self._cpu_beside()
        result, generator = self.load.call(running, work, seconds=seconds, **options)
        server, beside = running.cpu_seconds() - server, self._cpu_beside() - beside
        own = time.process_time() - own
        ended, machine = time.monotonic(), busy_seconds(self._cores) - machine
        running.must_be_alive()
        if result["requests"] == 0:
            raise BenchError(f"{running.server.name} answered nothing as it should: {result['first_error']}")
        span = result["seconds"]
        run = Run(at=(started + ended) / 2, requests=result["requests"], seconds=span,
                  cpu_us=server / result["requests"] * 1e6, server_share=server / span,
                  generator_share=(result["cpu_seconds"] + beside) / span, p50_us=result["p50_us"], p99_us=result["p99_us"],
                  foreign_share=max(0.0, machine - server - generator - beside - own) / (ended - started),
                  upstream_requests=self.upstream_requests() - upstream_before,
                  errors=result["errors"], first_error=result["first_error"], never_sent=result["never_sent"])
        if run.foreign_share > FOREIGN:
            run.noise.append(f"others took {run.foreign_share:.0%} of a core")
        if not work.rate and work.connections >= FEW and max(run.server_share, run.generator_share) < SATURATED:
            run.noise.append(f"nobody was saturated (server {run.server_share:.0%}, generator {run.generator_share:.0%})")
        if run.never_sent:
            run.noise.append(f"{run.never_sent} requests were due but found no free connection")
        return run

    def warm_up(self, running, work, seconds):
        """Each key once, gently enough that no server sheds; then at full speed, so that buffers and pools have their size."""
        gentle = Work(keys=work.keys, connections=min(16, work.connections))
        result, _ = self.load.call(running, gentle, requests=work.keys, seconds=600)
        if result["errors"] or result["requests"] < work.keys:
            raise BenchError(f"{running.server.name}: {result['requests']} of {work.keys} keys in the warm-up, "
                             f"{result['errors']} errors, the first: {result['first_error']}\n{running.server.last_words()}")
        self.load.call(running, work, rate=0, seconds=seconds)

    def upstream_requests(self):
        with urllib.request.urlopen(f"http://{self.control}/state", timeout=10) as answer:
            return json.load(answer)["requests"]

    def _cpu_beside(self):
        return sum(one.cpu_seconds() for one in self.beside)
