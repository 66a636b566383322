"""The nginx and HAProxy of the balancers page, started from the page itself: a summary comes through each port, and its client is who it is."""

import re
import socket
import ssl

import pytest
import yaml

from harness.certificates import Authority
from harness.eventually import eventually
from harness.front_proxies import Front
from harness.free_port import free_port
from harness.gateway import Gateway, settings_for
from harness.program import REPOSITORY
from harness.twilio_facts import new_sid
from harness.wire import Connection, request, target
from test_clients import PLAIN, clients

PAGE = (REPOSITORY / "deploy" / "docs" / "balancers.md").read_text().split("### Examples")[1]
PORTS = ["80", "443", "8081", "8443"]
CLIENT = "127.0.0.2"


def block(language):
    return re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S).group(1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def leaf(authority):
    return authority.leaf()


@pytest.fixture(scope="module")
def behind(the_simulator, tmp_path_factory, leaf):
    """The gateway with the listeners of the page; the ports of the page's gateway are ports of 127.0.0.1."""
    folder = tmp_path_factory.mktemp("balanced")
    ports = {}
    for port in ("8080", "8081", "8443"):
        ports[port] = free_port(besides=list(ports.values()))
    text = block("yaml").replace("cert.pem", str(leaf.certificate)).replace("key.pem", str(leaf.key)).replace("10.0.0.2", "127.0.0.1")
    gateway = Gateway(folder, settings_for(the_simulator, **yaml.safe_load(placed(text, ports)), **PLAIN))
    yield gateway, ports
    gateway.stop()


def placed(text, ports):
    return re.sub(r"10\.0\.0\.5:(\d+)", lambda found: f"127.0.0.1:{ports[found.group(1)]}", text)


def own_ports():
    ports = {}
    for port in PORTS:
        ports[port] = free_port(besides=list(ports.values()))
    return ports


def nginx(folder, gateway_ports, leaf):
    own = own_ports()
    text = placed(block("nginx"), gateway_ports)
    text = re.sub(r"listen (\d+)", lambda found: f"listen 127.0.0.1:{own[found.group(1)]}", text)
    text = text.replace("/etc/nginx/cert.pem", str(leaf.certificate)).replace("/etc/nginx/key.pem", str(leaf.key))
    temporary = "".join(f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    config = folder / "nginx.conf"
    config.write_text(
        "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\ndaemon off;\n"
        f"pid {folder}/nginx.pid;\nerror_log {folder}/nginx.log warn;\nevents {{}}\n" + text.replace("http {", f"http {{ access_log off; {temporary}", 1)
    )
    return Front(folder, "nginx", ["/usr/sbin/nginx", "-e", folder / "nginx.log", "-c", config], own["80"]), own


def haproxy(folder, gateway_ports, leaf, version="send-proxy-v2"):
    own = own_ports()
    text = re.sub(r"bind :(\d+)", lambda found: f"bind 127.0.0.1:{own[found.group(1)]}", placed(block("haproxy"), gateway_ports))
    both = folder / "cert-and-key.pem"
    both.write_bytes(leaf.certificate.read_bytes() + leaf.key.read_bytes())
    config = folder / "haproxy.cfg"
    text = re.sub(r"^(    server .*?) check\b(?!-)", r"\1 check inter 200ms", text.replace("send-proxy-v2", version), flags=re.M)
    text = text.replace("/etc/haproxy/cert-and-key.pem", str(both))
    config.write_text(f"global\n    stats socket {folder}/stats\n" + text)
    return Front(folder, "haproxy", ["/usr/sbin/haproxy", "-db", "-f", config], own["80"]), own


STARTS = {
    "nginx": nginx,
    "haproxy, PROXY v2": haproxy,
    "haproxy, PROXY v1": lambda *where: haproxy(*where, version="send-proxy"),
}


@pytest.fixture(scope="module", params=STARTS)
def front(request, behind, tmp_path_factory, leaf):
    folder = tmp_path_factory.mktemp("front")
    started, own = STARTS[request.param](folder, behind[1], leaf)
    yield own, folder, request.param
    started.stop()


@pytest.mark.parametrize("port", PORTS)
def test_a_summary_comes_through_each_port_of_the_page(behind, front, authority, simulator, port):
    gateway, (own, _, _) = behind[0], front
    trust = ssl.create_default_context(cafile=authority.certificate) if port.endswith("443") else None
    sid, before = new_sid(), clients(gateway).get(CLIENT, {"requests": 0})["requests"]
    with Connection(own[port], tls=trust, source=CLIENT) as connection:
        for _ in range(2):
            answer = connection.send(request(target(sid))).read()
            assert (answer.status, answer.json()["call_sid"]) == (200, sid)
    assert answer.cache.get("hit") and simulator.count(sid) == 1
    eventually(lambda: clients(gateway)[CLIENT]["requests"] == before + 2, what="both are the client's own")


def test_haproxy_finds_the_gateway_well(front):
    _, folder, kind = front
    if kind == "nginx":
        pytest.skip("nginx has no active checks")

    def checks():
        with socket.socket(socket.AF_UNIX) as stats:
            stats.connect(str(folder / "stats"))
            stats.sendall(b"show stat\n")
            rows = [row.split(",") for row in stats.makefile().read().splitlines() if row]
        status, name = rows[0].index("check_status"), rows[0].index("svname")
        return [row[status] for row in rows[1:] if row[name] == "gateway"]

    eventually(lambda: checks() == ["L7OK"] * 3, what="GET /livez is answered with 200 on each listener")
