"""What tests/run counts: each test of a process of googletest has its own verdict, however the process ends."""

import subprocess
from xml.sax.saxutils import escape

import pytest

from conftest import REPOSITORY

HEAD = "Running main() from gtest_main.cc\n[==========] Running 3 tests from 1 test suite.\n"
GOOD = "[ RUN      ] a.good\n[       OK ] a.good (0 ms)\n"
BAD = "[ RUN      ] a.bad\nx_test.cpp:7: Failure\nExpected: 1\n[  FAILED  ] a.bad, where GetParam() = 2 (3 ms)\n"
LEFT_OUT = "[ RUN      ] a.left_out\n[  SKIPPED ] a.left_out (0 ms)\n"
TAIL = "[==========] 3 tests from 1 test suite ran. (4 ms total)\n"


def said(tmp_path, printed, status):
    report = tmp_path / "report.xml"
    report.write_text(f'<testsuite><testcase name="core.1" classname="core.1" status="{status}"><system-out>{escape(printed)}</system-out></testcase></testsuite>')
    done = subprocess.run([REPOSITORY / "tests" / "verdicts", report], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "printed, status, counted, told",
    [
        (HEAD + GOOD + LEFT_OUT + TAIL, "run", [1, 0, 1], []),
        (HEAD + GOOD + BAD + TAIL + "[  FAILED  ] a.bad, where GetParam() = 2\n", "fail", [1, 1, 0], ["core.1 a.bad: x_test.cpp:7: Failure Expected: 1"]),
        ("[ RUN      ] a.good\n".join([HEAD, "no newline[       OK ] a.good (0 ms)\n"]), "run", [1, 0, 0], []),
        (HEAD + GOOD + "[ RUN      ] a.crash\n==1==ERROR: AddressSanitizer\n", "fail", [1, 1, 0], ["core.1 a.crash: ==1==ERROR: AddressSanitizer"]),
        (HEAD + GOOD + "[ RUN      ] a.exits\n", "run", [1, 1, 0], ["core.1 a.exits: "]),
        (HEAD + "[ RUN      ] a.mute\n" + GOOD, "run", [1, 1, 0], ["core.1 a.mute: "]),
        (HEAD + GOOD + TAIL + "LeakSanitizer: detected memory leaks\n", "fail", [1, 1, 0], [f"core.1 after its tests: {TAIL.strip()} LeakSanitizer: detected memory leaks"]),
        ("no such program", "fail", [0, 1, 0], ["core.1 core.1: "]),
        ("a fuzz target", "run", [1, 0, 0], []),
    ],
    ids=["passed", "failed", "half a line", "crashed", "exited", "no verdict", "leaked", "not googletest, failed", "not googletest, passed"],
)
def test_each_test_of_a_process_has_its_verdict(tmp_path, printed, status, counted, told):
    assert said(tmp_path, printed, status) == [*map(str, counted), *told]
