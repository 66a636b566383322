"""The script of the fleet's circuits, taken from the source that the gateway runs, and called as it calls it."""

import re

from .program import REPOSITORY

SOURCE = REPOSITORY / "src" / "core" / "fleet" / "circuit_script.cpp"
SCRIPT = re.search(r'R"lua\((.*?)\)lua"', SOURCE.read_text(), re.S)[1]
KEY, FEED = "{sg}:o", "{sg}:feed"


class Member:
    """One gateway; `engine` is a client of the engine."""

    def __init__(self, engine, name):
        self.engine, self.name = engine, name

    def tell(self, field, event="unchanged", known=0, span=0, streak=0, wants=False):
        """Reports one circuit. Returns what the engine then says about it: (number, is open, milliseconds left, streak, who probes), or None."""
        return self.look(field, known, event, span, streak, int(wants)).get(field)

    def look(self, *report):
        items = self.engine.ask("EVAL", SCRIPT, 1, KEY, FEED, self.name, *report)
        return {items[at].decode(): tuple(items[at + 1 : at + 6]) for at in range(0, len(items), 6)}
