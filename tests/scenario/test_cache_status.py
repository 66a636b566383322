"""Cache-Status (RFC 9211) in all its cases, each as it goes over the wire: what a dashboard may count on."""

import json
import re

import pytest

from harness.eventually import eventually
from harness.twilio_facts import new_sid
from harness.wire import annotation, request, target

NO_CACHE = [("Cache-Control", "no-cache")]


@pytest.fixture
def gateway(start_gateway):
    return start_gateway(passthrough=["events"], upstream={"timeout": "1500ms"}, cache={"revalidate_after": "1m"})


class Case:
    """One gateway, one finished call, and the simulator behind them."""

    def __init__(self, gateway, simulator):
        self.gateway, self.simulator, self.sid = gateway, simulator, new_sid()

    def ask(self, state=None, sid=None, **more):
        return self.gateway.ask(sid or self.sid, state, **more)

    def ask_until(self, detail, **failure):
        self.fail(**failure)
        return eventually(lambda: (answer := self.ask()).cache.get("detail") == detail and answer)

    def young(self, ended_ago_s=60):
        return self.simulator.register(new_sid(), ended_ago_s=ended_ago_s)

    def fail(self, action="status", **more):
        self.simulator.fault_for(self.sid, action, **more)

    def together(self, **more):
        """The second of two readers who wait for one fetch."""
        self.simulator.barrier(True)
        with self.gateway.connect() as first, self.gateway.connect() as second:
            first.send(request(target(self.sid), **more))
            eventually(lambda: self.simulator.count(self.sid) > 0)
            second.send(request(target(self.sid), **more))
            eventually(lambda: self.gateway.admin(f"/api/explain?call_sid={self.sid}").json()["flights"][0]["waiting"] == 2)
            self.simulator.barrier(False)
            return sorted((first.read(), second.read()), key=lambda answer: "collapsed" in answer.cache)[1]

    def purge(self):
        self.gateway.admin(f"/api/purge?call_sid={self.sid}", "POST")
        return self

    def warm(self):
        self.ask()
        return self

    def send(self, path, method="GET", **more):
        return self.gateway.send(request(path, method=method, **more), method)


# How it came about, and the field; N stands for a number of seconds.
CASES = {
    # from memory
    "a fresh hit": (lambda c: c.warm().ask(), "hit; ttl=N"),
    "HEAD": (lambda c: c.warm().ask(method="HEAD"), "hit; ttl=N"),
    "304": (lambda c: c.warm().ask(headers=[("If-None-Match", "*")]), "hit; ttl=N"),
    "a remembered refusal": (lambda c: (c.ask(sid=(young := c.young())), c.ask(sid=young))[1], "hit; ttl=N"),
    "insisted on, asked a moment ago": (lambda c: (c.warm().ask(headers=NO_CACHE), c.ask(headers=NO_CACHE))[1], "hit; ttl=N; detail=recently_revalidated"),
    "insisted on, upstream fails": (lambda c: (c.warm().fail(status=503), c.ask(headers=NO_CACHE))[1], "hit; ttl=N; detail=stale_if_error"),
    "purged, upstream fails": (lambda c: (c.warm().purge().fail(status=503), c.ask())[1], "hit; ttl=N; detail=stale_if_error"),
    # from upstream, and kept
    "a miss": (lambda c: c.ask(), "fwd=uri-miss; fwd-status=200; stored"),
    "a shared miss": (lambda c: c.together(), "fwd=uri-miss; fwd-status=200; stored; collapsed"),
    "not ready": (lambda c: c.ask(sid=c.young()), "fwd=uri-miss; fwd-status=404; stored"),
    "not ready, but any state would do": (lambda c: (c.ask(sid=(young := c.young(900))), c.ask("all", sid=young))[1], "fwd=uri-miss; fwd-status=200"),
    "insisted on": (lambda c: c.warm().ask(headers=NO_CACHE), "fwd=request; fwd-status=200; stored"),
    "purged": (lambda c: c.warm().purge().ask(), "fwd=stale; fwd-status=200; stored"),
    "a partial that is complete": (lambda c: c.ask("partial"), "fwd=bypass; detail=partial; fwd-status=200; stored"),
    # from upstream, and not kept
    "a partial": (lambda c: c.ask("partial", sid=c.young(900)), "fwd=bypass; detail=partial; fwd-status=200"),
    "a reader's no-store": (lambda c: c.ask(headers=[("Cache-Control", "no-store")]), "fwd=uri-miss; detail=no_store; fwd-status=200"),
    "a refusal": (lambda c: (c.fail(status=403, code=20403), c.ask())[1], "fwd=uri-miss; fwd-status=403"),
    "throttled": (lambda c: (c.fail(status=429, code=20429), c.ask())[1], "fwd=uri-miss; fwd-status=429"),
    "upstream's own failure": (lambda c: (c.fail(status=503), c.ask())[1], "fwd=uri-miss; detail=upstream_error; fwd-status=503"),
    "another call's body": (lambda c: (c.fail("wrong_body"), c.ask())[1], "fwd=uri-miss; detail=upstream_wrong_call; fwd-status=200"),
    "a redirect": (lambda c: (c.fail("raw", bytes="HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\nContent-Length: 0\r\n\r\n"), c.ask())[1],
                   "fwd=uri-miss; detail=upstream_unexpected_status; fwd-status=302"),
    "an answer that stops after its head": (lambda c: (c.fail("stall", at="after_headers", seconds=3), c.ask())[1], "fwd=uri-miss; detail=upstream_timeout; fwd-status=200"),
    "no answer in time": (lambda c: (c.fail("stall", at="before_headers", seconds=3), c.ask())[1], "fwd=uri-miss; detail=upstream_timeout"),
    # passed on
    "an annotation": (lambda c: c.send(annotation(c.sid)), "fwd=bypass; detail=annotation; fwd-status=200"),
    "a write": (lambda c: c.gateway.annotate(c.sid, Comment="x"), "fwd=method; detail=annotation; fwd-status=200"),
    "a write that fails": (lambda c: (c.fail(status=503), c.gateway.annotate(c.sid, Comment="x"))[1], "fwd=method; detail=upstream_error; fwd-status=503"),
    "another resource": (lambda c: c.send(f"/v1/Voice/{c.sid}/Events"), "fwd=bypass; detail=events; fwd-status=200"),
    # answered here
    "a preflight": (lambda c: c.ask(method="OPTIONS"), ""),
    "no credential": (lambda c: c.warm().ask(auth=None), "detail=missing_credentials"),
    "another method": (lambda c: c.ask(method="DELETE"), "detail=method_not_allowed"),
    "malformed": (lambda c: c.send("/v1/Voice/CA1/Summary?", host=""), "detail=malformed_host"),
    "a call that failed a moment ago": (lambda c: c.ask_until("call_failing", status=503), "detail=call_failing"),
    "only what is there, and nothing is": (lambda c: c.ask(headers=[("Cache-Control", "only-if-cached")]), "detail=not_cached"),
}


def said(answer):
    name, _, rest = answer.header("Cache-Status").partition("; ")
    assert name == "summary-gateway"
    assert answer.cache is not None, "and by the grammar"
    return re.sub(r"ttl=\d+", "ttl=N", rest)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_case_says_so(gateway, simulator, case):
    happens, field = case
    assert said(happens(Case(gateway, simulator))) == field


STALE = {
    "while it is refreshed": ("stale_while_revalidate", {"action": "latency", "ms": 1}),
    "because the refresh failed": ("stale_if_error", {"status": 503}),
}


@pytest.mark.parametrize("row", STALE.values(), ids=STALE)
def test_a_stale_hit_says_how_long_it_has_been_stale(start_gateway, simulator, row):
    detail, failure = row
    case = Case(start_gateway(cache={"fresh_for": "1s", "refresh_backoff": "1s"}), simulator)
    answer = case.warm().ask_until(detail, **failure)
    assert set(answer.cache) == {"hit", "ttl", "detail"} and answer.cache["ttl"] <= 0
    assert json.loads(answer.body)["call_sid"] == case.sid
