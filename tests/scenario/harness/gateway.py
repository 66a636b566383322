"""The summary-gateway as a process with a configuration of its own, and its ports as methods."""

import re
from pathlib import Path
from urllib.parse import urlencode

from .program import BUILD, Program
from .prometheus_text import Metrics
from .twilio_facts import PARENT
from .wire import Connection, annotation, exchange, request, target

BINARY = BUILD / "summary-gateway"


def merged(base, extra):
    """Nested settings, the later ones winning; None takes a key out."""
    out = dict(base)
    for name, value in extra.items():
        if value is None:
            out.pop(name, None)
        elif isinstance(value, dict) and isinstance(out.get(name), dict):
            out[name] = merged(out[name], value)
        else:
            out[name] = value
    return out


def yaml(value, indent=0):
    """Block YAML of plain scalars: what a person would have typed."""
    pad = "  " * indent
    if isinstance(value, dict):
        return "".join(
            f"{pad}{name}:\n{yaml(inner, indent + 1)}" if isinstance(inner, (dict, list)) else f"{pad}{name}: {scalar(inner)}\n"
            for name, inner in value.items()
        )
    return "".join(pad + "- " + yaml(item, indent + 1).lstrip() if isinstance(item, dict) else f"{pad}- {scalar(item)}\n" for item in value)


def scalar(value):
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def settings_for(simulator, **overrides):
    base = {
        "workers": 2,
        "listeners": [{"address": "127.0.0.1:0"}],
        "admin": {"address": "127.0.0.1:0"},
        "upstream": {"url": simulator.url, "ca_file": simulator.ca_file} if simulator else {},
    }
    return merged(base, overrides)


class Gateway(Program):
    def __init__(self, directory, settings, name="summary-gateway", preexec=None, manager=None, arguments=()):
        """`manager`: a harness.service_manager that starts it."""
        self.config_path = directory / f"{name}.yaml"
        self.config_path.write_text(yaml(settings))
        command = [BINARY, "--config", self.config_path, *arguments]
        super().__init__(manager.command(command) if manager else command, directory, name, preexec, manager.descriptors if manager else ())
        self.expect(r"summary-gateway: ready$")
        announced = "\n".join(self.lines)
        # The first one's; none where all listeners are unix sockets.
        port = re.search(r"^summary-gateway: listening on https?://[^\n]*:(\d+)$", announced, re.M)
        self.port = int(port.group(1)) if port else None
        port, path = re.search(r"^summary-gateway: admin on (?:https?://[^\n]*:(\d+)|unix:(.*))$", announced, re.M).groups()
        self.admin_port = int(port) if port else Path(path)

    def connect(self, **how):
        return Connection(self.port, **how)

    def send(self, data, method="GET"):
        return exchange(self.port, data, method)

    def ask(self, sid, state=None, auth=PARENT, method="GET", headers=()):
        return self.send(request(target(sid, state), auth, method, headers), method)

    def annotate(self, sid, auth=PARENT, headers=(), **form):
        """What an SDK's update() sends: annotate(sid, Comment="…")."""
        body = urlencode(form).encode()
        fields = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", len(body)), *headers]
        return self.send(request(annotation(sid), auth, "POST", fields, body), "POST")

    def admin(self, path, method="GET"):
        return exchange(self.admin_port, request(path, None, method, [("Connection", "close")]), method)

    def metrics(self):
        response = self.admin("/metrics")
        assert response.status == 200, response.raw[:500]
        return Metrics(response.body.decode())
