"""An idle gateway costs nothing: however many workers it has, its threads sleep."""

import re
import time
from pathlib import Path


def wake_ups(pid):
    """Of all threads since they started."""
    found = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        found += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", status.read_text(), re.M).group(1))
    return found


def test_an_idle_gateway_wakes_five_times_a_second_at_most(start_gateway):
    gateway = start_gateway(workers=64)
    gateway.connect()
    time.sleep(2)  # its start
    before, seconds = wake_ups(gateway.process.pid), 6
    time.sleep(seconds)
    assert wake_ups(gateway.process.pid) - before <= 5 * seconds
