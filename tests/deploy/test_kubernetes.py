"""deploy/kubernetes: valid to the last key, hardened, and of one mind with the program about ports, paths and times."""

import json
import subprocess

import pytest
import yaml

from harness.certificates import Authority
from harness.gateway import BINARY, Gateway
from harness.program import REPOSITORY
from manifests import FILES, FOLDER, KUSTOMIZATION, gateways, mebibytes, objects, of_kind, port_number, seconds, settings_of, settings_text

TYPES = REPOSITORY / "tests" / "deploy" / "kubernetes"
DEFAULT_DRAIN = "10s"
MODULES = {
    "monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
    "v1": "kubernetes-models/v1",
}
GATEWAYS = list(gateways())
NAMES = [file.stem for file, _, _ in GATEWAYS]


@pytest.fixture(params=GATEWAYS, ids=NAMES)
def gateway(request):
    return request.param


# --- valid -----------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def types():
    """The API's types; npm leaves the file behind when it is done."""
    lock = TYPES / "node_modules" / ".package-lock.json"
    if not lock.exists() or lock.stat().st_mtime < (TYPES / "package-lock.json").stat().st_mtime:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=TYPES, check=True, timeout=300)
    return TYPES / "node_modules"


def type_check(types, folder, found):
    """Object literals against interfaces: wrong types, missing keys and, what a schema of Kubernetes lets pass, unknown ones."""
    lines = []
    for number, one in enumerate(found):
        module = MODULES.get(one["apiVersion"], f"kubernetes-models/{one['apiVersion']}")
        lines += [f'import type {{ I{one["kind"]} as T{number} }} from "{module}/{one["kind"]}";', f"export const o{number}: T{number} = {json.dumps(one)};"]
    (folder / "manifests.ts").write_text("\n".join(lines))
    (folder / "node_modules").symlink_to(types)
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"]
    checked = subprocess.run(
        ["node", types / "typescript" / "bin" / "tsc", *options, "manifests.ts"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    return checked.stdout + checked.stderr if checked.returncode else ""


def test_each_object_is_one_of_the_api(types, tmp_path):
    found = [one for _, one in objects()]
    assert len(found) >= 9
    assert type_check(types, tmp_path, found) == ""


def test_the_base_for_kustomize_is_whole():
    base = yaml.safe_load(KUSTOMIZATION.read_text())
    assert (base["apiVersion"], base["kind"]) == ("kustomize.config.k8s.io/v1beta1", "Kustomization")
    held = [FOLDER / name for name in base["resources"]]
    assert {file.name for file in set(FILES) - set(held)} == {"sidecar.yaml", "monitors.yaml"}
    named = [(one["kind"], one["metadata"]["name"]) for file in held for _, one in objects(file)]
    assert len(set(named)) == len(named), "kustomize takes no object twice"
    images = {container["image"].rpartition(":")[0] for file, _, container in gateways() if file in held}
    assert {one["name"] for one in base["images"]} == images
    assert {one["newTag"] for one in base["images"]} == {container["image"].rpartition(":")[2] for file, _, container in gateways() if file in held}


def test_the_alerts_fit_into_an_object_of_the_operator(types, tmp_path):
    rules = yaml.safe_load((REPOSITORY / "deploy" / "prometheus" / "alerts.yml").read_text())
    wrapped = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": {"name": "summary-gateway"}, "spec": rules}
    assert type_check(types, tmp_path, [wrapped]) == ""


def test_a_misspelt_key_would_be_noticed(types, tmp_path):
    _, pod, container = GATEWAYS[0]
    assert container["readinessProbe"]
    (deployment, *_) = [json.loads(json.dumps(one)) for _, one in objects() if one["kind"] == "Deployment"]
    probe = deployment["spec"]["template"]["spec"]["containers"][0]
    probe["readinesProbe"] = {"httpGet": {"path": "/readyz", "port": 9464}}
    assert "readinesProbe" in type_check(types, tmp_path, [deployment])


# --- the program agrees ------------------------------------------------------------------------------------------------------
@pytest.fixture
def world(tmp_path):
    """The secrets that the settings name, as files below a folder of this test."""
    leaf = Authority(tmp_path, "authority").leaf()
    token = subprocess.run([BINARY, "--hash-token"], input="0123456789abcdef" * 4, capture_output=True, text=True, check=True).stdout
    contents = {"twilio/main.credential": "SK1:secret", "clients/billing.token": token, "tls/tls.crt": leaf.certificate.read_text(),
                "tls/tls.key": leaf.key.read_text(), "fleet/fleet.key": "0123456789abcdef" * 4, "fleet/engine.password": "engine-password"}
    for name, text in contents.items():
        path = tmp_path / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o440)
    return tmp_path


def test_the_program_accepts_the_settings(gateway, world):
    config = world / "gateway.yaml"
    config.write_text(settings_text(*gateway).replace("/secrets/", f"{world}/secrets/"))
    checked = subprocess.run([BINARY, "--config", config, "--check-config"], capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_probe_is_answered_where_it_asks(gateway, world):
    """Started with its settings, on free ports: what the probes ask for is there, on the listener that stands for their port."""
    _, _, container = gateway
    settings = settings_of(*gateway)
    metrics = settings["admin"]["metrics_address"]
    settings["listeners"] = [{"address": "127.0.0.1:0"}]
    settings["admin"] = {"address": "127.0.0.1:0", "metrics_address": "127.0.0.1:0"}
    settings.pop("credentials", None)
    settings.pop("fleet")
    running = Gateway(world, json.loads(json.dumps(settings)), name=f"probed-{container['name']}")
    running.admin_port = int(running.expect(r"metrics on http://[^ ]*:(\d+)").group(1))
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[kind]["httpGet"]
        assert port_number(container, asked["port"]) == int(metrics.rsplit(":", 1)[1]), kind
        assert running.admin(asked["path"]).status == 200, kind
    assert running.admin("/metrics").status == 200
    running.stop()


def test_ports_are_those_that_it_listens_on(gateway):
    _, _, container = gateway
    settings = settings_of(*gateway)
    reachable = [one["address"] for one in settings["listeners"] if not one["address"].startswith("127.")] + [settings["admin"]["metrics_address"]]
    assert {one["containerPort"] for one in container["ports"]} == {int(address.rsplit(":", 1)[1]) for address in reachable}


def test_who_is_reachable_from_other_pods_speaks_tls(gateway):
    for one in settings_of(*gateway)["listeners"]:
        assert one["address"].startswith("127.0.0.1:") or "tls" in one


def test_it_is_given_time_to_drain(gateway):
    _, pod, container = gateway
    limits = settings_of(*gateway).get("limits", {})
    drain, before = seconds(limits.get("drain_timeout", DEFAULT_DRAIN)), seconds(limits.get("drain_delay", "0s"))
    assert pod["terminationGracePeriodSeconds"] >= before + drain + 5
    # Whoever is behind a Service must have left it before its listener closes.
    if container.get("restartPolicy") != "Always":
        assert before >= 5


def test_memory_leaves_room_beside_the_cache(gateway):
    _, _, container = gateway
    cache = mebibytes(settings_of(*gateway)["cache"]["max_bytes"])
    assert mebibytes(container["resources"]["requests"]["memory"]) >= 1.1 * cache + 16
    assert mebibytes(container["resources"]["limits"]["memory"]) >= 1.1 * cache + 64


def test_each_secret_that_the_settings_name_is_mounted(gateway):
    _, pod, container = gateway
    mounts = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
    volumes = {one["name"]: one for one in pod["volumes"]}
    for word in settings_text(*gateway).replace(",", " ").split():
        if word.startswith("/secrets/"):
            secret = volumes[mounts[word.rsplit("/", 1)[0]]]["secret"]
            assert secret["defaultMode"] == 0o440 and pod["securityContext"]["fsGroup"] == 65532, word


# --- hardened ----------------------------------------------------------------------------------------------------------------
def containers():
    for _, one in objects():
        if one["kind"] == "Deployment":
            pod = one["spec"]["template"]["spec"]
            yield from ((pod, container) for container in [*pod.get("initContainers", []), *pod["containers"]])


@pytest.mark.parametrize("pod, container", containers(), ids=[container["name"] for _, container in containers()])
def test_pods_keep_the_restricted_standard(pod, container):
    """Pod Security Standards, level restricted, and a root file system that nobody writes to."""
    both = {**pod.get("securityContext", {}), **container["securityContext"]}
    assert both["runAsNonRoot"] is True and both["seccompProfile"] == {"type": "RuntimeDefault"}
    assert both["allowPrivilegeEscalation"] is False and both["readOnlyRootFilesystem"] is True
    assert both["capabilities"] == {"drop": ["ALL"]}
    assert pod["automountServiceAccountToken"] is False
    assert {"cpu", "memory"} <= container["resources"]["requests"].keys() and "memory" in container["resources"]["limits"]
    assert ":" in container["image"] and not container["image"].endswith(":latest")


def test_selectors_meet_what_they_select():
    shared = lambda kind: next(one for one in of_kind(kind) if one["metadata"]["name"] == "summary-gateway")
    deployment, service, policy = shared("Deployment"), shared("Service"), shared("NetworkPolicy")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    (budget,) = of_kind("PodDisruptionBudget")
    (monitor,) = of_kind("ServiceMonitor")
    for selector in (deployment["spec"]["selector"]["matchLabels"], service["spec"]["selector"], budget["spec"]["selector"]["matchLabels"],
                     policy["spec"]["podSelector"]["matchLabels"]):
        assert selector.items() <= labels.items()
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert {one["port"] for one in monitor["spec"]["endpoints"]} <= {one["name"] for one in service["spec"]["ports"]}
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    named = {one["name"] for one in container["ports"]}
    assert {one["targetPort"] for one in service["spec"]["ports"]} == named
    assert {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]} == named
    assert deployment["spec"]["replicas"] > budget["spec"]["maxUnavailable"]
    # The alerts know the job by this name: the Service's, or what a relabelling makes of it.
    assert service["metadata"]["name"] == "summary-gateway"
    (pods,) = of_kind("PodMonitor")
    sidecar = next(one for one in of_kind("Deployment") if one["metadata"]["name"] == "billing")
    assert pods["spec"]["selector"]["matchLabels"].items() <= sidecar["spec"]["template"]["metadata"]["labels"].items()
    assert pods["spec"]["podMetricsEndpoints"][0]["relabelings"] == [{"targetLabel": "job", "replacement": "summary-gateway"}]


def test_the_engine_is_found_let_in_and_holds_no_more_than_it_may():
    named = lambda kind: next(one for one in of_kind(kind) if one["metadata"]["name"] == "summary-gateway-engine")
    deployment, service, policy = named("Deployment"), named("Service"), named("NetworkPolicy")
    pod = deployment["spec"]["template"]
    for selector in (deployment["spec"]["selector"]["matchLabels"], service["spec"]["selector"], policy["spec"]["podSelector"]["matchLabels"]):
        assert selector.items() <= pod["metadata"]["labels"].items()
    let_in = [one["podSelector"]["matchLabels"] for one in policy["spec"]["ingress"][0]["from"]]
    (port,) = service["spec"]["ports"]
    for file, one in objects():
        if one["kind"] == "Deployment" and one is not deployment and "engine" not in one["metadata"]["name"]:
            labels = one["spec"]["template"]["metadata"]["labels"]
            assert any(selector.items() <= labels.items() for selector in let_in), file
    for gateway in GATEWAYS:
        fleet = settings_of(*gateway)["fleet"]
        assert fleet["url"] == f"redis://{service['metadata']['name']}:{port['port']}"
    (container,) = pod["spec"]["containers"]
    words = container["command"]
    assert words[words.index("--maxmemory-policy") + 1] == "volatile-lru", "an eviction of what has no lifetime would cost the fleet its state"
    most = words[words.index("--maxmemory") + 1].removesuffix("mb")
    assert mebibytes(container["resources"]["limits"]["memory"]) >= 1.25 * int(most)
    shared = next(one for one in of_kind("NetworkPolicy") if one["metadata"]["name"] == "summary-gateway")
    assert any(rule["ports"] == [{"protocol": "TCP", "port": port["port"]}] and pod["metadata"]["labels"].items() >= peer["podSelector"]["matchLabels"].items()
               for rule in shared["spec"]["egress"] for peer in rule["to"] if "podSelector" in peer and "namespaceSelector" not in peer)


def test_the_sidecar_is_one():
    (sidecar,) = [container for file, _, container in GATEWAYS if file.stem == "sidecar"]
    assert sidecar["restartPolicy"] == "Always"
