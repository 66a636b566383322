"""What can become of the code that a marker names. An operation is a line of text:

  drop NAME                  the statement is gone
  never NAME, always NAME    the condition is false, or true: of the if or the loop; else the value that is returned or assigned
  without NAME: 2, 3.1       the condition lacks these operands of its && or || (3.1: the first one of those in brackets at the third place)
  swap NAME: A to B          what stands once in the statement is another literal, operator or constant
  first NAME                 the statement stands first in its block
  argument NAME: 1           the call on the line is only its first argument
  item NAME: 2 to TEXT       the second argument of the call (or element of the list; the longest on the line) is TEXT
  set NAME: TEXT             what is returned or assigned is TEXT
  put NAME: TEXT             TEXT stands before the statement

Prefer those that need none of the code's names: a rename cannot break them.
"""

import re

from markers import Inapplicable, Place, masked

OPERATION = re.compile(r"(\w+) ([a-z0-9-]+)(?:: (.+))?", re.DOTALL)


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
