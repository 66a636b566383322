"""From runs to tables: every server's CPU as a multiple of the floor's runs just before and after, medians with their spread."""

import re
from statistics import median


def floor_at(moment, floors, excluding=None):
    """The floor's CPU per request at that moment, on the line between the nearest floor runs before and after."""
    floors = [run for run in floors if run is not excluding]
    before = max((run for run in floors if run.at <= moment), key=lambda run: run.at, default=None)
    after = min((run for run in floors if run.at >= moment), key=lambda run: run.at, default=None)
    if before is None or after is None:
        return (before or after).cpu_us
    if before is after:
        return before.cpu_us
    weight = (moment - before.at) / (after.at - before.at)
    return before.cpu_us * (1 - weight) + after.cpu_us * weight


def ratios(runs, floors):
    return [run.cpu_us / floor_at(run.at, floors, excluding=run) for run in runs]


def spread(values, digits):
    least, middle, most = (f"{value:,.{digits}f}" for value in (min(values), median(values), max(values)))
    return middle if least == most else f"{middle} ({least}–{most})"


def versus_floor(peer, runs, floors):
    """The floor is 1 by definition; the spread of its runs against their neighbours is the method's own error."""
    values = ratios(runs, floors)
    return f"1 ({min(values):.2f}–{max(values):.2f})" if peer.key == "floor" else spread(values, 2)


def versus_floor_per_key(peer, closed):
    """What memory costs whoever serves it is in both. Paired as the servers are with each other: run by run, through the floor's own."""
    return "1" if peer.key == "floor-per-key" else spread(paired(peer.key, "floor-per-key", closed), 2)


def paired(one, other, closed):
    ratios_of = [ratios(closed[key], closed["floor"]) for key in (one, other)]
    return [a / b for a, b in zip(*ratios_of)]


def per_second(runs):
    bound = " g" if median(run.generator_bound for run in runs) else ""
    return f"{median(run.per_second for run in runs):,.0f}{bound}"


OVERRUN = 1e-3  # of the requests of an open loop; fewer are the last ones of a run


def legend(text):
    """Of the marks that occur in this table."""
    marks = {r"\d g[ ;/]": "g: the load generator was the limit, the server can do more.",
             r"[\d)] ! ": "!: more than one request in a thousand was due and found no free connection."}
    meant = [meaning for mark, meaning in marks.items() if re.search(mark, text)]
    return "\n\n" + " ".join(meant) if meant else ""


def markdown(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def table(what, peers, closed, opened):
    """`closed`: peer key → runs. `opened`: rate → peer key → runs."""
    rows = [[what, "CPU µs per request", "× floor", "× floor (a body per key)", "requests/s"]]
    for rate in opened:
        rows[0] += [f"× floor at {rate:,}/s", "p50 µs", "p99 µs"]
    for peer in peers:
        runs = closed[peer.key]
        row = [peer.name, spread([run.cpu_us for run in runs], 2), versus_floor(peer, runs, closed["floor"]),
               versus_floor_per_key(peer, closed), per_second(runs)]
        for results in opened.values():
            calm = results[peer.key]
            row += [versus_floor(peer, calm, results["floor"]),
                    spread([run.p50_us for run in calm], 0) + (" !" if any(run.never_sent > OVERRUN * run.requests for run in calm) else ""),
                    spread([run.p99_us for run in calm], 0)]
        rows.append(row)
    return markdown(rows)


def comparison(peers, closed):
    """The gateway beside everybody else, both paired with the floor first."""
    lines = []
    for peer in peers:
        if peer.is_floor or peer.key == "gateway" or "gateway" not in closed:
            continue
        speed = median(run.per_second for run in closed["gateway"]) / median(run.per_second for run in closed[peer.key])
        lines.append(f"gateway / {peer.name}: CPU per request {spread(paired('gateway', peer.key, closed), 2)}, requests/s {speed:.2f}")
    return lines


def caveats(kind, peers, results, misses=False):
    """Everything that makes a figure less certain, one line each."""
    lines = []
    for peer in peers:
        runs = results.get(peer.key, [])
        noisy = [run for run in runs if run.noise]
        if noisy:
            lines.append(f"! {peer.name}, {kind}: {len(noisy)} of {len(runs)} runs stayed noisy, e.g. {'; '.join(noisy[0].noise)}")
        errors = sum(run.errors for run in runs)
        if errors:
            lines.append(f"! {peer.name}, {kind}: {errors} errors, e.g. {next(run.first_error for run in runs if run.errors)}")
        astray = sum(run.upstream_requests - (run.requests if misses else 0) for run in runs)
        if astray:
            lines.append(f"! {peer.name}, {kind}: {astray:+} requests upstream: these were not all {'misses' if misses else 'hits'}")
    return lines
