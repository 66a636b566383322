"""What deploy/ gives to Prometheus and Grafana: rules that fire when they should, and queries that find data in a gateway under load."""

import json
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness import events
from harness.access import Access
from harness.certificates import Authority
from harness.engine import Engine
from harness.eventually import eventually
from harness.gateway import BINARY, Gateway, settings_for
from harness.program import REPOSITORY
from harness.prometheus import Prometheus
from harness.twilio_facts import error_sid, new_sid

RULES = REPOSITORY / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = json.loads((REPOSITORY / "deploy" / "grafana" / "summary-gateway.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
RANGE = "6s"  # some scrapes
SELECTOR = re.compile(r"(?<![:\w])(?:summary_gateway_\w+|process_\w+|up)\b(?:\{[^}]*\})?")


def promtool(*arguments, **how):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=180, check=False, **how)


def test_the_rules_are_rules():
    checked = promtool("check", "rules", RULES)
    assert checked.returncode == 0 and "SUCCESS" in checked.stdout, checked.stdout + checked.stderr


def test_each_alert_fires_when_it_should_and_not_before():
    tested = promtool("test", "rules", RULES.with_name("alerts_test.yml"))
    assert tested.returncode == 0, tested.stdout + tested.stderr
    words = RULES.with_name("alerts_test.yml").read_text()
    untested = [name for name in re.findall(r"alert: (\w+)", RULES.read_text()) if name not in words]
    assert not untested


def test_the_scrape_configuration_that_is_shipped_is_one():
    checked = promtool("check", "config", RULES.with_name("prometheus.yml"))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_metrics_page_is_what_promtool_wants(gateway):
    gateway.ask(new_sid())
    checked = promtool("check", "metrics", input=gateway.metrics().text)
    assert checked.returncode == 0 and checked.stderr == "", checked.stderr


def test_the_dashboard_is_whole():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken = set()
    for panel in DASHBOARD["panels"]:
        where = panel["gridPos"]
        cells = {(x, y) for x in range(where["x"], where["x"] + where["w"]) for y in range(where["y"], where["y"] + where["h"])}
        assert where["x"] + where["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
    for panel in PANELS:
        assert panel["description"], panel["title"]
        assert all(one["datasource"]["uid"] == "${datasource}" for one in (panel, *panel["targets"])), "of whatever Prometheus there is"


# --- a real Prometheus, a real gateway, a little of everything ------------------------------------------------------------
class Alertmanager(ThreadingHTTPServer):
    """What Prometheus tells of alerts."""

    def __init__(self):
        told = self.told = []

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self):
                told.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Taking)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def busy(the_simulator, injecting, tmp_path_factory):
    the_simulator.reset()
    the_simulator.latency("20ms")
    # In a fleet, with events of Twilio and with a certificate: these have figures and alerts of their own.
    engine = Engine(tmp_path_factory.mktemp("engine"))
    leaf = Authority(tmp_path_factory.mktemp("authority"), "listener").leaf()
    listeners = [{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key}}]
    twilio = events.settings(tmp_path_factory.mktemp("events"))
    folder = tmp_path_factory.mktemp("gateway")
    snapshot = {"file": folder / "cache.snapshot", "every": "1s"}
    gateway = Gateway(folder, settings_for(the_simulator, listeners=listeners, fleet=engine.fleet(timeout="1s"), events=twilio, snapshot=snapshot))
    over = threading.Event()

    def visit():
        known = new_sid()
        while not over.wait(0.05):
            gateway.ask(known)
            gateway.ask(new_sid())
            gateway.ask(known, "partial")
            gateway.ask("CA12")
            gateway.ask(error_sid(17008))
            injecting.ask(known, auth=None)
            events.deliver(gateway, events.event(known))

    crowd = threading.Thread(target=visit, daemon=True)
    crowd.start()
    yield gateway
    over.set()
    crowd.join()
    gateway.stop()
    engine.end()


@pytest.fixture(scope="module")
def injecting(the_simulator, tmp_path_factory):
    """With accounts of its own: only these have names."""
    folder = tmp_path_factory.mktemp("injecting")
    access = Access(folder)
    access.client("export", "main", {"quota": {"upstream_calls": 1000, "per": "1d"}})
    credentials = access.settings(allow_unauthenticated="main")
    gateway = Gateway(folder, settings_for(the_simulator, credentials=credentials))
    yield gateway
    gateway.stop()


@pytest.fixture(scope="module")
def prometheus(busy, injecting, tmp_path_factory):
    told = Alertmanager()
    prometheus = Prometheus(
        tmp_path_factory.mktemp("prometheus"), RULES, busy.admin_port, injecting.admin_port, alertmanager=told.server_port)
    prometheus.alertmanager = told
    eventually(lambda: len(prometheus.query(f"rate(summary_gateway_requests_total[{RANGE}]) > 0")) >= 4, timeout=30, what="rates")
    yield prometheus
    prometheus.stop()


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_each_query_of_the_dashboard_finds_data(prometheus, panel):
    for target in panel["targets"]:
        expression = target["expr"].replace("$__rate_interval", RANGE).replace("$instance", ".*")
        assert "$" not in expression
        eventually(lambda: prometheus.query(expression), timeout=15, what=expression)


def test_what_the_dashboard_can_choose_from_is_there(prometheus):
    (metric, label) = re.fullmatch(r"label_values\((\w+), (\w+)\)", DASHBOARD["templating"]["list"][1]["query"]["query"]).groups()
    assert prometheus.query(f"count by ({label}) ({metric})") == ["1", "1"]


def test_each_alert_asks_about_something_that_there_is(prometheus):
    groups = prometheus.get("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == len(re.findall(r"- (?:alert|record):", RULES.read_text()))
    for rule in rules:
        prometheus.query(rule["query"])
        for selector in SELECTOR.findall(rule["query"]):
            # A series of requests_total begins with its first request, and nothing is shed here.
            whole = selector.replace('outcome=~"failed|shed"', 'outcome="failed"')
            eventually(lambda whole=whole: prometheus.query(f"count({whole})"), timeout=10, what=f"{rule['name']}: there is no {selector}")
    eventually(lambda: all(rule["health"] == "ok" for group in prometheus.get("rules")["groups"] for rule in group["rules"]), what="all evaluated")


def test_each_recording_rule_records(prometheus):
    names = re.findall(r"- record: (\S+)", RULES.read_text())
    assert len(names) == 7
    for name in names:
        eventually(lambda name=name: [one for one in prometheus.query(name) if 0 < float(one) < 0.5], timeout=15, what=name)


def test_an_operator_can_test_the_way_of_alerts(prometheus, busy):
    """From ctl to what the Alertmanager is told."""

    def arrived():
        return [one for one in prometheus.alertmanager.told if one["labels"]["alertname"] == "SummaryGatewayTest"]

    assert not arrived()
    command = [BINARY, "ctl", "--admin", f"127.0.0.1:{busy.admin_port}", "alert-test"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert busy.admin("/api/alert_test").status == 405, "only a POST changes something"
    eventually(arrived, timeout=20, what="the alert")
    (one, *_) = arrived()
    assert one["labels"]["severity"] == "ticket" and one["annotations"]["runbook_url"].endswith("/alerts.md#summarygatewaytest")
    assert "alert_tested" in busy.admin("/api/events").body.decode()


def test_another_calls_summary_pages_somebody(prometheus, busy, the_simulator):
    assert "SummaryGatewayWrongCall" not in firing(prometheus)
    sid = new_sid()
    the_simulator.fault_for(sid, "wrong_body")
    assert busy.ask(sid).fault == "upstream_wrong_call"
    eventually(lambda: "SummaryGatewayWrongCall" in firing(prometheus), timeout=20, what="the alert")


def firing(prometheus):
    return {labels["alertname"] for labels in prometheus.alerts()}
