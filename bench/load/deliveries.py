"""A delivery of Twilio's Event Streams to a gateway, signed as Twilio does."""

import base64
import hashlib
import hmac
import json

HOOK, TOKEN = "https://hooks.example.com/twilio/events", "0123456789abcdef0123456789abcdef"


def delivery(events, token=TOKEN):
    body = json.dumps(events).encode()
    query = f"bodySHA256={hashlib.sha256(body).hexdigest()}"
    signed = base64.b64encode(hmac.new(token.encode(), f"{HOOK}?{query}".encode(), hashlib.sha1).digest()).decode()
    return (f"POST /twilio/events?{query} HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Type: application/json\r\n"
            f"X-Twilio-Signature: {signed}\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body
