"""A short soak (tests/soak/run takes half an hour): everything at once, and every answer judged."""

import subprocess

from harness.program import BUILD, REPOSITORY


def test_nothing_is_lost_and_nothing_is_wrong_under_faults_of_all_kinds():
    command = [REPOSITORY / "tests" / "soak" / "run", "--minutes", "0.75", "--successors", "1", "--build", BUILD]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
