"""What deploy/ gives to Prometheus and Grafana: rules that fire when they should, and queries that find data in a gateway under load."""

import json
import re
import subprocess
import threading

import pytest

from harness import events
from harness.certificates import Authority
from harness.engine import Engine
from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.program import REPOSITORY
from harness.prometheus import Prometheus
from harness.twilio_facts import error_sid, new_sid

RULES = REPOSITORY / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = json.loads((REPOSITORY / "deploy" / "grafana" / "summary-gateway.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
RANGE = "6s"  # some scrapes
SELECTOR = re.compile(r"\b(?:summary_gateway_\w+|process_\w+|up)\b(?:\{[^}]*\})?")


def promtool(*arguments, **how):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False, **how)


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
@pytest.fixture(scope="module")
def busy(the_simulator, tmp_path_factory):
    the_simulator.reset()
    the_simulator.latency("20ms")
    # In a fleet, with events of Twilio and with a certificate: these have figures and alerts of their own.
    engine = Engine(tmp_path_factory.mktemp("engine"))
    leaf = Authority(tmp_path_factory.mktemp("authority"), "listener").leaf()
    listeners = [{"address": "127.0.0.1:0"}, {"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key}}]
    twilio = events.settings(tmp_path_factory.mktemp("events"))
    settings = settings_for(the_simulator, listeners=listeners, fleet=engine.fleet(timeout="1s"), events=twilio)
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), settings)
    over = threading.Event()

    def visit():
        known = new_sid()
        while not over.wait(0.05):
            gateway.ask(known)
            gateway.ask(new_sid())
            gateway.ask(known, "partial")
            gateway.ask("CA12")
            gateway.ask(error_sid(17008))

    crowd = threading.Thread(target=visit, daemon=True)
    crowd.start()
    yield gateway
    over.set()
    crowd.join()
    gateway.stop()
    engine.end()


@pytest.fixture(scope="module")
def prometheus(busy, tmp_path_factory):
    prometheus = Prometheus(tmp_path_factory.mktemp("prometheus"), RULES, busy.admin_port)
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
    assert prometheus.query(f"count by ({label}) ({metric})") == ["1"]


def test_each_alert_asks_about_something_that_there_is(prometheus):
    groups = prometheus.get("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == RULES.read_text().count("- alert:")
    for rule in rules:
        prometheus.query(rule["query"])
        for selector in SELECTOR.findall(rule["query"]):
            assert prometheus.query(f"count({selector})"), f"{rule['name']}: there is no {selector}"
    eventually(lambda: all(rule["health"] == "ok" for group in prometheus.get("rules")["groups"] for rule in group["rules"]), what="all evaluated")


def test_another_calls_summary_pages_somebody(prometheus, busy, the_simulator):
    assert "SummaryGatewayWrongCall" not in firing(prometheus)
    sid = new_sid()
    the_simulator.fault_for(sid, "wrong_body")
    assert busy.ask(sid).fault == "upstream_wrong_call"
    eventually(lambda: "SummaryGatewayWrongCall" in firing(prometheus), timeout=20, what="the alert")


def firing(prometheus):
    return {labels["alertname"] for labels in prometheus.alerts()}
