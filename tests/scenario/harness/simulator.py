"""The twilio-simulator as a process, and its control port as methods."""

import http.client
import json
import ssl

from .program import BUILD, Program
from .twilio_facts import PARENT
from .wire import exchange, request, target

PARTIAL = "com.twilio.voice.insights.call-summary.partial"
PREDICTED = "com.twilio.voice.insights.call-summary.predicted-complete"
COMPLETE = "com.twilio.voice.insights.call-summary.complete"
TEST_EVENT = "com.twilio.eventstreams.test-event"


class Simulator(Program):
    def __init__(self, directory, *options, name="twilio-simulator", shared=False, program=BUILD / "twilio-simulator"):
        """`shared`: by tests that each count on the clock of the machine. `program`: as installed elsewhere."""
        self.ca_file = directory / f"{name}-ca.pem"
        argv = [program, "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--write-ca", self.ca_file]
        super().__init__([*argv, *options], directory, name)
        self.port = int(self.expect(r"https on 127\.0\.0\.1:(\d+)").group(1))
        self.control_port = int(self.expect(r"control on http://127\.0\.0\.1:(\d+)").group(1))
        self.expect("ready")
        self.url = f"https://localhost:{self.port}"
        self.shared = shared
        self.tls = ssl.create_default_context(cafile=str(self.ca_file))

    def control(self, method, path, content=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.control_port, timeout=20)
        try:
            connection.request(method, path, None if content is None else json.dumps(content), {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        assert response.status < 300, f"{method} {path} with {content}: {response.status} {text[:500]!r}"
        return json.loads(text) if text else None

    def reset(self):
        """As at the start, but for the clock and for the calls that tests have registered."""
        self.barrier(False)
        self.faults()
        self.latency("0ms")
        self.limit(0)
        self.tokens()
        for what in ("/sinks", "/deliveries", "/requests"):
            self.control("DELETE", what)

    def state(self):
        return self.control("GET", "/state")

    def requests(self, sid=None):
        return self.control("GET", "/requests" + (f"?call_sid={sid}" if sid else ""))["requests"]

    def count(self, sid):
        return len(self.requests(sid))

    def register(self, sid, **call):
        self.control("POST", "/calls", {"call_sid": sid, **call})
        return sid

    def faults(self, *faults):
        """Replaces the list; without arguments nothing goes wrong any more."""
        if faults:
            self.control("POST", "/faults", list(faults))
        else:
            self.control("DELETE", "/faults")

    def fault_for(self, sid, action, times=0, **more):
        self.faults({"match": {"call_sid": sid}, "times": times, "action": action, **more})

    def barrier(self, hold):
        self.control("POST", "/barrier", {"hold": hold})

    def latency(self, spec):
        self.control("POST", "/latency", {"spec": spec})

    def limit(self, concurrency):
        self.control("POST", "/limit", {"concurrency": concurrency})

    def advance(self, seconds):
        self._move_clock({"advance_s": seconds})

    def speed(self, factor):
        self._move_clock({"speed": factor})

    def _move_clock(self, how):
        assert not self.shared, "other tests share this clock: take the fixture simulator_with_a_clock"
        self.control("POST", "/clock", how)

    def stream_to(self, destination, types=None, **sink):
        """A sink that has subscribed to the events of its account's calls, by default the first account's; its sid."""
        sid = self.control("POST", "/sinks", {"destination": destination, **sink})["sid"]
        self.control("POST", "/subscriptions", {"sink_sid": sid, **({"types": types} if types else {})})
        return sid

    def send_events(self, sink_sid, events=None, **how):
        """One delivery, now: these events together, or the bytes of `body`."""
        self.control("POST", "/events", {"sink_sid": sink_sid, **({"events": events} if events is not None else {}), **how})

    def deliveries(self):
        return self.control("GET", "/deliveries")["deliveries"]

    def credential(self, user, secret, account_sid, state="active"):
        self.control("POST", "/credentials", {"user": user, "secret": secret, "account_sid": account_sid, "state": state})

    def tokens(self, **terms):
        """Of OAuth tokens from now on; without arguments those of the start. revoke=True ends all tokens so far."""
        self.control("POST", "/tokens", terms)

    def close_idle_connections(self):
        return self.control("POST", "/connections/close")["closed"]

    def ask(self, sid, state=None, auth=PARENT):
        """Past the gateway: what Twilio itself would say."""
        return exchange(self.port, request(target(sid, state), auth, headers=[("Connection", "close")]), tls=self.tls)
