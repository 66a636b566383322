"""The commands of deploy/docs/events.md that set up Twilio, as a reader copies them: only host, credential and SID are the simulator's."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness import events
from harness.eventually import eventually
from harness.events import TOKEN, URL, noted, port_of
from harness.twilio_facts import account, new_sid

PAGE = Path(__file__).parents[2] / "deploy/docs/events.md"
TWILIO = "https://events.twilio.com"
CREDENTIAL = '-u "$ACCOUNT_SID:$AUTH_TOKEN"'
SID = "DG…"


def commands():
    """To create the sink, to create the subscription, and to test the sink."""
    text = PAGE.read_text()
    console = re.search(r"```console\n(.*?)```", text, re.S).group(1)
    (test,) = re.findall(r"`(curl [^`]*/Test)`", text)
    return [*(one.strip() for one in console.split("$ curl ") if one.strip()), test.removeprefix("curl ").replace("-u …", CREDENTIAL)]


@pytest.fixture
def simulator(simulator_with_a_clock):
    return simulator_with_a_clock


@pytest.fixture
def run(simulator):
    """Runs a command of the page; its answer as JSON."""

    def run(command, sid=""):
        assert TWILIO in command and CREDENTIAL in command, command
        line = f"curl --silent --show-error --fail-with-body --cacert '{simulator.ca_file}' " + command.replace(TWILIO, simulator.url).replace(SID, sid)
        known = {**os.environ, "ACCOUNT_SID": account(1), "AUTH_TOKEN": "parent-token"}
        done = subprocess.run(["bash", "-c", line], env=known, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_commands_of_the_page_set_up_events(run, simulator, start_gateway, tmp_path):
    gateway = start_gateway(events=events.settings(tmp_path))
    create_sink, subscribe, test = commands()
    sink = re.search(r'"sid" ?: ?"(DG[0-9a-f]{32})"', run(create_sink)).group(1)
    # What a load balancer does for that host; and the simulator's account has no token of Twilio's form.
    simulator.control("POST", "/sinks", {"sid": sink, "destination": URL, "batch_events": True, "auth_token": TOKEN, "deliver_to": f"http://127.0.0.1:{port_of(gateway)}"})
    run(subscribe, sink)
    run(test, sink)
    eventually(lambda: noted(gateway, "ignored", type="test") == 1, what="the test event")
    simulator.register(new_sid())
    simulator.advance(1800)
    for kind in ("partial", "predicted_complete", "complete"):
        eventually(lambda: noted(gateway, type=kind) >= 1, what=f"an event about {kind}")
