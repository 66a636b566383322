"""The second tier's scripts, taken from the source that the gateway runs, and called as it calls them."""

import itertools
import re

from .program import REPOSITORY

SOURCE = REPOSITORY / "src" / "core" / "fleet" / "tier_scripts.cpp"
SCRIPTS = dict((found[1], found[0]) for found in re.findall(r'R"lua\((-- tier (\w+) .*?)\)lua"', SOURCE.read_text(), re.S))
CALL = "c411"
OWNER = "0a"


class Replica:
    """One that claims and settles as the gateway does; `engine` is a client of it."""

    _tokens = itertools.count(1)

    def __init__(self, engine, name):
        self.engine, self.name = engine, name

    def beat(self, lease_ms=60_000):
        now = self.engine.ask("TIME")
        self.engine.ask("ZADD", "{sg}:r", int(now[0]) * 1000 + lease_ms, self.name)

    def vanish(self):
        self.engine.ask("ZADD", "{sg}:r", 1, self.name)

    def claim(self, mode="share", question="absent", call=CALL, owners=(OWNER,), lease_ms=10_000, unusable="", waited_for="", token=None):
        """(the kind of reply, the token of this claim, the other parts of the reply)"""
        token = token or f"{next(self._tokens):016x}"
        keys = [f"{{sg}}:c:{call}", "{sg}:v", "{sg}:r"]
        values = [mode, question, self.name, token, lease_ms, unusable, waited_for, *owners]
        kind, _, *rest = self.engine.ask("EVAL", SCRIPTS["claim"], len(keys), *keys, *values)
        return kind.decode(), token, rest

    def settle(self, token, values=(), withdrawn=(), question="absent", call=CALL, owner=OWNER, version=0):
        message = f"call {call} {question} {owner}"
        flat = [part for value in values for part in value]
        words = [owner, question, token, "{sg}:feed", message, version, len(withdrawn), *withdrawn, *flat]
        return self.engine.ask("EVAL", SCRIPTS["settle"], 2, f"{{sg}}:c:{call}", "{sg}:f", *words)
