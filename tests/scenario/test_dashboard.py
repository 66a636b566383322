"""The live dashboard in a real browser: it draws what happens, goes on drawing, says when something is wrong, and runs nothing but itself."""

import gzip
import random
import re
import signal
import socket
import threading

import pytest

from harness.access import Access, token
from harness.engine import Engine
from harness.eventually import eventually
from harness.fleet import connected, report
from harness.gateway import Gateway, settings_for
from harness.program import BUILD
from harness.strangers import prove
from harness.twilio_facts import new_sid
from harness.wire import exchange, request, target

SCREENSHOTS = BUILD / "screenshots"
PARTS = ["accounts.js", "alerts.md", "chart.js", "charts.js", "clients.js", "explain.js", "format.js", "hands.js", "history.js", "lists.js", "main.js", "overview.js", "page.js"]
PARTS += ["runbook.html", "runbook.js", "source.js", "style.css", "troubleshooting.md", "waterfall.js"]
DESKTOP, DARK, PHONE = {}, {"dark": True}, {"width": 390, "height": 844, "scale": 2, "mobile": True}
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>"
HOSTILE = MARKUP + "\x1b[31m\x07\u202egnp.\u2066"


@pytest.fixture
def browser(the_browser):
    yield the_browser
    the_browser.close_pages()


@pytest.fixture(scope="module")
def busy(the_simulator, tmp_path_factory):
    """A gateway with a small cache and a little of everything coming in, hostile names included."""
    the_simulator.reset()
    the_simulator.latency("60ms")
    gateway = Gateway(tmp_path_factory.mktemp("busy"), settings_for(the_simulator, cache={"max_bytes": "1MiB"}, upstream={"max_in_flight": 12}))
    over = threading.Event()
    crowd = [threading.Thread(target=visit, args=(gateway, over, number), daemon=True) for number in range(8)]
    for one in crowd:
        one.start()
    yield gateway
    over.set()
    for one in crowd:
        one.join()
    gateway.stop()


def visit(gateway, over, number):
    chance = random.Random(number)
    known = [f"CA{n:032x}" for n in range(40)]
    with gateway.connect() as connection:
        while not over.wait(chance.uniform(0, 0.03)):
            what = chance.random()
            if what > 0.98:
                gateway.send(request("/v1/<script>alert(3)</script>"))  # ends its connection
                continue
            if what < 0.8:
                sent = request(target(chance.choice(known)), headers=[("User-Agent", MARKUP), ("X-Request-Id", f"visitor-{number}")])
            elif what < 0.92:
                sent = request(target(f"CA{chance.getrandbits(100):032x}"))
            elif what < 0.96:
                sent = request(target(chance.choice(known), "partial"))
            else:
                sent = request(target(f"CA17001{chance.getrandbits(2):027x}"))
            connection.send(sent).read()


def opened(browser, gateway, how=DESKTOP):
    page = browser.open(**how)
    page.go(f"http://127.0.0.1:{gateway.admin_port}/")
    return page


def drawn(browser, gateway, how=DESKTOP):
    page = opened(browser, gateway, how)
    page.wait_for("document.querySelectorAll('#ranks .rank').length && document.querySelectorAll('.legend b').length > 5", "figures")
    return page


def is_content(page, timeout=20):
    page.wait_for("!document.getElementById('content').hidden", "the figures", timeout)


def without_complaints(page):
    assert page.complaints == [] and page.violations() == []
    strangers = page.evaluate("performance.getEntriesByType('resource').map((r) => r.name).filter((name) => new URL(name).origin !== location.origin)")
    assert strangers == [], "nothing comes from elsewhere"


def points(page, chart, line=0):
    return page.evaluate(f"Chart.getChart(document.querySelector('#chart-{chart} canvas')).data.datasets[{line}].data.map((one) => one.y)")


# --- as files ---------------------------------------------------------------------------------------------------------
def test_the_page_and_its_parts_are_what_may_run_here_and_nothing_else(gateway):
    total = 0
    for path in ["/", *(f"/dashboard/{name}" for name in PARTS)]:
        answer = gateway.admin(path)
        assert answer.status == 200, path
        policy = dict(part.strip().split(" ", 1) for part in answer.header("Content-Security-Policy").split(";"))
        assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert answer.header("X-Content-Type-Options") == "nosniff" and answer.header("Referrer-Policy") == "no-referrer"
        packed = asked(gateway, path, ("Accept-Encoding", "gzip"))
        assert packed.header("Content-Encoding") == "gzip" and gzip.decompress(packed.body) == answer.body
        for one, headers in ((answer, []), (packed, [("Accept-Encoding", "gzip")])):
            again = asked(gateway, path, *headers, ("If-None-Match", one.header("ETag")))
            assert again.status == 304 and again.body == b""
        assert gateway.admin(path, "HEAD").header("ETag") == answer.header("ETag")
        assert gateway.admin(path, "POST").status == 405
        total += len(packed.body)
    assert total < 124_000, f"{total} bytes for all of it, the runbook included"
    text = gateway.admin("/").body.decode()
    assert "http://www.w3.org/2000/svg" in text and text.replace("http://www.w3.org/2000/svg", "").count("//") == 0, "no other host"


def asked(gateway, path, *headers):
    return exchange(gateway.admin_port, request(path, None, headers=[*headers, ("Connection", "close")]))


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard/", "/dashboard/index.html", "/dashboard/../main.js", "/dashboard/main.js/", "/main.js", "/dashboard/%6dain.js"])
def test_there_is_nothing_beside_the_parts(gateway, path):
    assert gateway.admin(path).status == 404


def test_the_list_of_resources_is_at_api(gateway):
    text = gateway.admin("/api").body.decode()
    for path in ("/ ", "/livez", "/metrics", "/api/stats", "/api/explain", "/api/purge"):
        assert f" {path}" in text
    assert "GET /api lists" in gateway.admin("/nothing").json()["message"]


# --- in the browser ---------------------------------------------------------------------------------------------------
def test_it_draws_live_traffic_and_goes_on(browser, busy, simulator_with_latency):
    page = drawn(browser, busy)
    page.wait_for("document.getElementById('state').textContent === 'ready'", "its state")
    assert "hit" in page.text("#chart-requests .legend") and "rejected" in page.text("#chart-requests .legend")
    assert page.evaluate(DREW_SOMETHING), "no plot is blank"
    seen = len(points(page, "requests"))
    page.wait_for(f"Chart.getChart(document.querySelector('#chart-requests canvas')).data.datasets[0].data.length > {seen}", "another sample")
    assert sum(points(page, "requests")) > 0 and max(p for p in points(page, "latency", 3) if p) >= 60_000
    assert page.text("#updated").startswith("as of ")
    without_complaints(page)


@pytest.fixture
def simulator_with_latency(the_simulator):
    the_simulator.reset()
    the_simulator.latency("60ms")


DREW_SOMETHING = """[...document.querySelectorAll("canvas")].filter((canvas) => canvas.offsetParent).every((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value !== 0);
})"""


def test_whoever_opens_it_sees_the_past_at_once(browser, busy):
    page = drawn(browser, busy)
    page.wait_for("Chart.getChart(document.querySelector('#chart-requests canvas')).data.datasets[0].data.length >= 4", "what was before", timeout=20)
    page.go(f"http://127.0.0.1:{busy.admin_port}/")
    is_content(page)
    assert len(points(page, "requests")) >= 4, "in the first answer"


@pytest.mark.parametrize(("name", "how"), [("desktop-light", DESKTOP), ("desktop-dark", DARK), ("phone", PHONE)])
def test_how_it_looks(browser, busy, simulator_with_latency, name, how):
    page = drawn(browser, busy, how)
    page.wait_for("Chart.getChart(document.querySelector('#chart-requests canvas')).data.datasets[0].data.length >= 8", timeout=30)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing has to be scrolled sideways"
    lightness = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => a + Number(b), 0) / 765")
    assert lightness < 0.2 if how.get("dark") else lightness > 0.8
    page.screenshot(SCREENSHOTS / f"dashboard-{name}.png")
    without_complaints(page)


def test_the_keyboard_reaches_and_works_everything(browser, busy):
    page = drawn(browser, busy)
    focused = "document.activeElement.textContent.trim()"
    reached = []
    for _ in range(12):
        page.press("Tab")
        reached.append(page.evaluate(focused))
        if reached[-1] == "last ten minutes":
            break
    assert reached == ["Skip to the figures", "Pause", "last minute", "last ten minutes"]
    page.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    assert page.evaluate("document.querySelector('[data-window=\"0\"]').getAttribute('aria-pressed')") == "false"
    without_complaints(page)


def test_it_can_be_paused(browser, busy):
    page = drawn(browser, busy)
    page.evaluate("document.getElementById('pause').click()")
    page.wait_for("document.getElementById('updated').textContent.startsWith('paused at')")
    at = page.text("#updated")
    page.evaluate("new Promise((later) => setTimeout(later, 4500))")
    assert page.text("#updated") == at
    page.evaluate("document.getElementById('pause').click()")
    page.wait_for("document.getElementById('updated').textContent.startsWith('as of')")


# --- strangers' words ---------------------------------------------------------------------------------------------------
def hostile_stats(gateway):
    stats = gateway.admin("/api/stats").json()
    stats["version"] = HOSTILE
    stats["gateway"] = {"host": HOSTILE, "upstream": HOSTILE, "mode": HOSTILE}
    stats["connections"] = [{"listener": HOSTILE, "open": 1}]
    stats["totals"]["faults"] = {HOSTILE: 7}
    stats["clients"] = [{"client": HOSTILE, "requests": 10, "hits": 4}, {"client": "other", "requests": 3}]
    for profile in stats["profiles"]:
        profile["ranks"] = [{"of": HOSTILE, "duration_us": 5, "requests": 2, "from_us": 1, "to_us": None, "hops_us": {HOSTILE: 4, "write": 1}}]
    return stats


def hostile_record(number):
    return {
        "type": "access", "time_us": 1_767_918_889_000_000 + number, "request_id": HOSTILE, "outcome": HOSTILE, "status": HOSTILE, "fault": HOSTILE,
        "duration_us": 70_000, "hops_us": {"lookup": 10_000, HOSTILE: 60_000}, HOSTILE: HOSTILE, "user_agent": HOSTILE,
    }


def test_what_strangers_wrote_is_text_and_nothing_else(browser, busy):
    page = browser.open()
    page.answer_instead("/api/stats", hostile_stats(busy))
    page.answer_instead("/api/slow", {"requests": [hostile_record(n) for n in range(3)]})
    page.go(f"http://127.0.0.1:{busy.admin_port}/")
    page.wait_for("document.querySelectorAll('details.slow').length === 3 && !document.getElementById('clients').hidden")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    shown = page.evaluate("document.body.textContent")
    assert shown.count(MARKUP) >= 20, "as it was written"
    assert page.evaluate("document.querySelectorAll('img, body script, iframe, object, svg').length") == 0
    assert not any(ch in shown for ch in "\x1b\x07\u202e\u2066"), "and made visible where it would do something"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(SCREENSHOTS / "dashboard-hostile.png")
    without_complaints(page)


def test_a_slow_request_shows_its_hops_and_stays_open(browser, busy):
    page = browser.open()
    record = {"type": "access", "time_us": 1_767_918_889_000_000, "request_id": "abc", "outcome": "miss", "status": 200, "duration_us": 3_070_000,
              "hops_us": {"lookup": 40_000, "connect": 3_000_000, "first_byte": 30_000}}
    page.answer_instead("/api/slow", {"requests": [record]})
    page.go(f"http://127.0.0.1:{busy.admin_port}/")
    page.wait_for("document.querySelector('details.slow')")
    assert "connect" in page.text("details.slow summary") and "3.07 s" in page.text("details.slow summary")
    page.evaluate("document.querySelector('details.slow summary').focus()")
    page.press("Enter")
    page.answer_instead("/api/slow", {"requests": [{**record, "time_us": record["time_us"] + 1, "request_id": "newer"}, record]})
    page.wait_for("document.querySelectorAll('details.slow').length === 2", "the newer one")
    assert page.evaluate("[...document.querySelectorAll('details.slow')].map((one) => one.open)") == [False, True]
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY", "in focus still"
    assert "3 s" in page.text("details[open] .waterfall") and "abc" in page.text("details[open] dl")
    without_complaints(page)


def test_what_the_gateway_recorded_and_whom_it_counted_is_shown(browser, start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    simulator.fault_for(sid, "stall", at="before_headers", seconds=1.2)
    gateway.ask(sid, headers=[("X-Request-Id", "the-slow-one")])
    page = opened(browser, gateway)
    page.wait_for("document.querySelector('details.slow') && !document.getElementById('clients').hidden")
    assert "first byte" in page.text("details.slow summary") and "miss 200" in page.text("details.slow summary")
    page.evaluate("document.querySelector('details.slow').open = true")
    assert "the-slow-one" in page.text("details.slow dl") and sid not in page.text()
    assert page.evaluate("document.querySelectorAll('#clients tbody tr').length") == 1
    assert page.text("#clients tbody").split()[-8:] == ["1", "0", "1", "0", "0", "0", "0", "0"]
    without_complaints(page)


def test_failures_are_groups_of_their_own_and_a_group_stays_open_while_it_grows(browser, start_gateway, simulator):
    gateway, sid = start_gateway(client_limit={"requests": 1, "per": "1h"}, log={"client_addresses": "plain"}), new_sid()
    assert [gateway.ask(sid).status for _ in range(4)] == [200, 429, 429, 429]
    page = opened(browser, gateway)
    page.wait_for("document.querySelector('#failed details')")
    summary = page.text("#failed summary")
    assert "× 3" in summary and "127.0.0.1" in summary and "client limit" in summary and "shed 429" in summary
    page.evaluate("document.querySelector('#failed summary').focus()")
    page.press("Enter")
    gateway.ask(sid)
    page.wait_for("document.querySelector('#failed summary').textContent.includes('× 4')", "it grows")
    assert page.evaluate("document.querySelectorAll('#failed details').length === 1 && document.querySelector('#failed details').open")
    assert page.evaluate("document.activeElement === document.querySelector('#failed summary')"), "in focus still"
    without_complaints(page)


def some_clients(gateway):
    stats = gateway.admin("/api/stats").json()
    names = ["billing", "reports", "poller"]
    stats["clients"] = [
        {"client": name, "per_second": n, "requests": 10 * n, "hits": n, "upstream_calls": 9 - n, "avoided": n, "wasted_polls": n, "throttled": 0, "status_4xx": n % 3, "status_5xx": 0}
        for n, name in enumerate(names, 1)
    ] + [{"client": "other", "per_second": 99, "requests": 999, "upstream_calls": 99}]
    return stats


def test_clients_are_sorted_by_a_column_with_mouse_and_keyboard(browser, gateway):
    page = browser.open()
    page.answer_instead("/api/stats", some_clients(gateway))
    page.go(f"http://127.0.0.1:{gateway.admin_port}/")
    page.wait_for("document.querySelectorAll('#clients tbody tr').length === 4")
    shown = "[...document.querySelectorAll('#clients tbody th')].map((one) => one.textContent)"
    asc = "document.querySelector('#clients th[data-column=\"status_4xx\"]').getAttribute('aria-sort')"
    assert page.evaluate(shown) == ["billing", "reports", "poller", "other"], "by upstream calls"
    page.evaluate("document.querySelector('#clients th[data-column=\"wasted_polls\"] button').click()")
    assert page.evaluate(shown) == ["poller", "reports", "billing", "other"]
    page.evaluate("document.querySelector('#clients th[data-column=\"wasted_polls\"] button').focus()")
    page.press("Tab")
    page.press("Enter")
    assert page.evaluate(shown) == ["reports", "billing", "poller", "other"] and page.evaluate(asc) == "descending"
    page.press("Enter")
    assert page.evaluate(shown) == ["poller", "billing", "reports", "other"] and page.evaluate(asc) == "ascending"
    newer = some_clients(gateway)
    newer["clients"][0]["requests"] = 777
    page.answer_instead("/api/stats", newer)
    page.wait_for("document.querySelector('#clients tbody').textContent.includes('777')", "newer figures")
    assert page.evaluate("document.activeElement.textContent") == "4xx", "in focus still"
    assert page.evaluate(shown)[0] == "poller", "and sorted as before"
    without_complaints(page)


def test_clients_are_readable_on_a_phone(browser, gateway):
    page = browser.open(**PHONE)
    page.answer_instead("/api/stats", some_clients(gateway))
    page.go(f"http://127.0.0.1:{gateway.admin_port}/")
    page.wait_for("document.querySelectorAll('#clients tbody tr').length === 4")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("(() => { const { scrollWidth, clientWidth } = document.querySelector('#clients-table'); return scrollWidth <= clientWidth; })()"), "all figures at once"
    page.evaluate("document.querySelector('#clients').scrollIntoView()")
    page.screenshot(SCREENSHOTS / "dashboard-clients-phone.png")
    without_complaints(page)


def test_what_was_served_refused_and_failed_are_shares_of_all(browser, gateway):
    page = browser.open()
    stats = gateway.admin("/api/stats").json()
    counts = {"hit": 60, "miss": 5, "held": 1, "rejected": 3, "shed": 30, "failed": 1}
    past = stats["history"]
    for name, values in past.items():
        if isinstance(values, list):
            past[name] = [0]
    past.update(first=1, at_ms=[stats["now_ms"]], span_ms=[2000], requests={name: [counts.get(name, 0)] for name in past["requests"]})
    past["latency_us"] = {who: {mark: [1000] for mark in marks} for who, marks in past["latency_us"].items()}
    slow = {"from_us": 5_000_000, "to_us": 10_000_000, "requests": 40, "hops_us": {"first_byte": 6_510_000}}
    stats["profiles"][0]["ranks"] = [{**slow, "of": "p50", "duration_us": 7_000_000}, {**slow, "of": "p99", "duration_us": 8_710_000}, {**slow, "of": "slowest", "duration_us": 10_000_000}]
    page.answer_instead("/api/stats", stats)
    page.go(f"http://127.0.0.1:{gateway.admin_port}/")
    page.wait_for("document.querySelectorAll('#ranks .rank').length === 3")
    tiles = page.text("#tiles")
    assert "66 %" in tiles and "refused 33 %, failed 1 %" in tiles and "60 %" in tiles and "of all requests" in tiles
    assert page.evaluate("[...document.querySelectorAll('#ranks h3 b')].map((one) => one.textContent)") == ["6.51 s"] * 3, "no rank is above the slowest"
    assert "8.71" not in tiles
    without_complaints(page)


def test_it_says_which_gateway_it_is(browser, gateway, simulator):
    page = opened(browser, gateway)
    is_content(page)
    host = socket.gethostname()
    page.wait_for("document.querySelector('#about').textContent.includes('mode forward')")
    about = page.text("#about")
    assert about.startswith(f"{host}, asks {simulator.url.removeprefix('https://')}, mode forward, version ")
    assert page.evaluate("document.title") == f"{host} – summary-gateway"


# --- when something is wrong --------------------------------------------------------------------------------------------
def test_it_says_that_an_account_cools_down(browser, start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    prove(gateway)
    simulator.fault_for(sid, "status", status=429, code=20429, headers={"Retry-After": "30"})
    assert gateway.ask(sid).status == 429
    page = opened(browser, gateway)
    page.wait_for("document.querySelector('.banner.warning')")
    assert page.text(".banner").startswith("Cooling down") and "429" in page.text(".banner")
    assert page.text("#state") == "cooling down"
    assert page.evaluate("document.title").startswith("Cooling down")
    without_complaints(page)


def test_it_says_that_the_breaker_is_open_and_when_it_is_not_any_more(browser, start_gateway, simulator):
    gateway = start_gateway(upstream={"failures_to_break": 3, "max_retry_after": "1s"})
    prove(gateway)
    simulator.faults({"match": {}, "times": 0, "action": "status", "status": 503})
    while gateway.metrics().total("upstream_accounts", state="circuit_open") == 0:
        gateway.ask(new_sid())
    page = opened(browser, gateway)
    page.wait_for("document.querySelector('.banner.critical')")
    assert page.text(".banner").startswith("Circuit breaker open")
    page.wait_for("document.querySelector('#events-list .warning')", "the event", timeout=20)
    assert re.search(r"\d\d:\d\d:\d\d\s+warning\s+circuit breaker open for account [0-9a-f]{8}, summary: ", page.text("#events-list"))
    page.screenshot(SCREENSHOTS / "dashboard-broken-off.png")
    simulator.faults()
    while gateway.metrics().total("upstream_accounts", state="circuit_open"):
        gateway.ask(new_sid())
    page.wait_for("!document.querySelector('.banner')", "healed")
    assert page.text("#state") == "ready"
    without_complaints(page)


def test_it_says_that_a_credential_of_the_gateway_is_refused(browser, start_gateway, simulator, tmp_path):
    access, sid = Access(tmp_path), new_sid()
    access.client("billing", "main")
    gateway = start_gateway(credentials=access.settings())
    simulator.fault_for(sid, "status", status=401, code=20003)
    assert gateway.ask(sid, auth=f"Bearer {token('billing')}").status == 502
    page = opened(browser, gateway)
    page.wait_for("document.querySelector('.banner.critical')")
    assert page.text(".banner").startswith("Credential refused") and "one account" in page.text(".banner")
    without_complaints(page)


def test_it_says_that_upstream_keeps_its_answers_out(browser, start_gateway, simulator):
    gateway = start_gateway()
    for _ in range(21):
        sid = new_sid()
        simulator.fault_for(sid, "header", name="Cache-Control", value="no-store")
        assert gateway.ask(sid).status == 200
    page = opened(browser, gateway)
    page.wait_for("document.querySelector('.banner.warning')")
    assert page.text(".banner").startswith("Not cached") and "100" in page.text(".banner")
    without_complaints(page)


def test_it_shows_the_fleet_and_says_that_the_gateway_is_alone(browser, start_gateway, tmp_path):
    with Engine(tmp_path) as engine:
        both = connected(*(start_gateway(fleet=engine.fleet(timeout="1s")) for _ in range(2)))
        page = opened(browser, both[0])
        page.wait_for("document.querySelector('#tiles').innerText.includes('2 gateways')", "the tile of the fleet")
        assert report(both[0])["replica"][:6] in page.text("#tiles")
        assert f"replica {report(both[0])['replica'][:6]}" in page.text("#about")
        assert not page.evaluate("document.querySelector('.banner') !== null")
        page.screenshot(SCREENSHOTS / "dashboard-fleet.png")
        engine.kill()
        page.wait_for("document.querySelector('.banner.warning')")
        assert page.text(".banner").startswith("Alone")
        page.wait_for("document.querySelector('#tiles').innerText.includes('alone')", "the tile says so, too")
        page.screenshot(SCREENSHOTS / "dashboard-alone.png")
        without_complaints(page)


def test_it_shows_the_circuits_of_the_fleet(browser, start_gateway, simulator, tmp_path):
    with Engine(tmp_path) as engine:
        gateway, _ = connected(*(start_gateway(fleet=engine.fleet(timeout="1s")) for _ in range(2)))
        page = opened(browser, gateway)
        assert page.evaluate("document.querySelector('#circuits').hidden"), "nothing is paused, nothing is said"
        assert gateway.ask(new_sid()).status == 200, "the credential is proved"
        simulator.fault_for(refused := new_sid(), action="status", status=429, code=20429, headers={"Retry-After": "25"})
        assert gateway.ask(refused).status == 429
        account = report(gateway)["circuits"][0]["account"]
        page.wait_for("document.querySelector('#circuits-list').innerText.includes('cool down')", "the circuit")
        assert page.text("#circuits-list li span") == f"account {account[:8]}, cool down"
        assert page.text("#circuits-list li b").startswith("open for ")
        without_complaints(page)


def test_it_shows_calls_that_are_not_ready_and_their_readers(browser, simulator, start_gateway):
    gateway = start_gateway(cache={"not_ready_for": "100ms"})
    sid = simulator.register(new_sid(), ended_ago_s=60)
    page = opened(browser, gateway)
    assert "held" not in page.text("#tiles"), "nothing waits, nothing is said"
    with gateway.connect() as reader:
        reader.send(request(target(sid), headers=[("Prefer", "wait=25")]))
        page.wait_for("/1 held; (1 look|(\\d\\d+|[02-9]) looks), 0 saved/.test(document.querySelector('#tiles').innerText)", "the tile of what is not ready")
        eventually(lambda: gateway.ask(sid).status == 404 and gateway.metrics().total("looks_saved_total"), what="a poller spares a look")
        page.wait_for("/1 held; (1 look|(\\d\\d+|[02-9]) looks), [1-9]\\d* saved/.test(document.querySelector('#tiles').innerText)", "a look that was saved")
        page.screenshot(SCREENSHOTS / "dashboard-not-ready.png")
    without_complaints(page)


def test_it_says_that_the_gateway_drains_and_then_that_nobody_answers(browser, simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator))
    simulator.barrier(True)
    page = opened(browser, gateway)
    is_content(page)
    with gateway.connect() as held:
        held.send(request(target(new_sid())))
        gateway.signal(signal.SIGTERM)
        page.wait_for("document.getElementById('state').textContent === 'draining'", "draining")
        assert page.text(".banner").startswith("Draining")
        without_complaints(page)
        simulator.barrier(False)
        assert held.read().status == 200
    assert gateway.wait() == 0
    page.wait_for("document.getElementById('state').textContent === 'no answer'", "no answer", timeout=30)
    assert "figures below are old" in page.text(".banner")
    assert page.evaluate("document.body.classList.contains('old')")
    page.screenshot(SCREENSHOTS / "dashboard-no-answer.png")
    assert page.violations() == []


def test_after_a_restart_it_begins_anew(browser, busy, start_gateway):
    page = drawn(browser, busy)
    count = "Chart.getChart(document.querySelector('#chart-requests canvas')).data.datasets[0].data.length"
    page.wait_for(f"{count} >= 5", "a past")
    page.answer_instead("/api/stats", start_gateway().admin("/api/stats").json())
    page.wait_for(f"{count} <= 1", "another gateway's past, which is short")
    without_complaints(page)


# --- with a token -------------------------------------------------------------------------------------------------------
def test_a_token_is_asked_for_and_kept_in_the_tab(browser, start_gateway, tmp_path):
    (tmp_path / "token").write_text("an-operator-s-token\n")
    (tmp_path / "token").chmod(0o600)
    gateway = start_gateway(admin={"token_file": tmp_path / "token"})
    page = opened(browser, gateway)
    page.wait_for("document.activeElement.id === 'token-text'", "the question")
    assert page.evaluate("document.getElementById('content').hidden")
    page.screenshot(SCREENSHOTS / "dashboard-token.png")
    page.type("a wrong one")
    page.press("Enter")
    page.wait_for("document.getElementById('token-verdict').textContent.includes('not accepted')")
    page.type("an-operator-s-token")
    page.press("Enter")
    is_content(page)
    assert page.evaluate("location.href") == f"http://127.0.0.1:{gateway.admin_port}/", "not in the address"
    assert page.evaluate("document.documentElement.outerHTML.includes('operator-s') || document.getElementById('token-text').value") == ""
    page.go(f"http://127.0.0.1:{gateway.admin_port}/")
    is_content(page)
    assert page.evaluate("localStorage.length") == 0 and page.evaluate("document.cookie") == ""
    assert page.violations() == []
