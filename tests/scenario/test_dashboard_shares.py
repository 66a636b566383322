"""What the dashboard's table of clients says of shares and quotas, and that it says nothing of them where there are none. The pictures are
in the folder of the build, below screenshots/shares."""

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.program import BUILD
from harness.twilio_facts import new_sid
from harness.wire import request, target

PICTURES = BUILD / "screenshots" / "shares"
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844, "scale": 2, "mobile": True}
AS_EVER = ["client", "requests/s", "requests", "from memory", "upstream calls", "calls avoided", "wasted polls", "4xx", "5xx", "throttled"]
SHARES = ["class", "weight", "in flight", "quota used", "window ends"]
LONGEST = "reports-of-the-whole-group-".ljust(64, "x")
READER = "read-token-".ljust(40, "x")
MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>\x1b[31m\u202e" + "w" * 300

BARS = """[...document.querySelectorAll('#clients .track')].map((track) => {
  const [all, used] = [track, track.firstChild].map((one) => one.getBoundingClientRect());
  return [used.left - all.left, Math.round((100 * used.width) / all.width)];
})"""


@pytest.fixture
def look(the_browser):
    """Opens the dashboard of a gateway, with what `instead` says in place of its statistics."""

    def look(gateway, how=DESKTOP, instead=None, admin_token=None):
        page = the_browser.open(**how)
        if instead:
            page.answer_instead("/api/stats", instead)
        page.go(f"http://127.0.0.1:{gateway.admin_port}/")
        if admin_token:
            page.sign_in(admin_token)
        page.wait_for("!document.getElementById('clients').hidden", "the clients")
        return page

    yield look
    the_browser.close_pages()


def portrait(page, name):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing has to be scrolled sideways"
    page.screenshot(PICTURES / f"{name}.png", of="#clients")
    assert page.complaints == [] and page.violations() == []


def head(page):
    return page.evaluate("[...document.querySelectorAll('#clients thead th')].map((one) => one.innerText.trim())")


def rows(page):
    """By client: its cells by their titles."""
    cells = "Object.fromEntries([...row.querySelectorAll('td')].map((one) => [one.dataset.title, one.innerText.trim()]))"
    return page.evaluate(f"Object.fromEntries([...document.querySelectorAll('#clients tbody tr')].map((row) => [row.firstChild.innerText, {cells}]))")


def shares_of(page, client):
    return [rows(page)[client].get(title) for title in SHARES]


def ask(gateway, name):
    return gateway.ask(new_sid(), auth=f"Bearer {token(name)}")


@pytest.fixture
def shared(start_gateway, simulator, tmp_path):
    """A gateway whose clients have shares of each kind, for an operator with the role read. The export has two exchanges under way."""
    access = Access(tmp_path)
    access.client("checkout", "main", {"weight": 4})
    access.client("export", "main", {"class": "bulk", "max_in_flight": 2})
    access.client("billing", "main", {"quota": {"upstream_calls": 2, "per": "30d"}})
    access.client(LONGEST, "main", {"quota": {"upstream_calls": 12_000, "per": "30d"}})
    access.file("admin.token", f"read grafana {READER}\n")
    gateway = start_gateway(credentials=access.settings(), admin={"token_file": tmp_path / "admin.token"})
    assert [ask(gateway, name).status for name in ("checkout", "export", "billing", "billing", "billing", LONGEST)] == [200, 200, 200, 200, 429, 200]
    simulator.barrier(True)
    held = [gateway.connect().send(request(target(new_sid()), f"Bearer {token('export')}")) for _ in range(3)]
    eventually(lambda: simulator.state()["in_flight"] == 2)
    yield gateway
    simulator.barrier(False)
    for one in held:
        one.read()
        one.close()


def test_each_client_s_share_and_quota_are_seen_by_who_may_only_read(look, shared):
    page = look(shared, admin_token=READER)
    page.wait_for("document.getElementById('clients').innerText.match(/2 of 2/g)?.length === 2", "the export's exchanges, and a quota")
    assert head(page) == AS_EVER + SHARES
    assert shares_of(page, "checkout") == ["interactive", "4", "0", "–", "–"]
    assert shares_of(page, "export")[:4] == ["bulk", "1", "2 of 2", "–"]
    *_, used, ends = shares_of(page, "billing")
    assert used == "2 of 2 used up" and ends.startswith("in ")
    assert shares_of(page, LONGEST)[3] == "1 of 12.0 k", "a name of full length, and figures as elsewhere"
    assert page.evaluate(BARS) == [[0, 100], [0, 0]], "from the left end of its track: the bound, the quota"
    page.evaluate("document.querySelector('#clients th[data-column=\"quota\"] button').click()")
    assert list(rows(page))[:2] == ["billing", LONGEST], "by the part that is used"
    portrait(page, "read")
    phone = look(shared, PHONE, admin_token=READER)
    assert phone.evaluate("(() => { const { scrollWidth, clientWidth } = document.querySelector('#clients-table'); return scrollWidth <= clientWidth; })()")
    portrait(phone, "phone")


def test_without_shares_and_quotas_the_table_is_as_ever(look, start_gateway, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main")
    gateway = start_gateway(credentials=access.settings())
    assert ask(gateway, "billing").status == 200
    page = look(gateway)
    assert head(page) == AS_EVER and list(rows(page)) == ["billing"]
    assert page.text("#clients tbody").split()[-8:] == ["1", "0", "1", "0", "0", "0", "0", "0"]


def with_clients(gateway, *clients):
    return {**gateway.admin("/api/stats").json(), "clients": list(clients)}


def test_names_of_strangers_are_text_and_a_column_comes_and_goes_with_its_clients(look, gateway):
    shares = {"class": "bulk", "weight": 100, "in_flight": 3, "max_in_flight": 2}
    hostile = {"client": MARKUP, "requests": 3, **shares, "class": "<b>bulk</b>", "quota_used": 7, "quota_of": 5, "quota_resets_in": 7190}
    page = look(gateway, instead=with_clients(gateway, hostile, {"client": "127.0.0.1", "requests": 1}, {"client": "other", "requests": 2}))
    assert page.evaluate("document.querySelectorAll('img, body script, svg, #clients td b').length") == 0
    assert not any(ch in page.text("#clients") for ch in "\x1b\u202e") and "<img src=x" in page.text("#clients")
    shown = next(row for name, row in rows(page).items() if name.startswith("<img"))
    assert [shown[title] for title in SHARES[1:]] == ["100", "3 of 2", "7 of 5 used up", "in 2 h 0 min"]
    assert shares_of(page, "127.0.0.1") == shares_of(page, "other") == ["–"] * 5
    assert list(rows(page))[-1] == "other"
    portrait(page, "hostile")
    page.evaluate("document.querySelector('#clients th[data-column=\"quota\"] button').click()")
    page.answer_instead("/api/stats", with_clients(gateway, {"client": "b", "weight": 1, "class": "interactive"}, {"client": "a", "weight": 2, "class": "interactive"}))
    page.wait_for("document.querySelectorAll('#clients thead th').length === 12", "class and weight alone")
    assert head(page) == AS_EVER + SHARES[:2] and [shares_of(page, name)[1] for name in "ab"] == ["2", "1"]
