"""What the servers of a run share: the simulator in front of which they stand, a certificate, cores, a directory; and what one is, once up."""

import contextlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from processes import BenchError, Server, address_in


@dataclass
class Surroundings:
    """What every peer is given."""
    build: Path        # where the binaries are
    directory: Path    # of this run; on tmpfs if there is one
    core: str          # of all servers, as taskset writes it: only one of them is busy at a time
    body_bytes: int
    workers: int = 1
    cache_mib: int = 256
    keys: int = 1       # for how many the floor with a body per key has one
    upstream: str = ""  # HOST:PORT of the simulator
    control: str = ""
    ca_file: Path = None      # who signed the simulator's certificate
    certificate: Path = None  # of all TLS listeners: one PEM file with the certificate and its key
    elsewhere: list = field(default_factory=list)  # directories that could not be below `directory`

    @property
    def upstream_port(self):
        return self.upstream.rpartition(":")[2]


@dataclass
class Running:
    server: Server
    address: str
    tls_address: str = ""  # empty: it speaks no TLS
    admin: str = ""
    events: str = ""
    cache_directory: Path = None
    companions: list = field(default_factory=list)  # servers it cannot do without, whose cost is its cost

    def must_be_alive(self):
        for one in (self.server, *self.companions):
            one.must_be_alive()

    def cpu_seconds(self):
        return sum(one.cpu_seconds() for one in (self.server, *self.companions))

    def anonymous_bytes(self):
        return sum(one.anonymous_bytes() for one in (self.server, *self.companions))

    def stop(self):
        for one in (self.server, *self.companions):
            one.stop()


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


def make_certificate(around):
    """ECDSA on P-256, as new certificates mostly are: for RSA a handshake would cost every server several times as much."""
    around.certificate = around.directory / "server.pem"
    key = around.directory / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
               "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", around.certificate]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        raise BenchError("the openssl command is missing: deploy/install-deps --bench") from None
    if done.returncode:
        raise BenchError(f"openssl made no certificate: {done.stderr.strip()}")
    with open(around.certificate, "a") as pem:
        pem.write(key.read_text())


@contextlib.contextmanager
def serving(around, peers, **changes):
    """A fresh simulator and the peers in front of it, by their keys, with surroundings of their own. All gone at the end of the block."""
    own = replace(around, directory=Path(tempfile.mkdtemp(prefix="serving-", dir=around.directory)), elsewhere=[], **changes)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, own.directory, ignore_errors=True)
        stack.callback(lambda: [shutil.rmtree(one, ignore_errors=True) for one in own.elsewhere])
        make_certificate(own)
        simulator = start_simulator(own)
        stack.callback(simulator.stop)
        running = {}
        for peer in peers:
            running[peer.key] = peer.start(own)
            stack.callback(running[peer.key].stop)
        yield own, simulator, running
