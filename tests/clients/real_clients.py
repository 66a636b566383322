"""The clients by name, how each is started, and how all are told where the gateway is.

A program of programs/ takes `read SID [TIMES]` or `list`, and the rest from CLIENT_*. It prints one line of JSON:
{"call_sid": …}, {"calls": N}, or {"error": {"status", "code", "text"}} as its library shows the error to its user.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from harness.twilio_facts import account

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "programs"
LONG = 20  # s; a client's patience where nothing is slow


@dataclass
class Client:
    name: str
    command: list
    version: list  # a command that prints it
    settings: dict = field(default_factory=dict)

    def version_now(self):
        done = subprocess.run(self.version, capture_output=True, text=True, cwd=HERE, timeout=60, check=True)
        return re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr).group(0)


def of_node(name, program, package):
    return Client(name, ["node", PROGRAMS / program], ["node", "-p", f"require('./node_modules/{package}/package.json').version"], {"CLIENT_PACKAGE": package})


PYTHON = "/usr/bin/python3"  # Debian's, which has the SDK
CLIENTS = [
    *(of_node(f"twilio-node {major}", "twilio_sdk.mjs", f"twilio-{major}") for major in (4, 5, 6)),
    Client("twilio-python", [PYTHON, PROGRAMS / "twilio_sdk.py"], [PYTHON, "-c", "import twilio; print(twilio.__version__)"]),
    Client("curl", [PROGRAMS / "curl.sh"], ["curl", "--version"]),
    Client("curl --compressed", [PROGRAMS / "curl.sh"], ["curl", "--version"], {"CLIENT_COMPRESSED": "1"}),
    Client("PHP, ext-curl", ["php", PROGRAMS / "http_curl.php"], ["php", "--version"]),
    Client("Ruby, Net::HTTP", ["ruby", PROGRAMS / "net_http.rb"], ["ruby", "--version"]),
    Client("Java, HttpClient", ["java"], ["java", "--version"]),
    Client("Go, net/http", [], ["go", "version"]),
    of_node("undici", "node_http.mjs", "undici"),
    of_node("axios", "node_http.mjs", "axios"),
    of_node("got", "node_http.mjs", "got"),
]


class Environment:
    """Where the gateway is, and whom the clients trust: in each language's own way."""

    def __init__(self, gateway, authority, folder):
        self.gateway, self.folder = gateway, folder
        self.plain_port = re.findall(r"listening on http://[^\n]*:(\d+)", "\n".join(gateway.lines))[0]
        ca = str(authority.certificate)
        self.common = {
            **{name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")},
            "CLIENT_URL": f"https://localhost:{gateway.port}", "CLIENT_USER": account(1), "CLIENT_SECRET": "parent-token", "CLIENT_CA": ca,
            "NODE_EXTRA_CA_CERTS": ca, "SSL_CERT_FILE": ca,
        }
        self.built = {}
        self.trusted = folder / "trusted.p12"
        self._make("keytool", "-importcert", "-noprompt", "-alias", "gateway", "-file", ca, "-keystore", self.trusted, "-storepass", "changeit", "-storetype", "PKCS12")

    def _make(self, *command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr

    def command(self, client):
        """Compiled languages are compiled once."""
        if client.name not in self.built:
            command = client.command
            if client.name.startswith("Java"):
                self._make("javac", "-d", self.folder, PROGRAMS / "HttpClientRun.java")
                command = ["java", f"-Djavax.net.ssl.trustStore={self.trusted}", "-Djavax.net.ssl.trustStorePassword=changeit", "-cp", self.folder, "HttpClientRun"]
            elif client.name.startswith("Go"):
                self._make("go", "build", "-o", self.folder / "net_http", PROGRAMS / "net_http.go")
                command = [self.folder / "net_http"]
            self.built[client.name] = [str(part) for part in command]
        return self.built[client.name]

    def start(self, client, *arguments, timeout=LONG, **settings):
        environment = {**self.common, **client.settings, "CLIENT_TIMEOUT": str(timeout), **settings}
        return subprocess.Popen(
            [*self.command(client), *map(str, arguments)], env=environment, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, client, *arguments, **how):
        return self.result(self.start(client, *arguments, **how))

    @staticmethod
    def result(process):
        out, errors = process.communicate(timeout=120)
        assert out.strip(), errors
        return json.loads(out.strip().splitlines()[-1])

    def proxy_settings(self):
        """The gateway, given to the client as its proxy: a mistake that users make."""
        proxy = f"http://127.0.0.1:{self.plain_port}"
        return {name: proxy for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")}

    def logged(self, sid):
        """The whole lines of the access log about that call."""
        lines = self.gateway.access_file.read_text().split("\n")[:-1]
        return [one for one in map(json.loads, lines) if one.get("call") == sid]
