"""The calls of a soak, who may see them, and what each reader may be told: the judge of every answer."""

import json
import random
import threading

from harness.twilio_facts import BEARER, OTHER, PARENT, SIBLING, SUB, WRONG_SECRET, account

# Who asks -> the accounts whose calls they may see.
READERS = {PARENT: {1, 2, 3}, SUB: {2}, SIBLING: {3}, OTHER: {9}, BEARER: {1, 2, 3}, WRONG_SECRET: set()}

FAULTS = {429, 500, 502, 503, 504}
# What an answer of the upstream's may be while disturbances are made; with none, a complete call is 200 for who may see it.
UNTIL_IT_IS_READY = {404}
REFUSALS = {401, 403, 404}


def call_sid(random_source):
    return f"CAe{random_source.getrandbits(124):031x}"


class Call:
    def __init__(self, sid, owner, is_young=False):
        self.sid, self.owner, self.is_young = sid, owner, is_young
        self.lock = threading.Lock()
        self.seen_complete = set()  # by whom
        self.begun = self.done = 0  # numbers of comments: sent, and known to have arrived


class Book:
    """All calls, and the first failures in full."""

    def __init__(self, seed, simulator, size):
        self.random = random.Random(seed)
        self.simulator = simulator
        self.lock = threading.Lock()
        self.failures, self.failed = [], 0
        owners = [1, 1, 1, 2, 3, 9]
        self.old = [self.register(owners[number % len(owners)], ended_ago_s=7200) for number in range(size)]
        self.young = []
        self.written = [self.register(1, ended_ago_s=7200) for _ in range(4)]

    def register(self, owner, is_young=False, **life):
        sid = call_sid(self.random)
        self.simulator.register(sid, account_sid=account(owner), **life)
        return Call(sid, owner, is_young)

    def begin_young(self):
        """A call that has just ended: 404 for a while, then partial, then complete."""
        call = self.register(self.random.choice([1, 2]), is_young=True, ended_ago_s=0, partial_after_s=600, complete_after_s=1800)
        with self.lock:
            self.young = [*self.young[-40:], call]

    def fail(self, sentence):
        with self.lock:
            self.failed += 1
            if len(self.failures) < 20:
                self.failures.append(sentence[:600])

    def judge(self, call, reader, state, answer, calm, method="GET"):
        """Whether the answer is right; what is wrong is noted."""
        wrong = self.why_wrong(call, reader, state, answer, calm, method)
        if wrong:
            self.fail(f"{wrong}: {method} {call.sid} of account {call.owner}, state {state}, {answer.raw[:400]!r}")
        return not wrong

    def why_wrong(self, call, reader, state, answer, calm, method):
        may_see = call.owner in READERS[reader]
        if answer.status in (200, 304) and not may_see:
            return "another tenant's call was shown"
        if answer.status == 304 or (answer.status == 200 and method == "HEAD"):
            return None
        if answer.status == 200:
            return self.why_wrong_summary(call, reader, state, json.loads(answer.body))
        if answer.status not in FAULTS | UNTIL_IT_IS_READY | REFUSALS:
            return "a status that nobody expects"
        if method != "HEAD" and not {"code", "message"} <= set(json.loads(answer.body)):
            return "an error without code and message"
        if may_see and answer.status not in FAULTS:
            if answer.status != 404 or not call.is_young:
                return "a refusal for who may see the call"
            if state == "complete" and reader in call.seen_complete:
                return "a complete call became unready again"
        if calm and answer.status in FAULTS - {429}:
            return "a fault without a cause"
        return None

    def why_wrong_summary(self, call, reader, state, summary):
        if summary["call_sid"] != call.sid:
            return "another call's summary"
        if summary["account_sid"] != account(call.owner):
            return "another account's summary"
        if summary["processing_state"] == "complete":
            call.seen_complete.add(reader)
        elif state != "partial":
            return "a partial summary for who wants a complete one"
        return None
