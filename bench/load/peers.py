"""The servers of the bench, one row each in PEERS: how it is started on the shared core in front of the shared simulator."""

from dataclasses import dataclass, field
from typing import Callable

from processes import BenchError, Server, address_in
from proxies import PLUGINS, program, start_haproxy, start_nginx, start_trafficserver, start_varnish
from surroundings import Running


@dataclass(frozen=True)
class Peer:
    key: str
    name: str
    start: Callable = field(repr=False)
    needs: tuple = ()   # programs that are not this project's
    caches: bool = True
    is_ours: bool = False
    is_floor: bool = False


def start_floor(around, name="floor", keys=0):
    """`keys` 0: one body for all requests."""
    command = [around.build / "bench/bench-floor", "--body-bytes", around.body_bytes, "--keys", keys, "--certificate", around.certificate]
    server = Server(name, command, around.core, around.directory / f"{name}.log")
    return _up(server, lambda lines: Running(server, address_in(lines, "listening on", "http"), address_in(lines, "listening on", "https")))


def start_relay(around):
    """The floor of a miss."""
    command = [around.build / "bench/bench-relay", "--upstream", around.upstream]
    server = Server("relay", command, around.core, around.directory / "relay.log")
    return _up(server, lambda lines: Running(server, address_in(lines, "listening on")))


# Everything else is the built-in default, so that what is measured is what people run. gzip: the generator lists it as the SDK does, and
# everybody is to send the same bytes.
GATEWAY_CONFIG = """\
workers: {workers}
listeners:
  - address: 127.0.0.1:0
  - address: 127.0.0.1:0
    tls: {{ certificate: {certificate}, key: {certificate} }}
admin:
  address: 127.0.0.1:0
upstream:
  url: https://localhost:{port}
  ca_file: {ca_file}
cache:
  max_bytes: {cache_mib}MiB
  gzip: false
"""


def start_gateway(around, template=GATEWAY_CONFIG, executable=None, name="gateway", **words):
    """`executable`: another one than that of the build directory."""
    config = around.directory / f"{name}.yaml"
    config.write_text(template.format(port=around.upstream_port, **vars(around), **words))
    command = [executable or around.build / "summary-gateway", "--config", config]
    server = Server(name, command, around.core, around.directory / f"{name}.log")
    return _up(server, lambda lines: Running(server, address_in(lines, "listening on", "http"), admin=address_in(lines, "admin on"),
                                             events=address_in(lines, "events on") if "events on" in lines else "",
                                             tls_address=address_in(lines, "listening on", "https") if "https://" in lines else ""))


def _up(server, describe):
    try:
        return describe(server.read_until_ready())
    except BenchError:
        server.stop()
        raise


def another_gateway(number, name, executable):
    """The same with another program: one change beside what was before it, in one run."""
    key = f"another-{number}"
    return Peer(key, name, lambda around: start_gateway(around, executable=executable, name=key), is_ours=True)


def _nginx(name, sendfile, cache="summaries"):
    return lambda around: start_nginx(around, name, SENDFILE=sendfile, CACHE=cache)


PEERS = [
    Peer("floor", "floor (one body)", start_floor, caches=False, is_ours=True, is_floor=True),
    Peer("floor-per-key", "floor (a body per key)", lambda around: start_floor(around, "floor-per-key", around.keys), caches=False, is_ours=True,
         is_floor=True),
    Peer("gateway", "summary-gateway", start_gateway, is_ours=True),
    Peer("nginx", "nginx, sendfile off", _nginx("nginx, sendfile off", "off"), ("nginx",)),
    Peer("nginx-sendfile", "nginx, sendfile on", _nginx("nginx, sendfile on", "on"), ("nginx",)),
    Peer("haproxy", "HAProxy", lambda around: start_haproxy(around, "haproxy"), ("haproxy",)),
    Peer("trafficserver", "Traffic Server", lambda around: start_trafficserver(around, "trafficserver"), ("traffic_server",)),
    Peer("varnish", "Varnish", lambda around: start_varnish(around, "varnish"), ("varnishd", "haproxy")),
]

# Only where misses are measured: the floor of a miss, in the floor's place, and what passing on costs without a cache.
RELAY = Peer("floor", "floor (bare relay)", start_relay, caches=False, is_ours=True, is_floor=True)
NGINX_WITHOUT_CACHE = Peer("nginx-no-cache", "nginx without cache", _nginx("nginx without cache", "off", "off"), ("nginx",), caches=False)


def missing(peer):
    """What it needs and this machine does not have."""
    lacking = [name for name in peer.needs if program(name) is None]
    if "traffic_server" in peer.needs and not lacking and not (PLUGINS / "cachekey.so").exists():
        lacking.append(str(PLUGINS / "cachekey.so"))
    return lacking
