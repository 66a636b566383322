"""A port for a program that cannot be told to choose one by itself."""

import os
import socket


def free_port(besides=()):
    """Below those that the system gives to outgoing connections, or one of those might take it before the gateway does."""
    for port in range(20_000 + os.getpid() % 5000, 32_000):
        if port in besides:
            continue
        try:
            socket.create_server(("", port)).close()
            return port
        except OSError:
            continue
    raise AssertionError("no port is free")
