"""The picture: × floor of every server in every scenario, as an SVG. Drawn by hand, so that nothing needs to be installed for it."""

from math import log2
from xml.sax.saxutils import escape

COLOURS = ["#1b9e77", "#d95f02", "#e6ab02", "#7570b3", "#e7298a", "#66a61e", "#a6761d", "#666666"]
FLOOR = "#bbbbbb"  # of the floor that is not the line at 1
LEFT, BAR, GAP, WIDTH, RIGHT = 250, 13, 12, 560, 70
TOP = 64


def write(file, scenarios):
    """`scenarios`: name → {server: × floor}; the floor with one body is the line at 1."""
    servers = list(dict.fromkeys(server for values in scenarios.values() for server in values))
    others = [server for server in servers if not server.startswith("floor")]
    colour = {server: COLOURS[others.index(server) % len(COLOURS)] if server in others else FLOOR for server in servers}
    most = max(value for values in scenarios.values() for value in values.values())
    doublings = max(1, int(log2(most)) + 1)
    height = TOP + sum(GAP + BAR * len(values) for values in scenarios.values()) + 20
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + RIGHT}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        '<rect width="100%" height="100%" fill="white"/><text x="10" y="18" font-size="14">CPU per request, × its floor (the line at 1); '
        'logarithmic, less is better</text>',
        *_legend(colour), *_scale(doublings, height), *_bars(scenarios, colour, doublings), "</svg>\n"]))


def _at(value, doublings):
    """Half a doubling of room below 1: short runs may say that somebody beats the floor."""
    return LEFT + WIDTH * (max(log2(value), -0.5) + 0.5) / (doublings + 0.5)


def _legend(colour):
    x = 10
    for server, fill in colour.items():
        yield f'<rect x="{x:g}" y="28" width="10" height="10" fill="{fill}"/><text x="{x + 14:g}" y="37">{escape(server)}</text>'
        x += 24 + 6.5 * len(server)


def _scale(doublings, height):
    for power in range(doublings + 1):
        x = _at(2 ** power, doublings)
        yield (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - 12}" stroke="{"#000" if power == 0 else "#ddd"}"/>'
               f'<text x="{x:.1f}" y="{TOP - 12}" text-anchor="middle">{2 ** power}</text>')


def _bars(scenarios, colour, doublings):
    y = TOP
    for name, values in scenarios.items():
        yield f'<text x="{LEFT - 8}" y="{y + BAR * len(values) / 2 + 4:.1f}" text-anchor="end">{escape(name)}</text>'
        for server, value in values.items():
            end = _at(value, doublings)
            yield (f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR - 2}" fill="{colour[server]}"/>'
                   f'<text x="{end + 4:.1f}" y="{y + BAR - 4}" font-size="10">{value:.2f}</text>')
            y += BAR
        y += GAP
