"""The incident drill: six things go wrong, each at a gateway of its own. Within ten seconds the log, the dashboard's data and `ctl` say what it is, with
the cause, and with the client wherever a client is hit. The shipped alert fires within its `for:` and two scrapes from when the gateway knows.

Prometheus is a real one with the shipped rules. All of its spans are a twentieth (`for:`, ranges, scrapes: 15 s become 0.75 s), so each range holds as many
scrapes as in reality. The gateways run in real time, so this does not show how rates of hours look, nor that a mail arrives.
"""

import json
import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from harness.access import Access, token
from harness.certificates import Authority
from harness.engine import Engine
from harness.eventually import eventually
from harness.gateway import BINARY, Gateway, settings_for
from harness.program import REPOSITORY
from harness.prometheus import Prometheus
from harness.simulator import Simulator
from harness.twilio_facts import account, key, new_sid

RULES = (REPOSITORY / "deploy" / "prometheus" / "alerts.yml").read_text()
FASTER = 20
SCRAPE = 15 / FASTER
SEEN_WITHIN = 10
# Of what fires in real Prometheus: its evaluation, and this machine, which has other tests to run.
SLACK = 2
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def in_seconds(span):
    return sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhd])", span))


def quickened(rules):
    """The same rules, each span a twentieth: `for:`, and what stands in brackets."""
    short = lambda found: f"{found.group(1)}{round(in_seconds(found.group(2)) * 1000 / FASTER)}ms"
    return re.sub(r"(\bfor: |\[|(?<=[smhd]):|offset )((?:\d+(?:ms|[smhd]))+)", short, rules)


class Incident:
    """A gateway, what goes wrong with it, and what has to be said of it. Overridden: what the class attributes name, and `begin`."""

    alert = None
    event = {}  # of its entry in the logbook
    words = None  # the log's sentence
    state = None  # of /api/stats: what must hold
    client, counted = None, None  # whom it hits, and the figure that shows it
    fault = None  # of that client's requests
    of_ctl = ()  # (words of the command, pattern)

    def __init__(self, folder):
        self.folder = folder
        self.access = Access(folder)
        for name in ("billing", "poller"):
            self.access.client(name, "main")
        self.over = threading.Event()
        self.crowd, self.closing = [], []
        self.took = {}

    def start(self, simulator, **settings):
        self.simulator = simulator
        self.gateway = Gateway(self.folder, settings_for(simulator, credentials=self.access.settings(), **settings), name=type(self).__name__)
        self.closing.append(self.gateway.stop)
        # Twilio has accepted the account's credential before: what it refuses to strangers is no news of an account.
        assert self.gateway.ask(new_sid(), auth=f"Bearer {token('billing')}").status == 200

    def simulator_of_its_own(self):
        one = Simulator(self.folder)
        self.closing.append(one.stop)
        return one

    def load(self, client, number, per_second, choose):
        def work():
            while not self.over.wait(1 / per_second):
                self.gateway.ask(choose(), auth=f"Bearer {token(client)}")

        self.crowd += [threading.Thread(target=work, daemon=True) for _ in range(number)]
        for one in self.crowd[-number:]:
            one.start()

    def end(self):
        self.over.set()
        for one in self.crowd:
            one.join()
        for close in reversed(self.closing):
            close()

    # --- what is said, and where ---
    def ctl(self, *words):
        command = [BINARY, "ctl", "--admin", f"127.0.0.1:{self.gateway.admin_port}", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    def entry(self):
        found = self.gateway.admin("/api/events").json()["events"]
        return next((one for one in found if self.event.items() <= one.items()), None)

    def in_log(self):
        return re.search(self.words, self.gateway.stderr_path.read_text("utf-8"))

    def client_in_log(self):
        lines = [json.loads(line) for line in self.gateway.stderr_path.read_text("utf-8").splitlines() if line.startswith("{")]
        return any(one.get("client") == self.client and one.get("fault") == self.fault for one in lines)

    def stats(self):
        return self.gateway.admin("/api/stats").json()

    def client_on_dashboard(self):
        rows = {one["client"]: one for one in self.stats()["clients"]}
        return rows.get(self.client, {}).get(self.counted)

    def places(self):
        """{where it has to be said: whether it is}"""
        asked = {"log": self.in_log, "events": self.entry}
        if self.state:
            asked["stats"] = lambda: self.state(self.stats())
        if self.client:
            asked["clients"] = self.client_on_dashboard
            asked["ctl clients"] = lambda: re.search(rf"^{self.client} ", self.ctl("clients"), re.M)
        if self.fault:
            asked["client in the log"] = self.client_in_log
            asked["ctl slow"] = lambda: self.fault in self.ctl("slow", "--client", self.client, "--fault", self.fault)
        asked["ctl events"] = lambda: re.search(self.words, self.ctl("events"))
        for words, pattern in self.of_ctl:
            asked["ctl " + " ".join(words)] = lambda words=words, pattern=pattern: re.search(pattern, self.ctl(*words))
        return asked

    def run(self):
        """Begins it; the seconds until each place says it are in `took`."""
        begun = time.monotonic()
        self.begin()
        asked = self.places()
        while asked and time.monotonic() < begun + 3 * SEEN_WITHIN:
            for place in [place for place, is_said in asked.items() if is_said()]:
                self.took[place] = time.monotonic() - begun
                del asked[place]
            self.over.wait(0.1)
        self.missing = sorted(asked)
        return self


class WrongCredential(Incident):
    alert = "SummaryGatewayCredentialRefused"
    event = {"event": "credential_doubted", "account": "main", "status": 401, "code": 20003}
    words = r"Twilio refuses the credential of the account main \(401, code 20003\)"
    client, counted, fault = "billing", "status_5xx", "upstream_credential_refused"
    of_ctl = ((("status",), r"credentials_refused +1"),)

    def state(self, said):
        return said["state"]["credentials_refused"] == 1

    def prepare(self):
        simulator = self.simulator_of_its_own()
        self.access.file("main.credential", f"{key(7)}:first")
        simulator.credential(key(7), "first", account(1))
        self.start(simulator)

    def begin(self):
        self.simulator.credential(key(7), "first", account(1), "revoked")
        self.load("billing", 1, 5, new_sid)


class TwilioDown(Incident):
    alert = "SummaryGatewayCircuitOpen"
    event = {"event": "circuit_opened", "account": "main", "cause": "upstream_error"}
    words = r"circuit breaker open for account main, summary: .*upstream_error"
    client, counted, fault = "billing", "throttled", "upstream_failing"
    of_ctl = ((("status",), r"circuit_open +1"),)

    def state(self, said):
        return said["state"]["circuit_open"] == 1

    def prepare(self):
        self.start(self.simulator_of_its_own())

    def begin(self):
        self.simulator.faults({"match": {}, "times": 0, "action": "status", "status": 503})
        self.load("billing", 2, 10, new_sid)


class PollingInVain(Incident):
    alert = "SummaryGatewayPollingInVain"
    event = {"event": "polling_in_vain", "client": "poller"}
    words = r"client poller polls in vain: \d+ of its last \d+ requests brought nothing new"
    client, counted = "poller", "wasted_polls"

    def state(self, said):
        return said["polling"]["calls"] == 1 and said["totals"]["requests"]["negative_hit"] >= 30

    def prepare(self):
        self.start(self.simulator_of_its_own())

    def begin(self):
        call = self.simulator.register(new_sid(), ended_ago_s=900, partial_after_s=600, complete_after_s=1800)
        self.load("poller", 1, 15, lambda: call)


class LimitLowered(Incident):
    alert = "SummaryGatewayQueueSaturated"
    event = {"event": "limit_lowered", "account": "main", "from": 16}
    words = r"the learnt concurrency limit of account main fell from 16 to \d+"
    client, counted, fault = "billing", "throttled", "upstream_busy"

    def state(self, said):
        return said["upstream"]["limit"] < said["upstream"]["max_in_flight"] == 16

    def prepare(self):
        self.start(self.simulator_of_its_own(), upstream={"max_in_flight": 16, "timeout": "1s"})
        self.simulator.latency("300ms")

    def begin(self):
        self.simulator.limit(2)
        self.load("billing", 40, 20, new_sid)


class CertificateEnds(Incident):
    alert = "SummaryGatewayCertificate"
    event = {"event": "certificate_ends"}

    def prepare(self):
        self.authority = Authority(self.folder, "listener")
        self.leaf = self.authority.leaf()
        listeners = [{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0", "tls": {"certificate": self.leaf.certificate, "key": self.leaf.key}}]
        self.start(self.simulator_of_its_own(), listeners=listeners)
        self.words = r"listener 127\.0\.0\.1:\d+: .*certificate.*(expires|ends)"

    def begin(self):
        old = self.authority.leaf(since=time.time() - 80 * 86400, until=time.time() + 10 * 86400)
        old.key.replace(self.leaf.key)
        old.certificate.replace(self.leaf.certificate)


class EngineGone(Incident):
    alert = "SummaryGatewayFleetAlone"

    def state(self, said):
        return said["fleet"]["engine"] != "connected" and said["fleet"]["why"]

    def prepare(self):
        self.engine = Engine(self.folder)
        self.closing.append(self.engine.end)
        self.start(self.simulator_of_its_own(), fleet=self.engine.fleet(timeout="1s"))
        eventually(lambda: self.stats()["fleet"]["engine"] == "connected", what="the engine")
        where = f"127.0.0.1:{self.engine.port}"
        self.event = {"event": "engine_lost", "engine": where}
        self.words = rf"fleet: the engine at {re.escape(where)} cannot be used: .*this gateway goes on alone"
        self.of_ctl = ((("fleet",), rf"(?s){re.escape(where)}.*(unreachable|refused|lost|connecting)"),)

    def begin(self):
        self.engine.kill()


DRILL = (WrongCredential, TwilioDown, PollingInVain, LimitLowered, CertificateEnds, EngineGone)


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    """All at once, each at its own gateway, after a while in which nothing was wrong."""
    incidents = [one(tmp_path_factory.mktemp(one.__name__)) for one in DRILL]
    rules = tmp_path_factory.mktemp("rules") / "alerts.yml"
    rules.write_text(quickened(RULES))
    prometheus = None
    try:
        with ThreadPoolExecutor(len(incidents)) as pool:
            for done in [pool.submit(one.prepare) for one in incidents]:
                done.result()
        prometheus = Prometheus(rules.parent, rules, *(one.gateway.admin_port for one in incidents), interval=f"{round(SCRAPE * 1000)}ms")
        expected = {one.alert: f"127.0.0.1:{one.gateway.admin_port}" for one in incidents}
        eventually(lambda: prometheus.query("min(scrape_samples_scraped) > 0") and prometheus.query("sum_over_time(up[1m]) > 3"), timeout=30, what="scrapes")
        assert prometheus.alerts("firing") == prometheus.alerts("pending") == [], "nothing is wrong yet"
        fired = {}
        with ThreadPoolExecutor(len(incidents)) as pool:
            running = [pool.submit(one.run) for one in incidents]
            longest = max(in_seconds(span) for span in re.findall(r"for: (\w+)", RULES))
            deadline = time.monotonic() + 3 * SEEN_WITHIN + longest / FASTER
            while len(fired) < len(expected) and time.monotonic() < deadline:
                for labels in prometheus.alerts():
                    if labels.get("instance", "") == expected.get(labels["alertname"]):  # those of the whole job have no instance
                        fired.setdefault(labels["alertname"], time.time())
                time.sleep(0.1)
            for one in running:
                one.result()
        for one in incidents:
            one.fired = fired.get(one.alert)
        yield {type(one): one for one in incidents}
    finally:
        for one in incidents:
            one.end()
        if prometheus:
            prometheus.stop()


@pytest.mark.parametrize("incident", DRILL, ids=lambda one: one.__name__)
def test_log_dashboard_and_ctl_say_it_within_ten_seconds(drill, incident):
    it = drill[incident]
    print({place: round(seconds, 1) for place, seconds in it.took.items()})
    assert it.missing == [], f"{it.missing}; the log: {it.gateway.stderr_path.read_text()[-2000:]}"
    late = {place: seconds for place, seconds in it.took.items() if seconds > SEEN_WITHIN}
    assert not late


@pytest.mark.parametrize("incident", DRILL, ids=lambda one: one.__name__)
def test_the_alert_fires_within_its_time_and_two_scrapes(drill, incident):
    it = drill[incident]
    assert it.fired, f"{it.alert} did not fire"
    (rule,) = re.findall(rf"- alert: {it.alert}\n(.*?)(?=\n      - alert|\Z)", RULES, re.S)
    span = re.search(r"^ +for: (\w+)$", rule, re.M)
    waits = in_seconds(span.group(1)) / FASTER if span else 0
    known = datetime.fromisoformat(it.entry()["time"].replace("Z", "+00:00")).timestamp()
    print(f"{it.alert}: {it.fired - known:.2f} s after the gateway knew; for: {waits} s, two scrapes: {2 * SCRAPE} s")
    assert it.fired - known <= waits + 2 * SCRAPE + SLACK
    assert it.fired - known >= waits - SLACK, "not before"


def test_only_spans_of_the_rules_are_quickened():
    assert quickened("for: 5m\nx[1h:1m] + 14 * 86400 > 0.05 offset 2m") == "for: 15000ms\nx[180000ms:3000ms] + 14 * 86400 > 0.05 offset 6000ms"
