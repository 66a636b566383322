"""Prometheus text exposition, read strictly."""

import re

PREFIX = "summary_gateway_"
_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: \d+)?")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)",?')


class Metrics:
    """Samples by (name, labels); families by name. A line off the format fails the test."""

    def __init__(self, text):
        self.text = text
        self.help, self.types, self.samples = {}, {}, {}
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name, _, prose = line[7:].partition(" ")
                self.help[name] = prose
            elif line.startswith("# TYPE "):
                name, kind = line[7:].split(" ")
                assert name not in self.types, f"TYPE twice: {name}"
                self.types[name] = kind
            elif line and not line.startswith("#"):
                self._sample(line)

    def _sample(self, line):
        found = _SAMPLE.fullmatch(line)
        assert found, f"not a sample: {line!r}"
        name, labels, value = found.groups()
        pairs = _LABEL.findall(labels or "")
        assert "".join(f'{key}="{text}",' for key, text in pairs).rstrip(",") == (labels or "").rstrip(","), f"odd labels: {line!r}"
        series = (name, tuple(sorted(pairs)))
        assert series not in self.samples, f"the series stands twice: {line!r}"
        assert self.family(name) in self.types, f"a sample without TYPE: {line!r}"
        self.samples[series] = float(value)

    def family(self, name):
        """`x_bucket` belongs to the histogram `x`."""
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        return base if self.types.get(base) in ("histogram", "summary") else name

    def total(self, name, **labels):
        """The sum over all series of this name that carry these labels."""
        wanted = set(labels.items())
        return sum(value for (series, pairs), value in self.samples.items() if series == PREFIX + name and wanted <= set(pairs))

    def by(self, name, label):
        """The sums of a family, one per value of the label."""
        out = {}
        for (series, pairs), value in self.samples.items():
            if series == PREFIX + name:
                kind = dict(pairs).get(label)
                out[kind] = out.get(kind, 0) + value
        return out

    def series(self, name):
        return [dict(pairs) for (series, pairs) in self.samples if series == PREFIX + name]
