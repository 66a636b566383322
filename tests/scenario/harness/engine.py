"""The fleet's engine: a real redis-server of its own for a test, on a loopback port and a unix socket, and what may happen to it.
The variable GATEWAY_ENGINE names another program, such as valkey-server."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from .eventually import eventually
from .free_port import free_port

KEY = "0f" * 32
taken = set()  # ports of this run: two engines of one test must not choose the same
START_SECONDS = 20
PROGRAM = os.environ.get("GATEWAY_ENGINE", "redis-server")


class EngineError(Exception):
    """What the engine replied with an error."""


class Client:
    """One connection that speaks RESP2: ask("SET", "a", 1)."""

    def __init__(self, where, user=None, password=None, timeout=10):
        self._socket = socket.socket(socket.AF_UNIX if isinstance(where, (str, Path)) else socket.AF_INET)
        self._socket.settimeout(timeout)
        self._socket.connect(str(where) if isinstance(where, Path) else where)
        self._file = self._socket.makefile("rb")
        if password is not None:
            self.ask("AUTH", *([user] if user else []), password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()
        self._socket.close()

    def ask(self, *words):
        self.send(*words)
        return self.read()

    def send(self, *words):
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self._socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))

    def read(self):
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the engine closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            raise EngineError(rest.decode("utf-8", "replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._file.read(int(rest) + 2)[:-2]
        assert kind == b"*", line
        return None if rest == b"-1" else [self.read() for _ in range(int(rest))]


class Engine:
    """Starts at once. `settings`: lines of its configuration, such as {"maxmemory": "8mb"}."""

    def __init__(self, directory, name="engine", port=None, **settings):
        self.directory, self.name = Path(directory), name
        self.port = port or free_port(besides=taken)
        taken.add(self.port)
        self.key_file = self.directory / f"{name}.key"
        self.key_file.write_text(KEY + "\n")
        self.key_file.chmod(0o600)
        # Paths of sockets are short, and those of a test's directory may be long.
        self._sockets = Path(tempfile.mkdtemp(prefix="engine-"))
        self.unix_path = self._sockets / "engine.sock"
        self.settings = {"save": '""', "appendonly": "no", **settings}
        self.process, self._may_load = None, False
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    @property
    def unix_url(self):
        return f"unix:{self.unix_path}"

    def fleet(self, **more):
        """The section fleet of a gateway that uses this engine."""
        return {"url": self.url, "key_file": self.key_file, **more}

    def start(self, may_load=False):
        """Again, after kill(), with what was saved. `may_load`: not all of it needs to be in memory yet."""
        self._may_load = may_load
        lines = {"port": self.port, "bind": "127.0.0.1", "unixsocket": self.unix_path, "dir": self.directory, **self.settings}
        config = self.directory / f"{self.name}.conf"
        config.write_text("".join(f"{key.replace('_', '-')} {value}\n" for key, value in lines.items()))
        with open(self.directory / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen([PROGRAM, config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self._answers, START_SECONDS, f"{self.name} answers")

    def _answers(self):
        assert self.process.poll() is None, f"{self.name} has ended:\n" + (self.directory / f"{self.name}.log").read_text()[-2000:]
        try:
            with Client(self.unix_path, timeout=2) as client:
                client.ask("PING")
            return True
        except EngineError as error:
            return "NOAUTH" in str(error) or (self._may_load and "LOADING" in str(error))
        except OSError:
            return False

    def client(self, user=None, password=None):
        return Client(self.unix_path, user, password)

    def ask(self, *words):
        with self.client() as client:
            return client.ask(*words)

    def is_primary(self):
        try:
            return self.ask("ROLE")[0] == b"master"
        except OSError:
            return False  # a Sentinel cuts all clients when it promotes it

    def keys(self):
        return sorted(key.decode() for key in self.ask("KEYS", "*"))

    def flush(self):
        self.ask("FLUSHALL")

    def pause(self, milliseconds):
        """It takes commands and answers none."""
        self.ask("CLIENT", "PAUSE", milliseconds, "ALL")

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        """As a crash of its machine, without a last word."""
        self.process.kill()
        self.process.wait()

    def end(self):
        if self.process.poll() is None:
            self.go_on()
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def acl(self, name, *rules):
        """A user that may do what the rules say: acl("gateway", "on", ">secret", "~{sg}:*", "+@all")."""
        self.ask("ACL", "SETUSER", name, *rules)

    def dump(self):
        """Its memory as it would be on disk."""
        self.ask("SAVE")
        return (self.directory / "dump.rdb").read_bytes()


class Sentinel:
    """Watches a primary and its replicas; a primary that is silent for half a second is replaced."""

    def __init__(self, directory, primary, name="main"):
        self.port = free_port(besides=taken)
        taken.add(self.port)
        config = Path(directory) / f"sentinel-{self.port}.conf"
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {directory}\nsentinel monitor {name} 127.0.0.1 {primary.port} 1\n"
            f"sentinel down-after-milliseconds {name} 500\nsentinel failover-timeout {name} 2000\n"
        )
        with open(config.with_suffix(".log"), "ab") as log:
            self.process = subprocess.Popen([PROGRAM, config, "--sentinel"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.name, self.address = name, f"127.0.0.1:{self.port}"
        eventually(self._knows_replicas, START_SECONDS, "the Sentinel knows a replica")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def _knows_replicas(self):
        try:
            with Client(("127.0.0.1", self.port), timeout=2) as client:
                return client.ask("SENTINEL", "replicas", self.name)
        except (OSError, EngineError):
            return False
