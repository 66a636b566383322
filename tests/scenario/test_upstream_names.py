"""The upstream's name moves, or its name server does not answer: addresses are one for all workers, and no reader pays for it twice."""

import time

import pytest

from harness.eventually import eventually
from harness.free_port import free_port
from harness.logbook import entered, entries
from harness.lossy_path import LossyPath
from harness.name_server import NameServer
from harness.twilio_facts import new_sid

OLD, NEW = "127.0.1.1", "127.0.1.2"


class Named:
    """A gateway whose upstream is a name, and the ways behind its two addresses."""

    def __init__(self, names, simulator, start_gateway, directory):
        self.names, self._start, self._directory = names, start_gateway, directory
        self._to = int(simulator.url.rsplit(":", 1)[1])
        self.port = free_port()
        self.paths = {}
        names.addresses = [OLD]

    def path(self, host):
        self.paths[host] = LossyPath(self._to, host, self.port)
        return self.paths[host]

    def gateway(self, workers=1, **upstream):
        enter = self.names.used_by(self._directory)
        return self._start(preexec=enter, workers=workers, upstream={"url": f"https://localhost:{self.port}", **upstream})

    def close(self):
        for one in self.paths.values():
            one.close()


@pytest.fixture
def named(simulator, start_gateway, tmp_path):
    with NameServer() as names:
        made = Named(names, simulator, start_gateway, tmp_path)
        yield made
        made.close()


def asked(gateway):
    sid, begun = new_sid(), time.monotonic()
    answer = gateway.ask(sid)
    return answer, time.monotonic() - begun


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("old_is", ["refusing", "silent"])
def test_a_name_that_moved_while_idle_costs_one_connect_timeout_at_most(named, workers, old_is):
    old = named.path(OLD)
    gateway = named.gateway(workers, dns_ttl="1s", idle_timeout="100ms")
    assert asked(gateway)[0].status == 200
    time.sleep(1.2)  # the name's time to live
    named.names.addresses = [NEW]
    named.path(NEW)
    if old_is == "refusing":
        old.close()
    else:
        old.lose_everything()
    for _ in range(3):
        answer, seconds = asked(gateway)
        assert answer.status == 200, answer.raw[:300]
        assert seconds < 4, "connect_timeout is 2 s"


def test_a_name_that_moved_within_its_time_to_live_is_looked_up_after_the_failure(named):
    old = named.path(OLD)
    gateway = named.gateway(dns_ttl="1h", idle_timeout="100ms")
    assert asked(gateway)[0].status == 200
    named.names.addresses = [NEW]
    named.path(NEW)
    old.close()
    time.sleep(1)  # a failure starts a look-up once a second at most
    assert asked(gateway)[0].status == 200


def test_what_one_worker_knows_all_know_while_the_name_server_hangs(named):
    named.path(OLD)
    gateway = named.gateway(4, dns_ttl="100ms", idle_timeout="100ms")
    assert asked(gateway)[0].status == 200
    named.names.silent = True
    for _ in range(16):
        answer, seconds = asked(gateway)
        assert answer.status == 200, answer.raw[:300]
        assert seconds < 2, "no request waits for the name server"


def test_very_old_addresses_wait_for_the_name_server_only_a_quarter_of_the_time(named):
    named.path(OLD)
    gateway = named.gateway(dns_ttl="100ms", dns_max_age="100ms", idle_timeout="100ms", timeout="4s")
    assert asked(gateway)[0].status == 200
    time.sleep(0.3)
    named.names.silent = True
    answer, seconds = asked(gateway)
    assert answer.status == 200
    assert 0.9 < seconds < 3


def test_very_old_addresses_are_not_used_where_the_new_ones_come_in_time(named):
    old = named.path(OLD)
    gateway = named.gateway(dns_ttl="100ms", dns_max_age="100ms", idle_timeout="100ms")
    assert asked(gateway)[0].status == 200
    time.sleep(0.3)
    named.names.addresses = [NEW]
    new = named.path(NEW)
    assert asked(gateway)[0].status == 200
    assert (old.connections, new.connections) == (1, 1)


def test_the_end_does_not_wait_for_a_look_up(named):
    named.names.silent = True
    gateway = named.gateway(workers=2, timeout="1s", warm_connections=2)
    answer, seconds = asked(gateway)
    assert answer.status in (502, 504) and seconds < 4
    begun = time.monotonic()
    gateway.stop()
    assert time.monotonic() - begun < 5, "the name server would need 10 s to give up"


def test_a_name_that_moves_is_lost_and_found_is_told_each_once(named, simulator):
    def until(kind):
        """New connections ask for the name again."""
        eventually(lambda: [simulator.close_idle_connections(), asked(gateway)] and entries(gateway, kind), timeout=20)

    named.path(OLD), named.path(NEW)
    gateway = named.gateway(dns_ttl="1s", idle_timeout="100ms")
    assert asked(gateway)[0].status == 200
    named.names.addresses = [NEW]
    until("addresses_changed")
    assert entered(gateway, "addresses_changed").items() >= {"host": "localhost", "addresses": NEW, "before": OLD}.items()
    named.names.addresses = []
    until("name_unresolved")
    assert entered(gateway, "name_unresolved")["consequence"] == "its old addresses are used"
    named.names.addresses = [NEW]
    until("name_resolved")
    assert entered(gateway, "name_resolved")["lasted_ms"] > 0
    assert [len(entries(gateway, kind)) for kind in ("addresses_changed", "name_unresolved", "name_resolved")] == [1, 1, 1]
