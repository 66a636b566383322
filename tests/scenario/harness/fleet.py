"""Several gateways and the engine that they share."""

import threading

from .eventually import eventually
from .twilio_facts import PARENT


def report(gateway):
    answer = gateway.admin("/api/fleet")
    assert answer.status == 200, answer.raw
    return answer.json()


def engine_of(gateway):
    return report(gateway)["engine"]


def budget_of(gateway):
    return report(gateway)["budget"]


def becomes(gateway, state):
    return eventually(lambda: engine_of(gateway)["state"] == state, what=f"the engine is {state}")


def connected(*gateways):
    """Each knows all of them, and every mark."""

    def all_are():
        reports = [report(one) for one in gateways]
        return all(set(one["members"]) == {each["replica"] for each in reports} and one["marks"]["current"] for one in reports)

    eventually(all_are, what=f"a fleet of {len(gateways)}")
    return gateways


def purge(gateway, query):
    answer = gateway.admin(f"/api/purge?{query}", "POST")
    assert answer.status == 200, answer.raw
    return answer.json()


def is_served(gateway, sid, auth=PARENT):
    """From the cache, without asking the upstream."""
    return gateway.ask(sid, auth=auth, headers=[("Cache-Control", "only-if-cached")]).status == 200


def none_serves(gateways, sid, auth=PARENT):
    for one in gateways:
        eventually(lambda: not is_served(one, sid, auth), what=f"{one.name} no longer serves {sid}")


class FeedCut:
    """Closes each connection that listens to the engine's feed, again and again."""

    def __init__(self, engine):
        self._engine = engine
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._cut, daemon=True)

    def _cut(self):
        with self._engine.client() as client:
            while not self._over.is_set():
                client.ask("CLIENT", "KILL", "TYPE", "pubsub")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
