"""What the compiler and the linker do against exploits in a release build, read off the program itself."""

import platform
import re
import subprocess

import pytest

from harness.gateway import BINARY

X86 = platform.machine() in ("x86_64", "i686")


def readelf(*options):
    return subprocess.run(["readelf", "--wide", *options, BINARY], capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.fixture(scope="module")
def imports():
    """The functions of shared libraries that the program calls."""
    return set(re.findall(r" FUNC .* UND (\w+)", readelf("--dyn-syms")))


def test_addresses_are_random():
    assert re.search(r"Type:\s+DYN", readelf("--file-header"))
    assert re.search(r"\(FLAGS_1\).*\bPIE\b", readelf("--dynamic"))


def test_all_links_are_made_before_main_and_read_only_from_then_on():
    assert " GNU_RELRO " in readelf("--segments")
    assert re.search(r"\(FLAGS\).*\bBIND_NOW\b", readelf("--dynamic"))


def test_no_stack_is_executable_and_no_segment_writable_and_executable():
    segments = re.findall(r"^  (\w+) +0x\S+ 0x\S+ 0x\S+ 0x\S+ 0x\S+ ([R ][W ][E ]) ", readelf("--segments"), re.MULTILINE)
    assert ("GNU_STACK", "RW ") in segments
    assert not [name for name, rights in segments if "W" in rights and "E" in rights]


def test_a_smashed_stack_is_noticed(imports):
    assert "__stack_chk_fail" in imports


def test_calls_of_the_c_library_know_the_size_of_what_they_write_to(imports):
    assert {name for name in imports if re.fullmatch(r"__\w+_chk", name)} - {"__stack_chk_fail"}


@pytest.mark.skipif(not X86, reason="-fcf-protection is for x86 only")
def test_every_function_says_that_it_may_be_jumped_to():
    # Debian's start files carry no mark, so that the program as a whole has none either: its functions are counted.
    (where,) = re.findall(r" \.text +PROGBITS +\S+ (\w+) (\w+) ", readelf("--sections"))
    start, size = (int(number, 16) for number in where)
    code = BINARY.read_bytes()[start : start + size]
    assert code.count(b"\xf3\x0f\x1e\xfa") > 1000
