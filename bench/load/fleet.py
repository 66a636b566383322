"""Many gateways as one fleet beside as many islands, one gateway alone, and as many nginx: the same work for each in the same run."""

import asyncio
import os

import fleet_cases
from fleet_groups import engine_program, group
from limiter_report import markdown, percent, spread
from processes import BenchError
from proxies import program

ALONE, FLEET, ISLANDS, NGINX = "one gateway", "fleet", "islands", "nginx"


def _kinds(count):
    kinds = [(ALONE, 1), (FLEET, count), (ISLANDS, count)]
    return kinds + [(NGINX, count)] if program("nginx") else kinds


def _round(around, count, seed, seconds, say):
    """Of every kind: the figures of all cases. One kind after the other, so that each has the machine alone."""
    found = {}
    for kind, many in _kinds(count):
        with group(kind, many, around) as gateways:
            found[kind] = asyncio.run(fleet_cases.play(gateways, seed, seconds))
            gateways.must_be_alive()
        say(f"    {many} × {kind}: {fleet_cases.brief(found[kind])}")
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
            for kind, figures in _round(around, count, number, 2 if wanted.quick else 6, say).items():
                collected.setdefault(kind, []).append(figures)
        print(_table(count, collected), end="\n\n")
    return True
