"""The servers of the bench, one row each in PEERS: how it is started on the shared core in front of the shared simulator."""

import os
import re
import shutil
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from processes import BenchError, Server, address_in

HERE = Path(__file__).resolve().parent


@dataclass
class Surroundings:
    """What every peer is given."""
    build: Path        # where the binaries are
    directory: Path    # of this run; on tmpfs if there is one
    core: int          # shared by all servers: only one of them is busy at a time
    body_bytes: int
    upstream: str = ""  # HOST:PORT of the simulator
    control: str = ""
    ca_file: Path = None

    @property
    def upstream_port(self):
        return self.upstream.rpartition(":")[2]


@dataclass
class Running:
    server: Server
    address: str
    admin: str = ""
    cache_directory: Path = None


@dataclass(frozen=True)
class Peer:
    key: str
    name: str
    start: Callable = field(repr=False)
    needs_upstream: bool = True


def start_simulator(around, *options):
    around.ca_file = around.directory / "ca.pem"
    command = [around.build / "twilio-simulator", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--body-bytes", around.body_bytes,
               "--write-ca", around.ca_file, "--idle-timeout", 3600, *options]
    server = Server("twilio-simulator", command, around.core, around.directory / "simulator.log")
    try:
        lines = server.read_until_ready()
        around.upstream, around.control = address_in(lines, "https on"), address_in(lines, "control on")
    except BenchError:
        server.stop()
        raise
    return server


def _start_floor(around):
    command = [around.build / "bench/bench-floor", "--body-bytes", around.body_bytes]
    server = Server("floor", command, around.core, around.directory / "floor.log")
    return _up(server, lambda lines: Running(server, address_in(lines, "listening on")))


# Everything else is the built-in default, so that what is measured is what people run. gzip: the generator lists it as the SDK does, and
# everybody is to send the same bytes.
GATEWAY_CONFIG = """\
workers: 1
listeners:
  - address: 127.0.0.1:0
admin:
  address: 127.0.0.1:0
upstream:
  url: https://localhost:{port}
  ca_file: {ca_file}
cache:
  max_bytes: 256MiB
  gzip: false
"""


def start_gateway(around, template=GATEWAY_CONFIG, program=None, name="gateway", **words):
    """`program`: another one than that of the build directory."""
    config = around.directory / f"{name}.yaml"
    config.write_text(template.format(port=around.upstream_port, ca_file=around.ca_file, **words))
    server = Server(name, [program or around.build / "summary-gateway", "--config", config], around.core, around.directory / f"{name}.log")
    return _up(server, lambda lines: Running(server, address_in(lines, "listening on"), admin=address_in(lines, "admin on")))


def start_nginx(around, name, template, **more):
    """`more`: words of the template besides those that every template needs."""
    directory = around.directory / re.sub(r"\W+", "-", name)
    directory.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]  # nginx cannot tell which port it was given
    words = {
        "USER_LINE": f"{'user root;':<46}# root's temporary directory is closed to nobody" if os.geteuid() == 0 else "",
        "DIRECTORY": str(directory), "PORT": str(port), "UPSTREAM_PORT": around.upstream_port, "CA_FILE": str(around.ca_file), **more,
    }
    text = (HERE / template).read_text()
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    config = directory / "nginx.conf"
    config.write_text(text)
    server = Server(name, [nginx_program(), "-p", directory, "-c", config], around.core, directory / "errors.log")
    try:
        _wait_for_port(server, port)
    except BenchError:
        server.stop()
        raise
    return Running(server, f"127.0.0.1:{port}", cache_directory=directory / "cache")


def nginx_program():
    """Debian keeps it where only root's PATH looks."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def _up(server, describe):
    try:
        return describe(server.read_until_ready())
    except BenchError:
        server.stop()
        raise


def _wait_for_port(server, port, timeout=10):
    deadline = time.monotonic() + timeout
    while True:
        server.must_be_alive()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise BenchError(f"{server.name} did not listen after {timeout} s\n{server.last_words()}") from None
            time.sleep(0.02)


def another_gateway(number, name, program):
    """The same with another program: one change beside what was before it, in one run."""
    key = f"another-{number}"
    return Peer(key, name, lambda around: start_gateway(around, program=program, name=key))


PEERS = [
    Peer("floor", "floor (bare epoll)", _start_floor, needs_upstream=False),
    Peer("gateway", "summary-gateway", start_gateway),
    Peer("nginx", "nginx, sendfile off", lambda around: start_nginx(around, "nginx, sendfile off", "nginx.conf.in", SENDFILE="off")),
    Peer("nginx-sendfile", "nginx, sendfile on", lambda around: start_nginx(around, "nginx, sendfile on", "nginx.conf.in", SENDFILE="on")),
]
