"""What befalls a gateway in a soak: an upstream that fails in every way, operators who reload, purge, rotate and restart."""

import shutil
import signal
import threading
import time

from harness.gateway import yaml

FAULTS = [
    {"action": "status", "status": 500},
    {"action": "status", "status": 503, "headers": {"Retry-After": "1"}},
    {"action": "status", "status": 429, "code": 20429},
    {"action": "stall", "at": "before_headers", "seconds": 3},
    {"action": "stall", "at": "body", "seconds": 3},
    {"action": "cut", "after_bytes": 300},
    {"action": "reset", "after_bytes": 10},
    {"action": "garbage", "bytes": 500},
    {"action": "wrong_body"},
    {"action": "extra_bytes", "bytes": "HTTP/1.1 200 OK\r\n"},
    {"action": "chunked"},
    {"action": "drip", "bytes_per_second": 20000},
    {"action": "close_after"},
    {"action": "latency", "ms": 200},
]
OPERATIONS = ["take over", "reload", "refused reload", "take over", "purge", "purge all", "rotate", "reopen the log", "dump"]
ROUND, LULL, SETTLED = 6.0, 8.0, 4.0  # seconds of disturbance, of peace, and of peace until no fault is left of it


class Disturbances:
    """`gateways` is told to take over, reload and so on; `calm()` is true in the settled part of a lull."""

    def __init__(self, simulator, network, log_reader, gateways, chance):
        self.simulator, self.gateways, self.chance = simulator, gateways, chance
        self.network, self.log_reader = network, log_reader
        self.over, self.calm_since, self.counts = threading.Event(), 0.0, {}
        self.turns = []  # operations to come: each kind before one comes again
        self.thread = threading.Thread(target=self._run, daemon=True)

    def calm(self):
        return self.calm_since > 0 and time.monotonic() > self.calm_since + SETTLED

    def stop(self):
        self.over.set()
        self.thread.join(120)

    def note(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def _run(self):
        try:
            while not self.over.is_set():
                self._round()
        except Exception as error:  # without disturbances the rest of the soak would prove nothing
            self.gateways.book.fail(f"the maker of disturbances gave up: {error!r}")

    def _round(self):
        self.calm_since = 0.0
        self._disturb()
        self.over.wait(ROUND)
        self.simulator.faults()
        self.simulator.limit(0)
        self.network.silence_names(False)
        self.log_reader.read_on()
        self.calm_since = time.monotonic()
        self.over.wait(LULL)
        self._operate()

    def _disturb(self):
        chance = self.chance
        some = chance.sample(FAULTS, 4)
        rules = [{"match": {}, "skip": chance.randrange(20), "times": chance.randrange(1, 12), **fault} for fault in some]
        self.simulator.faults(*rules)
        for fault in some:
            self.note(fault["action"])
        if chance.random() < 0.3:
            self.simulator.limit(chance.choice([2, 5, 10]))
            self.note("limit")
        if chance.random() < 0.3:
            self.simulator.close_idle_connections()
            self.note("idle connections closed")
        if chance.random() < 0.3:
            self.network.silence_names(True)
            self.note("name server hangs")
        if chance.random() < 0.3:
            self.network.lose_connections()
            self.note("connections died silently")
        if chance.random() < 0.3:
            self.network.move()
            self.note("name moved")
        if chance.random() < 0.3:
            self.log_reader.stop_reading()
            self.note("log reader stopped")

    def _operate(self):
        if not self.turns:
            self.turns = [*OPERATIONS]
            self.chance.shuffle(self.turns)
        what = self.turns.pop()
        self.note(what)
        getattr(self.gateways, what.replace(" ", "_"))()


class Gateways:
    """The gateway that serves, and its successors."""

    def __init__(self, start, settings, book, authority, certificate_files, spare_port, successors):
        self.start, self.settings, self.book = start, settings, book
        self.listeners = [settings["listeners"], [*settings["listeners"], {"address": f"127.0.0.1:{spare_port}"}]]
        self.authority, self.files, self.successors_left = authority, certificate_files, successors
        self.now, self.generation = start(settings, 0), 0

    def admin(self, path, method="POST", expected=200):
        answer = self.now.admin(path, method)
        if answer.status != expected:
            self.book.fail(f"{method} {path}: {answer.raw[:400]!r}")

    def reload(self):
        """Another lifetime, and a listener more or less."""
        self.settings["cache"]["fresh_for"] = "4s" if self.settings["cache"]["fresh_for"] == "5s" else "5s"
        self.listeners.reverse()
        self.settings["listeners"] = self.listeners[0]
        self.now.config_path.write_text(yaml(self.settings))
        self.admin("/api/reload")

    def refused_reload(self):
        self.now.config_path.write_text(yaml({**self.settings, "workers": "many", "nonsense": 1}))
        answer = self.now.admin("/api/reload", "POST")
        self.now.config_path.write_text(yaml(self.settings))
        if answer.status == 200:
            self.book.fail(f"a broken configuration was taken: {answer.raw[:400]!r}")

    def purge(self):
        self.admin(f"/api/purge?call_sid={self.book.random.choice(self.book.old).sid}")

    def purge_all(self):
        self.admin("/api/purge?all=true")

    def rotate(self):
        leaf = self.authority.leaf()
        for source, to in zip((leaf.certificate, leaf.key), self.files):
            shutil.copy(source, to.with_suffix(".new"))
            to.with_suffix(".new").rename(to)

    def reopen_the_log(self):
        self.now.signal(signal.SIGUSR1)

    def dump(self):
        self.now.signal(signal.SIGQUIT)

    def take_over(self):
        if self.successors_left == 0:
            return
        self.successors_left -= 1
        self.generation += 1
        before, self.now = self.now, self.start(self.settings, self.generation)
        code = before.wait(60)
        before.no_sanitizer_report()
        if code != 0:
            self.book.fail(f"a predecessor ended with {code}: {before.output()[-2000:]}")
