"""What systemd is to a service: it hands over listening sockets, listens to what the service says of itself, and watches it."""

import fcntl
import socket
import time


def held_socket(address):
    """A listening socket that outlives whoever serves it: of (host, port), or of a path."""
    if isinstance(address, tuple):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        return socket.create_server(address, family=family, backlog=1024)
    held = socket.socket(socket.AF_UNIX)
    held.bind(str(address))
    held.listen(1024)
    return held


class ServiceManager:
    """`sockets` become descriptors 3, 4, … of the service; `environment` is added to its own, $$ in it being its process id."""

    def __init__(self, sockets=(), notify=None, watchdog_usec=None, **environment):
        # Far from where they are to be.
        self.descriptors = tuple(fcntl.fcntl(one.fileno(), fcntl.F_DUPFD, 100) for one in sockets)
        self._environment = {}
        if sockets:
            self._environment = {"LISTEN_PID": "$$", "LISTEN_FDS": len(sockets), "LISTEN_FDNAMES": ":".join("x" for _ in sockets)}
        self._ear = None
        if notify:
            self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._ear.bind(("\0" + notify[1:]) if notify.startswith("@") else notify)
            self._environment["NOTIFY_SOCKET"] = notify
        if watchdog_usec:
            self._environment.update({"WATCHDOG_USEC": watchdog_usec, "WATCHDOG_PID": "$$"})
        self._environment.update(environment)
        self.heard = []

    def command(self, argv):
        moves = " ".join(f"{3 + number}<&{descriptor} {descriptor}<&-" for number, descriptor in enumerate(self.descriptors))
        exports = "; ".join(f'export {name}="{value}"' for name, value in self._environment.items())
        return ["bash", "-c", f'exec {moves}; {exports or ":"}; exec "$@"', "bash", *argv]

    def hears(self, beginning, timeout=20):
        """The next message that begins so, as a dictionary; those before it stay in `heard`."""
        deadline = time.monotonic() + timeout
        while True:
            self._ear.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                text = self._ear.recv(65536).decode()
            except TimeoutError:
                raise AssertionError(f"no {beginning} within {timeout} s; heard: {self.heard}") from None
            message = dict(line.split("=", 1) for line in text.splitlines())
            self.heard.append(message)
            if text.startswith(beginning):
                return message

    def has_heard(self, beginning, within):
        try:
            self.hears(beginning, within)
        except AssertionError:
            return False
        return True
