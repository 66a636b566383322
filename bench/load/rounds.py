"""Runs of all servers one after another, round after round, each between two of the floor's; what every part of the bench is made of."""

import contextlib
from dataclasses import dataclass

from measure import REPEATS, Load, Observer
from surroundings import serving

# Of a peer's requests. HAProxy finds its entries by 32 bits of their hash: among 100,000 one pair shares a place.
ASTRAY = 1e-3


@dataclass
class Stage:
    """What a part plays on."""
    around: object   # Surroundings of these servers
    simulator: object
    running: dict    # by the peers' keys
    observer: Observer


@dataclass
class Bench:
    """What the parts are given: who takes part, for how long, where, and where progress goes."""
    wanted: object       # the command line
    around: object       # Surroundings
    peers: list          # the floor first, then the one with a body per key
    say: object
    plot: dict           # scenario → {server: × floor}, for the picture
    good: bool = True    # every counted request was answered as it should be

    @property
    def rounds(self):
        return self.wanted.rounds

    @property
    def seconds(self):
        return self.wanted.seconds

    @property
    def quick(self):
        return self.wanted.quick

    @contextlib.contextmanager
    def serving(self, peers=None, **surroundings):
        """Fresh servers and an observer for them."""
        with serving(self.around, self.peers if peers is None else peers, **surroundings) as (own, simulator, running):
            load = Load(own.build / "bench/bench-load", self.wanted.cores[1], own.body_bytes)
            yield Stage(own, simulator, running, Observer(load, own.control, self.wanted.cores, 0 if self.quick else REPEATS))

    def check(self, run, misses, is_ours):
        """A hit goes nowhere; a miss goes upstream, once. A few astray are a peer's own affair: told below the table, like all of them."""
        astray = abs(run.upstream_requests - (run.requests if misses else 0))
        if run.errors or astray > (0 if is_ours else ASTRAY * run.requests):
            self.good = False

    def interleaved(self, stage, peers, work, label, works_of=None):
        """Runs by peer, the floor first. `works_of`(number of the run): what is asked for there, where it cannot be the same twice."""
        results = {peer.key: [] for peer in peers}
        # One more run of the floor at the end, so that every run of the others stands between two of the floor's.
        order = [(number, peer) for number in range(1, self.rounds + 1) for peer in peers] + [(self.rounds, peers[0])]
        for at, (number, peer) in enumerate(order, 1):
            asked = works_of(at) if works_of else work
            run = stage.observer.clean_run(stage.running[peer.key], asked, self.seconds)
            results[peer.key].append(run)
            self.check(run, asked.misses, peer.is_ours)
            noise = "; ".join(run.noise + ([f"{run.errors} errors: {run.first_error}"] if run.errors else []))
            self.say(f"[{label}, {at}/{len(order)}, round {number}] {peer.name:<20} {run.cpu_us:7.2f} µs/request {run.per_second:>9,.0f}/s"
                     f"{'  noisy: ' + noise if noise else ''}")
        return results

    def warm_up(self, stage, peers, work):
        for peer in peers:
            self.say(f"warm-up: {peer.name}, {work.keys:,} key{'s' * (work.keys > 1)}, {work.connections:,} connections")
            stage.observer.warm_up(stage.running[peer.key], work, min(0.2 if self.quick else 1, self.seconds))
