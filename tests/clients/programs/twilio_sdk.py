"""The Twilio SDK for Python that Debian has."""

import json
import os
import sys

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

user, secret = os.environ["CLIENT_USER"], os.environ["CLIENT_SECRET"]
http = TwilioHttpClient(timeout=float(os.environ["CLIENT_TIMEOUT"]))
http.session.verify = os.environ["CLIENT_CA"]  # this SDK does not look at REQUESTS_CA_BUNDLE
client = Client(user, secret, http_client=http)
client.insights.base_url = os.environ["CLIENT_URL"]


def run(action, sid=None, times="1"):
    if action == "list":
        return {"calls": len(client.insights.v1.call_summaries.list(page_size=2))}
    for _ in range(int(times)):
        said = {"call_sid": client.insights.v1.calls(sid).summary().fetch().call_sid}
    return said


try:
    result = run(*sys.argv[1:])
except TwilioRestException as refused:
    result = {"error": {"status": refused.status, "code": refused.code, "text": refused.msg}}
except Exception as error:
    result = {"error": {"status": None, "code": None, "text": f"{type(error).__name__}: {error}"}}
print(json.dumps(result))
