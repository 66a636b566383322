"""Real clients against the real gateway over TLS. The programs as processes come from the scenario tests."""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "scenario"))

import pytest  # noqa: E402

from harness.certificates import Authority  # noqa: E402
from harness.gateway import Gateway, settings_for  # noqa: E402
from harness.simulator import Simulator  # noqa: E402
from real_clients import Environment  # noqa: E402


@pytest.fixture(scope="session")
def simulator(tmp_path_factory):
    simulator = Simulator(tmp_path_factory.mktemp("simulator"))
    yield simulator
    simulator.stop()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "clients-ca")


@pytest.fixture(scope="session")
def gateway(simulator, authority, tmp_path_factory):
    """The first listener speaks TLS, the second one is what a client may mistake for a proxy."""
    folder = tmp_path_factory.mktemp("gateway")
    leaf = authority.leaf()
    listeners = [
        {"address": "127.0.0.1:0", "tls": {"certificate": leaf.certificate, "key": leaf.key}},
        {"address": "127.0.0.1:0"},
    ]
    log = {"access": "all", "access_file": folder / "access.log", "call_sids": "plain"}
    gateway = Gateway(folder, settings_for(simulator, listeners=listeners, passthrough=["summaries"], log=log))
    gateway.access_file = log["access_file"]
    yield gateway
    gateway.stop()


@pytest.fixture(scope="session")
def environment(gateway, authority, tmp_path_factory):
    return Environment(gateway, authority, tmp_path_factory.mktemp("clients"))
