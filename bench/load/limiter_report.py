"""Cells and tables of the bench of the upstream limiter: medians of the rounds with their spread."""

from math import isnan
from statistics import median


def spread(values, form="{:.0f}"):
    values = [value for value in values if not isnan(value)]
    if not values:
        return "–"
    least, middle, most = (form.format(value) for value in (min(values), median(values), max(values)))
    return middle if least == most else f"{middle} ({least}–{most})"


def percent(values):
    return spread([100 * value for value in values], "{:.1f}") + " %"


def at(values, part):
    values = sorted(values)
    return values[round(part * (len(values) - 1))] if values else float("nan")


def markdown(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def served(answers):
    return sum(answer.status == 200 for answer in answers) / len(answers)


def noise_line(noise):
    return (f"generator late by {spread(noise.late_ms, '{:.1f}')} ms (p99), {spread(noise.latest_ms)} ms (most); of the two cores this bench took {percent(noise.own)}, "
            f"others {percent(noise.foreign)}")
