"""What a gateway says of itself: its logbook and its log, each line parsed."""

import json
import re

from .eventually import eventually

TEXT = re.compile(r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?P<level>debug|info|warning|error) (?P<message>.+)")
# On the dashboard and in `ctl` within ten seconds; a busy machine has more.
SEEN_WITHIN = 20


def entries(gateway, *kinds, since=0):
    found = gateway.admin(f"/api/events?since={since}").json()["events"]
    return [one for one in found if not kinds or one["event"] in kinds]


def entered(gateway, kind, count=1):
    """The last entry of that kind, once there are so many."""
    eventually(lambda: len(entries(gateway, kind)) >= count, timeout=SEEN_WITHIN, what=kind)
    return entries(gateway, kind)[-1]


def logged(gateway, form):
    """Each line of the log has its form; access lines have their own."""
    lines = []
    for line in gateway.stderr_path.read_text("utf-8").splitlines():
        if line.startswith("{"):
            one = json.loads(line)
            if "type" in one:
                continue
            assert form == "json", line
        else:
            match = TEXT.fullmatch(line)
            assert match and form == "text", line
            one = match.groupdict()
        assert TEXT.fullmatch(f"{one['time']} {one['level']} x") and one["message"], line
        lines.append(one)
    return lines
