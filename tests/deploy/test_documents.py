"""The pages of deploy/docs: every name is one that the program knows, every example works, nothing is left unexplained. tests/lint/documents holds
their form and links."""

import http.server
import json
import re
import subprocess
import threading

import pytest
import yaml

from harness.access import hash_of, token
from harness.certificates import Authority
from harness.gateway import BINARY, Gateway, settings_for
from harness.program import REPOSITORY
from harness.twilio_facts import new_sid

DOCS = REPOSITORY / "deploy" / "docs"
PAGES = {page.name: page.read_text() for page in [REPOSITORY / "README.md", REPOSITORY / "deploy" / "README.md", *sorted(DOCS.glob("*.md"))]}
ALL = "\n".join(PAGES.values())
RULES = [rule for group in yaml.safe_load((REPOSITORY / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def prose(text):
    """Without blocks of code, whose brackets and hashes mean something else."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


def test_the_index_leads_to_every_page():
    linked = {link.partition("#")[0] for link in LINK.findall((REPOSITORY / "deploy" / "README.md").read_text())}
    assert linked == {f"docs/{page.name}" for page in DOCS.glob("*.md")} - {"docs/contributing.md"}
    front = LINK.findall((REPOSITORY / "README.md").read_text())
    assert "deploy/README.md" in front and "deploy/docs/contributing.md" in front


# --- examples ----------------------------------------------------------------------------------------------------------------
EXAMPLES = [
    pytest.param(block, id=f"{name}-{number}")
    for name, text in PAGES.items()
    for number, block in enumerate(blocks(text, "yaml"), 1)
    if "scrape_configs:" not in block and "runs-on:" not in block  # Prometheus's, GitHub's
]


@pytest.fixture(scope="module")
def named_files(tmp_path_factory):
    """The folder with what examples name: certificates, credentials, tokens and keys."""
    folder = tmp_path_factory.mktemp("named")
    authority = Authority(folder, "clients")
    leaf = authority.leaf()
    leaf.certificate.rename(folder / "cert.pem")
    leaf.key.rename(folder / "key.pem")
    contents = {
        "main.credential": "AC00000000000000000000000000000001:parent-token\n", "billing.token": hash_of(token("billing")),
        **{f"{name}.token": hash_of(token(name)) for name in ("checkout", "support", "export")},
        "proxy.credential": "gateway:a password", "admin.token": token("admin"), "secrets_snapshot.key": "0123456789abcdef" * 4,
        "fleet.key": "0123456789abcdef" * 4, "engine.password": "a password", "events.token": "1" * 32, "main.secret": "client-secret", "jwks.json": '{"keys": []}',
    }
    for name, content in contents.items():
        (folder / name).write_text(content)
        (folder / name).chmod(0o600)
    return folder


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_settings_is_accepted(example, named_files):
    """As it stands, and with the settings in its comments."""
    config = named_files / "gateway.yaml"
    for text in {example, re.sub(r"^( *)# (\w+: )", r"\1\2", example, flags=re.M)}:
        for folder in ("/run/credentials/summary-gateway.service", "/var/lib/summary-gateway", "/var/log/summary-gateway"):
            text = text.replace(folder, str(named_files))
        config.write_text(text.replace("unix_user: worker", "unix_user: nobody"))
        checked = subprocess.run([BINARY, "--config", config, "--check-config"], capture_output=True, text=True, timeout=30, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_there_are_examples():
    assert len(EXAMPLES) > 15


# --- alerts ------------------------------------------------------------------------------------------------------------------
def test_each_alert_has_a_section_and_each_section_an_alert():
    page = PAGES["alerts.md"]
    assert re.findall(r"^## (\w+)$", page, re.M) == [rule["alert"] for rule in ALERTS], "in the order of alerts.yml"
    for section in page.split("\n## ")[1:]:
        name, _, text = section.partition("\n")
        assert len(text.split()) >= 10, f"{name}: what to do?"


def test_each_alert_says_where_its_section_is_once_installed():
    package = (REPOSITORY / "deploy" / "package.cmake").read_text()
    assert "set(documents ${CMAKE_INSTALL_DATADIR}/doc/summary-gateway)" in package and re.search(r"install\(DIRECTORY \${deploy}/docs .*DESTINATION \${documents}$", package, re.M)
    anchors = {heading.lower() for heading in re.findall(r"^## (\w+)$", PAGES["alerts.md"], re.M)}
    for rule in ALERTS:
        page, anchor = rule["annotations"]["runbook_url"].split("#")
        assert page == "file:///usr/share/doc/summary-gateway/docs/alerts.md"
        assert anchor == rule["alert"].lower() and anchor in anchors


# --- faults ----------------------------------------------------------------------------------------------------------------
def test_every_fault_is_explained_as_it_is_answered():
    source = (REPOSITORY / "src" / "core" / "base" / "fault.cpp").read_text()
    answered = re.findall(r"\{fault::(\w+), \"\1\", side::\w+, \w+, (\d+), (\d+),", source)
    assert len(answered) > 40
    explained = re.findall(r"^\| `(\w+)` \| (\d+), code (\d+) \| [^|]+ \| [^|]+ \|$", PAGES["troubleshooting.md"], re.M)
    assert explained == answered, "one row a fault, in their order"


# --- names -------------------------------------------------------------------------------------------------------------------
SETTINGS = set(re.findall(r"^\| `([\w.]+)` \|", PAGES["settings.md"], re.M))
METRICS = set(re.findall(r"^\| `(\w+)` \|", PAGES["metrics.md"], re.M))
QUOTED = set(re.findall(r"`([^`\n]+)`", prose(ALL)))


def test_every_setting_that_it_names_is_one():
    sections = {name.split(".")[0] for name in SETTINGS if "." in name}
    named = {one.split(":")[0] for one in QUOTED if re.match(rf"({'|'.join(sections)})\.\w+(:|$)", one)}
    assert len(named) > 20 and not {one for one in named if not re.search(r"\.(yaml|md)$", one)} - SETTINGS


def test_every_metric_that_it_names_is_one():
    named = set(re.findall(r"summary_gateway_[a-z_]+", ALL))
    assert len(named) > 10 and not named - METRICS


def test_every_option_that_it_names_is_one():
    known = "".join(subprocess.run([BINARY, *of, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout for of in ([], ["ctl"]))
    named = {option for line in ALL.splitlines() if "summary-gateway " in line for option in re.findall(r"summary-gateway (--[a-z-]+)", line)}
    named |= {option for option in re.findall(r"`(--[a-z-]+)`", ALL)}
    assert named and all(option in known for option in named), named


def test_every_path_of_the_admin_listener_is_there(simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator))
    offered = gateway.admin("/api").body.decode()
    for path in set(re.findall(r"(?:GET|POST) (/(?!v1)[a-z/_]+)", ALL)) | {"/livez", "/readyz", "/metrics"}:
        assert f" {path} " in offered, path
    gateway.stop()


EXPLAINED = {
    "request_duration_seconds_count": "outcome", "upstream_requests_total": "result", "upstream_sheds_total": "reason", "not_stored_total": "reason",
    "cache_evictions_total": "reason", "upstream_avoided_total": "how",
}


def test_every_value_of_a_label_is_explained(simulator, tmp_path):
    gateway = Gateway(tmp_path, settings_for(simulator))
    page = PAGES["operate.md"].split("## Reading the figures")[1].split("\n## ")[0]
    explained = {word for row in re.findall(r"^\| (`[^|]+) \|", page, re.M) for word in re.findall(r"`(\w+)`", row)}
    for metric, label in EXPLAINED.items():
        values = set(re.findall(rf'^summary_gateway_{metric}\{{{label}="(\w+)"', gateway.metrics().text, re.M)) - {"never"}
        assert len(values) > 3 and values <= explained, (metric, values - explained)
    gateway.stop()


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


def test_twilios_python_sdk_reads_a_summary_as_the_page_says(simulator, tmp_path):
    pytest.importorskip("twilio", reason="Debian's python3-twilio is missing: deploy/install-deps --tests")
    (snippet,) = blocks(PAGES["networking.md"], "python")
    gateway = Gateway(tmp_path, settings_for(simulator))
    call = new_sid()
    for _ in range(2):
        names = {
            "account_sid": "AC00000000000000000000000000000001", "auth_token": "parent-token",
            "gateway_url": f"http://127.0.0.1:{gateway.port}", "call_sid": call,
        }
        exec(snippet, names)  # noqa: S102: the page's own words
        assert names["summary"].call_sid == call and names["summary"].processing_state == "complete"
    assert simulator.count(call) == 1
    gateway.stop()


class NotReadyAtFirst(http.server.BaseHTTPRequestHandler):
    """Answers as a gateway does: the first time 17001, then the summary."""

    def do_GET(self):
        self.server.asked.append(self.headers)
        ready = len(self.server.asked) > 1
        body = {"call_sid": self.path.split("/")[3]} if ready else {"code": 17001, "message": "not complete yet", "more_info": "", "status": 404}
        content = json.dumps(body).encode()
        self.send_response(200 if ready else 404)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(content), "Retry-After": 0}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def test_twilios_python_sdk_waits_and_asks_again_as_the_page_says():
    pytest.importorskip("twilio", reason="Debian's python3-twilio is missing: deploy/install-deps --tests")
    waits, asks_again = blocks(PAGES["polling.md"], "python")
    call = new_sid()
    with http.server.HTTPServer(("127.0.0.1", 0), NotReadyAtFirst) as stub:
        stub.asked = []
        serving = threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        serving.start()
        names = {
            "account_sid": "AC00000000000000000000000000000001", "auth_token": "parent-token",
            "gateway_url": f"http://127.0.0.1:{stub.server_address[1]}", "call_sid": call,
        }
        exec(asks_again, names)  # noqa: S102: the page's own words
        with pytest.raises(names["TwilioRestException"]) as not_ready:
            exec(waits, names)  # noqa: S102
        assert not_ready.value.code == 17001
        stub.asked.clear()
        assert names["summary_of"](names["client"], call).call_sid == call
        assert [headers["Prefer"] for headers in stub.asked] == ["wait=25"] * 2
        stub.shutdown()
        serving.join()
