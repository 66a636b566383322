"""Prefer: wait=N holds a reader of a call that is not ready, until it is."""

import signal
import ssl
import time

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.gateway import settings_for, yaml
from harness.strangers import abort
from harness.twilio_facts import OTHER, basic, account, new_sid
from harness.wire import Connection, request, target

# A look each second: nothing says when these calls ended.
FAST = {"cache": {"not_ready_for": "1s"}, "polling": {"longest_step": "1s"}}
READY = 7200


@pytest.fixture
def gateway(start_gateway):
    return start_gateway(**FAST)


def young(simulator):
    """A call that ended a minute ago: there is not even a partial summary."""
    return simulator.register(new_sid(), ended_ago_s=60)


def asking(sid, wait=20, state=None, **more):
    return request(target(sid, state), headers=[("Prefer", f"wait={wait}"), *more.pop("headers", ())], **more)


def held(gateway):
    return gateway.metrics().total("held_readers")


def results(gateway):
    return {name: count for name, count in gateway.metrics().by("held_readers_total", "result").items() if count}


def hold(gateway, sid, count=1, **how):
    """Readers that are held."""
    before = held(gateway)
    readers = [gateway.connect().send(asking(sid, **how)) for _ in range(count)]
    eventually(lambda: held(gateway) == before + count, what=f"{count} held readers")
    return readers


def at_most(begun):
    """Upstream calls since then: a look each second, and readers that come meanwhile share another one."""
    return 3 + 2 * (time.monotonic() - begun)


def is_not_ready(answer):
    assert (answer.status, answer.json()["code"]) == (404, 17001), answer.raw
    assert int(answer.header("Retry-After")) >= 1
    return True


def test_a_held_reader_is_answered_when_the_summary_is_complete(gateway, simulator):
    sid = young(simulator)
    reader = hold(gateway, sid)[0]
    assert reader.silent()
    simulator.register(sid, ended_ago_s=READY)
    answer = reader.read()
    assert (answer.status, answer.json()["processing_state"]) == (200, "complete")
    assert answer.header("Preference-Applied") == "wait=20"
    assert answer.cache["detail"] == "held"
    assert gateway.ask(sid).cache.get("hit")
    eventually(lambda: held(gateway) == 0 and results(gateway) == {"answered": 1})
    assert gateway.metrics().total("requests_total", outcome="held", status="200") == 1


def test_at_the_end_it_gets_the_truth_and_not_much_sooner(gateway, simulator):
    sid, begun = young(simulator), time.monotonic()
    answer = gateway.send(asking(sid, wait=1))
    assert time.monotonic() - begun >= 15 / 16
    assert is_not_ready(answer) and answer.header("Preference-Applied") == "wait=1"
    eventually(lambda: results(gateway) == {"waited": 1})


def test_one_task_looks_for_all_readers_of_a_call(gateway, simulator):
    begun, sid = time.monotonic(), young(simulator)
    readers = hold(gateway, sid, count=40)
    eventually(lambda: simulator.count(sid) >= 3, what="looks")
    simulator.register(sid, ended_ago_s=READY)
    assert {reader.read().status for reader in readers} == {200}
    assert simulator.count(sid) <= at_most(begun)


def test_explain_says_how_many_are_held_and_until_when(gateway, simulator):
    sid = young(simulator)
    hold(gateway, sid, count=2, wait=20)
    hold(gateway, sid, wait=10)
    (look,) = gateway.admin(f"/api/explain?call_sid={sid}").json()["looks"]
    assert look["held_readers"] == 3 and 0 <= look["first_hold_ends_in"] <= 10


def test_the_operator_bounds_the_time(start_gateway, simulator):
    gateway = start_gateway(cache=FAST["cache"], polling={**FAST["polling"], "max_hold": "1s"})
    answer = gateway.send(asking(young(simulator), wait=3600))
    assert is_not_ready(answer) and answer.header("Preference-Applied") == "wait=1"


def test_the_client_s_own_deadline_ends_it_with_the_truth(gateway, simulator):
    assert is_not_ready(gateway.send(asking(young(simulator), headers=[("X-Request-Timeout", "1")])))


AT_ONCE = {
    "no preference": [],
    "no wait": [("Prefer", "respond-async")],
    "no time": [("Prefer", "wait=0")],
    "no-store": [("Prefer", "wait=20"), ("Cache-Control", "no-store")],
    "only-if-cached": [("Prefer", "wait=20"), ("Cache-Control", "only-if-cached")],
}


@pytest.mark.parametrize("headers", AT_ONCE.values(), ids=AT_ONCE)
def test_nobody_else_is_held(gateway, simulator, headers):
    sid = young(simulator)
    assert is_not_ready(gateway.ask(sid))
    answer = gateway.ask(sid, headers=headers)
    assert is_not_ready(answer) and answer.header("Preference-Applied") is None


def test_the_operator_can_turn_it_off(start_gateway, simulator):
    gateway = start_gateway(polling={"max_hold": "0s"})
    answer = gateway.send(asking(young(simulator)))
    assert is_not_ready(answer) and answer.header("Preference-Applied") is None


def test_a_summary_that_is_ready_is_not_held_back(gateway, simulator):
    answer = gateway.send(asking(new_sid()))
    assert answer.status == 200 and answer.header("Preference-Applied") is None


def test_a_reader_that_takes_a_partial_gets_the_first_one(gateway, simulator):
    sid = young(simulator)
    patient, partial = hold(gateway, sid)[0], hold(gateway, sid, state="partial")[0]
    simulator.register(sid, ended_ago_s=700)
    answer = partial.read()
    assert (answer.status, answer.json()["processing_state"]) == (200, "partial")
    assert patient.silent()
    simulator.register(sid, ended_ago_s=READY)
    gateway.ask(sid, "partial")
    assert patient.read().json()["processing_state"] == "complete", "whichever request brought it"


def test_a_refused_credential_ends_it(gateway, simulator):
    user = account(0xB0B)
    simulator.credential(user, "secret", account(1))
    sid = young(simulator)
    reader = hold(gateway, sid, auth=basic(user, "secret"))[0]
    simulator.credential(user, "secret", account(1), state="revoked")
    assert reader.read().status == 401


def test_another_tenant_s_answer_wakes_nobody(gateway, simulator):
    sid = young(simulator)
    reader = hold(gateway, sid)[0]
    assert gateway.ask(sid, auth=OTHER).status == 403
    assert reader.silent()


def test_the_request_behind_a_held_one_waits_for_its_turn(gateway, simulator):
    sid, warm = young(simulator), new_sid()
    with gateway.connect() as reader:
        reader.send(asking(sid) + request(target(warm)))
        eventually(lambda: held(gateway) == 1)
        simulator.register(sid, ended_ago_s=READY)
        assert [reader.read().status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("more", [b"", request(target(new_sid()))], ids=["alone", "with unread bytes"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
def test_a_reader_that_leaves_gives_its_place_back(start_gateway, simulator, tmp_path, tls, more):
    authority = Authority(tmp_path, "authority")
    leaf = authority.leaf()
    terms = {"tls": {"certificate": leaf.certificate, "key": leaf.key}} if tls else {}
    gateway = start_gateway(listeners=[{"address": "127.0.0.1:0", **terms}], **FAST)
    context = ssl.create_default_context(cafile=str(authority.certificate)) if tls else None
    readers = [Connection(gateway.port, tls=context).send(asking(young(simulator))) for _ in range(5)]
    eventually(lambda: held(gateway) == 5)
    for reader in readers:
        reader.send(more)
        reader.close()
    eventually(lambda: held(gateway) == 0 and results(gateway) == {"left": 5})


def test_a_client_that_closed_its_half_gets_its_present_answer(gateway, simulator):
    reader = hold(gateway, young(simulator))[0]
    reader.socket.shutdown(1)
    answer = reader.read()
    assert is_not_ready(answer) and answer.header("Preference-Applied") == "wait=20"


def test_a_drain_releases_all(gateway, simulator):
    readers = [hold(gateway, young(simulator))[0] for _ in range(3)]
    gateway.signal(signal.SIGTERM)
    answers = [reader.read() for reader in readers]
    assert all(is_not_ready(answer) and answer.header("Connection") == "close" for answer in answers)
    assert gateway.wait() == 0


def test_a_reload_releases_all_and_so_does_a_removed_listener(start_gateway, simulator):
    listeners = [{"address": "127.0.0.1:0"}, {"address": "127.0.0.2:0"}]
    gateway = start_gateway(listeners=listeners, **FAST)
    other = int(gateway.expect(r"listening on http://127\.0\.0\.2:(\d+)").group(1))
    staying = hold(gateway, young(simulator))[0]
    leaving = Connection(other, host="127.0.0.2").send(asking(young(simulator)))
    eventually(lambda: held(gateway) == 2)
    gateway.config_path.write_text(yaml(settings_for(simulator, listeners=listeners[:1], **FAST)))
    assert gateway.admin("/api/reload", "POST").status == 200
    assert is_not_ready(staying.read())
    last = leaving.read()
    assert is_not_ready(last) and last.header("Connection") == "close"
    assert results(gateway) == {"released": 2}


def test_one_client_gets_half_of_the_places_and_beyond_them_the_truth_at_once(start_gateway, simulator):
    gateway = start_gateway(limits={"max_waiters": 8}, **FAST)
    sid = young(simulator)
    hold(gateway, sid, count=2)
    answer = gateway.send(asking(sid))
    assert is_not_ready(answer) and answer.header("Preference-Applied") is None
    assert results(gateway) == {"no_place": 1}


def test_readers_of_one_call_are_bounded(start_gateway, simulator):
    gateway = start_gateway(limits={"max_waiters_per_call": 3}, **FAST)
    sid = young(simulator)
    hold(gateway, sid, count=3)
    assert is_not_ready(gateway.send(asking(sid)))
    assert len(hold(gateway, young(simulator), count=3)) == 3


def test_held_readers_take_no_place_of_those_who_wait_for_the_upstream(start_gateway, simulator):
    gateway = start_gateway(limits={"max_waiters": 2}, cache={"not_ready_for": "1m"}, polling={"longest_step": "1m"})
    hold(gateway, young(simulator))
    simulator.barrier(True)
    waiting = [gateway.connect().send(request(target(new_sid()))) for _ in range(2)]
    eventually(lambda: simulator.state()["in_flight"] == 2)
    simulator.barrier(False)
    assert [one.read().status for one in waiting] == [200, 200]


def test_a_thousand_held_readers(start_gateway, simulator):
    """Of twenty calls: hits go on beside them, whole calls wake, and who vanishes leaves nothing."""
    gateway = start_gateway(cache=FAST["cache"], polling={**FAST["polling"], "max_hold": "50s"})
    begun, sids, warm = time.monotonic(), [young(simulator) for _ in range(20)], new_sid()
    assert gateway.ask(warm).status == 200
    readers = {sid: [gateway.connect().send(asking(sid, wait=50)) for _ in range(50)] for sid in sids}
    eventually(lambda: held(gateway) == 1000, timeout=20, what="a thousand held readers")
    for sid in sids[4:]:
        for reader in readers.pop(sid):
            abort(reader)
    for sid in readers:
        simulator.register(sid, ended_ago_s=READY)
    with gateway.connect() as hits:
        for _ in range(200):
            assert hits.send(request(target(warm))).read().cache.get("hit")
    assert {reader.read().status for some in readers.values() for reader in some} == {200}
    eventually(lambda: held(gateway) == 0 and results(gateway) == {"answered": 200, "left": 800})
    assert max(simulator.count(sid) for sid in sids) <= at_most(begun), "however many readers"
