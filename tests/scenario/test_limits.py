"""Too long, too slow, too many: each has its bound, and who behaves does not notice."""

import os
import resource
import threading
import time

import pytest

from harness.eventually import eventually
from harness.logbook import entered
from harness.strangers import prove
from harness.twilio_facts import PARENT, new_sid
from harness.wire import Connection, exchange, request, target


@pytest.fixture(scope="module")
def canary():
    return new_sid()


def well(gateway, canary):
    assert gateway.ask(canary).status == 200


AUTH = f"Authorization: {PARENT}\r\n"
START = f"GET {target(new_sid())} HTTP/1.1\r\nHost: localhost\r\n{AUTH}".encode()
TOO_MUCH = {
    "a target of 9 KB": (request(target(new_sid()) + "?x=" + "a" * 9_000), {414}),
    "a target of 100 KB": (request("/" + "a" * 100_000), {414}),
    "a header of 20 KB": (request(target(new_sid()), headers=[("X-Long", "a" * 20_000)]), {431}),
    "a header of 100 KB": (request(target(new_sid()), headers=[("X-Long", "a" * 100_000)]), {431}),
    "a name of 100 KB": (request(target(new_sid()), headers=[("X" * 100_000, "1")]), {431, 400}),
    "101 headers": (request(target(new_sid()), headers=[(f"X-{n}", "1") for n in range(101)]), {431}),
    "10,000 headers": (request(target(new_sid()), headers=[(f"X-{n}", "1") for n in range(10_000)]), {431}),
    "an endless header": (START + b"X: " + b"a" * 2_000_000, {431}),
    "300 KB without a line end": (b"G" * 300_000, {400, 414, 431}),
    "a method of 20 KB": (b"G" * 20_000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n", {400, 414, 431, 501}),
}


@pytest.mark.parametrize("sent, fitting", TOO_MUCH.values(), ids=TOO_MUCH)
def test_too_much_is_refused_and_closed(gateway, simulator, canary, sent, fitting):
    well(gateway, canary)
    before = len(simulator.requests())
    with gateway.connect() as connection:
        answer = connection.send_what_it_takes(sent).read()
        assert answer.status in fitting, answer.raw[:400]
        assert answer.json()["status"] == answer.status and answer.fault
        connection.ends()
    assert len(simulator.requests()) == before
    well(gateway, canary)


def test_what_is_just_within_the_bounds_is_served(gateway):
    sid = new_sid()
    assert gateway.ask(sid, headers=[("Cookie", "c" * 12_000)]).status == 200
    assert gateway.ask(sid, headers=[(f"X-{n}", "1") for n in range(90)]).status == 200


def test_memory_stays_constant_under_big_refusals(gateway, canary):
    def resident():
        with open(f"/proc/{gateway.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def storm():
        for _ in range(30):
            with gateway.connect() as connection:
                connection.send_what_it_takes(START + b"X: " + b"a" * 500_000).read()

    storm()
    before = resident()
    storm()
    # A sanitizer's quarantine grows too: the bound is against 15 MB of input being kept.
    assert resident() - before < 12 << 20
    well(gateway, canary)


@pytest.fixture
def strict(start_gateway):
    return start_gateway(limits={"header_timeout": "1s", "idle_timeout": "1s", "write_timeout": "1s"})


def test_slow_senders_are_closed_and_hold_up_nobody(strict, canary):
    well(strict, canary)
    crowd = [strict.connect().send(START[: 20 + number % 60]) for number in range(300)]
    begun = time.monotonic()
    well(strict, canary)
    assert time.monotonic() - begun < 1, "a probe is served meanwhile"
    for connection in crowd:
        answer = connection.rest()
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer[:200]
        connection.close()
    assert time.monotonic() - begun < 6


# Header bytes may come until the deadline; so many empty lines may be too many before it.
@pytest.mark.parametrize("drip, earliest", [(START * 3, 0.8), (b"\r\n" * 200, 0)], ids=["a header", "empty lines"])
def test_a_byte_now_and_then_does_not_stretch_the_deadline(strict, drip, earliest):
    begun = time.monotonic()
    with strict.connect() as connection:
        for byte in drip:
            connection.send_what_it_takes(bytes([byte]))
            if not connection.silent() or time.monotonic() - begun > 5:
                break
            # The slow sender's own pace, not a wait for anything.
            time.sleep(0.05)
    assert earliest < time.monotonic() - begun < 4


def test_idle_connections_are_closed_without_a_word(strict, canary):
    with strict.connect() as fresh, strict.connect() as used:
        used.send(request(target(canary))).read()
        begun = time.monotonic()
        fresh.ends()
        used.ends()
        assert time.monotonic() - begun < 5


def test_a_client_that_does_not_read_is_closed(strict, simulator, canary):
    big = simulator.register(new_sid(), ended_ago_s=7200, bytes=500_000)
    assert strict.ask(big).status == 200
    deaf = strict.connect()
    deaf.send_what_it_takes(request(target(big)) * 200)
    well(strict, canary)
    eventually(lambda: strict.metrics().total("connections") <= 2, what="the deaf client's connection is gone")
    deaf.close()


def test_a_long_fetch_is_not_an_idle_connection(strict, simulator):
    sid = new_sid()
    simulator.fault_for(sid, "latency", ms=2500)
    assert strict.ask(sid).status == 200


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_running_out_of_descriptors_is_survived(start_gateway, canary):
    few = 96
    gateway = start_gateway(preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (few, few)))
    well(gateway, canary)
    crowd = [gateway.connect() for _ in range(2 * few)]
    assert gateway.admin("/livez").status == 200, "a reserve keeps the admin listener alive"
    before, begun = cpu_seconds(gateway.process), time.monotonic()
    while time.monotonic() - begun < 1:
        assert gateway.admin("/readyz").status == 200
        time.sleep(0.1)
    assert cpu_seconds(gateway.process) - before < 0.6, "no spinning while there is nothing to accept with"
    for connection in crowd:
        connection.close()
    eventually(lambda: gateway.ask(canary).status == 200, what="served again")


def test_a_process_that_can_open_nothing_more_neither_spins_nor_gives_up(start_gateway, canary):
    """Whatever was reserved: somebody lowered the limit of the running process."""
    gateway = start_gateway()
    well(gateway, canary)
    # UBSan opens a pipe at the first virtual call of each type: a look at the files has to be over before.
    started = gateway.metrics().total("files_last_look_timestamp_seconds")
    eventually(lambda: gateway.metrics().total("files_last_look_timestamp_seconds") > started, what="a look at the files")
    pid = gateway.process.pid
    opened, limit = len(os.listdir(f"/proc/{pid}/fd")), resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (opened, limit[1]))
    crowd = [gateway.connect() for _ in range(10)]
    before, begun = cpu_seconds(gateway.process), time.monotonic()
    while time.monotonic() - begun < 1:
        assert all(connection.silent() for connection in crowd)
        time.sleep(0.1)
    assert cpu_seconds(gateway.process) - before < 0.5, "waiting, not spinning"
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
    for connection in crowd:
        assert served(connection.send(request(target(canary)))), "those who waited are served"
        connection.close()


def served(connection):
    try:
        return connection.read().status == 200
    except (AssertionError, ConnectionResetError):
        return False


def test_of_more_connections_than_allowed_those_that_ask_last_are_served(start_gateway, canary):
    """All of one address, each in the middle of a head: the longest gives way."""
    gateway = start_gateway(workers=1, limits={"max_connections": 20})
    well(gateway, canary)
    crowd = [gateway.connect().send_what_it_takes(request(target(canary))[:-2]) for _ in range(60)]
    eventually(lambda: gateway.metrics().total("connections_displaced_total") >= 40, what="forty gave way")
    assert [served(connection.send_what_it_takes(b"\r\n")) for connection in crowd] == [False] * 40 + [True] * 20
    assert gateway.metrics().total("connections_refused_total") == 0
    for connection in crowd:
        connection.close()


def unfinished(number):
    """What keeps a connection from being idle, and from being done."""
    head = START[: 1 + number % len(START)]
    return head if number % 2 else START.replace(b"GET", b"POST", 1) + b"Content-Length: 10\r\n\r\n12345"


class Renewed:
    """So many connections that never finish a request; whatever is closed, 120 new ones come each second."""

    def __init__(self, port, count, sent):
        self.port, self.sent, self.crowd, self.number = port, sent, [], 0
        self._over = threading.Event()
        for _ in range(count):
            self._open()
        self._thread = threading.Thread(target=self._renew)

    def _open(self):
        self.crowd.append(Connection(self.port).send_what_it_takes(self.sent(self.number)))
        self.number += 1

    def _renew(self):
        # The flood's own pace, not a wait for anything.
        while not self._over.wait(1 / 120):
            self._open()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        for connection in self.crowd:
            connection.close()


@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.2"], ids=["the same address", "another address"])
def test_requests_that_never_end_keep_out_nobody(start_gateway, canary, source):
    gateway = start_gateway(limits={"max_connections": 300})
    well(gateway, canary)
    with Renewed(gateway.port, 300, unfinished):
        for _ in range(20):
            with Connection(gateway.port, source=source) as other:
                assert other.send(request(target(canary))).read().status == 200
    # With workers, each displaces its own: none is left without any to displace.
    assert gateway.metrics().total("connections_refused_total") == 0


def test_probes_find_a_place_among_heads_that_never_end(start_gateway):
    gateway = start_gateway(admin={"address": "127.0.0.1:0", "metrics_address": "127.0.0.1:0"})
    metrics_port = int(gateway.expect(r"metrics on http://127\.0\.0\.1:(\d+)$").group(1))
    for port in (gateway.admin_port, metrics_port):
        with Renewed(port, 256, lambda number: b"GET /livez HTTP/1.1\r\nHost: x\r\n" if number % 2 else b"G"):
            probes = [exchange(port, request("/readyz", None)).status for _ in range(40)]
        assert probes == [200] * 40


def test_on_the_admin_address_a_head_has_seconds(start_gateway):
    gateway = start_gateway(limits={"header_timeout": "60s"})
    begun = time.monotonic()
    with Connection(gateway.admin_port) as slow:
        slow.send(b"GET /livez HTTP/1.1\r\n").ends()
    assert 1 < time.monotonic() - begun < 15


def test_one_address_cannot_take_all_places(start_gateway, canary):
    """On loopback there is no such bound; behind a proxy that announces its clients, theirs counts."""
    proxy, limits = "127.0.0.9", {"max_connections": 100, "max_connections_per_address": 10}
    gateway = start_gateway(listeners=[{"address": "127.0.0.1:0", "proxy_protocol": {"from": [proxy]}}], limits=limits)
    well(gateway, canary)

    def announced(address):
        return Connection(gateway.port, source=proxy).send(f"PROXY TCP4 {address} 127.0.0.1 1 2\r\n".encode())

    crowd = [announced("192.0.2.1").send_what_it_takes(START[:20]) for _ in range(40)]
    eventually(lambda: gateway.metrics().total("connections_refused_total", reason="address") == 30, what="thirty turned away")
    assert gateway.metrics().total("connections_refused_total", reason="total") == 0
    assert entered(gateway, "connections_refused")["count"] >= 1
    with announced("192.0.2.2") as other:
        assert other.send(request(target(canary))).read().status == 200, "another address has places of its own"
    for connection in crowd:
        connection.close()
    eventually(lambda: served(announced("192.0.2.1").send_what_it_takes(request(target(canary)))), what="served again")
    here = [gateway.connect() for _ in range(30)]
    assert all(served(connection.send(request(target(canary)))) for connection in here)
    for connection in here:
        connection.close()


def served_at(gateway, canary):
    with gateway.connect() as connection:
        return served(connection.send_what_it_takes(request(target(canary))))


def test_who_is_idle_gives_way_to_who_wants_something(start_gateway, canary):
    """With every place taken by connections that keep still, a client with a request is served all the same."""
    gateway = start_gateway(workers=1, limits={"max_connections": 20})
    well(gateway, canary)
    idle = [gateway.connect() for _ in range(20)]
    for connection in idle:
        assert connection.send(request(target(canary))).read().status == 200
    new = [gateway.connect() for _ in range(5)]
    for connection in new:
        assert connection.send(request(target(canary))).read().status == 200
    assert gateway.metrics().total("connections_displaced_total") == 5
    assert gateway.metrics().total("connections_refused_total") == 0
    # Those that had to go were told by an ordinary end between two requests.
    ended = [connection for connection in idle if not connection.silent()]
    assert len(ended) == 5
    for connection in ended:
        connection.ends()


def test_connections_in_the_middle_of_a_request_do_not_give_way(start_gateway, canary, simulator):
    gateway = start_gateway(workers=1, limits={"max_connections": 10})
    sids = [new_sid() for _ in range(10)]
    prove(gateway)
    simulator.control("DELETE", "/requests")
    simulator.barrier(True)
    crowd = [gateway.connect().send(request(target(sid))) for sid in sids]
    eventually(lambda: len(simulator.requests()) == 10, what="all of them wait for upstream")
    for _ in range(5):
        assert not served_at(gateway, canary)
    assert gateway.metrics().total("connections_refused_total", reason="total") == 5
    simulator.barrier(False)
    for connection, sid in zip(crowd, sids):
        assert connection.read().json()["call_sid"] == sid


def test_a_request_ends_in_time_as_a_whole(start_gateway, simulator):
    """Whatever each of its parts may take: here the upstream, which has eight seconds."""
    gateway, sid = start_gateway(limits={"request_timeout": "1s"}), new_sid()
    simulator.fault_for(sid, "latency", ms=5000)
    begun = time.monotonic()
    answer = gateway.ask(sid)
    assert (answer.status, answer.json()["code"]) == (504, 20504)
    assert 0.9 < time.monotonic() - begun < 3


def test_many_small_requests_in_one_write_are_answered_in_bounded_batches(start_gateway, canary):
    gateway = start_gateway(limits={"max_pipelined": 1})
    with gateway.connect() as connection:
        connection.send(request(target(canary)) * 150)
        for _ in range(150):
            assert connection.read().status == 200
