"""What meets a client or a balancer before any summary: health checks, the wrong protocol, and how long a connection stays."""

import os
import ssl
import subprocess

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.twilio_facts import new_sid
from harness.wire import request, target


@pytest.fixture(scope="module")
def leaf(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority").leaf()


def secured(leaf, **more):
    return [{"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key}, **more}]


# --- health checks

def test_a_health_check_needs_no_credential_and_is_nobodys_request(start_gateway, simulator):
    gateway = start_gateway(log={"access": "all"}, client_limit={"requests": 1, "per": "1h"})
    for method in ("GET", "HEAD", "GET"):
        answer = gateway.send(request("/livez", None, method), method)
        assert (answer.status, answer.body) == (200, b"" if method == "HEAD" else b"alive\n")
        assert answer.header("Content-Length") == "6"
    gateway.ask(new_sid())
    eventually(lambda: gateway.metrics().total("requests_total") == 1, what="the one request of a client")
    rows = gateway.admin("/api/clients").json()["clients"]
    assert sum(row["requests"] for row in rows) == 1
    assert not any('"status":200' in line and "/livez" in line for line in gateway.output().splitlines())
    assert len(simulator.requests()) == 1


def test_a_health_check_only_asks(gateway):
    assert gateway.send(request("/livez", None, "POST", [("Content-Length", 0)])).status == 405
    answer = gateway.send(request("/livez", None, "OPTIONS"), "OPTIONS")
    assert answer.status == 204 and answer.header("Allow") == "GET, HEAD, OPTIONS"


def test_the_health_path_can_be_switched_off(start_gateway):
    gateway = start_gateway(livez=False)
    assert (gateway.send(request("/livez", None)).status, gateway.send(request("/livez", None)).fault) == (404, "no_such_route")


# --- the wrong protocol

@pytest.mark.parametrize("sent", [request("/v1/Voice/x/Summary"), b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"], ids=["GET", "CONNECT"])
def test_plain_http_on_a_tls_port_gets_one_helpful_sentence(start_gateway, leaf, sent):
    gateway = start_gateway(listeners=secured(leaf))
    for _ in range(3):
        with gateway.connect() as connection:
            answer = connection.send(sent).read()
            assert (answer.status, answer.fault, answer.header("Connection")) == (400, "http_on_tls", "close")
            assert "https://" in answer.json()["message"]
            connection.ends()
    lines = gateway.logged("speaks plain HTTP to a listener with tls")
    assert len(lines) == 1 and "the client " in lines[0] and "127.0.0.1" not in lines[0]
    assert gateway.metrics().total("faults_total", fault="http_on_tls") == 3


def test_tls_on_a_plain_port_gets_one_helpful_sentence(start_gateway):
    gateway = start_gateway()
    for _ in range(3):
        hello, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context()
        with pytest.raises(ssl.SSLWantReadError):
            context.wrap_bio(hello, sent, server_hostname="localhost").do_handshake()
        with gateway.connect() as connection:
            answer = connection.send(sent.read()).read()
            assert (answer.status, answer.fault) == (400, "tls_on_http") and "http://" in answer.json()["message"]
            connection.ends()
    lines = gateway.logged("speaks TLS to a listener without tls")
    assert len(lines) == 1


def test_a_client_that_takes_the_gateway_for_a_proxy_hears_of_its_setting(gateway):
    done = subprocess.run(
        ["curl", "-sv", "--max-time", "10", "https://insights.twilio.com/v1/Voice/x/Summary"],
        env={"PATH": os.defpath, "HTTPS_PROXY": f"http://127.0.0.1:{gateway.port}"}, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 56 and "Gateway-Fault: used_as_proxy" in done.stderr
    with gateway.connect() as connection:
        answer = connection.send(b"CONNECT insights.twilio.com:443 HTTP/1.1\r\nHost: insights.twilio.com:443\r\n\r\n").read()
        assert answer.status == 405 and answer.header("Allow") and "HTTPS_PROXY" in answer.json()["message"]
        connection.ends()


# --- how long a connection stays

def test_each_answer_tells_how_long_the_connection_stays(start_gateway, simulator):
    gateway, sid = start_gateway(limits={"idle_timeout": "30s"}), new_sid()
    with gateway.connect() as connection:
        for path, auth in [(target(sid), True), (target(sid), True), (target("CA1"), True), ("/livez", False)]:
            answer = connection.send(request(path) if auth else request(path, None)).read()
            assert (answer.header("Connection"), answer.header("Keep-Alive")) == ("keep-alive", "timeout=29"), path
        answer = connection.send(request(target(sid), headers=[("Connection", "close")])).read()
        assert (answer.header("Connection"), answer.header("Keep-Alive")) == ("close", None)
    gateway.config_path.write_text(gateway.config_path.read_text().replace("idle_timeout: 30s", "idle_timeout: 11s"))
    assert gateway.admin("/api/reload", "POST").status == 200
    assert gateway.ask(sid).header("Keep-Alive") == "timeout=10"


# --- UTF-8

def test_the_admin_pages_are_utf8_whatever_the_settings_hold(start_gateway, tmp_path):
    odd = b"caf\xe9"  # Latin-1
    for folder in (b"plain", odd):
        os.mkdir(os.path.join(os.fsencode(tmp_path), folder))
    gateway = start_gateway(listeners=[{"address": "127.0.0.1:0"}, {"address": f"unix:{tmp_path}/plain/s"}])
    gateway.config_path.write_bytes(gateway.config_path.read_bytes().replace(b"/plain/s", b"/" + odd + b"/s"))
    answer = gateway.admin("/api/reload", "POST")
    assert answer.status == 200, answer.body
    for path in ("/api/stats", "/api/slow", "/api/clients", "/api/fleet", "/metrics"):
        page = gateway.admin(path).body.decode("utf-8")
        assert "\ufffd" in page or path not in ("/api/stats", "/metrics"), path
