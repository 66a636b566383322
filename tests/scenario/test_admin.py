"""The admin listener: is it alive, is it ready, what does it count; and GET changes nothing."""

import re

import pytest

from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.prometheus_text import PREFIX
from harness.tls_upstream import TlsUpstream
from harness.twilio_facts import new_sid
from harness.wire import Connection, exchange, request

FAMILIES = {
    "requests_total": "counter",
    "request_duration_seconds": "histogram",
    "hop_duration_seconds": "histogram",
    "cache_bytes": "gauge",
    "cache_entries": "gauge",
    "cache_evictions_total": "counter",
    "upstream_requests_total": "counter",
    "upstream_in_flight": "gauge",
    "upstream_limit": "gauge",
    "upstream_reported_concurrency": "gauge",
    "upstream_connections": "gauge",
    "upstream_tls_handshakes_total": "counter",
    "connections": "gauge",
    "faults_total": "counter",
    "build_info": "gauge",
}


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_alive_and_ready(gateway, path):
    assert gateway.admin(path).status == 200
    assert gateway.admin(path, "HEAD").status == 200


def test_ready_while_the_upstream_is_dead(tmp_path):
    with TlsUpstream(greeting=b"") as nobody:
        pass
    gateway = Gateway(tmp_path, settings_for(None, upstream={"url": nobody.url}))
    assert gateway.ask(new_sid()).status == 502
    assert gateway.admin("/readyz").status == 200
    assert gateway.admin("/livez").status == 200
    gateway.stop()


def test_the_metrics_of_the_contract_are_there_and_explained(gateway):
    gateway.ask(sid := new_sid())
    gateway.ask(sid)
    response = gateway.admin("/metrics")
    assert response.header("Content-Type").startswith("text/plain")
    metrics = gateway.metrics()
    for name, kind in FAMILIES.items():
        assert metrics.types.get(PREFIX + name) == kind, name
        assert len(metrics.help.get(PREFIX + name, "")) >= 10, f"{name} needs its words"
    assert all(name.startswith((PREFIX, "process_")) for name in metrics.types), "one prefix"


def test_build_info_carries_the_version(gateway):
    (labels,) = gateway.metrics().series("build_info")
    assert labels["version"]
    assert gateway.metrics().total("build_info") == 1


@pytest.mark.parametrize("path", ["/api/purge?all=true", "/api/purge?call_sid=CA" + "a" * 32])
def test_getting_the_purge_changes_nothing(gateway, path):
    sid = new_sid()
    gateway.ask(sid)
    answer = gateway.admin(path)
    assert answer.status == 405
    assert "POST" in answer.header("Allow")
    assert gateway.ask(sid).cache.get("hit")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE"])
def test_the_probes_only_answer_questions(gateway, method):
    for path in ("/livez", "/readyz", "/metrics"):
        answer = gateway.admin(path, method)
        assert answer.status == 405 and "GET" in answer.header("Allow")


RESOURCES = ["/", "/api", "/livez", "/readyz", "/metrics", "/api/stats", "/api/explain", "/api/slow", "/api/clients", "/api/fleet"]


@pytest.mark.parametrize("path", [*RESOURCES, "/api/purge", "/api/reload"])
def test_options_tell_the_methods_and_change_nothing(gateway, path):
    sid = new_sid()
    gateway.ask(sid)
    answer = gateway.admin(path, "OPTIONS")
    assert (answer.status, answer.body) == (204, b"") and answer.header("Content-Length") is None
    assert answer.header("Allow") == ("GET, HEAD, OPTIONS" if path in RESOURCES else "POST, OPTIONS")
    assert gateway.ask(sid).cache.get("hit")


@pytest.mark.parametrize(
    "accept, kind",
    [
        (["text/plain;version=0.0.4;q=0.9, application/openmetrics-text;version=1.0.0;q=0.5"], "text/plain"),
        (["text/plain;q=0.5", "application/openmetrics-text;version=1.0.0;q=0.9"], "application/openmetrics-text"),
        (["application/openmetrics-text;version=9.0.0"], "text/plain"),
        (["image/png"], "text/plain"),
    ],
    ids=["weights", "two lines", "another version", "nothing that there is"],
)
def test_the_format_of_the_metrics_is_negotiated(gateway, accept, kind):
    answer = exchange(gateway.admin_port, request("/metrics", None, headers=[("Accept", line) for line in accept]))
    assert answer.status == 200 and answer.header("Content-Type").split(";")[0] == kind


def test_unknown_paths_are_404_in_the_usual_shape(gateway):
    answer = gateway.admin("/nothing/here")
    assert answer.status == 404
    assert set(answer.json()) == {"code", "message", "more_info", "status"}


def test_summaries_are_not_served_here(gateway, simulator):
    sid = new_sid()
    gateway.ask(sid)
    answer = exchange(gateway.admin_port, request(f"/v1/Voice/{sid}/Summary"))
    assert answer.status == 404
    assert simulator.count(sid) == 1


def test_the_admin_listener_survives_malformed_requests_too(gateway):
    hello = b"\x16\x03\x01" + bytes(100) + b"\r\n\r\n"
    endless = b"GET " + b"/x" * 50_000 + b" HTTP/1.1\r\n\r\n"
    for sent in (b"\r\n\r\n\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", hello, endless):
        with Connection(gateway.admin_port) as connection:
            connection.send_what_it_takes(sent).socket.shutdown(1)
            assert b" 200 " not in connection.rest().split(b"\r\n")[0]
    assert gateway.admin("/livez").status == 200


METRICS = r"summary-gateway: metrics on http://[^\n]*:(\d+)$"


def test_metrics_and_probes_can_have_an_address_of_their_own(start_gateway, tmp_path):
    """For other machines, without a token, and with nothing else on it."""
    token = tmp_path / "token"
    token.write_text("t" * 32)
    gateway = start_gateway(admin={"token_file": str(token), "metrics_address": "127.0.0.1:0"})
    port = int(re.search(METRICS, "\n".join(gateway.lines), re.M).group(1))

    def get(path, method="GET"):
        return exchange(port, request(path, None, method, [("Connection", "close")]), method)

    assert [get(path).status for path in ("/livez", "/readyz", "/metrics")] == [200, 200, 200]
    assert 'summary_gateway_connections{listener="metrics"} 1' in get("/metrics").body.decode()
    assert get("/metrics", "POST").status == 405
    for path in ("/", "/dashboard/main.js", "/api", "/api/stats", "/api/explain?call_sid=" + new_sid(), "/api/purge?all=true"):
        assert get(path).status == 404 and get(path, "POST").status == 404
    assert gateway.admin("/metrics").status == 401, "where there is more, the token is asked for"


def test_openmetrics_names_a_request_that_was_slow(start_gateway, simulator):
    gateway = start_gateway(log={"slow_after": "50ms"})
    simulator.latency("100ms")
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = gateway.ask(new_sid(), headers=[("X-Request-Id", "a-slow-one"), ("traceparent", f"00-{trace}-b7ad6b7169203331-01")])
    assert answer.status == 200
    asked = request("/metrics", None, headers=[("Accept", "application/openmetrics-text")])
    page = eventually(lambda: "a-slow-one" in (now := exchange(gateway.admin_port, asked).body.decode()) and now)
    example = rf'# \{{trace_id="{trace}",request_id="a-slow-one"\}} 0\.[1-9]\d* \d{{10}}\.\d+\n'
    assert re.search(r'_bucket\{outcome="miss",le="[\d.]+"\} 1 ' + example, page), page
    assert "a-slow-one" not in gateway.admin("/metrics").body.decode()


def test_openmetrics_is_given_to_whoever_asks_for_it(gateway):
    asked = [("Accept", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2")]
    answer = exchange(gateway.admin_port, request("/metrics", None, headers=asked))
    assert answer.header("Content-Type").startswith("application/openmetrics-text; version=1.0.0")
    assert answer.body.endswith(b"# EOF\n") and answer.header("Vary") == "Accept"
    assert gateway.admin("/metrics").header("Content-Type").startswith("text/plain; version=0.0.4")


def test_no_page_of_a_name_that_was_bent_here_reads_anything(gateway, start_gateway, tmp_path):
    """DNS rebinding: to the browser it is that page's own site. With a token it could not say it."""
    def get(where, path, host, headers=()):
        return exchange(where.admin_port, request(path, None, host=host, headers=[("Connection", "close"), *headers])).status

    for path in ("/api", "/api/stats", "/api/slow", "/api/clients", "/api/explain?call_sid=" + new_sid()):
        assert get(gateway, path, "evil.example") == get(gateway, path, "evil.example:9464") == 403
        for host in ("localhost:9464", "127.0.0.1:9464", "[::1]:9464", "gateway", "dash.localhost"):
            assert get(gateway, path, host) == 200
    for path in ("/", "/livez", "/readyz", "/metrics"):
        assert get(gateway, path, "probe.example") == 200, "there is nothing in it"
    token = tmp_path / "token"
    token.write_text("t" * 32)
    guarded = start_gateway(admin={"token_file": str(token)})
    assert get(guarded, "/api/stats", "gateway.example", [("Authorization", "Bearer " + "t" * 32)]) == 200
