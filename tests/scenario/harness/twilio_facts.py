"""The simulator's built-in accounts and credentials, and names for calls nobody else uses."""

import base64
import hashlib
import itertools


def account(number):
    return f"AC{number:032x}"


def key(number):
    return f"SK{number:032x}"


def oauth_client(number):
    return f"OQ{number:032}"


def basic(user, secret):
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


PARENT = basic(account(1), "parent-token")
SUB = basic(account(2), "sub-token")
SIBLING = basic(account(3), "sibling-token")
SUSPENDED = basic(account(4), "suspended-token")
OTHER = basic(account(9), "other-token")
API_KEY = basic(key(1), "key-secret")
RESTRICTED_KEY = basic(key(2), "restricted-secret")
REVOKED_KEY = basic(key(3), "revoked-secret")
WRONG_SECRET = basic(account(1), "not-the-token")
BEARER = "Bearer bearer-token-01"

_numbers = itertools.count(1)


def new_sid():
    """A call of the parent account that no other test has asked for; the same sequence in every run."""
    digits = hashlib.sha256(f"call {next(_numbers)}".encode()).hexdigest()
    return "CAf" + digits[:31]


def error_sid(code):
    """A call for which the simulator answers this Twilio error, always."""
    return f"CA{code:05d}" + new_sid()[7:]
