"""Gateways that are one fleet: the same engine, the same key, caches of their own."""

from .eventually import eventually
from .twilio_facts import PARENT
from .wire import request, target


def fleet_settings(engine, share="[cache, flights]"):
    # On a busy machine a reply takes its time, and what is late goes without the fleet.
    return engine.fleet(share=share, timeout="1s")


class Fleet:
    def __init__(self, start, engine, count, share="[cache, flights]", **overrides):
        """`start`: the fixture start_gateway."""
        self.engine = engine
        self._start = lambda: start(fleet=fleet_settings(engine, share), **overrides)
        self.gateways = []
        for _ in range(count):
            self.join()

    def join(self):
        """One more gateway, which uses the second tier from now on."""
        one = self._start()
        self.gateways.append(one)
        self.usable(one)
        return one

    @staticmethod
    def usable(gateway):
        eventually(lambda: second_tier(gateway) == "on", what="the second tier is used")

    def __iter__(self):
        return iter(self.gateways)

    def __getitem__(self, number):
        return self.gateways[number]

    def sum(self, result):
        return sum(tier(one, result) for one in self)


def second_tier(gateway, sid="CA" + 32 * "0"):
    return gateway.admin(f"/api/explain?call_sid={sid}").json()["second_tier"]


def tier(gateway, result):
    return gateway.metrics().total("fleet_tier_total", result=result)


def detail(answer):
    return answer.cache.get("detail")


class Reader:
    """One request that has been sent and not been answered yet."""

    def __init__(self, gateway, sid, state=None, auth=PARENT, headers=()):
        self.connection = gateway.connect().send(request(target(sid, state), auth, headers=headers))

    def answer(self):
        answer = self.connection.read()
        self.connection.close()
        return answer
