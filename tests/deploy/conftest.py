"""What deploy/ ships, tried on the release build: as packed, as installed, as run. The programs as processes come from the scenario tests."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
os.environ.setdefault("GATEWAY_BUILD", str(REPOSITORY / "build"))
sys.path.insert(0, str(REPOSITORY / "tests" / "scenario"))

import pytest  # noqa: E402

from harness.program import BUILD  # noqa: E402
from harness.simulator import Simulator  # noqa: E402


def pytest_sessionstart():
    for program in ("summary-gateway", "twilio-simulator"):
        if not (BUILD / program).exists():
            pytest.exit(f"there is no {BUILD / program}: cmake --preset release && cmake --build build --target {program}", returncode=2)


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """{name: file}, packed from the release build, beside it."""
    folder = tmp_path_factory.mktemp("packages")
    for command in (["cmake", "--build", BUILD, "--target", "package-parts"], ["cpack", "--config", "CPackConfig.cmake", "-B", folder]):
        packed = subprocess.run(command, cwd=BUILD, capture_output=True, text=True, timeout=300, check=False)
        assert packed.returncode == 0, packed.stdout[-2000:] + packed.stderr[-4000:]
    found = {one.name.partition("_")[0]: one for one in folder.glob("*.deb")}
    print(", ".join(f"{one.name}: {one.stat().st_size} bytes" for one in found.values()))
    return found


@pytest.fixture(scope="session")
def simulator(tmp_path_factory):
    simulator = Simulator(tmp_path_factory.mktemp("simulator"))
    yield simulator
    simulator.stop()
