#!/usr/bin/env python3
"""A day of a call centre in a few minutes: what happens to the clients of a gateway, to Twilio and to the gateway itself. Started by deploy/tour/demo.sh.

Each happening says in one line what begins, and then, in figures of the gateway, what came of it. Exit code 0 when all of it was seen.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from crowd import CLOSES, OPENS, Day

FINISHED = [f"CA5eed{number:028x}" for number in range(0x100, 0x114)]
ENDED_LATELY, ENDS_SOON, WANTED_BY_ALL = (f"CA5eed{number:028x}" for number in (0x200, 0x201, 0x202))


def new_call():
    return f"CAa{random.getrandbits(124):031x}"


# --- what happens: each returns (seen, what came of it) ------------------------------------------------------------------------
def readers(day):
    day.staff("support", 4, 8, lambda: random.choice(FINISHED))
    day.staff("analytics", 2, 2, new_call)
    hits = day.wait_for(lambda: (n := day.total("requests", "hit")) >= 50 and n) or 0
    return hits and day.upstream_calls(FINISHED[0]) <= len(day.admins), f"{hits} answers from memory so far"


def pollers(day):
    day.control.json("/calls", "POST", {"call_sid": ENDED_LATELY, "ended_ago_s": 900, "partial_after_s": 600, "complete_after_s": 1800})
    day.staff("polling", 3, 4, lambda: ENDED_LATELY, until=OPENS + 5)
    polls = day.wait_for(lambda: (n := day.total("requests", "negative_hit")) >= 20 and n) or 0
    asked = day.upstream_calls(ENDED_LATELY)
    return polls and asked <= 3 * len(day.admins), f"{polls} polls were answered from memory, Twilio was asked {asked} time(s)"


def held(day):
    left = max(3, round(day.hours(0.5)))
    day.control.json("/calls", "POST", {"call_sid": ENDS_SOON, "ended_ago_s": 1800 - left, "partial_after_s": 600, "complete_after_s": 1800})
    begun = time.monotonic()
    answers = day.all_at_once(5, "support", ENDS_SOON, Prefer="wait=25")
    took, asked = time.monotonic() - begun, day.upstream_calls(ENDS_SOON)
    good = all(status == 200 and fields["Preference-Applied"] == "wait=25" for status, fields, _ in answers)
    return good and took < left + 5 and day.total("requests", "held") >= 5, f"5 readers had it after {took:.1f} s, Twilio was asked {asked} times"


def burst(day):
    answers = day.all_at_once(60, "support", WANTED_BY_ALL)
    asked = day.upstream_calls(WANTED_BY_ALL)
    return all(status == 200 for status, _, _ in answers) and asked <= len(day.admins), f"{len(answers)} readers, {asked} upstream call(s)"


def report(day):
    day.control.json("/limit", "POST", {"concurrency": 8})
    day.staff("analytics", 40, 20, new_call, until=OPENS + 4.9)
    learnt = day.wait_for(lambda: day.total("upstream", "throttled") and day.happened("limit_lowered"))
    day.pass_until(OPENS + 4.9)
    limits = ", ".join(str(one["upstream"]["limit"]) for one in day.stats())
    day.control.json("/limit", "POST", {"concurrency": 0})
    return learnt, f"429s of Twilio: {day.total('upstream', 'throttled')}; the learnt limit: {limits}"


def outage(day):
    day.control.json("/faults", "POST", [{"match": {}, "times": 0, "action": "status", "status": 503}])
    for client in ("analytics", "support"):
        day.staff(client, 3, 5, new_call, until=OPENS + 7)
    is_open = day.wait_for(lambda: any(one["state"]["circuit_open"] for one in day.stats()))
    before = day.total("requests", "hit")
    on = day.wait_for(lambda: day.total("requests", "hit") >= before + 10)
    day.pass_until(OPENS + 5.9)
    return is_open and on, f"circuit breaker: {'open' if is_open else 'closed'}; from memory meanwhile: {day.total('requests', 'hit') - before} answers"


def recovery(day):
    day.control.json("/faults", "DELETE")
    closed = day.wait_for(lambda: not any(one["state"]["circuit_open"] for one in day.stats()))
    status, _, _ = day.summary(day.gateway(), new_call())
    return closed and status == 200, f"circuit breaker: {'closed' if closed else 'open'}; a new call: {status}"


def annotation(day):
    words = "called back, all is well"
    form = urlencode({"Comment": words})
    status, _, _ = day.gateway(client="supervisor").ask(
        f"/v1/Voice/{FINISHED[0]}/Annotation", "POST", form, **{"Content-Type": "application/x-www-form-urlencoded"}
    )
    seen = [words.encode() in day.summary(day.gateway(number), FINISHED[0])[2] for number in range(len(day.admins))]
    return status == 200 and all(seen), f"the write: {status}; the next reader {'sees' if all(seen) else 'does not see'} it"


def purge(day):
    day.at_work.clear()
    purged = day.admins[0].json("/api/purge?all=true&hard=true", "POST")["purged"]
    empty = day.wait_for(lambda: not any(one["cache"]["entries"] for one in day.stats()))
    day.over.wait(min(2.5, day.hours(0.1)))  # so that a sample of the plot sees it
    day.at_work.set()
    filled = day.wait_for(lambda: all(one["cache"]["entries"] for one in day.stats()))
    return purged >= len(FINISHED) and empty and filled, f"{purged} answers erased; the cache {'was empty' if empty else 'is not empty'}, and fills again"


def engine_gone(day):
    states = lambda: {one["fleet"]["engine"] for one in day.stats()}
    os.kill(day.given.engine, signal.SIGSTOP)
    try:
        alone = day.wait_for(lambda: "connected" not in states())
        before = day.total("requests", "hit")
        on = day.wait_for(lambda: day.total("requests", "hit") >= before + 10)
    finally:
        os.kill(day.given.engine, signal.SIGCONT)
    back = day.wait_for(lambda: states() == {"connected"})
    return alone and on and back, f"alone: {bool(alone)}; answers from memory went on: {bool(on)}; together again: {bool(back)}"


HAPPENINGS = (
    (9, readers, "the support team reads finished calls: the first reader of each waits for Twilio, the others get it from memory"),
    (10, pollers, "programs poll for a call that has just ended: they share one \"not ready\""),
    (11, held, "five readers ask once, with Prefer: wait=25: they are answered the moment the summary is complete"),
    (12, burst, "a burst: sixty readers want one call at the same moment, and cost one upstream call"),
    (13, report, "a report reads hundreds of calls, and Twilio allows eight requests at once: the gateway learns its limit"),
    (14, outage, "Twilio is down: the circuit breaker opens, and what is in memory is served on"),
    (15, recovery, "Twilio is back: a probe finds it out, and the circuit breaker closes"),
    (16, annotation, "a supervisor annotates a call: the next reader gets the changed summary"),
    (17, purge, "an operator purges the cache: it is empty, and fills again"),
)
OF_A_FLEET = ((17.5, engine_gone, "the fleet's engine hangs: each gateway goes on alone, and comes back"),)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("gateway", "admin"):
        parser.add_argument(f"--{name}", action="append", required=True)
    parser.add_argument("--control", required=True)
    parser.add_argument("--tokens", type=lambda file: json.loads(Path(file).read_text()), required=True, help="a JSON file: client → token")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--engine", type=int)
    day = Day(parser.parse_args())
    day.control.json("/latency", "POST", {"spec": "lognormal:80ms:0.4"})
    try:
        for hour, happen, words in (*HAPPENINGS, *(OF_A_FLEET if day.given.engine else ())):
            day.pass_until(hour)
            print(f"{int(hour):02}:{round(hour % 1 * 60):02}  {words}", flush=True)
            seen, came = happen(day)
            day.failed += not seen
            print(f"       {came}{'' if seen else '  →  FAILED'}", flush=True)
        day.pass_until(CLOSES)
    except KeyboardInterrupt:
        return 130
    finally:
        day.end()
    requests = {name: day.total("requests", name) for name in day.stats()[0]["totals"]["requests"]}
    upstream = sum(sum(one["totals"]["upstream"].values()) for one in day.stats())
    print(f"{CLOSES}:00  the day is over: {sum(requests.values())} requests, {upstream} upstream calls", flush=True)
    return int(day.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
