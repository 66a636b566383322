"""deploy/compose.yaml: what it mounts is there, who talks to whom uses ports that are open, and the programs accept their settings."""

import re
import subprocess

import pytest
import yaml

from harness.gateway import BINARY
from harness.program import REPOSITORY

FILE = REPOSITORY / "deploy" / "compose.yaml"
COMPOSE = yaml.safe_load(FILE.read_text())
SERVICES = COMPOSE["services"]
FOLDER = FILE.parent / "compose"


def mounts(service):
    """{where in the container: file of ours}, volumes apart."""
    for one in SERVICES[service]["volumes"]:
        source, target, *_ = one.split(":")
        if source.startswith("."):
            yield target, FILE.parent / source


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_mounted_is_there_and_read_only(service):
    for target, source in mounts(service):
        assert source.exists(), target
    for one in SERVICES[service]["volumes"]:
        assert one.endswith(":ro") or one.split(":")[0] in COMPOSE["volumes"], one


@pytest.mark.parametrize("service", SERVICES)
def test_ports_are_published_on_loopback_only(service):
    for one in SERVICES[service]["ports"]:
        assert one.startswith("127.0.0.1:"), one


def test_what_is_not_built_here_has_a_version():
    for name, service in SERVICES.items():
        assert "build" in service or re.search(r":v?\d+\.\d+\.\d+$", service["image"]), name
    assert (FILE.parent / SERVICES["gateway"]["build"]["context"]).resolve() == REPOSITORY
    assert (REPOSITORY / SERVICES["gateway"]["build"]["dockerfile"]).exists()


def test_the_gateway_accepts_its_settings_and_listens_where_ports_are_published(tmp_path):
    text = (FOLDER / "gateway.yaml").read_text()
    token = tmp_path / "admin.token"
    token.write_text("0123456789abcdef" * 4)
    token.chmod(0o400)
    config = tmp_path / "gateway.yaml"
    config.write_text(text.replace("/run/secrets/admin.token", str(token)))
    checked = subprocess.run([BINARY, "--config", config, "--check-config"], capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0, checked.stdout
    assert sorted(re.findall(r"0\.0\.0\.0:(\d+)", text)) == sorted(one.rsplit(":", 1)[1] for one in SERVICES["gateway"]["ports"])
    assert SERVICES["gateway"]["secrets"] == ["admin.token"] == list(COMPOSE["secrets"])
    assert dict(mounts("gateway"))["/etc/summary-gateway/gateway.yaml"] == FOLDER / "gateway.yaml"


def test_a_token_is_kept_out_of_repository_and_image():
    secret = "deploy/" + COMPOSE["secrets"]["admin.token"]["file"].removeprefix("./")
    ignored = subprocess.run(["git", "check-ignore", "-q", secret], cwd=REPOSITORY, check=False)
    assert ignored.returncode == 0 or not (REPOSITORY / ".git").exists()
    assert "deploy/compose/*.token" in (REPOSITORY / ".dockerignore").read_text().split("\n")


def test_prometheus_scrapes_the_gateway_and_knows_the_alerts(tmp_path):
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    shipped = yaml.safe_load((FILE.parent / "prometheus" / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    (target,) = job["static_configs"][0]["targets"]
    assert target == "gateway:" + re.search(r"metrics_address: 0\.0\.0\.0:(\d+)", (FOLDER / "gateway.yaml").read_text()).group(1)
    assert job["job_name"] == shipped["scrape_configs"][0]["job_name"] and config["global"] == shipped["global"]
    # Side by side, as they are mounted.
    for path, source in mounts("prometheus"):
        (tmp_path / path.rsplit("/", 1)[1]).write_bytes(source.read_bytes())
    checked = subprocess.run(["promtool", "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0 and "rules found" in checked.stdout, checked.stdout + checked.stderr


def test_grafana_asks_prometheus_and_shows_the_dashboard():
    (source,) = yaml.safe_load((FOLDER / "grafana-datasource.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:" + SERVICES["prometheus"]["ports"][0].rsplit(":", 1)[1] and source["type"] == "prometheus"
    (provider,) = yaml.safe_load((FOLDER / "grafana-dashboards.yml").read_text())["providers"]
    folder = provider["options"]["path"]
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home.startswith(folder + "/") and (dict(mounts("grafana"))[folder] / home.removeprefix(folder + "/")).exists()


def test_it_is_stopped_later_than_it_drains():
    drain = int(re.search(r"drain_timeout: (\d+)s", (REPOSITORY / "config" / "gateway.yaml").read_text()).group(1))
    assert int(SERVICES["gateway"]["stop_grace_period"].rstrip("s")) >= drain + 5


# --- several gateways as one ---------------------------------------------------------------------------------------------------
FLEET = yaml.safe_load((FILE.parent / "compose.fleet.yaml").read_text())
MEMBERS = ["gateway", "gateway-2", "gateway-3"]


def test_all_members_have_the_same_settings_keys_and_an_engine():
    engine = FLEET["services"]["engine"]
    settings = yaml.safe_load((FOLDER / "gateway.fleet.yaml").read_text())
    assert settings["fleet"] == {"url": "redis://engine:6379", "key_file": "/run/secrets/fleet.key"}
    assert settings.pop("fleet") and settings == yaml.safe_load((FOLDER / "gateway.yaml").read_text()), "else as one alone"
    for name in MEMBERS:
        member = FLEET["services"][name]
        assert member["volumes"] == ["./compose/gateway.fleet.yaml:/etc/summary-gateway/gateway.yaml:ro"]
        assert "fleet.key" in member["secrets"] and "engine" in member["depends_on"]
    assert re.search(r":\d+\.\d+\.\d+$", engine["image"]) and "ports" not in engine, "only members reach it"
    assert engine["command"][engine["command"].index("--maxmemory-policy") + 1] == "volatile-lru"
    hardening = ("restart", "read_only", "cap_drop", "security_opt")
    for name in [*MEMBERS[1:], "engine"]:
        assert all(FLEET["services"][name][key] == SERVICES["gateway"][key] for key in hardening), name


def test_members_are_published_on_loopback_and_on_ports_of_their_own():
    ports = [port for name in MEMBERS[1:] for port in FLEET["services"][name]["ports"]] + SERVICES["gateway"]["ports"]
    assert all(one.startswith("127.0.0.1:") for one in ports)
    assert len({one.split(":")[1] for one in ports}) == len(ports)


def test_a_fleet_key_is_kept_out_of_repository_and_image():
    secret = "deploy/" + FLEET["secrets"]["fleet.key"]["file"].removeprefix("./")
    ignored = subprocess.run(["git", "check-ignore", "-q", secret], cwd=REPOSITORY, check=False)
    assert ignored.returncode == 0 or not (REPOSITORY / ".git").exists()
    assert "deploy/compose/*.key" in (REPOSITORY / ".dockerignore").read_text().split("\n")
