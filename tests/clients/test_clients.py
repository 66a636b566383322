"""What each real client sees through the gateway. The cells become the table of deploy/docs/clients.md."""

import os
import re

import pytest

from conftest import REPOSITORY
from harness.eventually import eventually
from harness.twilio_facts import error_sid, new_sid
from real_clients import CLIENTS

PAGE = REPOSITORY / "deploy" / "docs" / "clients.md"
TABLE = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end of table -->)", re.S)
COLUMNS = ("result", "error", "gzip", "connection", "pages", "gateway as proxy", "its time-out")
READS = 5
LISTED = 5  # calls, on pages of two
cells = {}


@pytest.fixture(params=CLIENTS, ids=lambda client: client.name.replace(" ", "-"))
def client(request):
    return request.param


def cell(client, column, text):
    cells[client.name, column] = text


def accepted(gateway):
    return gateway.metrics().total("connections_accepted_total")


def test_a_summary_arrives(client, environment):
    sid = new_sid()
    assert environment.run(client, "read", sid) == {"call_sid": sid}
    cell(client, "result", "ok")


def test_a_refusal_is_understood(client, environment):
    error = environment.run(client, "read", error_sid(17001))["error"]
    assert (error["status"], error["code"]) == (404, 17001)
    cell(client, "error", f"{error['status']}, {error['code']}")


def test_a_compressed_answer_is_read(client, environment, simulator):
    sid = new_sid()
    size = len(simulator.ask(sid).body)
    environment.run(client, "read", sid)
    assert environment.run(client, "read", sid) == {"call_sid": sid}
    line = eventually(lambda: next((one for one in environment.logged(sid) if one["outcome"] == "hit"), None))
    cell(client, "gzip", "yes" if line["bytes"] < size else "not asked for")


def test_reads_in_one_process(client, environment, gateway):
    sid = new_sid()
    before = accepted(gateway)
    assert environment.run(client, "read", sid, READS) == {"call_sid": sid}
    opened = accepted(gateway) - before
    assert 1 <= opened <= READS
    # undici begins with two.
    cell(client, "connection", "kept" if opened <= 2 else "one a request")


@pytest.fixture(scope="session")
def listed(simulator):
    for _ in range(LISTED):
        simulator.register(new_sid(), ended_ago_s=1800)


def test_every_page_of_a_list_comes_through_the_gateway(client, environment, listed, gateway):
    before = gateway.metrics().total("upstream_requests_total")
    got = environment.run(client, "list")
    assert got["calls"] >= LISTED, got
    pages = (got["calls"] + 1) // 2
    assert gateway.metrics().total("upstream_requests_total") - before == pages
    cell(client, "pages", "all")


def test_the_gateway_taken_for_a_proxy(client, environment, gateway):
    """A mistake that users make: the client must see an error, and soon."""
    before = gateway.metrics().total("requests_total")
    error = environment.run(client, "read", new_sid(), CLIENT_URL="https://insights.twilio.invalid", **environment.proxy_settings())["error"]
    assert error["status"] != 200
    try:
        eventually(lambda: gateway.metrics().total("requests_total") > before, timeout=1.0)
        cell(client, "gateway as proxy", "refused")
    except AssertionError:  # it is counted a moment after the client has its answer, if it asked at all
        cell(client, "gateway as proxy", "setting not used")


def test_its_time_is_up_and_the_answer_is_there_next_time(client, environment, simulator):
    sid = new_sid()
    simulator.barrier(True)
    try:
        reader = environment.start(client, "read", sid, timeout=2)
        eventually(lambda: simulator.count(sid) == 1)
        error = environment.result(reader)["error"]
    finally:
        simulator.barrier(False)
    assert error["status"] is None, error
    assert environment.run(client, "read", sid) == {"call_sid": sid}
    assert simulator.count(sid) == 1
    cell(client, "its time-out", "ends its wait; the next read is a hit")


def table():
    rows = [("client", "version", *COLUMNS), ("---",) * (len(COLUMNS) + 2)]
    rows += [(client.name, client.version_now(), *(cells.get((client.name, column), "?") for column in COLUMNS)) for client in CLIENTS]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def behaviour(text):
    """Without the versions, which differ between systems."""
    return [row.split(" | ")[:1] + row.split(" | ")[2:] for row in text.splitlines()]


def test_the_page_says_what_was_seen():
    seen = table()
    if os.environ.get("GATEWAY_WRITE_REFERENCE"):
        PAGE.write_text(TABLE.sub(lambda _: seen, PAGE.read_text()))
    assert behaviour(TABLE.search(PAGE.read_text()).group(0)) == behaviour(seen), seen
