"""What a process holds in its memory, as root can read it."""

import re

import pytest

PIECE = 16 << 20
# Beyond that it is a sanitizer's map of the whole address space, which holds no text.
LARGEST = 4 << 30


def written_regions(pid):
    """Start and size of each part that can be written and is not empty."""
    with open(f"/proc/{pid}/smaps", encoding="ascii", errors="replace") as smaps:
        for line in smaps:
            if found := re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line):
                start, end = (int(text, 16) for text in found.groups())
            elif re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
                start = None
            elif start is not None and (rss := re.match(r"Rss: +(\d+) kB", line)):
                if int(rss[1]) and end - start <= LARGEST:
                    yield start, end - start


def times_in_memory(pid, text):
    """How often the bytes stand in its memory."""
    count = 0
    try:
        memory = open(f"/proc/{pid}/mem", "rb", buffering=0)
    except PermissionError:
        pytest.skip("the memory of another process can be read by root with CAP_SYS_PTRACE only")
    with memory:
        for start, size in written_regions(pid):
            before = b""
            for offset in range(0, size, PIECE):
                try:
                    memory.seek(start + offset)
                    piece = memory.read(min(PIECE, size - offset))
                except OSError:  # it has been given back meanwhile
                    break
                count += (before + piece).count(text)
                before = piece[-(len(text) - 1) :]
    return count
