"""Deliveries of Twilio's Event Streams to a gateway, signed as Twilio does; and whatever else a stranger may send there."""

import base64
import hashlib
import hmac
import itertools
import json
import re
from datetime import datetime, timedelta, timezone

from .twilio_facts import account
from .wire import exchange, request

TOKEN = "1" * 32
URL = "https://hooks.example.com/twilio/events"
PATH = "/twilio/events"
SUMMARY = "com.twilio.voice.insights.call-summary."

_numbers = itertools.count(1)


def settings(directory, *tokens, **more):
    """The setting `events` of a gateway, with a file for its tokens."""
    file = directory / "events.token"
    write_tokens(file, *(tokens or (TOKEN,)))
    return {"address": "127.0.0.1:0", "public_url": URL, "auth_token_file": str(file), **more}


def write_tokens(file, *tokens):
    file.write_text("".join(f"{token}\n" for token in tokens))
    file.chmod(0o600)


def port_of(gateway):
    return int(re.search(r"^summary-gateway: events on https?://[^\n]*:(\d+)$", "\n".join(gateway.lines), re.M).group(1))


def event(sid, kind="complete", ago_s=0, **data):
    time = datetime.now(timezone.utc) - timedelta(seconds=ago_s)
    return {
        "specversion": "1.0",
        "type": SUMMARY + kind,
        "source": f"/v1/Voice/{sid}/Summary",
        "id": f"EZ{next(_numbers):032x}",
        "time": time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "data": {"call_sid": sid, "account_sid": account(1), **data},
    }


def signature(url, token=TOKEN):
    return base64.b64encode(hmac.new(token.encode(), url.encode(), hashlib.sha1).digest()).decode()


def delivery(*events, token=TOKEN, url=URL, body=None, query=None, path=PATH, method="POST", headers=()):
    """The bytes of one; each argument may be what Twilio would not send."""
    body = json.dumps(list(events)).encode() if body is None else body
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}" if query is None else query
    fields = [("Content-Type", "application/json"), ("Content-Length", len(body))]
    if token:
        fields.append(("X-Twilio-Signature", signature(f"{url}?{query}", token)))
    return request(f"{path}?{query}" if query else path, None, method, [*fields, *headers], body)


def deliver(gateway, *events, **how):
    return exchange(port_of(gateway), delivery(*events, **how), how.get("method", "POST"))


def deliveries(gateway, result):
    return gateway.metrics().total("event_deliveries_total", result=result)


def noted(gateway, result="noted", **labels):
    return gateway.metrics().total("events_total", result=result, **labels)
