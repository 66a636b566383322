"""upstream.connect_to and a dot at the end of a name change the way to the upstream, never whose certificate and Host it is."""

import socket

import pytest

from harness.certificates import Authority
from harness.gateway import Gateway, settings_for
from harness.tls_upstream import TlsUpstream, server_context
from harness.twilio_facts import new_sid


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture
def gateway_to(tmp_path, authority):
    started = []

    def start(url, **more):
        settings = settings_for(None, upstream={"url": url, "ca_file": authority.certificate, "timeout": "4s", **more})
        started.append(Gateway(tmp_path, settings))
        return started[-1]

    yield start
    for gateway in started:
        gateway.stop()


# The name cannot be resolved: whatever answers was found by connect_to. A dot at its end shows nowhere.
@pytest.mark.parametrize("url", ["https://insights.twilio.invalid", "https://insights.twilio.invalid.:443", "https://insights.twilio.invalid./"])
def test_another_place_but_the_same_name(gateway_to, authority, url):
    with TlsUpstream(server_context(authority.leaf("DNS:insights.twilio.invalid"))) as upstream:
        answer = gateway_to(url, connect_to=f"127.0.0.1:{upstream.port}").ask(new_sid())
        assert answer.status == 200, answer.raw
        assert upstream.server_names == ["insights.twilio.invalid"]
        assert b"\r\nHost: insights.twilio.invalid\r\n" in upstream.received


def test_the_certificate_must_be_that_of_the_url(gateway_to, authority):
    with TlsUpstream(server_context(authority.leaf("DNS:localhost,IP:127.0.0.1"))) as upstream:
        answer = gateway_to("https://insights.twilio.invalid", connect_to=f"localhost:{upstream.port}").ask(new_sid())
        assert (answer.status, answer.fault) == (502, "upstream_tls")
        assert upstream.connections >= 1 and upstream.received == b""


def test_an_ipv6_address_to_connect_to(gateway_to, authority):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with TlsUpstream(server_context(authority.leaf("DNS:insights.twilio.invalid")), host="::1") as upstream:
        answer = gateway_to("https://insights.twilio.invalid", connect_to=f'"[::1]:{upstream.port}"').ask(new_sid())
        assert answer.status == 200, answer.raw


def test_nothing_answers_there(gateway_to):
    with TlsUpstream(greeting=b"x") as upstream:
        pass
    answer = gateway_to("https://insights.twilio.invalid", connect_to=f"127.0.0.1:{upstream.port}").ask(new_sid())
    assert (answer.status, answer.fault) == (502, "upstream_unreachable")
    assert "upstream.connect_to" in answer.json()["message"]
