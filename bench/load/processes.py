"""A server under measurement: one command pinned to a core, the lines it says when it is up, and what its processes cost."""

import ctypes
import os
import re
import selectors
import signal
import subprocess
import time
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
PAGE = os.sysconf("SC_PAGE_SIZE")


class BenchError(Exception):
    """Something a person must know and can act on; told without a traceback."""


class Server:
    def __init__(self, name, command, core, log):
        self.name = name
        self.log = Path(log)
        # taskset and setpriv replace themselves by the command, so its pid is ours; should the bench be killed, the server ends too.
        pinned = ["taskset", "--cpu-list", str(core), "setpriv", "--pdeathsig", "TERM", *map(str, command)]
        with open(self.log, "wb") as errors:
            self.process = subprocess.Popen(pinned, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)

    def read_until_ready(self, timeout=20):
        """The lines on stdout up to the one that ends in `: ready`."""
        deadline = time.monotonic() + timeout
        text = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not re.search(rb": ready$", text, re.MULTILINE):
                if not selector.select(max(0, deadline - time.monotonic())):
                    raise BenchError(f"{self.name} was not ready after {timeout} s\n{self.last_words()}")
                got = os.read(self.process.stdout.fileno(), 65536)
                if not got:
                    raise BenchError(f"{self.name} ended at its start (exit code {self.process.wait()})\n{self.last_words()}")
                text += got
        return text.decode()

    def last_words(self):
        lines = self.log.read_text(errors="replace").splitlines()[-10:]
        return "\n".join(f"    {line}" for line in lines)

    def must_be_alive(self):
        if self.process.poll() is not None:
            raise BenchError(f"{self.name} ended in the middle of the bench (exit code {self.process.returncode})\n{self.last_words()}")

    def pids(self):
        """Of the command and of everything it started (nginx: master, worker, cache manager)."""
        children = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # ended meanwhile
            children.setdefault(parent, []).append(int(stat.parent.name))
        found = [self.process.pid]
        for pid in found:
            found.extend(children.get(pid, []))
        return found

    def pin(self, core):
        """To another core, all its threads."""
        for pid in self.pids():
            for thread in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(thread), {core})

    def cpu_seconds(self):
        """User and system time of all threads, as in /proc/PID/stat but in nanoseconds instead of ticks of 10 ms."""
        total = 0.0
        for pid in self.pids():
            clock = ctypes.c_int()
            if _libc.clock_getcpuclockid(pid, ctypes.byref(clock)) == 0:
                total += time.clock_gettime(clock.value)
        return total

    def anonymous_bytes(self):
        """RSS without file pages: what the programs themselves took, not which part of their code was read in."""
        total = 0
        for pid in self.pids():
            status = Path(f"/proc/{pid}/status").read_text()
            total += sum(int(value) for value in re.findall(r"^Rss(?:Anon|Shmem):\s+(\d+) kB", status, re.MULTILINE)) * 1024
        return total

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()


def address_in(text, what, scheme="https?"):
    """The HOST:PORT in the ready lines after the words `what`, the first with that scheme or, by default, with any or none."""
    optional = "?" if scheme == "https?" else ""
    found = re.search(rf"{re.escape(what)} (?:{scheme}://){optional}([0-9.]+:[0-9]+)$", text, re.MULTILINE)
    if not found:
        raise BenchError(f'no line with "{what} ADDRESS:PORT" among:\n{text}')
    return found.group(1)
