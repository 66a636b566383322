"""The JSON Schema of the settings: it takes what the gateway takes, and refuses what an editor can know to be wrong."""

import json
import subprocess

import jsonschema
import pytest
import yaml

from test_documents import EXAMPLES
from harness.gateway import BINARY
from harness.program import REPOSITORY

SHIPPED = REPOSITORY / "config" / "gateway.yaml"
SCHEMA = json.loads((REPOSITORY / "config" / "gateway.schema.json").read_text())
JUDGE = jsonschema.Draft7Validator(SCHEMA)


def test_it_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("text", [SHIPPED.read_text(), *EXAMPLES, "", "x-any: [1]\nworkers: auto\n"])
def test_what_is_right_is_taken(text):
    assert [error.message for error in JUDGE.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize(
    "text",
    [
        "wrokers: 2", "workers: 0", "workers: many", "cache: 5", "cache: { max_bytes: 512 }", "cache: { max_bytes: 512M }",
        "upstream: { timeout: 8 }", "upstream: { timeout: 8sec }", "log: { level: warn }", "server_timing: 'yes'", "passthrough: [calls]",
        "passthrough: call", "listeners: [{ mode: '0660' }]", "listeners: [{ address: '127.0.0.1:1', tls: { cert: a } }]",
        "credentials: { accounts: [{ nome: a }] }", "cache: { serve_complete_for: [partial] }", "cors: { allow_origins: '*' }",
    ],
)
def test_what_is_wrong_is_refused_as_by_the_gateway(text, tmp_path):
    assert not JUDGE.is_valid(yaml.safe_load(text))
    file = tmp_path / "gateway.yaml"
    file.write_text(text + "\n")
    assert subprocess.run([BINARY, "-c", file, "--check-config"], capture_output=True, timeout=30, check=False).returncode == 64


def test_every_setting_is_described():
    def lacking(schema, path):
        for name, one in schema.get("properties", {}).items():
            if not path.startswith(".events.tls"):
                assert one.get("description"), f"{path}.{name}"
            lacking(one, f"{path}.{name}")

    lacking(SCHEMA, "")


def test_the_shipped_settings_name_the_installed_file():
    assert SHIPPED.read_text().splitlines()[0].endswith("$schema=/usr/share/summary-gateway/gateway.schema.json")
