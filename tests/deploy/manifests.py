"""The manifests of deploy/kubernetes as what they are about: objects, pods, containers, the settings inside ConfigMaps."""

import yaml

from harness.program import REPOSITORY

FOLDER = REPOSITORY / "deploy" / "kubernetes"
KUSTOMIZATION = FOLDER / "kustomization.yaml"  # no object of the cluster
FILES = sorted(set(FOLDER.glob("*.yaml")) - {KUSTOMIZATION})


def objects(path=None):
    """(file, object) of one file, or of all."""
    return [(file, one) for file in ([path] if path else FILES) for one in yaml.safe_load_all(file.read_text()) if one]


def of_kind(kind, path=None):
    return [one for _, one in objects(path) if one["kind"] == kind]


def gateways():
    """(file, pod, container) of each gateway that runs somewhere."""
    for file, one in objects():
        if one["kind"] != "Deployment":
            continue
        pod = one["spec"]["template"]["spec"]
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            if container["name"] == "summary-gateway":
                yield file, pod, container


def port_number(container, port):
    return port if isinstance(port, int) else {one["name"]: one["containerPort"] for one in container["ports"]}[port]


def settings_text(file, pod, container):
    """The configuration that this container is started with, found as Kubernetes finds it: args, mounts, volume, ConfigMap."""
    path = container["args"][container["args"].index("--config") + 1]
    folder, name = path.rsplit("/", 1)
    (mount,) = [one for one in container["volumeMounts"] if one["mountPath"] == folder]
    (volume,) = [one for one in pod["volumes"] if one["name"] == mount["name"]]
    (config,) = [one for one in of_kind("ConfigMap", file) if one["metadata"]["name"] == volume["configMap"]["name"]]
    return config["data"][name]


def settings_of(file, pod, container):
    return yaml.safe_load(settings_text(file, pod, container))


def seconds(text):
    units = {"s": 1, "m": 60, "h": 3600}
    return int(text[:-1]) * units[text[-1]]


def mebibytes(text):
    number, unit = text.rstrip("MGiB"), text.lstrip("0123456789")
    return int(number) * {"Mi": 1, "MiB": 1, "Gi": 1024, "GiB": 1024}[unit]
