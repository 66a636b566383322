"""The dashboard for each role: what it allows can be done, what it does not is disabled with a sentence. The pictures are in the folder of
the build, below screenshots/roles."""

import pytest

from harness.eventually import eventually
from harness.program import BUILD
from harness.twilio_facts import new_sid
from harness.wire import exchange, request

PICTURES = BUILD / "screenshots" / "roles"
ROLES = {"read": "grafana", "purge": "support", "operate": "alice"}
TOKENS = {role: f"{role}-token-".ljust(40, "x") for role in ROLES}
CONTROLS = "[...document.querySelectorAll('#hands [data-changes]')]"


@pytest.fixture
def gateway(start_gateway, tmp_path):
    file = tmp_path / "admin.token"
    file.write_text("".join(f"{role} {name} {TOKENS[role]}\n" for role, name in ROLES.items()))
    file.chmod(0o600)
    return start_gateway(admin={"token_file": file})


@pytest.fixture
def look(the_browser, gateway):
    """Opens the dashboard as who has that role."""

    def look(role, **how):
        page = the_browser.open(**{"width": 1200, "height": 900, **how})
        page.go(f"http://127.0.0.1:{gateway.admin_port}/")
        if role:
            page.sign_in(TOKENS[role])
        page.wait_for("!document.getElementById('hands').hidden", "who it is")
        return page

    yield look
    the_browser.close_pages()


def portrait(page, name):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing has to be scrolled sideways"
    page.screenshot(PICTURES / f"{name}.png")
    page.screenshot(PICTURES / f"{name}-hands.png", of="#hands")
    assert page.complaints == [] and page.violations() == []


def enabled(page):
    return set(page.evaluate(f"{CONTROLS}.filter((one) => !one.disabled).map((one) => one.dataset.changes)"))


def sentences(page):
    return page.evaluate("[...document.querySelectorAll('#hands [data-missing]')].filter((one) => !one.hidden).map((one) => one.innerText)")


def lines(gateway):
    answer = exchange(gateway.admin_port, request("/api/audit", f"Bearer {TOKENS['read']}", headers=[("Connection", "close")]))
    return [(one["event"], one["by"]) for one in answer.json()["lines"]][1:]


def purge_one(page):
    page.evaluate("document.getElementById('purge-call').focus()")
    page.type(new_sid())
    page.press("Enter")
    page.wait_for("document.getElementById('hands-answer').innerText === '0 cached answers purged.'", "what it brought")


def test_who_only_reads_changes_nothing(look, gateway):
    page = look("read")
    assert page.text("#hands-who") == "you are grafana, by token, with the role read"
    assert enabled(page) == set()
    assert sentences(page) == ["This needs the role purge; grafana has read.", "This needs the role operate; grafana has read."]
    page.evaluate(f"{CONTROLS}.forEach((one) => one.click())")
    portrait(page, "read")
    assert lines(gateway) == [], "nothing was tried"


def test_who_purges_holds_no_lever(look, gateway):
    page = look("purge")
    assert page.text("#hands-who") == "you are support, by token, with the role purge"
    assert enabled(page) == {"/api/purge"}
    assert sentences(page) == ["This needs the role operate; support has purge."]
    purge_one(page)
    portrait(page, "purge")
    assert lines(gateway) == [("purged", "support")]


def test_who_operates_does_all_of_it_with_a_second_press(look, gateway):
    page = look("operate")
    assert enabled(page) == {"/api/purge", "/api/pause", "/api/resume", "/api/reload"} and sentences(page) == []
    purge_one(page)
    press = "document.querySelector('[data-changes=\"/api/pause\"]')"
    page.evaluate(f"{press}.click()")
    assert page.evaluate(f"{press}.innerText") == "Send nothing for 10 min: sure?"
    assert lines(gateway) == [("purged", "alice")], "not by one press"
    page.evaluate(f"{press}.click()")
    page.wait_for("document.getElementById('hands-answer').innerText === 'Nothing is sent for 10 min.'")
    page.wait_for("document.querySelector('.banner')?.innerText.includes('pause')", "the banner says so")
    portrait(page, "operate")
    for path, said in (("/api/resume", "Requests are sent again."), ("/api/reload", "Reloaded. No setting has changed.")):
        for _ in range(2):
            page.evaluate(f"document.querySelector('[data-changes=\"{path}\"]').click()")
        page.wait_for(f"document.getElementById('hands-answer').innerText === '{said}'", said)
    eventually(lambda: lines(gateway) == [("purged", "alice"), ("lever_set", "alice"), ("lever_lifted", "alice"), ("reloaded", "alice")])


def test_a_role_that_is_taken_away_is_gone_from_an_open_page(look, gateway, tmp_path):
    page = look("operate")
    assert enabled(page)
    (tmp_path / "admin.token").write_text(f"read alice {TOKENS['operate']}\n")
    page.wait_for(f"{CONTROLS}.every((one) => one.disabled)", "within seconds")
    assert page.text("#hands-who").endswith("with the role read")


def test_where_nobody_is_named_the_page_says_so(look, start_gateway, the_browser):
    page = the_browser.open(width=390, height=844, mobile=True)
    page.go(f"http://127.0.0.1:{start_gateway().admin_port}/")
    page.wait_for("!document.getElementById('hands').hidden")
    assert page.text("#hands-who") == "nobody has to prove who they are here"
    assert len(enabled(page)) == 4 and sentences(page) == []
    portrait(page, "nobody-named-phone")
