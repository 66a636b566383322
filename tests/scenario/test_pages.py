"""Lists come page by page. An SDK follows their addresses with its credential, so they lead to the gateway and nowhere else."""

import json
import ssl

import pytest

from harness.certificates import Authority
from harness.twilio_facts import PARENT, new_sid
from harness.wire import exchange, request

LEAF = "/v1/Voice/{}/Metrics?Edge=client_edge&PageSize=2"
LINKS = ("url", "first_page_url", "previous_page_url", "next_page_url")


def listed(simulator):
    return LEAF.format(simulator.register(new_sid(), ended_ago_s=3600, shape="client"))


def follow(send, target, here):
    """The items of all pages from this one on, as an SDK reads them: each next page is at `here`."""
    found = []
    while target:
        answer = send(target)
        assert answer.status == 200, answer.raw
        page = answer.json()
        assert all(page["meta"][name] is None or page["meta"][name].startswith(here + "/v1/") for name in LINKS), page["meta"]
        found += page["metrics"]
        following = page["meta"]["next_page_url"]
        target = following and following.removeprefix(here)
    return found


def test_an_sdk_reads_all_pages_through_the_gateway(start_gateway, simulator):
    gateway, target = start_gateway(passthrough=["metrics"]), listed(simulator)
    whole = exchange(simulator.port, request(target.replace("=2", "=1000")), tls=simulator.tls).json()["metrics"]
    before = len(simulator.requests())
    assert follow(lambda path: gateway.send(request(path)), target, "http://localhost") == whole
    assert len(simulator.requests()) - before == (len(whole) + 1) // 2 > 2, "each page was asked for through the gateway"


def test_the_pages_are_where_the_client_found_the_gateway(start_gateway, simulator, tmp_path):
    authority = Authority(tmp_path, "ca")
    leaf = authority.leaf()
    tls = {"certificate": str(leaf.certificate), "key": str(leaf.key)}
    target = listed(simulator)
    secured = start_gateway(passthrough=["metrics"], listeners=[{"address": "127.0.0.1:0", "tls": tls}])
    named = start_gateway(passthrough=["metrics"], listeners=[{"address": "127.0.0.1:0", "public_url": "https://gw.example:8443/"}])
    trusting = ssl.create_default_context(cafile=authority.certificate)
    assert follow(lambda path: exchange(secured.port, request(path), tls=trusting), target, "https://localhost")
    assert follow(lambda path: named.send(request(path)), target, "https://gw.example:8443")
    without_host = named.send(f"GET {target} HTTP/1.0\r\nAuthorization: {PARENT}\r\n\r\n".encode())
    assert without_host.json()["meta"]["next_page_url"].startswith("https://gw.example:8443/v1/")


def test_length_and_etag_are_those_of_the_new_bytes(start_gateway, simulator):
    gateway, target = start_gateway(passthrough=["metrics"]), listed(simulator)
    got = gateway.send(request(target))
    head = gateway.send(request(target, method="HEAD"), "HEAD")
    assert int(got.header("Content-Length")) == int(head.header("Content-Length")) == len(got.body)
    assert head.header("ETag") == got.header("ETag")
    again = gateway.send(request(target, headers=[("If-None-Match", got.header("ETag"))]))
    assert again.status == 304
    moved = gateway.send(request(target, host="gw.internal"))
    assert moved.header("ETag") != got.header("ETag"), "other addresses are other bytes"


def answer_with(simulator, body):
    simulator.faults({"match": {"method": "GET"}, "times": 0, "action": "status", "status": 200, "body": body})


def test_nothing_but_the_four_addresses_changes(start_gateway, simulator):
    gateway = start_gateway(passthrough=["events"])
    given = (
        '{ "url":"https://insights.twilio.com/a","events":[{"url":"https://other.test/","meta":{"url":"https://other.test/"}}],\n'
        ' "meta" :{"key":"events","page":1.50e0,"first_page_url":"https:\\/\\/insights.twilio.com\\/v1?a=%s", "url":null,\n'
        '"next_page_url":"/v1/relative","previous_page_url":"https://insights.twilio.com:443/v1?x=\\u00e9\\"" } }\n'
    )
    answer_with(simulator, given)
    answer = gateway.send(request(f"/v1/Voice/{new_sid()}/Events"))
    expected = given.replace("https:\\/\\/insights.twilio.com\\/v1", "http://localhost\\/v1").replace("https://insights.twilio.com:443/", "http://localhost/")
    assert answer.body.decode() == expected


@pytest.mark.parametrize("name", LINKS)
def test_a_page_at_a_strangers_host_reaches_no_client(start_gateway, simulator, name):
    gateway = start_gateway(passthrough=["events"])
    for meta in ({name: "https://evil.test/v1"}, {name: "//evil.test/v1"}, {name: "https://insights.twilio.com@evil.test/v1"}):
        answer_with(simulator, json.dumps({"events": [], "meta": meta}))
        answer = gateway.send(request(f"/v1/Voice/{new_sid()}/Events"))
        assert (answer.status, answer.json()["code"], answer.fault) == (502, 20502, "upstream_foreign_page")
        assert b"evil" not in answer.raw and "retry" not in answer.json()["message"]


def test_the_log_says_where_pages_lead(start_gateway):
    start_gateway(passthrough=["events"]).expect(r"pages of lists .* public_url")
    for settings in ({}, {"passthrough": ["events"], "listeners": [{"address": "127.0.0.1:0", "public_url": "https://gw.example"}]}):
        assert not any("public_url" in line for line in start_gateway(**settings).lines)
