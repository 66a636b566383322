"""Spans for a collector: whose they are, what they say, and that a collector that fails costs spans only."""

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.eventually import eventually
from harness.twilio_facts import error_sid, new_sid

TRACE, PARENT_SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-{PARENT_SPAN}-01", f"00-{TRACE}-{PARENT_SPAN}-00"


class Collector:
    """Takes OTLP/HTTP in JSON, and keeps the spans."""

    def __init__(self, status=200):
        self.spans, self.paths = [], queue.SimpleQueue()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.paths.put((self.path, self.headers["Content-Type"]))
                if status == 200:
                    outer.spans += [span for one in body["resourceSpans"] for scope in one["scopeSpans"] for span in scope["spans"]]
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def roots(collector):
    return [span for span in collector.spans if span["kind"] == 2]


def test_a_sampled_request_becomes_a_span_with_its_hops(start_gateway, simulator):
    with Collector() as collector:
        gateway, sid = start_gateway(tracing={"otlp_url": collector.url}), new_sid()
        gateway.ask(sid, headers=[("traceparent", SAMPLED), ("X-Request-Id", "traced")])
        gateway.ask(sid, headers=[("traceparent", NOT_SAMPLED)])
        gateway.ask(new_sid())
        (root,) = eventually(lambda: roots(collector))
        assert (root["traceId"], root["parentSpanId"], root["name"]) == (TRACE, PARENT_SPAN, "GET summary")
        hops = [span for span in collector.spans if span["parentSpanId"] == root["spanId"]]
        assert {"connect", "tls_handshake", "first_byte", "body", "write"} <= {span["name"] for span in hops}
        lasted = sum(int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]) for span in hops)
        assert lasted == int(root["endTimeUnixNano"]) - int(root["startTimeUnixNano"]), "the hops are all of it"
        assert len({span["spanId"] for span in collector.spans}) == len(collector.spans)
        assert collector.paths.get() == ("/v1/traces", "application/json")
        eventually(lambda: gateway.metrics().total("spans_total", result="exported") == 1)
        assert sid not in json.dumps(collector.spans)


def test_what_failed_is_exported_unsampled_and_the_last_spans_before_the_end(start_gateway, simulator):
    with Collector() as collector:
        gateway = start_gateway(tracing={"otlp_url": collector.url})
        gateway.ask(error_sid(17008))
        gateway.stop()
        (root,) = roots(collector)
        assert root["status"] == {"code": 2} and "parentSpanId" not in root


@pytest.mark.parametrize("collector_says", [503, None], ids=["refuses", "is away"])
def test_a_collector_that_fails_costs_spans_and_nothing_else(start_gateway, simulator, collector_says):
    with Collector(collector_says) as collector:
        url = collector.url if collector_says else "http://127.0.0.1:1"
        gateway, sid = start_gateway(tracing={"otlp_url": url}), new_sid()
        for _ in range(20):
            assert gateway.ask(sid, headers=[("traceparent", SAMPLED)]).status == 200
        eventually(lambda: gateway.metrics().total("spans_total", result="lost") == 20)
        gateway.stop()
        assert gateway.output().count("does not take spans") == 1, "said once"
