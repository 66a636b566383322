"""What every law shares: the tree, C++ tokens, findings, and a self-check that must turn red before a law is believed."""
import os
import re
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CPP = (".cpp", ".hpp", ".h", ".cc", ".ipp")
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__", ".pytest_cache", ".cache"}


class Tree:
    """A folder to judge: the repository, or a sample made for a self-check."""

    def __init__(self, root):
        self.root = root

    def files(self, *folders, suffixes=None):
        for folder in folders or ("",):
            start = os.path.join(self.root, folder)
            for where, names, leaves in os.walk(start):
                names[:] = sorted(n for n in names if n not in SKIPPED_FOLDERS and not n.startswith("build-"))
                for leaf in sorted(leaves):
                    if suffixes is None or leaf.endswith(suffixes):
                        yield os.path.relpath(os.path.join(where, leaf), self.root)

    def cpp(self, *folders):
        return self.files(*(folders or ("src", "tests", "bench")), suffixes=CPP)

    def text(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()


class Token:
    """One lexical element: `kind` is word, number, string, sign or include."""
    __slots__ = ("kind", "text", "line")

    def __init__(self, kind, text, line):
        self.kind, self.text, self.line = kind, text, line


LEXER = re.compile(
    r"""(?P<space>\s+|\\\n)
      | (?P<comment>//(?:[^\n\\]|\\\n|\\.)*|/\*.*?\*/)
      | (?P<raw>(?:u8|u|U|L)?R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)")
      | (?P<string>(?:u8|u|U|L)?"(?:[^"\\\n]|\\.)*")
      | (?P<char>(?:u8|u|U|L)?'(?:[^'\\\n]|\\.)*')
      | (?P<number>\.?[0-9](?:'?[0-9A-Za-z_.]|(?<=[eEpP])[+-])*)
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>::|->|.)""",
    re.VERBOSE | re.DOTALL,
)
DIRECTIVE = re.compile(r"[ \t]*#(?:[^\n\\]|\\\n|\\.)*")
INCLUDE = re.compile(r'[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]')


def tokens(text):
    """The tokens of a C++ file without comments; a preprocessor line is skipped, unless it is an #include."""
    found, at, line, line_start = [], 0, 1, True
    while at < len(text):
        if line_start:
            directive = DIRECTIVE.match(text, at)
            if directive:
                include = INCLUDE.match(directive.group())
                if include:
                    found.append(Token("include", include.group(1) + include.group(2), line))
                line += directive.group().count("\n")
                at = directive.end()
                line_start = False
                continue
        match = LEXER.match(text, at)
        kind, piece = match.lastgroup, match.group()
        if kind == "fence":
            kind = "raw"
        if kind in ("raw", "string", "char"):
            found.append(Token("string", piece, line))
        elif kind in ("number", "word", "sign"):
            found.append(Token(kind, piece, line))
        line_start = kind == "space" and "\n" in piece or (line_start and kind in ("space", "comment"))
        line += piece.count("\n")
        at = match.end()
    return found


def includes(text):
    """(line, '<' or '"', path) of each #include."""
    return [(t.line, t.text[0], t.text[1:]) for t in tokens(text) if t.kind == "include"]


def judge(law, check, bad, good=()):
    """Entry point of a law's script.

    `check(tree)` yields (path, line, what to do) or the same with "warning" as a fourth. `bad` holds samples
    ({path: text}, path, line) that must be reported there; `good` holds samples that must stay silent.
    """
    for number, (files, path, line) in enumerate(bad, 1):
        if (path, line) not in [(f[0], f[1]) for f in _on_sample(check, files) if len(f) == 3]:
            print(f"tests/lint: {law}: self-check: bad sample {number} ({path}:{line}) was not caught; repair the law first")
            sys.exit(2)
    for number, files in enumerate(good, 1):
        for finding in _on_sample(check, files):
            print(f"tests/lint: {law}: self-check: good sample {number} was refused at {finding[0]}:{finding[1]}: {finding[2]}")
            sys.exit(2)
    failed = False
    for path, line, advice, *level in check(Tree(ROOT)):
        failed = failed or not level
        print(f"{path}:{line}: {law}: {'warning: ' if level else ''}{advice}")
    sys.exit(1 if failed else 0)


def _on_sample(check, files):
    with tempfile.TemporaryDirectory(prefix="lint-sample-") as folder:
        for path, text in files.items():
            whole = os.path.join(folder, path)
            os.makedirs(os.path.dirname(whole), exist_ok=True)
            with open(whole, "w", encoding="utf-8") as file:
                file.write(text)
        return list(check(Tree(folder)))
