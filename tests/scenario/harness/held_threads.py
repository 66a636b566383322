"""A process of which only the first thread goes on: what a debugger does, and a deadlock."""

import ctypes
import os
from contextlib import contextmanager

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000
_ptrace = ctypes.CDLL(None, use_errno=True).ptrace
_ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_ptrace.restype = ctypes.c_long


@contextmanager
def held_threads(pid):
    """Their ids; none where the system does not let us. Only the thread that is held stops, not its process."""
    held = []
    try:
        for thread in sorted(int(name) for name in os.listdir(f"/proc/{pid}/task")):
            if thread != pid and _ptrace(SEIZE, thread, None, None) == 0:
                assert _ptrace(INTERRUPT, thread, None, None) == 0
                os.waitpid(thread, WALL)
                held.append(thread)
        yield held
    finally:
        for thread in held:
            _ptrace(DETACH, thread, None, None)
