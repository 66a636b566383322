"""Markers: comments in the code that name what tests/defences takes away.

A marker is a comment `// defence: NAME`, behind the line that defends or on a line of its own above it. It stands for the statement that
the line belongs to, with the block behind it.
"""

import functools
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "lint"))
from laws import LEXER

MARKER = re.compile(r"//[^\n]*?\bdefence: ([a-z0-9-]+)")
OPEN, CLOSE = "([{", ")]}"


class Inapplicable(Exception):
    """An operation has nothing to work on."""


def places(files):
    """{marker: the files that it stands in, once for each time} of (path, text) pairs."""
    found = {}
    for path, text in files:
        for match in MARKER.finditer(text):
            found.setdefault(match.group(1), []).append(path)
    return found


@functools.cache
def masked(text, strings=True):
    """The text with blanks for its comments and, unless told otherwise, for what its strings hold: no position moves."""
    pieces = []
    for match in LEXER.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "comment":
            piece = re.sub(r"[^\n]", " ", piece)
        elif strings and kind in ("string", "char", "raw", "fence"):
            piece = '"' + "_" * (len(piece) - 2) + '"'
        pieces.append(piece)
    return "".join(pieces)


class Place:
    """The marked line and its statement, as positions in a file's text."""

    def __init__(self, text, name):
        marks = [match for match in MARKER.finditer(text) if match.group(1) == name]
        if len(marks) != 1:
            raise Inapplicable(f"the marker {name} stands {len(marks)} times in its file")
        self.text = text
        self.code = masked(text)
        at = marks[0].start()
        self.line = text.rfind("\n", 0, at) + 1
        while not self._code_of_line(self.line):  # a line of its own: what it marks begins below
            self.line = self._next_line(self.line)
        self.start, self.end = self._first_line(), None
        self.end = self._end()

    def _code_of_line(self, start):
        return self.code[start : self._next_line(start)].strip()

    def _next_line(self, start):
        end = self.code.find("\n", start)
        return len(self.code) if end < 0 else end + 1

    def _first_line(self):
        first = before = self.line
        while before > 0:
            before = self.code.rfind("\n", 0, before - 1) + 1
            code = self._code_of_line(before)
            if code.endswith((";", "{", "}", ":")) or code.startswith("#") or not self.text[before : self._next_line(before)].strip():
                break
            if code:  # else a comment within the statement, or above it
                first = before
        return first

    def _end(self):
        depth, at, line_end = 0, self.start, self._next_line(self.line) - 1
        # What ends before it, as in "} else if (…) {", is no part of it.
        while self.code[at] in " }":
            at += 1
        for at in range(at, len(self.code)):
            here = self.code[at]
            depth += (here in OPEN) - (here in CLOSE)
            if here == "\n" and at >= line_end and depth <= 0 and self.code[self.start : at].rstrip().endswith((";", "}", ",")):
                return at + 1
        return len(self.code)

    def match(self, pattern):
        """The first match on the marked line, else in the statement."""
        found = re.compile(pattern).search(self.code, self.line, self._next_line(self.line))
        return found or re.compile(pattern).search(self.code, self.start, self.end)

    def closing(self, opening):
        depth = 0
        for at in range(opening, self.end):
            depth += (self.code[at] in OPEN) - (self.code[at] in CLOSE)
            if depth == 0:
                return at
        raise Inapplicable("a bracket that does not close")

    def split(self, start, end, separators):
        """Parts of a range between separators that stand in no bracket."""
        parts, depth, begun, at = [], 0, start, start
        while at < end:
            depth += (self.code[at] in OPEN) - (self.code[at] in CLOSE)
            word = next((word for word in separators if depth == 0 and self.code.startswith(word, at)), None)
            if word:
                parts.append((begun, at))
                begun = at = at + len(word)
            else:
                at += 1
        return parts + [(begun, end)]

    def value(self):
        """What is returned or assigned."""
        found = self.match(r"\b(?:co_)?return\b|(?<![=!<>+\-|&])=(?!=)")
        if not found:
            raise Inapplicable("no value")
        start = found.end()
        end = self.split(start, self.end, [";"])[0][1]
        return self.trimmed(start, end)

    def trimmed(self, start, end):
        code = self.code[start:end]
        return start + len(code) - len(code.lstrip()), end - len(code) + len(code.rstrip())

    def condition(self):
        """Of the if or the loop; else what is returned or assigned, up to a question mark; else what stands before a question mark."""
        found = self.match(r"\b(if|while|for) (?=\()|\b(?:co_)?return\b|(?<![=!<>+\-|&])=(?!=)")
        if found and found.group(1):
            parts = self.split(found.end() + 1, self.closing(found.end()), [";"])
            if found.group(1) == "for" and len(parts) != 3:
                raise Inapplicable("a loop over a range has no condition")
            return self.trimmed(*parts[1 if len(parts) == 3 else -1])
        if found:
            return self.trimmed(*self.split(*self.value(), [" ? "])[0])
        question = self.match(r"\(([^()?]+) \?")
        if not question:
            raise Inapplicable("no condition")
        return question.span(1)

    def list(self):
        """(where the longest list on the line opens, its elements, where it ends): arguments of a call or elements in braces."""
        lists = []
        for start, end in ((self.line, self._next_line(self.line)), (self.start, self.end)):
            for at in range(start, end):
                if self.code[at] in "({" and not re.search(r"\b(if|while|for|switch) $", self.code[:at][-8:]):
                    closing = self.closing(at)
                    within = self.code[at + 1 : closing]
                    is_block = self.code[at] == "{" and ";" in within
                    if within.strip() and not is_block:
                        lists.append((at, [self.trimmed(*part) for part in self.split(at + 1, closing, [","])], closing + 1))
            if lists:
                return max(lists, key=lambda found: len(found[1]))
        raise Inapplicable("no list")
