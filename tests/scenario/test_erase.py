"""Erasing a person: what is kept about a number leaves memory and disk, nothing under way brings it back, and no trace names it."""

import json
import subprocess

import pytest

from harness.erasing import begin, ends, erase, is_kept, number_in, post, records
from harness.eventually import eventually
from harness.gateway import BINARY
from harness.memory import times_in_memory
from harness.twilio_facts import new_sid
from harness.warm import Generations, loaded, written
from harness.wire import request, target


@pytest.fixture
def generations(tmp_path, simulator):
    made = []

    def start(**overrides):
        made.append(Generations(tmp_path, simulator, **overrides))
        return made[-1]

    yield start
    for one in made:
        one.stop()


def spellings(number):
    digits = number[1:]
    apart = f"{digits[:1]} {digits[1:4]} {digits[4:7]} {digits[7:]}"
    return {
        "E.164": number,
        "blanks": "+" + apart,
        "dashes": "+" + apart.replace(" ", "-"),
        "brackets": f"+{digits[:1]} ({digits[1:4]}) {digits[4:7]}-{digits[7:]}",
        "prefix": "00" + digits,
        "tel": f"tel:{number}",
        "sip": f"sip:{number}@gateway.example;user=phone",
        "percent": f"sip:%2B{digits}@gateway.example",
        "whatsapp": f"whatsapp:{number}",
    }


@pytest.mark.parametrize("how", spellings("+15550100001"))
def test_a_number_is_found_in_each_spelling(start_gateway, how):
    gateway, gone, kept = start_gateway(), new_sid(), new_sid()
    number = number_in(gateway.ask(gone))
    assert number not in gateway.ask(kept).body.decode()
    record = erase(gateway, spellings(number)[how])
    assert (record["memory"], record["under_way"], record["snapshot"], record["tier"]) == (1, 0, "none", "none")
    assert not is_kept(gateway, gone)
    assert is_kept(gateway, kept)
    assert erase(gateway, number)["hash"] == record["hash"], "one number has one hash"


def test_text_does_as_well_as_json(start_gateway):
    gateway, sid = start_gateway(), new_sid()
    number = number_in(gateway.ask(sid))
    answer = post(gateway, number.encode() + b"\n")
    assert (answer.status, answer.json()["memory"]) == (200, 1)
    assert answer.header("Connection") == "close", "the connection's buffer has held the number"


def test_what_is_old_goes_too_and_twilios_failure_brings_nothing_back(start_gateway, simulator):
    gateway, sid = start_gateway(), new_sid()
    number = number_in(gateway.ask(sid))
    assert gateway.admin(f"/api/purge?call_sid={sid}", "POST").status == 200
    assert erase(gateway, number)["memory"] == 1
    simulator.fault_for(sid, "status", status=503)
    assert gateway.ask(sid).status >= 500


@pytest.mark.parametrize("span, later", [("0s", "stored"), ("1h", "not stored")])
def test_a_fetch_under_way_answers_its_reader_and_is_not_kept(start_gateway, simulator, span, later):
    gateway, sid = start_gateway(cache={"erased_for": span}), new_sid()
    number = number_in(simulator.ask(sid))
    simulator.barrier(True)
    with gateway.connect() as waiting:
        waiting.send(request(target(sid)))
        eventually(lambda: simulator.state()["in_flight"] == 1, what="it is fetched")
        assert erase(gateway, number)["memory"] == 0
        simulator.barrier(False)
        answer = waiting.read()
    assert (answer.status, number in answer.body.decode()) == (200, True), "it asked before"
    assert "stored" not in answer.cache
    assert not is_kept(gateway, sid)
    assert records(gateway)["erasures"][0]["under_way"] == 1
    assert gateway.metrics().total("not_stored_total", reason="erased") == 1
    after = gateway.ask(sid)
    assert after.status == 200, "Twilio still has it"
    assert ("stored" in after.cache, is_kept(gateway, sid)) == (later == "stored", later == "stored")


def test_the_setting_changes_with_a_reload(start_gateway):
    gateway, sid = start_gateway(cache={"erased_for": "1h"}), new_sid()
    erase(gateway, number_in(gateway.ask(sid)))
    assert "stored" not in gateway.ask(sid).cache
    gateway.config_path.write_text(gateway.config_path.read_text().replace("erased_for: 1h", "erased_for: 0s"))
    assert gateway.admin("/api/reload", "POST").json()["changed"] == ["cache.erased_for"]
    assert "stored" in gateway.ask(sid).cache


BAD = [b"", b"1", b"{}", b'{"number":"1"}', b'{"number":15550100001}', b'{"number":null}', b'{"number":["+15550100001"]}', b"0171 1234567",
       b'{"number":"+15550100001","all":true}', b"+15550100001\n+15550100002", b"[" * 5000, b"\x00\xff", b"1" * 2000]


@pytest.mark.parametrize("content", BAD, ids=range(len(BAD)))
def test_what_is_no_number_is_refused(start_gateway, content):
    gateway, sid = start_gateway(), new_sid()
    gateway.ask(sid)
    answer = post(gateway, content)
    assert (answer.status, answer.fault) == (400, "unknown_parameter")
    assert is_kept(gateway, sid) and records(gateway)["erasures"] == []


def test_the_number_has_one_place(start_gateway):
    gateway = start_gateway()
    assert post(gateway, b"+15550100001", path="/api/erase?number=%2B15550100001").status == 400
    assert post(gateway, b"x" * 20_000).status == 413
    assert gateway.admin("/api/erase").status == 405
    assert post(gateway, b"+15550100001", headers=[("Origin", "https://evil.example")]).status == 403
    assert records(gateway)["erasures"] == []


def test_no_trace_names_the_number(start_gateway, simulator):
    gateway, sid = start_gateway(log={"level": "debug", "access": "all"}), new_sid()
    number = number_in(gateway.ask(sid))
    erase(gateway, number)
    post(gateway, number.encode() + b"x"), post(gateway, b"", path=f"/api/erase?number={number}")
    eventually(lambda: times_in_memory(gateway.process.pid, number.encode()) == 0, what="the number's end in memory")
    events = gateway.admin("/api/events").body.decode()
    assert "number_erased" in events and "asked for by no token from 127.0.0.1" in events
    metrics = gateway.metrics()
    assert metrics.total("erasures_total", result="complete") == 1 and metrics.total("erasures_running") == 0
    places = [events, metrics.text, gateway.admin("/api/erasures").body.decode(), gateway.admin("/api/stats").body.decode()]
    gateway.stop()
    for text in [*places, gateway.output()]:
        assert number[1:] not in text


def files(run):
    return b"".join(path.read_bytes() for path in sorted(run.directory.glob("cache.snapshot*")) if path.is_file())


def test_a_number_is_gone_from_the_disk_with_the_answer(generations, simulator):
    run = generations()
    gateway, gone, kept = run.start(), new_sid(), new_sid()
    number, other = number_in(gateway.ask(gone)), number_in(gateway.ask(kept))
    gateway = run.restart()
    assert number.encode() in files(run)
    record = erase(gateway, number)
    assert (record["memory"], record["snapshot"]) == (1, "gone")
    assert number.encode() not in files(run)
    eventually(lambda: other.encode() in files(run), what="the others are on disk again")
    gateway = run.restart()
    assert number.encode() not in files(run)
    assert not is_kept(gateway, gone)
    assert is_kept(gateway, kept)


def test_what_was_evicted_from_memory_is_gone_from_the_disk(generations):
    run = generations(snapshot={"every": "1h"})
    gateway, sid = run.start(), new_sid()
    number = number_in(gateway.ask(sid))
    gateway.stop()
    gateway = loaded(run.start(cache={"max_bytes": "1MiB", "max_entry_bytes": "4KiB"}))
    assert number.encode() in files(run)
    assert erase(gateway, number)["snapshot"] == "gone"
    assert number.encode() not in files(run)


def test_records_survive_a_restart_beside_the_snapshot(generations):
    run = generations()
    gateway, sid = run.start(), new_sid()
    record = erase(gateway, number_in(gateway.ask(sid)))
    assert records(gateway) == {"kept_on_disk": True, "erasures": [record]}
    written(gateway, 0)
    gateway = run.restart()
    assert records(gateway)["erasures"] == [record]
    assert begin(gateway, "+44 20 7946 0018")["erasure"] == record["erasure"] + 1
    gateway.stop()
    (run.directory / "cache.snapshot.erasures").write_text('damaged\n{"erasure":1}\n')
    assert records(run.start())["erasures"] == []


def test_without_a_snapshot_the_answer_says_that_they_are_in_memory_only(start_gateway):
    gateway = start_gateway()
    erase(gateway, "+44 20 7946 0018")
    assert records(gateway)["kept_on_disk"] is False


def ctl(gateway, *words):
    ended = subprocess.run([BINARY, "ctl", "--admin", f"127.0.0.1:{gateway.admin_port}", *map(str, words)], capture_output=True, text=True,
                           timeout=60, check=False)
    return ended.returncode, ended.stdout, ended.stderr


def test_ctl_takes_the_number_from_a_file(start_gateway, tmp_path):
    gateway, sid = start_gateway(), new_sid()
    (tmp_path / "number").write_text(number_in(gateway.ask(sid)) + "\n")
    code, out, err = ctl(gateway, "erase", "--number-file", tmp_path / "number", "--json")
    assert (code, err) == (0, "")
    assert (json.loads(out)["memory"], json.loads(out)["state"]) == (1, "complete")
    code, out, err = ctl(gateway, "erasures")
    assert (code, err) == (0, "") and json.loads(ctl(gateway, "erasures", "--json")[1])["erasures"][0]["hash"] in out
    (tmp_path / "number").write_text("12\n")
    code, out, err = ctl(gateway, "erase", "--number-file", tmp_path / "number")
    assert (code, out) == (1, "") and "at least 7 digits" in err
    assert ctl(gateway, "erase", "--number-file", tmp_path / "missing")[0] == 64
    assert ctl(gateway, "erase")[0] == 64
    assert ctl(gateway, "purge", "--all", "--number-file", tmp_path / "number")[0] == 64


def test_many_at_once_are_all_done(start_gateway):
    gateway = start_gateway()
    numbers = [number_in(gateway.ask(new_sid())) for _ in range(8)]
    begun = [begin(gateway, number)["erasure"] for number in numbers]
    assert [ends(gateway, number)["state"] for number in begun] == ["complete"] * 8
    assert sum(one["memory"] for one in records(gateway)["erasures"]) == 8
