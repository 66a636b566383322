"""deploy/install-deps on systems that it has not seen: what dpkg and apt know decides, not what the system is called."""

import os
import re
import subprocess

import pytest

from harness.program import REPOSITORY

LEAST = ("g++", "cmake", "libssl-dev")
DPKG_QUERY = """#!/bin/sh
case "$*" in
  *'${Depends}'*) [ -z "$CLANG_HERE" ] || echo "installed $CLANG_HERE" ;;
  *'libboost*-dev'*) for one in $INSTALLED; do echo "installed $one"; done ;;
  *) for one in $INSTALLED; do printf 'installed:%s ' "$one"; done ;;
esac
"""
APT_CACHE = """#!/bin/sh
case $1 in
  pkgnames) for one in $OFFERED; do echo "$one"; done ;;
  show) [ "$3" != clang ] || [ -z "$CLANG_OFFERED" ] || echo "Depends: $CLANG_OFFERED" ;;
esac
"""


@pytest.fixture
def system(tmp_path):
    """Runs the script where dpkg-query and apt-cache say what the test wants; apt-get finds nothing."""
    for name, text in {"dpkg-query": DPKG_QUERY, "apt-cache": APT_CACHE, "apt-get": "#!/bin/sh\nexit 0\n", "sudo": '#!/bin/sh\nexec "$@"\n'}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    def run(*arguments, **knows):
        known = {"INSTALLED": "", "OFFERED": "", "CLANG_HERE": "", "CLANG_OFFERED": "", **knows}
        environment = {**os.environ, **known, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        return subprocess.run([REPOSITORY / "deploy" / "install-deps", *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


@pytest.mark.parametrize(
    "knows, wanted",
    [
        ({"OFFERED": "libboost1.74-dev libboost1.81-dev"}, "libboost1.81-dev"),
        ({"OFFERED": "libboost1.88-dev libboost1.83-dev"}, "libboost1.83-dev"),
        ({"OFFERED": "libboost1.74-dev libboost1.83-dev libboost-chrono1.83-dev"}, "libboost1.83-dev"),
        ({"OFFERED": "libboost1.100-dev libboost1.99-dev libboost1.9-dev"}, "libboost1.99-dev"),
        ({"OFFERED": "libboost1.83-dev", "INSTALLED": "libboost1.88-dev"}, "libboost1.88-dev"),
        ({"OFFERED": "libboost1.83-dev", "INSTALLED": "libboost1.74-dev"}, "libboost1.83-dev"),
    ],
    ids=["Debian 12", "Debian 13", "Ubuntu 24.04", "a number, not a text", "what is there will do", "what is there is too old"],
)
def test_boost_is_what_the_system_has(system, knows, wanted):
    listed = system("--list", **knows).stdout.split()
    assert [name for name in listed if name.startswith("libboost")] == [wanted]
    assert set(LEAST) <= set(listed)


@pytest.mark.parametrize(
    "knows, wanted",
    [
        ({"CLANG_OFFERED": "clang-14"}, "libclang-rt-14-dev"),
        ({"CLANG_OFFERED": "clang-19 (>= 19.1.7-3~)"}, "libclang-rt-19-dev"),
        ({"CLANG_OFFERED": "clang-19", "CLANG_HERE": "clang-17"}, "libclang-rt-17-dev"),
        ({}, "libclang-rt-dev"),
    ],
    ids=["Debian 12", "Debian 13", "what is there decides", "nothing known"],
)
def test_the_runtime_is_that_of_the_clang(system, knows, wanted):
    listed = system("--list", "--tests", **knows).stdout.split()
    assert [name for name in listed if name.startswith("libclang-rt")] == [wanted]


def test_a_system_without_a_new_boost_is_refused_with_what_to_install(system):
    done = system(OFFERED="libboost1.74-dev")
    assert done.returncode == 1
    assert re.search(r"offers no Boost >= 1\.81; install these by your own means .*GATEWAY_SKIP_DEPS=1: libboost-dev .*libssl-dev", done.stderr)


def test_what_is_there_is_not_installed_again(system):
    listed = system("--list", OFFERED="libboost1.83-dev").stdout.split()
    done = system(INSTALLED=" ".join(listed), OFFERED="libboost1.83-dev")
    assert (done.returncode, done.stdout) == (0, f"install-deps: all {len(listed)} packages are there\n")
