"""deploy/README.md and its neighbours: every link leads somewhere, every name is one that the program knows, nothing is left unexplained."""

import re
import subprocess

import pytest
import yaml

from harness.certificates import Authority
from harness.gateway import BINARY, Gateway, settings_for
from harness.program import REPOSITORY
from harness.twilio_facts import new_sid

RUNBOOK = (REPOSITORY / "deploy" / "README.md").read_text()
ALERTS = [rule for group in yaml.safe_load((REPOSITORY / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
FOLDERS = ("deploy", ".github")
PAGES = [REPOSITORY / "README.md", *(page for folder in FOLDERS for page in sorted((REPOSITORY / folder).glob("*.md")))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def prose(text):
    """Without blocks of code, whose brackets and hashes mean something else."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def anchors(text):
    """As GitHub makes them of headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", prose(text), re.M)}


# --- links -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_leads_somewhere(page):
    for link in LINK.findall(prose(page.read_text())):
        if link.startswith(("http:", "https:")):
            continue
        path, _, anchor = link.partition("#")
        there = page if not path else (page.parent / path)
        assert there.exists(), link
        if anchor:
            assert anchor in anchors(there.read_text()), link


def test_the_front_page_leads_to_the_runbook():
    assert "deploy/README.md" in LINK.findall((REPOSITORY / "README.md").read_text())


# --- alerts ------------------------------------------------------------------------------------------------------------------
def test_each_alert_has_a_section_and_each_section_an_alert():
    chapter = RUNBOOK.split("\n## Alerts\n")[1].split("\n## ")[0]
    assert re.findall(r"^### (\w+)$", chapter, re.M) == [rule["alert"] for rule in ALERTS], "in the order of alerts.yml"
    for section in chapter.split("\n### ")[1:]:
        name, _, text = section.partition("\n")
        assert len(text.split()) >= 10, f"{name}: what to do?"


def test_each_alert_says_where_its_section_is():
    for rule in ALERTS:
        path, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert anchor == rule["alert"].lower() and anchor in anchors((REPOSITORY / path).read_text()), rule["alert"]


# --- refusals ----------------------------------------------------------------------------------------------------------------
def test_every_refusal_is_explained_as_it_is_answered():
    source = (REPOSITORY / "src" / "core" / "reply" / "from_fault.cpp").read_text()
    answered = re.findall(r"\{fault::(\w+), (\d+), (\d+),", source)
    assert len(answered) > 40
    explained = re.findall(r"^\| `(\w+)` \| (\d+), code (\d+) \| [^|]+ \| [^|]+ \|$", RUNBOOK, re.M)
    assert explained == answered, "one row a fault, in their order"


# --- names -------------------------------------------------------------------------------------------------------------------
SETTINGS = set(re.findall(r"^\| `([\w.]+)` \|", (REPOSITORY / "deploy" / "docs" / "settings.md").read_text(), re.M))
METRICS = set(re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "deploy" / "docs" / "metrics.md").read_text(), re.M))
QUOTED = set(re.findall(r"`([^`\n]+)`", prose(RUNBOOK)))


def test_every_setting_that_it_names_is_one():
    sections = {name.split(".")[0] for name in SETTINGS if "." in name}
    named = {one.split(":")[0] for one in QUOTED if re.match(rf"({'|'.join(sections)})\.\w+(:|$)", one)}
    assert len(named) > 20 and not {one for one in named if not re.search(r"\.(yaml|md)$", one)} - SETTINGS


def test_every_metric_that_it_names_is_one():
    named = set(re.findall(r"summary_gateway_[a-z_]+", RUNBOOK))
    assert len(named) > 10 and not named - METRICS


def test_every_option_that_it_names_is_one():
    known = subprocess.run([BINARY, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
    named = {option for line in RUNBOOK.splitlines() if "summary-gateway " in line for option in re.findall(r"summary-gateway (--[a-z-]+)", line)}
    named |= {option for option in re.findall(r"`(--[a-z-]+)`", RUNBOOK)}
    assert named and all(option in known for option in named), named


def test_every_path_of_the_admin_listener_is_there(simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator))
    offered = gateway.admin("/api").body.decode()
    for path in set(re.findall(r"(?:GET|POST) (/[a-z/]+)", RUNBOOK)) | {"/livez", "/readyz", "/metrics"}:
        assert f" {path} " in offered, path
    gateway.stop()


def test_every_file_of_the_package_that_it_names_is_installed():
    shipped = (REPOSITORY / "deploy" / "package.cmake").read_text()
    for name in set(re.findall(r"/usr/share/doc/summary-gateway/([\w./-]+\w)", RUNBOOK)):
        source = REPOSITORY / "deploy" / name
        assert source.exists() and (f"${{deploy}}/{name}" in shipped or f"${{deploy}}/{name.split('/')[0]}" in shipped), name


# --- pointing an SDK at it: what no other test does --------------------------------------------------------------------------------
def test_a_client_that_takes_it_for_twilio_is_served(simulator, tmp_path):
    """Without a change of its code: the name leads to the gateway, whose certificate is good for it."""
    authority = Authority(tmp_path, "authority")
    leaf = authority.leaf(alt_names="DNS:insights.twilio.com")
    gateway = Gateway(tmp_path, settings_for(simulator, listeners=[{"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key}}]))
    asked = ["curl", "-sS", "--fail", "--cacert", authority.certificate, "--connect-to", f"insights.twilio.com:443:127.0.0.1:{gateway.port}",
             "-u", "AC00000000000000000000000000000001:parent-token"]
    call = new_sid()
    answered = subprocess.run([*asked, f"https://insights.twilio.com/v1/Voice/{call}/Summary"], capture_output=True, text=True, timeout=30, check=False)
    assert answered.returncode == 0 and call in answered.stdout, answered.stderr
    gateway.stop()


def test_twilios_python_sdk_reads_a_summary_as_the_runbook_says(simulator, tmp_path):
    pytest.importorskip("twilio", reason="Debian's python3-twilio is missing: deploy/install-deps --tests")
    (snippet,) = re.findall(r"^```python\n(.*?)^```$", RUNBOOK, re.M | re.S)
    gateway = Gateway(tmp_path, settings_for(simulator))
    call = new_sid()
    for _ in range(2):
        names = {
            "account_sid": "AC00000000000000000000000000000001", "auth_token": "parent-token",
            "gateway_url": f"http://127.0.0.1:{gateway.port}", "call_sid": call,
        }
        exec(snippet, names)  # noqa: S102: the runbook's own words
        assert names["summary"].call_sid == call and names["summary"].processing_state == "complete"
    assert simulator.count(call) == 1
    gateway.stop()
