"""shadow: one gateway says what others with another policy do, and they do it."""

import json
import random

import pytest

from harness.eventually import eventually
from harness.gateway import Gateway, settings_for
from harness.twilio_facts import API_KEY, PARENT, error_sid, new_sid

PRESENT = {"cache": {"max_bytes": "2MiB", "fresh_for": "1h"}}
SHADOW = {"shadow": {"max_bytes": ["1MiB", "16MiB"], "fresh_for": ["0s"], "sharing": "grants"}}
# What stands in PRESENT's place, by how /api/shadow names it.
OTHERS = {
    ("present", "2MiB", "1h", "partition"): {},
    ("max_bytes", "1MiB", "1h", "partition"): {"cache": {"max_bytes": "1MiB", "fresh_for": "1h"}},
    ("max_bytes", "16MiB", "1h", "partition"): {"cache": {"max_bytes": "16MiB", "fresh_for": "1h"}},
    ("fresh_for", "2MiB", "0s", "partition"): {"cache": {"max_bytes": "2MiB", "fresh_for": "0s"}},
    ("sharing", "2MiB", "1h", "grants"): {"credentials": {"sharing": "grants"}},
}


def policies(gateway):
    answer = gateway.admin("/api/shadow")
    assert answer.status == 200, answer.raw[:300]
    return {(row["policy"], row["max_bytes"], row["fresh_for"], row["sharing"]): row for row in answer.json()["policies"]}


def figures(gateway):
    return gateway.admin("/api/shadow").json()


def upstream_calls(gateway):
    return int(gateway.metrics().total("upstream_requests_total"))


def test_the_estimate_is_what_gateways_with_those_policies_do(the_simulator, simulator, tmp_path):
    """Below 10,000 calls nothing is estimated: the figures are exactly those of the other gateways."""
    chance = random.Random(11)
    calls = [error_sid(17002) if number % 20 == 0 else new_sid() for number in range(630)]
    asked = [(calls[int(len(calls) * chance.random() ** 3)], chance.choice((PARENT, API_KEY))) for _ in range(2500)]
    gateways, real = {}, {}
    try:
        for name, other in OTHERS.items():
            settings = settings_for(simulator, **{"workers": 1, **PRESENT, **(SHADOW if not other else {}), **other})
            gateways[name] = Gateway(tmp_path, settings, name=f"gateway-{len(gateways)}")
        for name, gateway in gateways.items():
            hits = 0
            for sid, auth in asked:
                hits += "hit" in gateway.ask(sid, auth=auth).cache
            real[name] = hits
        shadowed = gateways[("present", "2MiB", "1h", "partition")]
        eventually(lambda: figures(shadowed)["requests"] == len(asked) and policies(shadowed)[("real", "2MiB", "1h", "partition")]["hit_ratio"]
                   == policies(shadowed)[("present", "2MiB", "1h", "partition")]["hit_ratio"])
        said = figures(shadowed)
        assert (said["sample_rate"], said["lost"]) == (1, 0)
        for name, gateway in gateways.items():
            row = policies(shadowed)[name]
            calls = upstream_calls(gateway)
            # Where each hit is stale, a refresh may still run at the next one: then that costs no further call.
            assert calls == row["upstream_calls"] or (name[0] == "fresh_for" and calls < row["upstream_calls"] < len(asked)), name
            assert row["hit_ratio"] == pytest.approx(real[name] / len(asked), abs=0.00006), name
        ratios = {name: row["hit_ratio"] for name, row in policies(shadowed).items()}
        assert ratios[("max_bytes", "1MiB", "1h", "partition")] < ratios[("present", "2MiB", "1h", "partition")] < ratios[("max_bytes", "16MiB", "1h", "partition")]
        assert ratios[("sharing", "2MiB", "1h", "grants")] > ratios[("present", "2MiB", "1h", "partition")]
    finally:
        for gateway in gateways.values():
            gateway.stop()


def test_it_is_off_by_default_and_a_reload_begins_and_ends_it(start_gateway):
    gateway = start_gateway()
    gateway.ask(new_sid())
    assert figures(gateway) == {"policies": []}
    plain = gateway.config_path.read_text()
    gateway.config_path.write_text(plain + "shadow: { max_bytes: [1MiB] }\n")
    assert gateway.admin("/api/reload", "POST").json()["changed"] == ["shadow.max_bytes"]
    assert figures(gateway)["requests"] == 0, "what came before does not count"
    sid = new_sid()
    gateway.ask(sid), gateway.ask(sid)
    eventually(lambda: figures(gateway)["requests"] == 2 and policies(gateway)[("max_bytes", "1MiB", "1h", "partition")]["hit_ratio"] == 0.5)
    gateway.config_path.write_text(plain)
    assert gateway.admin("/api/reload", "POST").status == 200
    assert figures(gateway) == {"policies": []}


def test_what_was_kept_before_it_began_is_a_hit_and_a_purge_ends_it(start_gateway):
    gateway, sid = start_gateway(), new_sid()
    gateway.ask(sid)
    gateway.config_path.write_text(gateway.config_path.read_text() + "shadow: { fresh_for: [2h] }\n")
    assert gateway.admin("/api/reload", "POST").status == 200
    longer = ("fresh_for", "256MiB", "2h", "partition")
    gateway.ask(sid)
    eventually(lambda: policies(gateway)[longer]["hit_ratio"] == 1 and policies(gateway)[longer]["upstream_calls"] == 0)
    for purge in ("call_sid=" + sid, "call_sid=" + sid + "&hard=true", "all=true&hard=true"):
        before = policies(gateway)[longer]["upstream_calls"]
        assert gateway.admin("/api/purge?" + purge, "POST").status == 200
        gateway.ask(sid)
        eventually(lambda before=before: policies(gateway)[longer]["upstream_calls"] == before + 1)


def test_no_call_and_no_credential_is_shown(start_gateway):
    gateway, sid = start_gateway(shadow={"max_bytes": ["1MiB"]}), new_sid()
    gateway.ask(sid)
    eventually(lambda: figures(gateway)["requests"] == 1)
    shown = json.dumps(figures(gateway)) + gateway.output()
    assert sid not in shown and sid[2:] not in shown and PARENT not in shown
