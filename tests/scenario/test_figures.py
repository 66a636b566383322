"""Figures for decisions: of each account by its name, of the clock, of the event loops, of reloads."""

import time

from harness.access import Access, token
from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.held_threads import held_threads
from harness.twilio_facts import PARENT, new_sid
from harness.wire import request, target

OF_MAIN, OF_SUB = f"Bearer {token('billing')}", f"Bearer {token('of-sub')}"


def of(metrics, account):
    """An account's trouble, as a set of words."""
    return {state for state in ("cooling_down", "circuit_open", "credential_refused") if metrics.total("account_trouble", account=account, state=state)}


def test_accounts_have_figures_by_the_names_of_the_settings(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    access.client("of-sub", "sub")
    gateway = start_gateway(credentials=access.settings(), upstream={"max_in_flight": 4})
    assert gateway.ask(new_sid(), auth=OF_MAIN).status == 200
    assert gateway.ask(new_sid(), auth=OF_SUB).status == 403, "another account's call: its credential is good"
    simulator.barrier(True)
    crowd = [gateway.connect().send(request(target(new_sid()), OF_MAIN)) for _ in range(6)]
    eventually(lambda: simulator.state()["in_flight"] == 4)
    eventually(lambda: gateway.metrics().total("account_requests", account="main", state="waiting") == 2)
    metrics = gateway.metrics()
    assert metrics.total("account_requests", account="main", state="in_flight") == 4
    assert metrics.total("account_requests", account="sub") == 0
    assert metrics.by("account_limit", "account") == {"main": 4, "sub": 4}
    simulator.barrier(False)
    for one in crowd:
        assert one.read().status == 200
        one.close()
    # A 429 concerns its account alone.
    sid = new_sid()
    simulator.fault_for(sid, "raw", bytes="HTTP/1.1 429 Too Many Requests\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n")
    gateway.ask(sid, auth=OF_MAIN)
    metrics = gateway.metrics()
    assert of(metrics, "main") == {"cooling_down"} and of(metrics, "sub") == set()
    assert 0 < metrics.total("account_probe_seconds", account="main") <= 20
    assert metrics.total("account_probe_seconds", account="sub") == 0
    assert metrics.total("account_limit", account="main") < 4 == metrics.total("account_limit", account="sub")


def test_an_account_whose_credential_is_refused_says_so(start_gateway, simulator, tmp_path):
    access = Access(tmp_path)
    access.file("sub.credential", "SK" + "0" * 32 + ":wrong\n")
    access.client("billing", "main")
    access.client("of-sub", "sub")
    gateway = start_gateway(credentials=access.settings())
    assert gateway.ask(new_sid(), auth=OF_MAIN).status == 200
    assert gateway.ask(new_sid(), auth=OF_SUB).status == 502
    metrics = gateway.metrics()
    assert of(metrics, "main") == set() and of(metrics, "sub") == {"credential_refused"}


def test_credentials_of_clients_are_no_accounts_here(start_gateway):
    """Mode forward: whoever comes would be a series."""
    gateway = start_gateway()
    gateway.ask(new_sid(), auth=PARENT)
    assert gateway.metrics().series("account_limit") == []


def test_a_hundred_accounts_have_figures_and_no_more(start_gateway, tmp_path):
    access = Access(tmp_path)
    for number in range(110):
        access.account(f"a{number}", f"AC{number:032x}:secret")
    gateway = start_gateway(credentials=access.settings(allow_unauthenticated="main"))
    assert len(gateway.metrics().series("account_limit")) == 100


def test_an_outage_is_one_opening_however_many_probes_fail(start_gateway, simulator):
    gateway = start_gateway(upstream={"failures_to_break": 3})
    assert gateway.ask(new_sid()).status == 200, "proves the credential"
    simulator.faults({"match": {}, "times": 0, "action": "status", "status": 503})
    calls = lambda: gateway.metrics().total("upstream_requests_total", result="broken")
    for _ in range(3):
        assert gateway.ask(new_sid()).status == 502

    def probes():
        gateway.ask(new_sid())
        return calls() >= 5

    eventually(probes, timeout=20, what="two probes that fail")
    assert gateway.metrics().total("upstream_breaks_total") == 1
    simulator.faults()
    eventually(lambda: gateway.ask(new_sid()).status == 200, timeout=20, what="a probe that succeeds")
    assert gateway.metrics().total("upstream_breaks_total") == 1


def test_the_clock_is_compared_with_the_upstreams(simulator_with_a_clock, tmp_path):
    simulator = simulator_with_a_clock
    gateway = Gateway(tmp_path, settings_for(simulator))
    try:
        assert gateway.metrics().series("clock_skew_seconds") == [], "nothing is known yet"
        gateway.ask(new_sid())
        assert gateway.metrics().total("clock_skew_seconds") == 0
        simulator.advance(3600)
        gateway.ask(new_sid())
        assert -3601 <= gateway.metrics().total("clock_skew_seconds") < -3590
    finally:
        gateway.stop()


def test_a_lane_that_hangs_is_late_while_it_hangs(start_gateway):
    gateway = start_gateway(workers=2)
    lags = lambda: gateway.metrics().by("loop_lag_seconds", "lane")
    eventually(lambda: set(lags()) == {"0", "1", "control"}, what="all lanes looked at")
    with held_threads(gateway.process.pid) as held:
        if not held:
            return  # this system does not let us
        eventually(lambda: min(lags()["0"], lags()["1"]) > 1, timeout=20, what="lanes that are late")
        assert lags()["control"] < 1
    gateway.ask(new_sid())


def test_reloads_are_counted_by_result(start_gateway):
    gateway = start_gateway()
    assert gateway.admin("/api/reload", "POST").status == 200
    text = gateway.config_path.read_text()
    gateway.config_path.write_text(text + "no_such_key: 1\n")
    assert gateway.admin("/api/reload", "POST").status == 409
    assert gateway.metrics().by("config_reloads_total", "result") == {"applied": 1, "refused": 1}
    assert gateway.metrics().total("config_last_reload_successful") == 0
    gateway.config_path.write_text(text)
    assert gateway.admin("/api/reload", "POST").status == 200
    assert gateway.metrics().by("config_reloads_total", "result") == {"applied": 2, "refused": 1}


def test_the_snapshots_figures(start_gateway, tmp_path):
    gateway, begun = start_gateway(snapshot={"file": tmp_path / "cache.snapshot", "every": "100ms"}), time.time()
    assert gateway.metrics().total("snapshot_duration_seconds") == 0
    gateway.ask(new_sid())
    eventually(lambda: gateway.metrics().total("snapshot_entries") == 1)
    metrics = gateway.metrics()
    assert begun - 1 < metrics.total("snapshot_last_success_timestamp_seconds") <= time.time()
    assert 0 < metrics.total("snapshot_duration_seconds") < 60
    assert metrics.total("snapshot_bytes") > 100 and metrics.total("snapshots_total", result="failed") == 0


def test_an_alert_can_be_raised_to_test_its_way(start_gateway):
    gateway = start_gateway()
    assert gateway.metrics().total("alert_test") == 0
    assert gateway.admin("/api/alert_test").status == 405
    assert gateway.admin("/api/alert_test", "POST").json() == {"raised_for_s": 300}
    assert gateway.metrics().total("alert_test") == 1
    gateway.says("SummaryGatewayTest is raised for")
