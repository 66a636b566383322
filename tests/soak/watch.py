"""What a process holds while it is soaked: its memory once it has settled, and what is left when everybody has gone."""

import threading
import time
from pathlib import Path

from harness.eventually import eventually


def memory(pid):
    """Its own memory, in bytes: without the program's text."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def descriptors(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


class Watch:
    """Looks once a second; a successor is a new process, and its samples begin anew."""

    def __init__(self, pid):
        self.pid, self.samples, self.over = pid, [], threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        last = None
        while not self.over.wait(1):
            try:
                now = self.pid()
                if now != last:
                    last, self.samples = now, []
                self.samples.append((time.monotonic(), memory(now), descriptors(now)))
            except OSError:
                pass  # it has just ended

    def stop(self):
        self.over.set()
        self.thread.join()

    def growth(self):
        """Seconds watched and what memory grew in them, by least squares over the second half of the process's life: it fills its cache first."""
        half = self.samples[len(self.samples) // 2 :]
        if len(half) < 10:
            return 0, 0
        times, sizes = [when for when, _, _ in half], [size for _, size, _ in half]
        middle, mean = sum(times) / len(half), sum(sizes) / len(half)
        spread = sum((when - middle) ** 2 for when in times)
        slope = sum((when - middle) * (size - mean) for when, size in zip(times, sizes)) / spread
        seconds = times[-1] - times[0]
        return seconds, slope * seconds


def comes_to_rest(gateway, at_most):
    """Once all have gone: no flight, no turn, no connection, no descriptor is left over."""
    gauges = ("flights", "upstream_in_flight", "upstream_queue")

    def left_over():
        metrics = gateway.metrics()
        left = {name: metrics.total(name) for name in gauges if metrics.total(name)}
        left.update({name: count for name, count in metrics.by("connections", "listener").items() if count and name != "admin"})  # it asks itself
        held = descriptors(gateway.process.pid)
        if held > at_most:
            left["descriptors"] = held
        return left

    last = {}

    def rests():
        last.clear()
        last.update(left_over())
        return not last

    try:
        eventually(rests, timeout=30)
    except AssertionError:
        return f"left over half a minute after everybody has gone: {last}"
    return None
