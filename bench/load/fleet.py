"""Many gateways as one fleet beside as many islands, one gateway alone, and as many nginx: the same work for each in the same run."""

import asyncio
import os
from functools import partial

import fleet_cases
from engine_relay import EngineRelay
from fleet_groups import engine_program, group
from limiter_report import markdown, percent, spread
from processes import BenchError
from proxies import program

ALONE, FLEET, ISLANDS, NGINX = "one gateway", "fleet", "islands", "nginx"


def _kinds(count, delays):
    """(name of the column, kind, how many, the relay to the engine)"""
    kinds = [(ALONE, ALONE, 1, None)]
    for delay in delays:
        kinds.append((f"fleet, engine {delay:g} ms away", FLEET, count, partial(EngineRelay, delay=delay / 1e3)) if delay else (FLEET, FLEET, count, None))
    kinds.append((ISLANDS, ISLANDS, count, None))
    return kinds + [(NGINX, NGINX, count, None)] if program("nginx") else kinds


def _round(wanted, around, count, seed, say):
    """Of every kind: the figures of all cases. One kind after the other, so that each has the machine alone."""
    found = {}
    for name, kind, many, relay in _kinds(count, wanted.engine_delays):
        with group(kind, many, around, relay) as gateways:
            found[name] = asyncio.run(fleet_cases.play(gateways, seed, 2 if wanted.quick else 6))
            gateways.must_be_alive()
        say(f"    {many} × {name}: {fleet_cases.brief(found[name])}")
    return found


def _table(count, collected):
    rows = [[f"{count} of each", *collected]]
    for name, _, form in fleet_cases.FIGURES:
        cells = []
        for rounds in collected.values():
            values = [figures[name] for figures in rounds if name in figures]
            cells.append("–" if not values else percent(values) if form == "%" else spread(values, form))
        rows.append([next(text for key, text, _ in fleet_cases.FIGURES if key == name), *cells])
    return markdown(rows)


def bench(wanted, around, say):
    if engine_program() is None:
        raise BenchError("the fleet's engine is missing: deploy/install-deps --bench installs redis-server")
    os.sched_setaffinity(0, {wanted.cores[1]})  # the generator is in this process
    for count in wanted.gateways:
        collected = {}
        for number in range(1, wanted.rounds + 1):
            say(f"[round {number}/{wanted.rounds}] {count} gateways …")
            for name, figures in _round(wanted, around, count, number, say).items():
                collected.setdefault(name, []).append(figures)
        print(_table(count, collected), end="\n\n")
    return True
