"""The script of clients' quotas, taken from the source that the gateway runs, and called as it calls it."""

import re
from itertools import count
from typing import NamedTuple

from .program import REPOSITORY

SOURCE = REPOSITORY / "src" / "core" / "fleet" / "shared_quota.cpp"
SCRIPT = re.search(r'R"lua\((.*?)\)lua"', SOURCE.read_text(), re.S)[1]
DAY = 86_400_000
MOST_EARLY = 2000


class Word(NamedTuple):
    window: int
    holds: int  # by the gateway that was asked about
    left: int  # that no gateway holds
    ends_in: int


class Member:
    """One gateway; `engine` is a client of the engine. It holds what the engine gave it last."""

    def __init__(self, engine, name, calls, per=30 * DAY, key="{sg}:q:billing"):
        self.engine, self.name, self.calls, self.per, self.key = engine, name, calls, per, key
        self.window = self.holds = 0
        self.orders = count(1)

    def report(self, wanted=0, ahead=0, holds=None, window=None, order=None):
        order = next(self.orders) if order is None else order
        values = [self.name, order, self.per, self.calls, self.window if window is None else window, self.holds if holds is None else holds]
        said = Word(*self.engine.ask("EVAL", SCRIPT, 1, self.key, *values, wanted, ahead, MOST_EARLY))
        self.window, self.holds = said.window, said.holds
        return said
