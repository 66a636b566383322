"""The places that tests/defences takes away, found by markers in the code, and what can become of them.

A marker is a comment `// defence: NAME`, behind the line that defends or on a line of its own above it. It stands for the statement that
the line belongs to, with the block behind it. An operation is a line of text. Prefer the first ones: they need none of the code's names,
so that a rename cannot break them.

  drop NAME                  the statement is gone
  never NAME, always NAME    the condition is false, or true: of the if or the loop; else the value that is returned or assigned
  without NAME: 2, 3.1       the condition lacks these operands of its && or || (3.1: the first one of those in brackets at the third place)
  swap NAME: A to B          what stands once in the statement is another literal, operator or constant
  first NAME                 the statement stands first in its block
  argument NAME: 1           the call on the line is only its first argument
  item NAME: 2 to TEXT       the second argument of the call (or element of the list; the longest on the line) is TEXT
  set NAME: TEXT             what is returned or assigned is TEXT
  put NAME: TEXT             TEXT stands before the statement
"""

import functools
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "lint"))
from laws import LEXER  # pylint: disable=wrong-import-position

MARKER = re.compile(r"//[^\n]*?\bdefence: ([a-z0-9-]+)")
OPERATION = re.compile(r"(\w+) ([a-z0-9-]+)(?:: (.+))?", re.DOTALL)
OPEN, CLOSE = "([{", ")]}"


class Inapplicable(Exception):
    """An operation has nothing to work on."""


def names(operation):
    """What an operation consists of: its verb, its marker, its argument or None."""
    found = OPERATION.fullmatch(operation)
    if not found or found.group(1) not in VERBS or VERBS[found.group(1)][1] != (found.group(3) is not None):
        raise Inapplicable(f"no operation: {operation!r}")
    return found.groups()


def apply(text, operation):
    """A file's text after one operation on the place that its marker names."""
    verb, name, argument = names(operation)
    place = Place(text, name)
    change = VERBS[verb][0]
    try:
        start, end, instead = change(place, argument) if argument is not None else change(place)
    except (ValueError, IndexError):
        raise Inapplicable(f"{operation!r} has nothing to work on") from None
    return text[:start] + instead + text[end:]


def operations(row):
    return [row[2]] if isinstance(row[2], str) else row[2]


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


def drop(place):
    return place.start, place.end, ""


def first(place):
    depth, at = 0, place.start
    while at > 0 and depth <= 0:
        at -= 1
        depth += (place.code[at] == "{") - (place.code[at] == "}")
    block = place.code.find("\n", at) + 1
    return block, place.end, place.text[place.start : place.end] + place.text[block : place.start]


def with_condition(word):
    def change(place):
        start, end = place.condition()
        return start, end, f"({place.text[start:end]}) {word}"

    return change


def lacking(place, start, end, wanted):
    if place.code[start] == "(" and place.closing(start) == end - 1:
        return "(" + lacking(place, start + 1, end - 1, wanted) + ")"
    parts, word = place.split(start, end, [" || ", " ||\n"]), " || "
    if len(parts) == 1:
        parts, word = place.split(start, end, [" && ", " &&\n"]), " && "
    left = []
    for number, part in enumerate(parts, 1):
        inner = [path[1:] for path in wanted if path[0] == number]
        if [] not in inner:
            part = place.trimmed(*part)
            left.append(lacking(place, *part, inner) if inner else place.text[part[0] : part[1]])
    if len(left) == 0 or max(path[0] for path in wanted) > len(parts):
        raise Inapplicable(f"{len(parts)} operands")
    return word.join(left)


def without(place, which):
    start, end = place.condition()
    wanted = [[int(number) for number in path.split(".")] for path in which.split(", ")]
    left = lacking(place, start, end, wanted)
    return start, end, f"bool({left})"  # one operand alone need not be a bool


def swap(place, what):
    there, instead = what.split(" to ")
    edge = (r"(?<![\w'])" if re.match(r"\w", there) else r"(?<![<>=!&|+-])") + re.escape(there)
    edge += r"(?![\w'])" if re.search(r"\w$", there) else r"(?![<>=&|])"
    code = masked(place.text, strings=False)
    found = list(re.compile(edge).finditer(code, place.start, place.end))
    if len(found) != 1:
        raise Inapplicable(f"{there!r} stands {len(found)} times in the statement")
    return *found[0].span(), instead


def argument(place, number):
    opening, items, end = place.list()
    start = opening - len(re.search(r"[\w:.]*(?:<[^()<>]*>)?$", place.code[place.start : opening]).group())
    kept = items[int(number) - 1]
    return start, end, place.text[kept[0] : kept[1]]


def item(place, what):
    number, instead = what.split(" to ", 1)
    items = place.list()[1]
    if int(number) > len(items):
        raise Inapplicable(f"{len(items)} items")
    return *items[int(number) - 1], instead


def set_value(place, instead):
    return *place.value(), instead


def put(place, before):
    start = place.trimmed(place.start, place.end)[0]
    return start, start, before + "\n"


# verb: (what it does, whether it takes an argument)
VERBS = {
    "drop": (drop, False),
    "first": (first, False),
    "never": (with_condition("&& false"), False),
    "always": (with_condition("|| true"), False),
    "without": (without, True),
    "swap": (swap, True),
    "argument": (argument, True),
    "item": (item, True),
    "set": (set_value, True),
    "put": (put, True),
}


def places(files):
    """{marker: the files that it stands in, once for each time} of (path, text) pairs."""
    found = {}
    for path, text in files:
        for match in MARKER.finditer(text):
            found.setdefault(match.group(1), []).append(path)
    return found
