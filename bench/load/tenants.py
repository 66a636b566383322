"""Before anything is measured: every caching server gives a tenant's summary to that tenant, from the cache, and to nobody else."""

import base64
import http.client

from processes import BenchError

OWNER = "AC00000000000000000000000000000001:parent-token"
STRANGER = "AC00000000000000000000000000000009:other-token"
CALL = "CAb00000000000000000000000000000ff"


def must_be_apart(peers, stage):
    for peer in peers:
        if peer.caches:
            _check(stage.running[peer.key], peer.name, stage.observer.upstream_requests)


def _check(server, name, upstream_requests):
    first = _ask(server, OWNER)
    before = upstream_requests()
    again = _ask(server, OWNER)
    asked = upstream_requests() - before
    if first != 200 or again != 200 or asked:
        raise BenchError(f"{name} does not cache: {first}, then {again} with {asked} upstream calls\n{server.server.last_words()}")
    for who, credential in (("another account", STRANGER), ("nobody", None)):
        status = _ask(server, credential)
        if status == 200:
            raise BenchError(f"{name} gave {who} what belongs to one account: it is not set up as it must be")


def _ask(server, credential):
    connection = http.client.HTTPConnection(server.address, timeout=10)
    fields = {"Authorization": "Basic " + base64.b64encode(credential.encode()).decode()} if credential else {}
    try:
        connection.request("GET", f"/v1/Voice/{CALL}/Summary", headers=fields)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException) as error:
        raise BenchError(f"{server.server.name} at {server.address}: {error}\n{server.server.last_words()}") from None
    finally:
        connection.close()
