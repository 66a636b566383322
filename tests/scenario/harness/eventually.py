"""Waiting for a condition instead of for a time."""

import time


def eventually(question, timeout=10.0, what=None):
    """Asks until the answer is truthy and returns it; the pause only spares the processor."""
    deadline = time.monotonic() + timeout
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or 'the condition'}; last answer: {answer!r}")
        time.sleep(0.005)
