"""The dashboard in each state that an operator may find it in: what it says, and a picture of it.

The pictures are in the folder of the build, below screenshots/states. With GATEWAY_WRITE_PICTURES=1 they also go to deploy/docs/dashboard."""

import os
import re
import signal
import threading

import pytest

from harness.access import Access, token
from harness.engine import Engine
from harness.eventually import eventually
from harness.fleet import connected, report
from harness.gateway import Gateway, settings_for
from harness.program import BUILD, REPOSITORY
from harness.strangers import prove
from harness.twilio_facts import account, new_sid
from harness.wire import request, target

PICTURES = BUILD / "screenshots" / "states"
KEPT = REPOSITORY / "deploy" / "docs" / "dashboard"
DESKTOP = {"width": 1200, "height": 900}
DARK, PHONE = {**DESKTOP, "dark": True}, {"width": 390, "height": 844, "scale": 1, "mobile": True}
COLOURS = 40  # text on a plain page has fewer, with its softened edges
MOST_BYTES = 150_000


@pytest.fixture
def look(the_browser):
    """Opens the dashboard of a gateway."""

    def look(gateway, how=DESKTOP):
        page = the_browser.open(**how)
        page.go(f"http://127.0.0.1:{gateway.admin_port}/")
        page.wait_for("!document.getElementById('content').hidden", "the figures")
        return page

    yield look
    the_browser.close_pages()


def portrait(page, name, of=None, keep=True):
    """A picture of the page. It has to show something, fit the window and break no rule. `of`: what of it is kept for the pages."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing has to be scrolled sideways"
    assert page.evaluate("[...document.querySelectorAll('.figure')].every((one) => one.scrollWidth <= one.clientWidth)"), "a figure fits its tile"
    assert page.colours() > COLOURS, "the page is blank"
    page.screenshot(PICTURES / f"{name}.png")
    if keep and os.environ.get("GATEWAY_WRITE_PICTURES"):
        page.screenshot(KEPT / f"{name}.png", None if of else page.evaluate("innerHeight"), of)
    assert page.complaints == [] and page.violations() == []


def row(page, account=""):
    """The cells of the first account whose name contains this."""
    rows = page.evaluate("[...document.querySelectorAll('#accounts-rows tr')].map((row) => [...row.children].map((one) => one.innerText.trim()))")
    return next((one for one in rows if account in one[0]), None)


def inject(tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    access.client("reports", "sub")
    return access


def ask(gateway, client="billing", sid=None):
    return gateway.ask(sid or new_sid(), auth=f"Bearer {token(client)}")


def is_proved(gateway, simulator):
    """Both accounts: what an unproved credential does moves no account."""
    for _ in range(2):
        assert ask(gateway).status == ask(gateway, "reports", call_of_sub(simulator)).status == 200


def call_of_sub(simulator):
    return simulator.register(new_sid(), account_sid=account(2), ended_ago_s=7200)


def test_a_page_without_content_is_seen_to_be_blank(the_browser):
    page = the_browser.open(**DESKTOP)
    assert page.colours() == 1
    the_browser.close_pages()


def test_the_widest_figure_fits_the_narrowest_tile(look, start_gateway):
    """Figures have up to eight characters, such as 56.7 k/s (format.js). Whether one fits must not depend on the moment."""
    page = look(start_gateway())
    for widest in ("99.87 %", "56.7 k/s", "8.88 M/s", "99.9 ms", "888 µs"):
        script = "[...document.querySelectorAll('.figure')].map((one) => { one.textContent = '%s'; return one.scrollWidth - one.clientWidth; })" % widest
        assert max(page.evaluate(script)) <= 0, widest


def test_idle(look, start_gateway):
    page = look(start_gateway())
    page.wait_for("document.getElementById('state').textContent === 'ready'")
    tiles = page.text("#tiles")
    assert "no requests lately" in tiles and "0 of 40 at once, none waiting" in tiles
    assert page.text("#ranks") == "No requests in this time."
    page.wait_for("document.querySelector('#failed-list p')", "the lists")
    assert page.text("#slow-list") == page.text("#failed-list") == "No request was recorded." and page.text("#faults-list") == "None."
    assert page.evaluate("document.getElementById('accounts').hidden && document.getElementById('clients').hidden"), "nobody came"
    assert not page.evaluate("document.querySelector('.banner') !== null")
    portrait(page, "idle")


@pytest.fixture
def crowd(simulator):
    """Readers that come again and again until the test ends: crowd(gateway, "billing", …)."""
    over, threads = threading.Event(), []

    def visit(gateway, client):
        a_call = (lambda: call_of_sub(simulator)) if client == "reports" else new_sid
        known, turn = [a_call() for _ in range(12)], 0
        while not over.wait(0.02):
            turn += 1
            assert ask(gateway, client, known[turn % 12] if turn % 4 else a_call()).status == 200

    def come(gateway, *clients):
        for client in clients:
            threads.append(threading.Thread(target=visit, args=(gateway, client), daemon=True))
            threads[-1].start()

    yield come
    over.set()
    for one in threads:
        one.join()


def test_busy(look, start_gateway, simulator, crowd, tmp_path):
    simulator.latency("60ms")
    gateway = start_gateway(credentials=inject(tmp_path).settings(), upstream={"max_in_flight": 8})
    crowd(gateway, "billing", "billing", "reports")
    page = look(gateway)
    page.wait_for("Chart.getChart(document.querySelector('#chart-latency canvas')).data.datasets[2].data.filter((one) => one.y >= 50000).length >= 4", "latencies of the upstream", 30)
    page.wait_for("document.querySelectorAll('#clients tbody tr').length === 2", "both clients")
    assert page.text("#state") == "ready"
    in_use, _, state = row(page, "main")[1:4]
    assert re.fullmatch(r"[0-8] of 8", in_use) and state in ("circuit closed", "queueing")
    memory, upstream = (page.evaluate(f"Chart.getChart(document.querySelector('#chart-latency canvas')).data.datasets[{n}].data.map((one) => one.y).filter(Boolean).at(-1)") for n in (0, 2))
    assert memory < 50_000 <= upstream, "two series, not a mixture"
    assert re.search(r"\d\d:\d\d:\d\d", page.evaluate("Chart.getChart(document.querySelector('#chart-latency canvas')).scales.x.ticks.map((one) => one.label).join(' ')")), "the time of the clock"
    assert page.evaluate("document.querySelector('#clients caption').textContent").startswith("Clients")
    saved = re.search(r"Calls saved\s+(\d+)\s+since the start; ([\d,.k ]+) per hour now", page.text("#tiles"))
    assert 0 < int(saved.group(1)) <= gateway.metrics().total("upstream_avoided_total") and saved.group(2) != "0"
    portrait(page, "busy")
    for name, how in (("busy-dark", DARK), ("busy-phone", PHONE)):
        page = look(gateway, how)
        page.wait_for("document.querySelectorAll('#clients tbody tr').length === 2 && document.querySelectorAll('#ranks .rank').length === 3", "the figures")
        portrait(page, name)


def test_outage(look, start_gateway, simulator, tmp_path):
    gateway = start_gateway(credentials=inject(tmp_path).settings(), upstream={"failures_to_break": 3})
    known = new_sid()
    is_proved(gateway, simulator)
    assert ask(gateway, sid=known).status == 200
    simulator.faults({"match": {}, "times": 0, "action": "status", "status": 503})
    eventually(lambda: ask(gateway).header("Gateway-Fault") == "upstream_failing", what="the breaker is open")
    assert ask(gateway, sid=known).status == 200, "kept answers go on"
    page = look(gateway)
    page.wait_for("document.querySelector('.banner.critical')")
    assert page.text("#state") == "circuit breaker open"
    assert "one account (main)" in page.text(".banner") and "Last cause: upstream error" in page.text(".banner")
    assert page.evaluate("document.querySelector('.banner a').pathname + document.querySelector('.banner a').hash") == "/dashboard/runbook.html#summarygatewaycircuitopen"
    page.wait_for("document.querySelector('#accounts-rows .pill.critical')", "its row")
    _, _, _, state, probe, cause, _ = row(page, "main")
    assert re.fullmatch(r"circuit open summary for \d+ s", state) and cause == "upstream error"
    assert re.fullmatch(r"in \d+ s|the next request", probe)
    assert row(page, "sub")[3] == "circuit closed", "of another account"
    past = "Chart.getChart(document.querySelector('#chart-requests canvas')).data.datasets[0].data.length >= 3"
    page.wait_for(past, "a past")

    def is_awaited():
        return ask(gateway) and row(page, "main")[4].startswith("in ") and "Next probe: in" in page.text(".banner")

    eventually(is_awaited, 20, "a probe failed, and the next one is awaited")
    portrait(page, "outage")


def test_cooling_down(look, start_gateway, simulator, tmp_path):
    gateway = start_gateway(credentials=inject(tmp_path).settings())
    is_proved(gateway, simulator)
    page = look(gateway)
    page.wait_for("document.querySelectorAll('#accounts-rows .pill.good').length === 2", "both accounts")
    assert page.evaluate("document.getElementById('said').getAttribute('role')") == "status" and page.text("#said") == ""
    throttled = new_sid()
    simulator.fault_for(throttled, "status", status=429, code=20429, headers={"Retry-After": "30"})
    assert ask(gateway, sid=throttled).status == 429
    page.wait_for("document.querySelector('.banner.warning')")
    assert page.evaluate("document.getElementById('said').textContent") == "main: cooling down.", "it is said aloud"
    assert page.text("#state") == "cooling down" and "one account (main)" in page.text(".banner")
    page.wait_for("document.querySelector('#accounts-rows .pill.warning')", "its row")
    _, _, _, state, probe, cause, what_to_do = row(page, "main")
    assert re.fullmatch(r"cooling down for \d+ s", state) and cause == "429" and what_to_do == "Runbook"
    (seconds,) = re.fullmatch(r"in (\d+) s", probe).groups()
    assert 1 <= int(seconds) <= 30
    page.wait_for(f"document.querySelector('#accounts-rows').innerText.includes('in {int(seconds) - 4} s')", "it counts down", 20)
    portrait(page, "cooling-down")


def test_a_refused_credential(look, start_gateway, simulator, tmp_path):
    gateway = start_gateway(credentials=inject(tmp_path).settings())
    is_proved(gateway, simulator)
    simulator.faults({"match": {}, "times": 0, "action": "status", "status": 401, "code": 20003})
    assert ask(gateway).status == 502
    page = look(gateway)
    page.wait_for("document.querySelector('#accounts-rows .pill.critical')", "its row")
    assert row(page, "main")[3:6] == ["credential refused", "–", "Twilio refuses the credential"]
    assert page.text("#state") == "credential refused" and "(main)" in page.text(".banner")


def test_draining(look, simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator))
    prove(gateway)
    page = look(gateway)
    simulator.barrier(True)
    with gateway.connect() as reader:
        reader.send(request(target(new_sid())))
        gateway.signal(signal.SIGTERM)
        page.wait_for("document.getElementById('state').textContent === 'draining'", "draining")
        assert page.text(".banner").startswith("Draining")
        page.wait_for("document.querySelector('#tiles').innerText.includes('1 of 40 at once')", "what it waits for")
        portrait(page, "draining")
        simulator.barrier(False)
        assert reader.read().status == 200
    assert gateway.wait() == 0


def test_a_member_of_a_fleet_and_an_island(look, start_gateway, tmp_path):
    with Engine(tmp_path) as engine:
        both = connected(*(start_gateway(fleet=engine.fleet(timeout="1s")) for _ in range(2)))
        prove(both[0])
        assert both[0].ask(new_sid()).status == 200
        page = look(both[0])
        page.wait_for("document.querySelector('#tiles').innerText.includes('2 gateways')", "the tile of the fleet")
        page.wait_for("document.querySelector('#accounts-rows tr')", "the account")
        assert page.text("#state") == "ready" and f"replica {report(both[0])['replica'][:6]}" in page.text("#about")
        assert re.fullmatch(r"[0-9a-f]{8}", row(page)[0]), "mode forward: a fingerprint"
        portrait(page, "fleet-member")
        engine.kill()
        page.wait_for("document.getElementById('state').textContent === 'alone'", "the island")
        assert page.text(".banner").startswith("Alone")
        page.wait_for("document.querySelector('#tiles').innerText.includes('alone')", "the tile says so, too")
        portrait(page, "island")


# --- what to do, and what would happen ------------------------------------------------------------------------------------
def test_a_link_leads_to_the_section_of_the_runbook(look, start_gateway):
    gateway = start_gateway()
    page = look(gateway)
    page.go(f"http://127.0.0.1:{gateway.admin_port}/dashboard/runbook.html#upstream_timeout")
    page.wait_for("document.querySelector('tr.wanted')", "the row of the fault")
    assert "upstream.timeout" in page.text("tr.wanted")
    anchors = page.evaluate("[...document.querySelectorAll('#book h3')].map((one) => one.id)")
    script = (REPOSITORY / "src/app/admin/dashboard/overview.js").read_text() + (REPOSITORY / "src/app/admin/dashboard/accounts.js").read_text()
    wanted = set(re.findall(r'"(summarygateway[a-z]+)"', script))
    assert len(wanted) >= 6 and wanted <= set(anchors), wanted - set(anchors)
    links = page.evaluate("[...document.querySelectorAll('#book a')].filter((one) => !document.getElementById(one.hash.slice(1))).map((one) => one.hash)")
    assert links == [], "each link of the page leads somewhere"
    assert "[" not in re.sub(r"\[::\]|listeners\[\]|\[.*?\]", "", page.text("#book")), "no Markdown is left"
    portrait(page, "runbook", keep=False)


def explained(page, sid, state=""):
    page.evaluate(f"document.getElementById('explain-state').value = '{state}'")
    page.evaluate("document.getElementById('explain-call').value = ''")
    page.evaluate("document.getElementById('explain-call').focus()")
    page.type(sid)
    page.press("Enter")


def test_a_call_is_explained_in_sentences(look, start_gateway):
    gateway, sid, unknown = start_gateway(), new_sid(), new_sid()
    assert gateway.ask(sid).status == 200
    page = look(gateway)
    explained(page, sid)
    page.wait_for("document.querySelectorAll('#explain-answer dd').length", "the answer")
    said = page.text("#explain-answer")
    assert re.search(r"A complete answer \(200, .* KiB\) is kept for credential 1\. It is \d+ s old and fresh for 60 min more\.", said)
    assert "It is fresh and is answered from memory." in said
    portrait(page, "explain", of="#explain")
    explained(page, sid, "partial")
    page.wait_for("document.getElementById('explain-answer').innerText.includes('A partial summary still changes')", "of another request")
    explained(page, unknown)
    page.wait_for("document.getElementById('explain-answer').innerText.includes('Nothing is kept of this call.')", "of a call that nobody asked for")
    explained(page, "CA123")
    page.wait_for("document.getElementById('explain-answer').innerText === 'A CallSid is CA and 32 hexadecimal digits.'", "of a typing error")
    assert page.evaluate("document.getElementById('explain-call').getAttribute('aria-invalid')") == "true"
    # Nowhere but in the field and in the question itself:
    assert page.evaluate("location.href") == f"http://127.0.0.1:{gateway.admin_port}/"
    visited = page.call("Page.getNavigationHistory")["entries"]
    assert not any(one in entry["url"] for entry in visited for one in (sid, unknown))
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    gateway.stop()
    for text in (gateway.stdout_path.read_text(), gateway.stderr_path.read_text()):
        assert sid not in text and unknown not in text, "nor in the log"


def test_pictures_of_the_pages_are_small():
    kept = sorted(KEPT.glob("*.png"))
    assert len(kept) >= 7
    assert {one.name: one.stat().st_size for one in kept if one.stat().st_size >= MOST_BYTES} == {}
