"""Gateways that leave a snapshot of their cache to the one after them."""

import signal

from .eventually import eventually
from .gateway import Gateway, settings_for


class Generations:
    """One gateway after the other, with the same settings and the same snapshot."""

    def __init__(self, directory, simulator, **overrides):
        self.directory = directory
        self.file = directory / "cache.snapshot"
        self.settings = settings_for(simulator, **overrides)
        self.settings["snapshot"] = {"file": self.file, "every": "1h", **self.settings.get("snapshot", {})}
        self.all = []

    def start(self, arguments=(), **changed):
        one = Gateway(self.directory, {**self.settings, **changed}, name=f"generation-{len(self.all)}", arguments=arguments)
        self.all.append(one)
        return one

    def restart(self, **changed):
        self.all[-1].stop()
        return loaded(self.start(**changed))

    def kill(self):
        self.all[-1].signal(signal.SIGKILL)
        self.all[-1].wait()

    def stop(self):
        for one in self.all:
            if one.running():
                one.stop()
            one.no_sanitizer_report()


def told(gateway, *words):
    """A line of the log with these words in it."""

    def found():
        return next((line for line in gateway.output().splitlines() if all(word in line for word in words)), None)

    return eventually(found, what=f"a line with {words} in\n{gateway.output()}")


def loaded(gateway):
    told(gateway, "snapshot: ", " loaded in ")
    return gateway


def figure(gateway, name, **labels):
    return gateway.metrics().total(name, **labels)


def written(gateway, more=1):
    """Waits for the next snapshots."""
    before = figure(gateway, "snapshots_total", result="written")
    eventually(lambda: figure(gateway, "snapshots_total", result="written") >= before + more, what="a snapshot is written")
