"""Whatever happens to the engine, its feed and single gateways: in the end no gateway serves what was erased through any, and each still
serves the rest. The steps are drawn at random, the same ones in every run."""

import random
import signal

import pytest

from harness.engine import Engine
from harness.eventually import eventually
from harness.fleet import connected, is_served, none_serves, purge
from harness.twilio_facts import new_sid

GATEWAYS, CALLS, STEPS = 3, 12, 25


class World:
    """The fleet, and what must be true of it in the end."""

    def __init__(self, gateways, engine, chance):
        self.gateways, self.engine, self.chance = gateways, engine, chance
        self.asleep, self.erased = set(), set()
        self.calls = [new_sid() for _ in range(CALLS)]
        for one in gateways:
            for sid in self.calls:
                assert one.ask(sid).status == 200

    def step(self):
        awake = [one for one in self.gateways if one not in self.asleep]
        self.chance.choices(
            [self.erase, self.sleep, self.wake, self.flush, self.save, self.crash, self.mute], weights=[8, 2, 2, 1, 2, 2, 2]
        )[0](awake)

    def erase(self, awake):
        left = [sid for sid in self.calls if sid not in self.erased]
        if left and awake:
            gateway, sid = self.chance.choice(awake), self.chance.choice(left)
            assert purge(gateway, f"call_sid={sid}&hard=true")["fleet"] in ("done", "pending")
            assert not is_served(gateway, sid)
            self.erased.add(sid)

    def sleep(self, awake):
        if len(awake) > 1:
            self.asleep.add(self.chance.choice(awake))
            for one in self.asleep:
                one.signal(signal.SIGSTOP)

    def wake(self, _):
        for one in self.asleep:
            one.signal(signal.SIGCONT)
        self.asleep.clear()

    def flush(self, _):
        self.engine.flush()

    def save(self, _):
        self.engine.dump()

    def crash(self, _):
        """It comes back as it was saved last, or empty."""
        self.engine.kill()
        self.engine.start()

    def mute(self, _):
        self.engine.ask("CLIENT", "KILL", "TYPE", "pubsub")


@pytest.mark.parametrize("seed", range(4))
def test_no_gateway_serves_what_was_erased(start_gateway, tmp_path, seed):
    with Engine(tmp_path) as engine:
        gateways = connected(*[start_gateway(fleet=engine.fleet(share="[marks]", timeout="1s")) for _ in range(GATEWAYS)])
        world = World(gateways, engine, random.Random(seed))
        for _ in range(STEPS):
            world.step()
        world.wake(())
        connected(*gateways)
        for sid in world.calls:
            if sid in world.erased:
                none_serves(gateways, sid)
            else:
                assert all(is_served(one, sid) for one in gateways), "and nothing else is lost"
        eventually(lambda: engine.ask("ZCARD", "{sg}:mz") == len(world.erased), what="the engine has all marks")
