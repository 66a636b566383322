"""The simulator's lists, with the pages that an SDK follows. Through a gateway: test_pages.py."""

import pytest

from harness.twilio_facts import OTHER, account, basic, error_sid, new_sid
from harness.wire import exchange, request

HOST = "https://insights.twilio.com"


@pytest.fixture
def straight(simulator):
    def send(target, **more):
        return exchange(simulator.port, request(target, headers=[("Connection", "close")], **more), tls=simulator.tls)

    return send


def follow(send, target):
    """The pages from this one on."""
    pages = []
    while target:
        answer = send(target)
        assert answer.status == 200, answer.raw
        pages.append(answer.json())
        following = pages[-1]["meta"]["next_page_url"]
        assert following is None or following.startswith(HOST)
        target = following and following.removeprefix(HOST)
    return pages


def items(pages):
    return [item for page in pages for item in page[page["meta"]["key"]]]


@pytest.mark.parametrize("leaf", ["Events", "Metrics"])
def test_a_calls_records_come_page_by_page(simulator, straight, leaf):
    sid = simulator.register(new_sid(), ended_ago_s=3600, shape="client")
    path = f"/v1/Voice/{sid}/{leaf}"
    (whole,) = follow(straight, f"{path}?PageSize=1000")
    assert whole["meta"]["key"] == leaf.lower()
    assert {item["call_sid"] for item in items([whole])} == {sid}
    pages = follow(straight, f"{path}?PageSize=3")
    assert items(pages) == items([whole])
    assert {len(items([page])) for page in pages[:-1]} == {3}


def test_summaries_are_those_that_the_account_has(simulator, straight):
    lister, auth = account(77), basic(account(77), "lister-token")
    simulator.credential(lister, "lister-token", lister)
    own = [simulator.register(new_sid(), ended_ago_s=3600 + n, account_sid=lister) for n in range(7)]
    young = simulator.register(new_sid(), ended_ago_s=900, account_sid=lister)

    def sids(query, auth=auth):
        pages = follow(lambda target: straight(target, auth=auth), "/v1/Voice/Summaries?StartTime=1d&SortBy=end_time" + query)
        return [item["call_sid"] for item in items(pages)]

    assert sids("&PageSize=3") == own, "the last call first"
    assert sids("&ProcessingState=all") == [young, *own]
    assert sids("&ProcessingState=partial") == [young]
    assert not set(sids("", OTHER)) & set(own)
    assert straight(f"/v1/Voice/Summaries?Subaccount={lister}").json()["code"] == 17000
    summary = straight(f"/v1/Voice/{own[0]}/Summary", auth=auth).json()
    assert items([straight("/v1/Voice/Summaries?StartTime=1d&SortBy=end_time&PageSize=1", auth=auth).json()]) == [summary]


def test_what_twilio_would_refuse_is_refused(simulator, straight):
    sid = new_sid()
    for target in ("/v1/Voice/Summaries?PageSize=1001", f"/v1/Voice/{sid}/Events?Edge=edge", f"/v1/Voice/{sid}/Metrics?PageToken=x"):
        assert (straight(target).status, straight(target).json()["code"]) == (400, 20001), target
    for leaf in ("", "/Events", "/Metrics"):
        assert straight(f"/v1/Voice/{error_sid(17000)}{leaf}").json()["code"] == 17000
        assert straight(f"/v1/Voice/{sid}{leaf}", method="POST").status == 405


def test_a_call_links_to_what_is_known_of_it(simulator, straight):
    sid = new_sid()
    call = straight(f"/v1/Voice/{sid}").json()
    assert call["sid"] == sid
    for name, url in call["links"].items():
        assert straight(url.removeprefix(HOST)).status == 200, name
