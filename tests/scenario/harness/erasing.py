"""Erasures of numbers, as an operator asks for them."""

import json
import re

from .eventually import eventually
from .twilio_facts import PARENT
from .wire import exchange, request


def post(gateway, content, path="/api/erase", headers=()):
    headers = [("Content-Length", str(len(content))), *headers]
    return exchange(gateway.admin_port, request(path, None, "POST", headers, content), "POST")


def begin(gateway, number):
    """The answer, which may come before everything is confirmed."""
    answer = post(gateway, json.dumps({"number": number}).encode(), headers=[("Content-Type", "application/json")])
    assert answer.status in (200, 202), answer.raw
    return answer.json()


def erase(gateway, number):
    record = begin(gateway, number)
    assert record["state"] == "complete", record
    return record


def records(gateway):
    answer = gateway.admin("/api/erasures")
    assert answer.status == 200, answer.raw
    return answer.json()


def ends(gateway, number):
    """The record, once it is no longer running."""

    def ended():
        one = next(each for each in records(gateway)["erasures"] if each["erasure"] == number)
        return one if one["state"] != "running" else None

    return eventually(ended, what=f"erasure {number} ends")


def number_in(answer):
    """The caller or the callee of a summary, as a phone number."""
    return re.search(r"\+\d{9,}", answer.body.decode())[0]


def is_kept(gateway, sid, auth=PARENT):
    return gateway.ask(sid, auth=auth, headers=[("Cache-Control", "only-if-cached")]).status == 200
