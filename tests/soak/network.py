"""What lies between the gateway and its upstream in a soak, and between its log and the log's reader: both can stop working without a word.

With root, the upstream is a name with two addresses that it moves between; without, one address."""

import os
import threading
from pathlib import Path

from harness.free_port import free_port
from harness.lossy_path import LossyPath
from harness.name_server import NameServer

HOSTS = "127.0.1.1", "127.0.1.2"


class Network:
    def __init__(self, simulator, folder):
        self._to = int(simulator.url.rsplit(":", 1)[1])
        self._port = free_port()
        self._names = NameServer() if os.geteuid() == 0 else None
        hosts = HOSTS if self._names else HOSTS[:1]
        self._ways = [LossyPath(self._to, host, self._port) for host in hosts]
        self.enter = self._names.used_by(folder) if self._names else None
        if self._names:
            self._names.addresses = [HOSTS[0]]
        self.url = f"https://{'localhost' if self._names else HOSTS[0]}:{self._port}"

    def lose_connections(self):
        """Those that are open; new ones work."""
        self._ways[0].lose_open_connections()

    def move(self):
        """The name leads to the other address, and the old one no longer answers."""
        if not self._names:
            return
        old, new = self._ways
        host = HOSTS[1] if self._names.addresses == [HOSTS[0]] else HOSTS[0]
        new.close()
        new = LossyPath(self._to, host, self._port)
        self._names.addresses = [host]
        old.lose_everything()
        self._ways = [new, old]

    def silence_names(self, silent):
        if self._names:
            self._names.silent = silent

    def close(self):
        for way in self._ways:
            way.close()
        if self._names:
            self._names.__exit__()


class LogReader:
    """Reads a named pipe that is the access log, but not while it is stopped."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path, self.lines = Path(path), 0
        self._reads, self._over = threading.Event(), False
        self._reads.set()
        self._pipe = os.open(path, os.O_RDWR)  # so that it never ends, whoever writes
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop_reading(self):
        self._reads.clear()

    def read_on(self):
        self._reads.set()

    def close(self):
        self._over = True
        self._reads.set()
        os.write(self._pipe, b"\n")
        self._thread.join(10)
        os.close(self._pipe)

    def _run(self):
        while not self._over:
            self._reads.wait()
            self.lines += os.read(self._pipe, 65536).count(b"\n")
