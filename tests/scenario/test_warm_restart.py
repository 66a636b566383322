"""What was cached before a restart is a hit after it, for whom it was one, and nothing else is."""

import base64
import random
import re
import resource
import signal
import stat
import threading

import pytest

from harness.access import Access, token
from harness.eventually import eventually
from harness.gateway import settings_for
from harness.refused import fails_to_start
from harness.twilio_facts import API_KEY, BEARER, OTHER, PARENT, SIBLING, SUB, account, basic, key, new_sid
from harness.warm import figure, loaded, told, written
from harness.wire import request, target

GRANTS = {"sharing": "grants"}
KEY = "00112233445566778899aabbccddeeff" * 2


def fill(gateway, count=20, **how):
    """Calls that are cached now, each with its answer."""
    answers = {sid: gateway.ask(sid, **how) for sid in (new_sid() for _ in range(count))}
    assert all(answer.cache.get("stored") for answer in answers.values())
    return answers


def all_hits(gateway, simulator, answers, **how):
    for sid, before in answers.items():
        asked = simulator.count(sid)
        answer = gateway.ask(sid, **how)
        assert answer.cache.get("hit"), answer.raw[:300]
        assert (answer.body, answer.header("ETag")) == (before.body, before.header("ETag"))
        assert simulator.count(sid) == asked


def no_hits(gateway, sids, **how):
    for sid in sids:
        assert "hit" not in gateway.ask(sid, **how).cache


# --- who had it has it -------------------------------------------------------------
def test_what_a_credential_had_it_has_after_a_restart_and_nobody_else(generations, simulator):
    run = generations()
    answers = fill(run.start())
    gateway = run.restart()
    all_hits(gateway, simulator, answers)
    assert figure(gateway, "snapshot_loaded_entries") == len(answers)
    assert figure(gateway, "snapshots_total", result="failed") == 0
    for stranger in (SIBLING, OTHER):
        for sid in list(answers)[:3]:
            assert gateway.ask(sid, auth=stranger).status == 403, "no more than before"
    no_hits(gateway, list(answers)[:3], auth=API_KEY)


def test_age_and_freshness_go_on(generations, simulator):
    run = generations(cache={"fresh_for": "2s", "stale_for": "1h"})
    gateway = run.start()
    (sid,) = fill(gateway, 1)
    eventually(lambda: int(gateway.ask(sid).header("Age")) >= 1)
    gateway = run.restart()
    answer = gateway.ask(sid)
    assert int(answer.header("Age")) >= 1, "it counts from when it was fetched"
    eventually(lambda: simulator.count(sid) == 2 or gateway.ask(sid) is None, what="it becomes stale when it would have, and is refreshed")


def test_a_shorter_freshness_counts_at_once(generations, simulator):
    run = generations()
    (sid,) = fill(run.start(), 1)
    gateway = run.restart(cache={"fresh_for": "0s", "stale_for": "0s"})
    assert "hit" not in gateway.ask(sid).cache


def test_compressed_forms_and_conditional_requests_survive(generations):
    run = generations()
    first = run.start()
    sid = new_sid()
    first.ask(sid)
    packed = first.ask(sid, headers=[("Accept-Encoding", "gzip")])
    assert packed.header("Content-Encoding") == "gzip"
    gateway = run.restart()
    again = gateway.ask(sid, headers=[("Accept-Encoding", "gzip")])
    assert (again.body, again.header("ETag")) == (packed.body, packed.header("ETag"))
    assert gateway.ask(sid, headers=[("If-None-Match", again.header("ETag")), ("Accept-Encoding", "gzip")]).status == 304


def test_with_grants_a_credential_proves_itself_once_more(generations, simulator):
    run = generations(credentials=GRANTS)
    answers = fill(run.start())
    gateway = run.restart()
    first, *others = answers
    assert "hit" not in gateway.ask(first).cache, "what it proved to the one before counts no more"
    all_hits(gateway, simulator, {sid: answers[sid] for sid in others})
    no_hits(gateway, others[:2], auth=SIBLING)


def test_in_mode_inject_clients_of_the_account_have_it_again(generations, simulator, tmp_path):
    access = Access(tmp_path)
    access.client("billing", "main"), access.client("other", "sub")
    run = generations(credentials=access.settings())
    mine, others = f"Bearer {token('billing')}", f"Bearer {token('other')}"
    answers = fill(run.start(), auth=mine)
    gateway = run.restart()
    all_hits(gateway, simulator, answers, auth=mine)
    no_hits(gateway, list(answers)[:3], auth=others)


def test_only_complete_summaries_survive_a_restart(generations, simulator):
    run = generations()
    first = run.start()
    unready = simulator.register(new_sid(), ended_ago_s=60)
    assert first.ask(unready).status == 404 and first.ask(unready).cache.get("hit")
    answers = fill(first, 2)
    gateway = run.restart()
    assert figure(gateway, "snapshot_loaded_entries") == 2
    assert "hit" not in gateway.ask(unready).cache
    all_hits(gateway, simulator, answers)


def test_no_more_is_loaded_than_there_is_room_for(generations):
    run = generations(cache={"max_bytes": "4MiB"})
    first = run.start()
    fill(first, 400)
    entries = figure(first, "cache_entries")
    gateway = run.restart(cache={"max_bytes": "1MiB"})
    assert 0 < figure(gateway, "cache_entries") < entries
    assert figure(gateway, "cache_bytes") <= 1024 * 1024
    assert figure(gateway, "cache_evictions_total", reason="capacity") == 0


def test_without_the_setting_there_is_no_file(start_gateway, tmp_path):
    gateway = start_gateway()
    (sid,) = fill(gateway, 1)
    assert gateway.admin(f"/api/purge?call_sid={sid}", "POST").status == 200
    gateway.stop()
    assert list(tmp_path.rglob("*.snapshot*")) == []
    assert "snapshot" not in gateway.output()


# --- what is in the file -----------------------------------------------------------
def contents(run):
    return b"".join(path.read_bytes() for path in run.directory.glob("cache.snapshot*"))


def test_the_file_is_for_its_owner_only_and_holds_no_credential(generations, simulator):
    run = generations()
    gateway = run.start()
    credentials = [PARENT, BEARER, API_KEY]
    for credential in credentials:
        fill(gateway, 3, auth=credential)
    gateway.stop()
    file = contents(run)
    assert stat.S_IMODE(run.file.stat().st_mode) == 0o600
    for credential in credentials:
        raw = credential.split()[1]
        assert raw.encode() not in file
        secret = base64.b64decode(raw).split(b":")[1] if credential.startswith("Basic") else raw.encode()
        assert secret not in file
    assert b"CA" in file and b"call_sid" in file


@pytest.fixture
def sealed(generations, tmp_path):
    path = tmp_path / "seal.key"
    path.write_text(KEY + "\n")
    path.chmod(0o600)
    return generations(snapshot={"key_file": path}, cache={"gzip": False})


def test_a_sealed_file_tells_nothing(sealed, simulator):
    answers = fill(sealed.start())
    gateway = sealed.restart()
    all_hits(gateway, simulator, answers)
    gateway.stop()
    file = contents(sealed)
    assert len(file) > sum(len(answer.body) for answer in answers.values())
    assert not re.search(rb"CA[0-9a-f]{32}", file)
    for answer in answers.values():
        numbers = re.findall(rb"\+?\d{7,}", answer.body)
        assert numbers and not any(number in file for number in numbers)
        assert answer.body[:40] not in file and answer.header("ETag").encode() not in file


def starts_cold(run, *words, **changed):
    """The next one serves, says why it begins empty, and leaves a good file."""
    gateway = run.start(**changed)
    told(gateway, "snapshot", "ignored", *words)
    assert figure(gateway, "snapshots_total", result="failed") == 1
    answers = fill(gateway, 2)
    gateway.stop()
    return answers


def test_another_key_opens_nothing(sealed, simulator, tmp_path):
    fill(sealed.start()), sealed.all[-1].stop()
    (tmp_path / "seal.key").write_text(KEY[::-1])
    answers = starts_cold(sealed, "sealed with another key")
    all_hits(loaded(sealed.start()), simulator, answers)


def test_sealed_and_not_sealed_are_not_mixed_up(sealed):
    fill(sealed.start()), sealed.all[-1].stop()
    plain = {"file": sealed.file, "every": "1h"}
    starts_cold(sealed, "it is sealed", snapshot=plain)
    starts_cold(sealed, "it is not sealed")


def flipped(data):
    return data[:900] + bytes([data[900] ^ 1]) + data[901:]


DAMAGE = {
    "empty": (lambda data: b"", "no snapshot"),
    "something else": (lambda data: b"#!/bin/sh\n" * 1000, "no snapshot"),
    "another version": (lambda data: data[:8] + b"\x02" + data[9:], "version 2"),
    "only the lead": (lambda data: data[:26], "damaged"),
    "a flipped head": (lambda data: data[:50] + bytes([data[50] ^ 128]) + data[51:], "damaged"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_file_that_is_not_ours_is_ignored(generations, damage):
    change, words = damage
    run = generations()
    fill(run.start()), run.all[-1].stop()
    run.file.write_bytes(change(run.file.read_bytes()))
    starts_cold(run, words)


@pytest.mark.parametrize("change", [flipped, lambda data: data[:-1], lambda data: data[:700], lambda data: data + b"x"],
                         ids=["flipped", "without its last byte", "cut", "longer"])
def test_a_damaged_file_is_noticed_and_replaced(generations, simulator, change):
    run = generations()
    answers = fill(run.start())
    run.all[-1].stop()
    run.file.write_bytes(change(run.file.read_bytes()))
    gateway = run.start()
    told(gateway, "snapshot: it is damaged")
    for sid, before in answers.items():
        assert gateway.ask(sid).body == before.body
    gateway.stop()
    all_hits(loaded(run.start()), simulator, answers)


def test_what_others_could_have_written_is_ignored(generations, tmp_path):
    run = generations()
    fill(run.start()), run.all[-1].stop()
    run.file.chmod(0o666)
    starts_cold(run, "another user could have written it")
    real = tmp_path / "elsewhere"
    run.file.rename(real)
    run.file.symlink_to(real)
    before = real.read_bytes()
    starts_cold(run, "symbolic link")
    assert real.read_bytes() == before and not run.file.is_symlink()


def test_nothing_is_written_through_a_link(generations, tmp_path):
    run = generations()
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "cache.snapshot.tmp").symlink_to(victim)
    fill(run.start(), 2), run.all[-1].stop()
    assert victim.read_text() == "precious"
    assert run.file.exists()


def test_a_lock_that_cannot_be_taken_costs_only_the_snapshot(generations, tmp_path):
    run = generations(snapshot={"file": tmp_path / "cache.snapshot", "every": "100ms"})
    in_its_place = tmp_path / "cache.snapshot.lock"
    in_its_place.mkdir()
    gateway = run.start()
    told(gateway, "snapshot: none is read or written", "cannot be locked")
    fill(gateway, 2)
    assert figure(gateway, "snapshots_total", result="failed") == 1
    in_its_place.rmdir()
    eventually(lambda: (tmp_path / "cache.snapshot").exists(), what="it goes on once it can")


def test_a_full_disk_costs_only_the_snapshot(generations, tmp_path):
    run = generations(snapshot={"every": "100ms"})
    gateway = run.start()
    written(gateway)
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    answers = fill(gateway, 20)
    told(gateway, "snapshot: none was written", "cannot be written")
    assert all(gateway.ask(sid).cache.get("hit") for sid in answers)
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    written(gateway)
    assert not (tmp_path / "cache.snapshot.tmp").exists()


# --- erasure -----------------------------------------------------------------------
def on_disk(run, sid):
    return sid.encode() in contents(run)


@pytest.mark.parametrize("how", ["", "&hard=true"], ids=["soft", "hard"])
def test_what_is_purged_is_gone_from_the_disk_with_the_answer(generations, simulator, how):
    run = generations()
    answers = fill(run.start())
    gateway = run.restart()
    purged, *others = answers
    assert on_disk(run, purged)
    assert gateway.admin(f"/api/purge?call_sid={purged}{how}", "POST").status == 200
    assert not on_disk(run, purged)
    run.kill()
    gateway = run.start()
    assert "hit" not in gateway.ask(purged).cache
    eventually(lambda: run.file.exists())
    gateway.stop()
    assert on_disk(run, purged), "fetched anew"


def test_the_others_are_soon_on_disk_again(generations, simulator):
    run = generations()
    answers = fill(run.start())
    gateway = run.restart()
    purged, *others = answers
    assert gateway.admin(f"/api/purge?call_sid={purged}", "POST").status == 200
    eventually(lambda: run.file.exists(), what="a new snapshot")
    run.kill()
    gateway = loaded(run.start())
    all_hits(gateway, simulator, {sid: answers[sid] for sid in others})
    assert "hit" not in gateway.ask(purged).cache


def test_a_purge_of_everything_leaves_nothing(generations):
    run = generations()
    answers = fill(run.start())
    gateway = run.restart()
    assert gateway.admin("/api/purge?all=true", "POST").status == 200
    assert not any(on_disk(run, sid) for sid in answers)
    run.kill()
    no_hits(run.start(), answers)


def test_a_purge_that_the_disk_does_not_follow_says_so_and_holds_up_nobody(generations):
    run = generations()
    gateway = run.start()
    sid, other = fill(gateway, 2)
    run.file.unlink(missing_ok=True)
    (run.file / "in the way").mkdir(parents=True)  # what cannot be removed, as on a disk that does not answer
    purged = []
    operator = threading.Thread(target=lambda: purged.append(gateway.admin(f"/api/purge?call_sid={sid}", "POST")))
    operator.start()
    assert gateway.ask(other).cache.get("hit"), "readers do not wait for a disk"
    assert gateway.admin("/livez").status == 200, "nor does the operator's other question"
    assert gateway.ask(new_sid(), auth=basic(account(1), "guess")).status == 401
    assert gateway.annotate(other, Comment="heard").status == 200
    operator.join()
    assert purged[0].json() == {"purged": 1, "snapshot": "pending"}
    (run.file / "in the way").rmdir()
    run.file.rmdir()
    eventually(lambda: gateway.admin(f"/api/purge?call_sid={new_sid()}", "POST").json() == {"purged": 0})


def test_a_flood_of_purges_is_no_flood_of_writes(generations):
    run = generations()
    gateway = run.start()
    eventually(lambda: run.file.exists())
    before = figure(gateway, "snapshots_total", result="written")
    for _ in range(100):
        assert gateway.admin(f"/api/purge?call_sid={new_sid()}", "POST").status == 200
    eventually(lambda: run.file.exists())
    assert figure(gateway, "snapshots_total", result="written") - before <= 3


def test_a_refused_credential_has_nothing_after_a_restart(generations, simulator):
    user = key(90_001)
    mine = basic(user, "a-secret")
    simulator.credential(user, "a-secret", account(1))
    run = generations()
    first = run.start()
    lost, kept = fill(first, auth=mine), fill(first)
    gateway = run.restart()
    simulator.credential(user, "a-secret", account(1), "revoked")
    assert gateway.ask(new_sid(), auth=mine).status == 401
    run.kill()
    gateway = run.start()
    for sid in list(lost)[:5]:
        assert gateway.ask(sid, auth=mine).status == 401
    gateway.stop()
    assert not any(on_disk(run, sid) for sid in lost)


def test_a_stranger_who_is_refused_moves_nothing(generations):
    run = generations()
    fill(run.start())
    gateway = run.restart()
    eventually(lambda: run.file.exists())
    before = run.file.stat().st_ino
    for number in range(20):
        assert gateway.ask(new_sid(), auth=basic(account(1), f"guess-{number}")).status == 401
    assert gateway.ask(new_sid(), auth=OTHER).status == 403
    assert run.file.stat().st_ino == before


def test_a_call_that_is_refused_now_does_not_come_back(generations, simulator):
    run = generations()
    (sid,) = fill(run.start(), 1)
    gateway = run.restart()
    simulator.fault_for(sid, "status", times=2, status=403, code=17000)
    assert gateway.ask(sid, headers=[("Cache-Control", "no-cache")]).status == 403
    run.kill()
    assert gateway is not run.start() and run.all[-1].ask(sid).status == 403


def test_an_annotated_call_is_asked_for_anew(generations, simulator):
    run = generations()
    sid, *others = answers = fill(run.start(), 4)
    gateway = run.restart()
    assert gateway.annotate(sid, Comment="heard").status == 200

    def is_written_anew():
        assert all(on_disk(run, other) for other in others), "nobody else loses anything meanwhile"
        return not on_disk(run, sid)

    eventually(is_written_anew)
    run.kill()
    all_hits(loaded(run.start()), simulator, {other: answers[other] for other in others})
    run.kill()
    answer = run.start().ask(sid)
    assert "hit" not in answer.cache and answer.json()["annotation"]["comment"].startswith("heard")


# --- ends --------------------------------------------------------------------------
def test_a_killed_gateway_leaves_the_last_periodic_one(generations, simulator, tmp_path):
    run = generations(snapshot={"every": "100ms"})
    gateway = run.start()
    answers = fill(gateway)
    eventually(lambda: figure(gateway, "snapshot_entries") == len(answers))
    run.kill()
    (tmp_path / "cache.snapshot.tmp").write_text("of one that was killed while it wrote")
    all_hits(loaded(run.start(snapshot={"file": run.file, "every": "1h"})), simulator, answers)
    assert not (tmp_path / "cache.snapshot.tmp").exists()


def test_the_log_tells_of_the_last_one(generations):
    run = generations()
    gateway = run.start()
    fill(gateway, 3)
    gateway.stop()
    assert re.search(r"snapshot: the last one has 3 cached answers, \d+ bytes, written in \d+ ms", gateway.output())


def test_nothing_is_written_while_nothing_changes(generations):
    run = generations(snapshot={"every": "100ms"})
    gateway = run.start()
    fill(gateway, 3)
    eventually(lambda: figure(gateway, "snapshot_entries") == 3)
    before = run.file.stat().st_ino
    rounds = figure(gateway, "snapshots_total", result="written")
    fill(gateway, 1)
    eventually(lambda: figure(gateway, "snapshot_entries") == 4)
    assert figure(gateway, "snapshots_total", result="written") == rounds + 1
    assert run.file.stat().st_ino != before


# --- one at a time -----------------------------------------------------------------
def test_a_second_gateway_keeps_off_the_file_of_the_first(generations, simulator):
    run = generations(snapshot={"every": "100ms"})
    first = run.start()
    answers = fill(first, 3)
    eventually(lambda: figure(first, "snapshot_entries") == 3)
    second = run.start()
    told(second, "another gateway has")
    fill(second, 5)
    assert second.admin("/api/purge?all=true", "POST").status == 200
    second.stop()
    assert run.file.exists()
    run.all[0].stop()
    gateway = loaded(run.start())
    assert figure(gateway, "snapshot_loaded_entries") == 3
    all_hits(gateway, simulator, answers)


@pytest.fixture
def heirs(generations, tmp_path):
    return generations(handover=f"unix:{tmp_path}/handover.sock")


def take_over(run):
    first = run.all[-1]
    run.settings["listeners"] = [{"address": f"127.0.0.1:{first.port}"}]
    run.settings["admin"] = {"address": f"127.0.0.1:{first.admin_port}"}
    return run.start(arguments=["--take-over"])


def test_a_successor_has_what_its_predecessor_had(heirs, simulator):
    first = heirs.start()
    eventually(lambda: heirs.file.exists())
    answers = fill(first)
    second = loaded(take_over(heirs))
    assert first.wait(10) == 0
    all_hits(second, simulator, answers)
    more = fill(second, 5)
    third = loaded(take_over(heirs))
    assert second.wait(10) == 0
    all_hits(third, simulator, {**answers, **more})


def test_a_predecessor_that_drains_for_long_writes_nothing_any_more(heirs, simulator):
    heirs.settings["limits"] = {"drain_timeout": "20s"}
    first = heirs.start()
    eventually(lambda: heirs.file.exists())
    answers = fill(first)
    (purged, *others) = answers
    slow = new_sid()
    simulator.barrier(True)
    with first.connect() as waiting:
        waiting.send(request(target(slow)))
        eventually(lambda: simulator.state()["in_flight"] == 1)
        second = loaded(take_over(heirs))
        assert first.running(), "somebody still waits for its answer"
        assert second.admin(f"/api/purge?call_sid={purged}", "POST").status == 200
        simulator.barrier(False)
        assert waiting.read().status == 200
    assert first.wait(10) == 0
    heirs.kill()
    gateway = heirs.start()
    assert "hit" not in gateway.ask(purged).cache


# --- kill -9, whenever it comes ----------------------------------------------------
def test_two_hundred_kills_at_any_moment(generations, simulator):
    """Each next one serves with what a whole snapshot held, or with nothing; no answer is another call's."""
    dice = random.Random(1)
    run = generations(snapshot={"every": "100ms"}, workers=1)
    calls, loads = {}, 0
    for _ in range(200):
        gateway = run.start()
        bell = threading.Timer(dice.random() * 0.15, run.kill)
        bell.start()
        while True:
            sid = dice.choice(list(calls)) if calls and dice.random() < 0.8 else new_sid()
            try:
                answer = gateway.ask(sid)
                if dice.random() < 0.001:
                    gateway.admin(f"/api/purge?call_sid={sid}", "POST")
            except (OSError, AssertionError):
                break
            assert answer.status == 200 and answer.json()["call_sid"] == sid
            assert calls.setdefault(sid, answer.body) == answer.body
        bell.join()
        assert gateway.process.returncode == -signal.SIGKILL
        gateway.no_sanitizer_report()
        assert "damaged" not in gateway.output() and "ignored" not in gateway.output(), gateway.output()
        loads += "is being loaded" in gateway.output()
    assert loads > 50, "a kill before the first write leaves nothing, and nothing is loaded then"
    gateway = run.start()
    assert all(gateway.ask(sid).body == body for sid, body in list(calls.items())[:100])


# --- settings ----------------------------------------------------------------------
BAD_KEYS = {
    "missing": (None, 0o600, "No such file"),
    "too short": ("0011", 0o600, "32 random bytes"),
    "no key": ("correct horse battery staple, and so on, as long as a key is 64", 0o600, "32 random bytes"),
    "everybody's": (KEY, 0o644, "can be read by every user"),
}


@pytest.mark.parametrize("bad", BAD_KEYS.values(), ids=BAD_KEYS)
def test_a_key_that_is_none_refuses_the_start(simulator, tmp_path, bad):
    text, mode, words = bad
    path = tmp_path / "seal.key"
    if text:
        path.write_text(text)
        path.chmod(mode)
    code, said = fails_to_start(tmp_path, settings_for(simulator, snapshot={"file": tmp_path / "s", "key_file": path}))
    assert code == 64 and "snapshot.key_file" in said and words in said, said
    assert not text or text not in said


def test_paths_begin_at_the_settings_folder(generations, simulator, tmp_path):
    (tmp_path / "seal.key").write_text(base64.b64encode(bytes(range(32))).decode())
    (tmp_path / "seal.key").chmod(0o600)
    run = generations(snapshot={"file": "relative.snapshot", "key_file": "seal.key"})
    answers = fill(run.start(), 3)
    all_hits(run.restart(), simulator, answers)
    assert (tmp_path / "relative.snapshot").exists()
