"""A port for a program that cannot be told to choose one by itself."""

import os
import socket


def free_port(besides=()):
    """Below those that the system gives to outgoing connections, or one of those might take it before the gateway does.

    Processes of one run (pytest-xdist's gw0, gw1, …) have ranges apart: a port is free until the program that is told it has bound it.
    """
    range_of_mine = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 4
    first = 20_000 + 3000 * range_of_mine
    for port in range(first + os.getpid() % 2000, first + 3000):
        if port in besides:
            continue
        try:
            socket.create_server(("", port)).close()
            return port
        except OSError:
            continue
    raise AssertionError("no port is free")
