"""The simulator as others get it: its Debian package, its page, and what its examples do. The image is in test_image.py."""

import os
import re
import shutil
import subprocess

import pytest

from harness.program import BUILD, REPOSITORY, Program
from harness.simulator import Simulator
from harness.twilio_facts import new_sid

PAGE = REPOSITORY / "deploy" / "docs" / "simulator.md"
HELP = subprocess.run([BUILD / "twilio-simulator", "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
OPTIONS = set(re.findall(r"(--[a-z-]+)", HELP))
SDK = REPOSITORY / "tests" / "client" / "node_modules" / "twilio"


def run(*arguments, **how):
    done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True, timeout=120, check=False, **how)
    assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


@pytest.fixture(scope="module")
def package(packages):
    return packages["twilio-simulator"]


@pytest.fixture(scope="module")
def tree(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tree")
    run("dpkg-deb", "--extract", package, folder)
    return folder


# --- the package -----------------------------------------------------------------------------------------------------------
def test_one_packing_makes_both_packages_of_one_version(packages):
    fields = {name: run("dpkg-deb", "--field", file, "Package", "Version", "Architecture") for name, file in packages.items()}
    assert set(fields) == {"summary-gateway", "twilio-simulator"}
    assert len({text.replace(name, "") for name, text in fields.items()}) == 1, fields


def test_debians_own_inspector_finds_nothing(package):
    if not shutil.which("lintian"):
        pytest.skip("lintian is missing: deploy/install-deps --tests")
    judged = subprocess.run(
        ["lintian", "--allow-root", "--pedantic", "--fail-on", "error,warning,pedantic", package], capture_output=True, text=True, timeout=120, check=False
    )
    assert judged.returncode == 0 and judged.stdout == "", judged.stdout + judged.stderr


def test_it_holds_program_manual_and_pages_and_starts_nothing(package, tree, tmp_path):
    held = sorted(str(one.relative_to(tree)) for one in tree.rglob("*") if not one.is_dir())
    documents = "usr/share/doc/twilio-simulator"
    assert held == sorted([
        "usr/bin/twilio-simulator", "usr/share/man/man1/twilio-simulator.1.gz", "usr/share/lintian/overrides/twilio-simulator",
        *(f"{documents}/{name}" for name in ("README.md", "simulator.md", "changelog.gz", "changelog.Debian.gz", "copyright")),
    ])
    run("dpkg-deb", "--control", package, tmp_path / "control")
    assert sorted(one.name for one in (tmp_path / "control").iterdir()) == ["control", "md5sums"], "no script, no conffile"
    depends = run("dpkg-deb", "--field", package, "Depends")
    assert "libssl3" in depends and "libyaml" not in depends and "systemd" not in depends


def test_links_of_its_pages_hold_where_they_are_installed(tree):
    for page in (tree / "usr/share/doc/twilio-simulator").glob("*.md"):
        for link in re.findall(r"\]\(([^)\s#]+)[^)]*\)", page.read_text()):
            assert re.match("https?:", link) or (page.parent / link).exists(), f"{page.name}: {link}"


def test_installed_it_runs(tree, tmp_path):
    program = tree / "usr/bin/twilio-simulator"
    assert run(program, "--version").split()[0] == "twilio-simulator"
    simulator = Simulator(tmp_path, program=program)
    assert simulator.ask(new_sid()).status == 200
    simulator.stop()


def test_the_gateways_installation_has_nothing_of_it(packages):
    assert "twilio-simulator" not in run("dpkg-deb", "--contents", packages["summary-gateway"]).replace("docs/simulator", "")


# --- manual and page ---------------------------------------------------------------------------------------------------------
def test_manual_and_reference_know_every_option():
    manual = (REPOSITORY / "deploy" / "man" / "twilio-simulator.1").read_text().replace("\\-", "-").split(".SH OPTIONS")[1]
    assert set(re.findall(r"^\.BI? \"?(--[a-z-]+)", manual, re.M)) == OPTIONS
    table = (REPOSITORY / "tests" / "simulator" / "README.md").read_text().split("## Options")[1].split("## ")[0]
    assert set(re.findall(r"(--[a-z][a-z-]+)", table)) == OPTIONS - {"--help", "--version"}
    assert set(re.findall(r"twilio-simulator (--[a-z-]+)", PAGE.read_text())) <= OPTIONS


@pytest.fixture
def own(tmp_path):
    """One whose clock and limits a test may change."""
    simulator = Simulator(tmp_path)
    yield simulator
    simulator.stop()


def test_the_authority_is_at_the_control_port_and_good_for_a_containers_name(own, tmp_path):
    fetched = tmp_path / "fetched.pem"
    (command,) = re.findall(r"^\$ (curl .*-o ca\.pem .*)$", PAGE.read_text(), re.M)
    run("bash", "-c", command.replace("127.0.0.1:8444", f"127.0.0.1:{own.control_port}").replace("-o ca.pem", f"-o {fetched}"))
    assert fetched.read_bytes() == own.ca_file.read_bytes()
    for host in ("localhost", "twilio-simulator"):
        asked = ["--cacert", fetched, "--connect-to", f"{host}:443:127.0.0.1:{own.port}", "-u", f"AC{1:032}:parent-token"]
        assert "call_sid" in run("curl", "-sSf", *asked, f"https://{host}/v1/Voice/{new_sid()}/Summary")


def test_with_a_certificate_of_ones_own_there_is_no_authority(tmp_path):
    leaf = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"]
    run(*leaf, "-keyout", tmp_path / "own.key", "-out", tmp_path / "own.pem")
    ports = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
    other = Program([BUILD / "twilio-simulator", *ports, "--certificate", tmp_path / "own.pem", "--key", tmp_path / "own.key"], tmp_path, "other")
    control = other.expect(r"control on (http://\S+)").group(1)
    assert "--certificate" in run("curl", "-s", f"{control}/ca.pem")
    other.stop()


def test_every_command_of_the_page_is_understood(own):
    (script,) = blocks("sh")
    commands = [line for line in script.splitlines() if line.startswith("curl")]
    assert len(commands) >= 8
    run("bash", "-euc", script.replace("127.0.0.1:8444", f"127.0.0.1:{own.control_port}"))
    asked = set(re.findall(r"\$C(/[a-z]+)", script))
    assert asked >= {"/calls", "/clock", "/faults", "/limit", "/sinks", "/requests"}


def test_twilios_python_sdk_trusts_and_reads_it_as_the_page_says(own):
    pytest.importorskip("twilio", reason="Debian's python3-twilio is missing: deploy/install-deps --tests")
    (snippet,) = blocks("python")
    names = {"insights_url": own.url, "call_sid": new_sid()}
    exec(snippet.replace("ca.pem", str(own.ca_file)), names)  # noqa: S102: the page's own words
    assert names["summary"].call_sid == names["call_sid"]


def test_twilios_node_sdk_trusts_and_reads_it_as_the_page_says(own, tmp_path):
    if not SDK.is_dir():
        pytest.skip("the SDK is not there: cd tests/client && npm ci")
    (snippet,) = blocks("js")
    script = tmp_path / "reads.js"
    script.write_text(f"(async () => {{\n{snippet}}})();\n")
    call = new_sid()
    known = {"TWILIO_INSIGHTS_URL": own.url, "CALL_SID": call, "NODE_EXTRA_CA_CERTS": str(own.ca_file), "NODE_PATH": str(SDK.parent)}
    assert run("node", script, env={**os.environ, **known}) == f"{call} complete\n"
