"""From what the stages saw to tables: medians of the rounds with their spread."""

from math import isnan
from statistics import median

from clients import CLIENTS, GREEDY
from shield_stages import FASTER, GREEDY_RATE, LATENCY, LIVING, Life, Outage


def _spread(values, form="{:.0f}"):
    values = [value for value in values if not isnan(value)]
    if not values:
        return "–"
    least, middle, most = (form.format(value) for value in (min(values), median(values), max(values)))
    return middle if least == most else f"{middle} ({least}–{most})"


def _percent(values):
    return _spread([100 * value for value in values], "{:.1f}") + " %"


def _at(values, part):
    values = sorted(values)
    return values[round(part * (len(values) - 1))] if values else float("nan")


def _markdown(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _served(answers):
    return sum(answer.status == 200 for answer in answers) / len(answers)


def _waits(answers, part, joined=False):
    """Of those who were served with what nobody had been given before; who came first needed the upstream, the others joined somebody."""
    return 1e3 * _at([answer.took for answer in answers if answer.status == 200 and not answer.known and answer.joined == joined], part)


def fair_wait(limit):
    """Everybody else's turn first, each once, as fast as the limit allows; then one's own exchange. In ms."""
    return 1e3 * (LATENCY * CLIENTS / limit + LATENCY)


def limit_table(collected, _):
    rows = [["limit", "", "429 of upstream answers", "after 5 round trips", "summaries/s ÷ ideal", "after 5 round trips", "modest: served",
             "came first: p50 ms", "p99", "fair", "joined: p99", "greedy: served", "came first: p50 ms"]]
    for number, phase in enumerate(next(iter(collected.values()))[0]):
        for name, rounds in collected.items():
            phases = [phases[number] for phases in rounds]
            modest, greedy = ([[answer for answer in one.answers if (answer.wish.client == GREEDY) == is_greedy] for one in phases]
                              for is_greedy in (False, True))
            spans = [[one.whole for one in phases], [one.settled for one in phases]]
            rows.append([f"{number + 1}: {phase.limit}", name,
                         *(_percent(one.refused_share for one in span) for span in spans),
                         *(_spread((one.accepted_per_second / (phase.limit / LATENCY) for one in span), "{:.2f}") for span in spans),
                         _percent(map(_served, modest)), _spread(_waits(one, 0.5) for one in modest),
                         _spread(_waits(one, 0.99) for one in modest), f"{fair_wait(phase.limit):.0f}",
                         _spread(_waits(one, 0.99, joined=True) for one in modest),
                         _percent(map(_served, greedy)), _spread(_waits(one, 0.5) for one in greedy)])
    return f"**Limit 40 → 10 → 40**, the greedy client asks for {GREEDY_RATE:.0f}/s; ideal: limit ÷ latency\n\n" + _markdown(rows)


def life_table(collected, _):
    rows = [["upstream calls per call", "not ready", "complete", "annotated", "per version given", "of 3 given", "partial: upstream ÷ readers",
             "complete seen after ms", "stale reads after a write"]]
    for name, rounds in collected.items():
        row = [name] + [_spread([one.upstream[version] / LIVING for one in rounds], "{:.2f}") for version in rounds[0].upstream]
        row.append(_spread((sum(one.upstream.values()) / one.given for one in rounds), "{:.2f}"))
        row.append(_spread((one.given / LIVING for one in rounds), "{:.2f}"))
        row.append(_spread([one.partial_upstream / one.partial_asked for one in rounds], "{:.2f}"))
        row.append(_spread(1e3 * _at(one.delays, 0.5) for one in rounds))
        row.append(_percent(one.stale_reads / one.reads_after_write for one in rounds))
        rows.append(row)
    return f"**The life of {LIVING} calls**\n\n" + _markdown(rows)


def outage_table(collected, seconds):
    rows = [["outage", "known: from the cache", "p99 ms", "new: told in p99 ms", "upstream calls/s, first second", "afterwards", "in all",
             "calls to heal", "new ones served again after s"]]
    for name, rounds in collected.items():
        rows.append([name, _percent(_served(one.known) for one in rounds),
                     _spread((1e3 * _at([answer.took for answer in one.known], 0.99) for one in rounds), "{:.1f}"),
                     _spread((1e3 * _at([answer.took for answer in one.cold], 0.99) for one in rounds), "{:.1f}"),
                     _spread(one.attempts[0] for one in rounds),
                     _spread((sum(one.attempts[1:]) / len(one.attempts[1:]) for one in rounds), "{:.1f}"),
                     _spread(sum(one.attempts) for one in rounds), _spread(one.to_heal for one in rounds),
                     _spread((one.healed_after for one in rounds), "{:.2f}")])
    return f"**Outage** of {seconds:.0f} s, {seconds * FASTER / 60:.0f} minutes at {FASTER} × the speed\n\n" + _markdown(rows)


def noise_line(noise):
    return (f"generator late by {_spread(noise.late_ms, '{:.1f}')} ms (p99), {_spread(noise.latest_ms)} ms (most); of the two cores this bench took {_percent(noise.own)}, "
            f"others {_percent(noise.foreign)}")


def brief(figures):
    """One line of progress."""
    if isinstance(figures, Life):
        return f"{sum(figures.upstream.values())} upstream calls of plain readers, {figures.stale_reads} stale reads after a write"
    if isinstance(figures, Outage):
        return f"{sum(figures.attempts):.0f} upstream calls in the outage, healed after {figures.healed_after:.2f} s"
    return ", ".join(f"limit {one.limit}: {one.whole.accepted_per_second / (one.limit / LATENCY):.2f} of the ideal, "
                     f"{100 * one.whole.refused_share:.1f} % refused" for one in figures)
