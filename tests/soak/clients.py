"""The clients of a soak: threads that ask in the ways that clients do, well-behaved and otherwise, and have each answer judged."""

import random
import ssl
import threading
import time

from calls import READERS
from harness.twilio_facts import PARENT
from harness.wire import Connection, annotation, request, target
from raw_requests import REFUSED

ENDED = (OSError, AssertionError)
MOSTLY_PARENT = [PARENT] * 6 + list(READERS)  # what the others may not see is refused upstream each time


class Clients:
    """`calm()` says whether an answer can be expected to be without a fault; `ports`: where the gateway listens: plain, TLS."""

    def __init__(self, book, ports, calm, seed, pause):
        self.book, self.ports, self.calm, self.pause = book, ports, calm, pause
        self.counts, self.lock, self.over = {}, threading.Lock(), threading.Event()
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE  # its certificate changes under way
        self.tls = trust
        kinds = [self.keeps, self.keeps, self.keeps, self.connects, self.over_tls, self.pipelines, self.polls, self.revalidates, self.writes, self.misbehaves]
        self.threads = [threading.Thread(target=self._run, args=(kind, random.Random(seed * 100 + number)), daemon=True) for number, kind in enumerate(kinds)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join(60)
            if thread.is_alive():
                self.book.fail("a client still waits for its answer a minute after the end")

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def total(self):
        with self.lock:
            return sum(self.counts.values())

    def _run(self, kind, chance):
        kept = [None]  # its connection, if it keeps one
        while not self.over.wait(self.pause):
            try:
                kind(chance, kept)
            except Exception as error:  # whatever it is: an answer that did not come as it should
                self.book.fail(f"{kind.__name__}: {error!r}")
                kept[0] = None

    # --- one question, and its answer ---------------------------------------------------
    def ask(self, chance, kept, call, state=None, reader=None, method="GET", headers=(), tls=None):
        """A kept connection that ends before the first byte of an answer is replaced, once a question, as HTTP clients do."""
        reader = reader or chance.choice(MOSTLY_PARENT)
        calm = self.calm()
        for again in (False, True):
            connection, kept[0] = kept[0], None
            reused = connection is not None
            connection = connection or Connection(self.ports[1 if tls else 0], tls=tls)
            connection.send(request(target(call.sid, state), reader, method, headers))
            if reused and not again and connection.has_ended():
                connection.close()
                continue
            answer = connection.read(method)
            break
        if answer.header("Connection") == "close":
            connection.close()
        else:
            kept[0] = connection
        self.count(answer.status)
        self.book.judge(call, reader, state, answer, calm and self.calm(), method)
        return answer

    # --- kinds of clients ---------------------------------------------------------------
    def keeps(self, chance, kept):
        state = chance.choice([None, None, None, "complete", "all", "partial"])
        self.ask(chance, kept, chance.choice(self.book.old), state, method=chance.choice(["GET", "GET", "GET", "HEAD"]))

    def connects(self, chance, kept):
        self.ask(chance, kept, chance.choice(self.book.old), headers=[("Accept-Encoding", "identity"), ("Connection", "close")])

    def over_tls(self, chance, kept):
        if kept[0] and chance.random() < 0.05:
            kept[0].close()
            kept[0] = None
        self.ask(chance, kept, chance.choice(self.book.old), tls=self.tls)

    def pipelines(self, chance, kept):
        calls, reader, calm = chance.sample(self.book.old, 8), chance.choice(list(READERS)), self.calm()
        with Connection(self.ports[0]) as connection:
            connection.send(b"".join(request(target(call.sid), reader) for call in calls))
            for call in calls:
                answer = connection.read()
                self.count(answer.status)
                self.book.judge(call, reader, None, answer, calm and self.calm())
                if answer.header("Connection") == "close":
                    break  # the rest was not answered, and may be asked again

    def polls(self, chance, kept):
        if self.book.young:
            self.ask(chance, kept, chance.choice(self.book.young), chance.choice(["complete", "complete", "partial"]), chance.choice([PARENT, *READERS]))

    def revalidates(self, chance, kept):
        call, reader = chance.choice(self.book.old[:50]), PARENT
        if call.owner not in READERS[reader]:
            return
        first = self.ask(chance, kept, call, reader=reader)
        if first.status == 200:
            conditions = [("If-None-Match", first.header("ETag")), *chance.choice([[], [("Cache-Control", "no-cache")], [("Cache-Control", "max-age=1")]])]
            self.ask(chance, kept, call, reader=reader, headers=conditions)

    def writes(self, chance, kept):
        """Who has written reads what was written, or something newer; only an answer that says that it is old may be old."""
        call = chance.choice(self.book.written)
        with call.lock:
            call.begun += 1
            number = call.begun
            form = b"Comment=number%%3D%d." % number
            fields = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", len(form)), ("Connection", "close")]
            with Connection(self.ports[0]) as connection:
                written = connection.send(request(annotation(call.sid), PARENT, "POST", fields, form)).read("POST")
            self.count(written.status)
            if written.status == 200:
                call.done = number
            answer = self.ask(chance, [None], call, reader=PARENT, headers=[("Connection", "close")])
        if answer.status == 200 and call.done and not str(answer.cache.get("detail", "")).startswith("stale"):
            comment = (answer.json()["annotation"] or {}).get("comment") or ""
            read = int(comment.partition("=")[2].partition(".")[0] or 0)
            if read < call.done:
                self.book.fail(f"a write was lost: {call.sid} has number {call.done}, read {read}: {answer.raw[:600]!r}")

    def misbehaves(self, chance, kept):
        """Nothing is expected of the answer, but that everybody else gets theirs."""
        self.count("misbehaviour")
        call = chance.choice(self.book.old)
        whole = request(target(call.sid), PARENT)
        tls = chance.random() < 0.3
        try:
            with Connection(self.ports[1 if tls else 0], tls=self.tls if tls and chance.random() < 0.7 else None, receive_buffer=chance.choice([None, 2048])) as connection:
                what = chance.choice(["half", "leaves", "odd", "floods", "noise"])
                if what == "half":
                    connection.send(whole[: chance.randrange(len(whole))])
                elif what == "leaves":
                    connection.send(whole)
                elif what == "odd":
                    connection.send_what_it_takes(chance.choice(list(REFUSED.values()))[0]).rest()
                elif what == "floods":
                    connection.send_what_it_takes(whole * 200)
                else:
                    connection.send_what_it_takes(chance.randbytes(2000))
                if chance.random() < 0.3:
                    connection.socket.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER 0: ends by a reset
                    time.sleep(0.01)
        except ENDED:
            pass
