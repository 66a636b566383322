"""A real Prometheus with rules of ours, as a process."""

import json
import socket
import urllib.error
import urllib.parse
import urllib.request

from .eventually import eventually
from .program import Program


class Prometheus(Program):
    def __init__(self, directory, rules, *targets, interval="1s", alertmanager=None):
        """`targets`: ports of gateways. `interval`: of scrapes and of evaluations. `alertmanager`: the port that is told of alerts."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = directory / "prometheus.yml"
        named = ", ".join(f"'127.0.0.1:{one}'" for one in targets)
        config.write_text(
            f"global: {{ scrape_interval: {interval}, scrape_timeout: {interval}, evaluation_interval: {interval} }}\nrule_files: [{rules}]\n"
            + (f"alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ['127.0.0.1:{alertmanager}'] }}] }}] }}\n" if alertmanager else "")
            + f"scrape_configs: [{{ job_name: summary-gateway, static_configs: [{{ targets: [{named}] }}] }}]\n"
        )
        super().__init__(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory}/data", f"--web.listen-address=127.0.0.1:{self.port}"],
            directory, "prometheus",
        )
        eventually(self.is_ready, timeout=30, what="prometheus ready")

    def is_ready(self):
        assert self.running(), self.output()
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5).status == 200
        except OSError:
            return False

    def get(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def query(self, expression):
        """The values that are numbers."""
        return [one["value"][1] for one in self.get("query", query=expression)["result"] if one["value"][1] != "NaN"]

    def alerts(self, state="firing"):
        """Labels of each."""
        return [alert["labels"] for alert in self.get("alerts")["alerts"] if alert["state"] == state]
