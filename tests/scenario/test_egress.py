"""Through an egress proxy: the tunnel's TLS is the upstream's, end to end, and whatever the proxy does has a name."""

import base64
import subprocess

import pytest

from harness.certificates import Authority
from harness.egress import ESTABLISHED, EgressProxy, reset, tinyproxy
from harness.eventually import eventually
from harness.gateway import BINARY, Gateway, settings_for, yaml
from harness.logbook import entered, entries
from harness.tls_upstream import TlsUpstream, server_context
from harness.twilio_facts import PARENT, new_sid

NAME = "insights.twilio.invalid"  # only the proxy could resolve it
PASSWORD = "the-proxy's-pass:word"
TINYPROXYS_PASSWORD = "what-tinyproxy-can-read"
BASIC = base64.b64encode(f"gateway:{PASSWORD}".encode()).decode()
TWILIO_SECRET = PARENT.split()[1]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="module")
def leaf(authority):
    return authority.leaf(f"DNS:{NAME}")


@pytest.fixture
def gateway_through(tmp_path, authority):
    started = []

    def start(proxy, log=None, drain_timeout="10s", **more):
        upstream = {"url": f"https://{NAME}", "ca_file": authority.certificate, "proxy": getattr(proxy, "url", proxy), "timeout": "4s", **more}
        limits = {"drain_timeout": drain_timeout}
        # One worker, so that one connection is used again.
        settings = settings_for(None, workers=1, upstream=upstream, server_timing=True, limits=limits, log=log or {"level": "info"})
        started.append(Gateway(tmp_path, settings))
        return started[-1]

    yield start
    for gateway in started:
        gateway.stop()


@pytest.fixture
def credential(tmp_path):
    path = tmp_path / "proxy.credential"
    path.write_text(f"gateway:{PASSWORD}\n")
    path.chmod(0o600)
    return path


def faulty(gateway, fault, status=502):
    answer = gateway.ask(new_sid())
    assert (answer.status, answer.fault) == (status, fault), answer.raw
    assert answer.json()["code"] == {502: 20502, 504: 20504}[status]
    return answer


def time_of_the_proxy(gateway):
    """A request is counted a moment after its answer."""
    return eventually(lambda: gateway.metrics().total("hop_duration_seconds_sum", hop="egress"))


def test_the_tunnel_is_for_the_upstream_and_is_used_again(gateway_through, leaf):
    with TlsUpstream(server_context(leaf)) as upstream, EgressProxy(upstream.port) as proxy:
        gateway = gateway_through(proxy)
        answers = [gateway.ask(new_sid()) for _ in range(3)]
        assert [answer.status for answer in answers] == [200] * 3, answers[0].raw
        assert "egress;dur=" in answers[0].header("Server-Timing") and "egress" not in answers[1].header("Server-Timing")
        (asked,) = proxy.asked
        assert asked.startswith(f"CONNECT {NAME}:443 HTTP/1.1\r\nHost: {NAME}:443\r\n") and "Authorization" not in asked
        assert upstream.server_names == [NAME] and upstream.protocols == ["http/1.1"]
        assert b"Summary" not in proxy.seen and TWILIO_SECRET.encode() not in proxy.seen
        assert time_of_the_proxy(gateway) > 0


ENDS = {"203.0.113.7:8443": "203.0.113.7:8443", '"[2001:db8::7]:443"': "[2001:db8::7]:443", "edge.invalid.:443": "edge.invalid:443"}


@pytest.mark.parametrize("to, asked_for", ENDS.items())
def test_another_end_of_the_tunnel_and_the_same_name(gateway_through, leaf, to, asked_for):
    with TlsUpstream(server_context(leaf)) as upstream, EgressProxy(upstream.port) as proxy:
        assert gateway_through(proxy, connect_to=to).ask(new_sid()).status == 200
        assert proxy.asked[0].startswith(f"CONNECT {asked_for} HTTP/1.1\r\nHost: {asked_for}\r\n")
        assert upstream.server_names == [NAME]


def test_the_credential_goes_to_the_proxy_and_shows_nowhere(gateway_through, leaf, credential, tmp_path):
    with TlsUpstream(server_context(leaf)) as upstream, EgressProxy(upstream.port) as proxy:
        gateway = gateway_through(proxy, proxy_credential_file=credential, log={"level": "debug", "access": "all"})
        sid = new_sid()
        assert gateway.ask(sid).status == 200
        assert f"\r\nProxy-Authorization: Basic {BASIC}\r\n" in proxy.asked[0]
        proxy.how = lambda peer, _: peer.sendall(b"HTTP/1.1 407 Wanted\r\nProxy-Authenticate: Basic realm=x\r\n\r\n")
        gateway.annotate(sid, Comment="over a connection of its own")
        pages = ("/metrics", "/api/config", "/api/stats", f"/api/explain?call_sid={sid}", "/api/slow?min=0s")
        shown = [gateway.admin(page).raw for page in pages]
        shown += [subprocess.run([BINARY, "--config", gateway.config_path, "--print-config"], capture_output=True, check=True).stdout]
        gateway.stop()
        shown += [path.read_bytes() for path in tmp_path.glob("summary-gateway.std*")]
        assert b"407" in shown[-1] + shown[-2], "the log says what the proxy said"
        for text in shown:
            assert PASSWORD.encode() not in text and BASIC.encode() not in text
        assert BASIC.encode() not in upstream.received and b"Proxy-" not in upstream.received


def says(*pieces):
    def answer(peer, proxy):
        for piece in pieces:
            peer.sendall(piece)
        proxy.drain(peer)

    return answer


def endless_header(peer, proxy):
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while not proxy.ends.is_set():
        peer.sendall(b"X-More: and more\r\n" * 100)


def late_content(peer, proxy):
    """200 with content, which comes when TLS has begun."""
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    proxy.seen += peer.recv(65536)
    peer.sendall(b"<html>...")
    proxy.drain(peer)


FAULTS = {
    "407": ("egress_auth", says(b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 2\r\n\r\nno')),
    "401": ("egress_auth", says(b"HTTP/1.1 401 Unauthorized\r\n\r\n")),
    "403": ("egress_refused", says(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")),
    "502 of the proxy": ("egress_refused", says(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")),
    "a redirect": ("egress_refused", says(b"HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\n\r\n")),
    "200 with content": ("egress_refused", says(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>")),
    "200 with later content": ("upstream_tls", late_content),
    "101": ("egress_refused", says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")),
    "interim answers without end": ("egress_refused", says(b"HTTP/1.1 100 Continue\r\n\r\n" * 50)),
    "half a line": ("egress_unreachable", says(b"HTTP/1.1 2")),
    "silence": ("egress_unreachable", says()),
    "a header without end": ("egress_refused", endless_header),
    "no HTTP": ("egress_refused", says(b"SSH-2.0-OpenSSH_9.2\r\n")),
    "a line feed alone": ("egress_refused", says(b"HTTP/1.1 200 OK\n\n" + b"\r\n\r\n")),
    "the end": ("egress_refused", lambda peer, proxy: None),
    "a reset": ("egress_refused", lambda peer, proxy: reset(peer)),
}


@pytest.mark.parametrize("fault, how", FAULTS.values(), ids=FAULTS)
def test_whatever_the_proxy_does_has_a_name(gateway_through, leaf, fault, how):
    with TlsUpstream(server_context(leaf)) as upstream, EgressProxy(upstream.port, how) as proxy:
        gateway = gateway_through(proxy, connect_timeout="400ms", log={"access": "all"})
        answer = faulty(gateway, fault)
        assert upstream.connections == 0 and b"Summary" not in proxy.seen and TWILIO_SECRET.encode() not in proxy.seen
        assert "proxy" in answer.json()["message"] or fault == "upstream_tls"
        result = "tls" if fault == "upstream_tls" else "egress"
        assert gateway.metrics().total("upstream_requests_total", result=result) == 1
        if fault == "egress_unreachable":
            assert time_of_the_proxy(gateway) > 0.39
        proxy.how = None
        assert gateway.ask(new_sid()).status == 200, "the next one is well"


def test_another_certificate_behind_the_tunnel_is_told_nothing(gateway_through, authority, tmp_path):
    stranger = Authority(tmp_path, "stranger").leaf(f"DNS:{NAME}")
    for other in (stranger, authority.leaf("DNS:proxy.invalid")):
        with TlsUpstream(server_context(other)) as upstream, EgressProxy(upstream.port) as proxy:
            faulty(gateway_through(proxy), "upstream_tls")
            assert proxy.tunnels >= 1 and upstream.received == b""


YES = {
    "HTTP/1.0": b"HTTP/1.0 200 Connection established\r\n\r\n",
    "no reason": b"HTTP/1.1 200\r\nVia: x\r\n\r\n",
    "after an interim answer": b"HTTP/1.1 100 Continue\r\n\r\n" + ESTABLISHED,
    "content is announced": b"HTTP/1.1 204 Fine\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n",
}


@pytest.mark.parametrize("established", YES.values(), ids=YES)
def test_all_that_means_yes(gateway_through, leaf, established):
    with TlsUpstream(server_context(leaf)) as upstream, EgressProxy(upstream.port, lambda peer, proxy: proxy.open(peer, established)) as proxy:
        assert gateway_through(proxy).ask(new_sid()).status == 200


def test_no_way_to_the_proxy(gateway_through):
    with EgressProxy() as proxy:
        pass
    faulty(gateway_through(proxy), "egress_unreachable")
    faulty(gateway_through("http://proxy.invalid:3128"), "egress_unreachable")


def test_the_time_of_the_whole_is_a_time_out_as_ever(gateway_through):
    with EgressProxy(how=says()) as proxy:
        gateway = gateway_through(proxy, timeout="600ms", connect_timeout="5s")
        faulty(gateway, "upstream_timeout", 504)
        assert time_of_the_proxy(gateway) > 0.3


def test_a_silent_proxy_holds_up_no_end(gateway_through):
    with EgressProxy(how=says()) as proxy:
        gateway = gateway_through(proxy, timeout="5m", connect_timeout="1m", warm_connections=1, drain_timeout="1s")
        eventually(lambda: proxy.asked)
        gateway.stop()


def test_a_proxy_that_is_down_opens_the_breaker_and_comes_back(gateway_through, leaf):
    with TlsUpstream(server_context(leaf)) as upstream, EgressProxy(upstream.port, says(b"HTTP/1.1 503 Down\r\n\r\n")) as proxy:
        gateway = gateway_through(proxy, failures_to_break=3)
        for _ in range(3):
            faulty(gateway, "egress_refused")
        shed = gateway.ask(new_sid())
        assert (shed.status, shed.fault) == (429, "upstream_failing") and shed.header("Retry-After")
        proxy.how = None
        eventually(lambda: gateway.ask(new_sid()).status == 200, timeout=20)


def test_the_time_of_the_tunnel_is_its_own(gateway_through, leaf):
    waits = {"how": 0.4}

    def slow(peer, proxy):
        proxy.ends.wait(waits["how"])
        proxy.open(peer)

    with TlsUpstream(server_context(leaf)) as upstream, EgressProxy(upstream.port, slow) as proxy:
        gateway = gateway_through(proxy, log={"slow_after": "300ms"})
        assert gateway.ask(new_sid()).status == 200
        (entry,) = eventually(lambda: gateway.admin("/api/slow").json()["requests"])
        assert entry["hops_us"]["egress"] > 300_000 and max(entry["hops_us"], key=entry["hops_us"].get) == "egress"
        assert abs(sum(entry["hops_us"].values()) - entry["duration_us"]) <= len(entry["hops_us"])


def test_a_changed_credential_file_counts_without_a_reload(gateway_through, credential):
    def wants_it(peer, proxy):
        peer.sendall(b"HTTP/1.1 407 Wanted\r\n\r\n")
        proxy.drain(peer)

    with EgressProxy(how=wants_it) as proxy:
        gateway = gateway_through(proxy, proxy_credential_file=credential, failures_to_break=1000)
        faulty(gateway, "egress_auth")
        credential.write_text("no-credential-at-all\n")
        eventually(lambda: "proxy_credential_file" in gateway.stderr_path.read_text())
        faulty(gateway, "egress_auth")
        assert f"Basic {BASIC}\r\n" in proxy.asked[-1], "the credential read before stays in use"
        assert gateway.metrics().total("credential_files_unusable") == 1
        credential.write_text("gateway:another-word\n")
        another = base64.b64encode(b"gateway:another-word").decode()

        def asked_with_the_other():
            faulty(gateway, "egress_auth")
            return f"Basic {another}\r\n" in proxy.asked[-1]

        eventually(asked_with_the_other)
        text = gateway.stderr_path.read_text()
        assert "no-credential-at-all" not in text and "another-word" not in text


def test_a_reload_brings_another_credential_but_no_other_proxy(gateway_through, leaf, tmp_path):
    credentials = [tmp_path / name for name in ("first", "second")]
    for path in credentials:
        path.write_text(f"gateway:{path.name}")
        path.chmod(0o600)
    with TlsUpstream(server_context(leaf)) as upstream, EgressProxy(upstream.port) as proxy:
        gateway = gateway_through(proxy, proxy_credential_file=credentials[0])
        sid = new_sid()
        assert gateway.ask(sid).status == 200
        text = gateway.config_path.read_text()
        gateway.config_path.write_text(text.replace(str(credentials[0]), str(credentials[1])))
        assert gateway.admin("/api/reload", "POST").status == 200
        gateway.annotate(sid, Comment="over a connection of its own")
        sent = [base64.b64encode(f"gateway:{name}".encode()).decode() for name in ("first", "second")]
        assert [one in asked for one, asked in zip(sent, proxy.asked, strict=True)] == [True, True]
        gateway.config_path.write_text(text.replace(proxy.url, "http://127.0.0.1:1"))
        refused = gateway.admin("/api/reload", "POST")
        assert refused.status != 200 and "upstream.proxy" in refused.raw.decode()


def check(tmp_path, upstream):
    path = tmp_path / "checked.yaml"
    path.write_text(yaml({"upstream": upstream}))
    done = subprocess.run([BINARY, "--config", path, "--check-config"], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


CREDENTIALS = {
    "missing": (None, 0o600, "cannot be read"),
    "empty": (b" \n", 0o600, "is empty"),
    "readable by all": (b"gateway:word", 0o644, "chmod o="),
    "no colon": (b"gateway", 0o600, "must hold USER:PASSWORD"),
    "no user": (b":word", 0o600, "must hold USER:PASSWORD"),
    "two lines": (b"gateway:word\nsecond:line\n", 0o600, "has 2 lines"),
    "a control byte": (b"gateway:wo\x07rd", 0o600, "not printable ASCII"),
    "quotes": (b'"gateway:word"\n', 0o600, "quotes"),
    "UTF-16": ("gateway:word".encode("utf-16"), 0o600, "is UTF-16"),
}


@pytest.mark.parametrize("content, mode, why", CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_credential_that_cannot_be_used_is_refused_with_the_reason(tmp_path, content, mode, why):
    path = tmp_path / "credential"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    status, said = check(tmp_path, {"proxy": "http://127.0.0.1:3128", "proxy_credential_file": path})
    assert status == 64 and why in said and "upstream.proxy_credential_file" in said, said
    assert "word" not in said.replace("PASSWORD", "")


def test_what_is_meant_is_taken(gateway_through, leaf, credential):
    credential.write_bytes(b"\xef\xbb\xbf  gateway:" + PASSWORD.encode() + b" \r\n\n")
    with TlsUpstream(server_context(leaf)) as upstream, EgressProxy(upstream.port) as proxy:
        assert gateway_through(proxy, proxy_credential_file=credential).ask(new_sid()).status == 200
        assert f"Basic {BASIC}\r\n" in proxy.asked[0]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_the_environment_is_not_obeyed_in_silence(start_gateway, monkeypatch, variable):
    with EgressProxy() as proxy:
        monkeypatch.setenv(variable, f"http://someone:{PASSWORD}@127.0.0.1:{proxy.port}")
        gateway = start_gateway()
        assert gateway.ask(new_sid()).status == 200 and not proxy.asked
    gateway.stop()
    log = gateway.stderr_path.read_text()
    assert f"{variable} is set, but" in log and "upstream.proxy" in log and PASSWORD not in log


def test_nothing_is_said_of_the_environment_where_a_proxy_is_set(gateway_through, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with EgressProxy() as proxy:
        gateway = gateway_through(proxy)
    gateway.stop()
    assert "HTTPS_PROXY" not in gateway.stderr_path.read_text()


@pytest.fixture
def debians(tmp_path, simulator, credential, start_gateway):
    """debians("ConnectPort 443", password="wrong") → a gateway to the simulator through Debian's tinyproxy."""
    running = []

    def start(*lines, password=TINYPROXYS_PASSWORD):
        credential.write_text(f"gateway:{password}")
        running.append(tinyproxy(tmp_path, f"BasicAuth gateway {TINYPROXYS_PASSWORD}", *lines))
        return start_gateway(upstream={"proxy": f"http://127.0.0.1:{running[-1].port}", "proxy_credential_file": credential}, workers=1), simulator

    yield start
    for one in running:
        one.stop()


def test_through_tinyproxy(debians):
    gateway, simulator = debians()
    assert gateway.ask(new_sid()).status == 200
    before = simulator.state()["handshakes_resumed"]
    for _ in range(3):
        simulator.close_idle_connections()
        assert gateway.ask(new_sid()).status == 200
    assert simulator.state()["handshakes_resumed"] > before, "sessions are resumed through tunnels"


def test_tinyproxy_wants_another_credential(debians):
    faulty(debians(password="wrong")[0], "egress_auth")


def test_tinyproxy_forbids_the_port(debians):
    faulty(debians("ConnectPort 443")[0], "egress_refused")


def test_trouble_with_the_proxy_is_told_once_and_its_end(gateway_through, simulator):
    with EgressProxy(how=lambda peer, _: peer.sendall(b"HTTP/1.1 503 No\r\n\r\n")) as proxy:
        gateway = gateway_through(proxy)
        for _ in range(3):
            faulty(gateway, "egress_refused")
        assert entered(gateway, "egress_failed").items() >= {"authority": f"{NAME}:443", "cause": "it answered with status 503"}.items()
        proxy.to, proxy.how = simulator.port, None
        faulty(gateway, "upstream_tls")  # the tunnel is good, and the simulator is another host
        assert entered(gateway, "egress_recovered")["lasted_ms"] >= 0
        assert entered(gateway, "upstream_tls_failed")["when"] == "in"
        assert len(entries(gateway, "egress_failed", "egress_recovered")) == 2
