"""One child process: its announced lines, its output on disk, its end by SIGTERM."""

import atexit
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

from .eventually import eventually

REPOSITORY = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("GATEWAY_BUILD") or REPOSITORY / "build" / "dev")
if not BUILD.is_absolute():
    BUILD = REPOSITORY / BUILD

# What a sanitizer prints, whatever the exit code says.
SANITIZER_REPORT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior|Memory)Sanitizer|: runtime error: ")
START_SECONDS = 30
STOP_SECONDS = 30


class Program:
    """Starts at once; `expect` waits for what the program announces on stdout."""

    def __init__(self, argv, directory, name, preexec=None, pass_fds=()):
        self.name = name
        self.stdout_path = Path(directory) / f"{name}.stdout"
        self.stderr_path = Path(directory) / f"{name}.stderr"
        self.lines = []
        self._changed = threading.Condition()
        self._closed = False
        with open(self.stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                [str(part) for part in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, preexec_fn=preexec, pass_fds=pass_fds
            )
        # A test that failed half-way must not leave its program behind.
        atexit.register(self._kill)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with open(self.stdout_path, "wb") as copy:
            for line in self.process.stdout:
                copy.write(line)
                copy.flush()
                with self._changed:
                    self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def expect(self, pattern, timeout=START_SECONDS):
        """The match of the first line, past or to come, that fits the pattern."""
        deadline = time.monotonic() + timeout
        seen = 0
        with self._changed:
            while True:
                while seen < len(self.lines):
                    found = re.search(pattern, self.lines[seen])
                    seen += 1
                    if found:
                        return found
                left = deadline - time.monotonic()
                if self._closed or left <= 0:
                    break
                self._changed.wait(left)
        raise AssertionError(f"{self.name} never printed /{pattern}/; it printed:\n{self.output()}")

    def _kill(self):
        if self.running():
            self.process.kill()

    def output(self):
        """Everything it wrote so far, stdout before stderr."""
        return "\n".join(self.lines) + "\n" + self.stderr_path.read_text("utf-8", "replace")

    def says(self, text, timeout=10.0):
        """Waits for the text: the log is written by a thread of its own, so a line may come after what it tells of."""
        eventually(lambda: text in self.output(), timeout, f"{text!r} in the output of {self.name}")

    def logged(self, text):
        """The lines of the log with the text, from the moment the first of them is written."""
        return eventually(lambda: [line for line in self.output().splitlines() if text in line and not line.startswith("{")], what=text)

    def running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=STOP_SECONDS):
        """The exit code; a program that does not end is killed and reported."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.name} did not end within {timeout} s:\n{self.output()[-4000:]}") from None
        self._reader.join(5)
        return code

    def no_sanitizer_report(self):
        text = self.output()
        found = SANITIZER_REPORT.search(text)
        assert not found, f"{self.name}:\n{text[max(0, found.start() - 500):found.start() + 6000]}"

    def stop(self, cuts=None):
        """SIGTERM must end it with 0 and without a sanitizer's report; with 70 if its output has what `cuts` names."""
        if self.running():
            self.signal(signal.SIGTERM)
        code = self.wait()
        self.no_sanitizer_report()
        expected = 70 if cuts and cuts in self.output() else 0
        assert code == expected, f"{self.name} ended with {code}:\n{self.output()[-6000:]}"
