"""The clients of a day, and where it looks what came of them: gateways, their admin listeners, the simulator's control port. For day.py."""

import http.client
import json
import random
import threading
import time
from urllib.parse import urlsplit

OPENS, CLOSES = 9, 18
PATIENCE = 20  # seconds until what has to come counts as missing, however short the day is


class Peer:
    """One connection, kept; opened again when the other side has closed it."""

    def __init__(self, url, token=None):
        self.host = urlsplit(url).netloc
        self.fields = {"Authorization": f"Bearer {token}"} if token else {}
        self.connection = None

    def ask(self, path, method="GET", body=None, **fields):
        for attempt in (1, 2):
            fresh = self.connection is None
            self.connection = self.connection or http.client.HTTPConnection(self.host, timeout=40)
            try:
                self.connection.request(method, path, body, {**self.fields, **fields})
                answer = self.connection.getresponse()
                return answer.status, answer.headers, answer.read()
            except (OSError, http.client.HTTPException):
                self.connection = None
                if fresh or attempt == 2:
                    raise

    def json(self, path, method="GET", body=None):
        status, _, text = self.ask(path, method, None if body is None else json.dumps(body), **{"Content-Type": "application/json"})
        if status != 200:
            raise SystemExit(f"{method} {path}: {status} {text[:300]!r}")
        return json.loads(text)


class Day:
    """Its hours pass in the given seconds; beside its clients it knows the figures of all gateways."""

    def __init__(self, given):
        self.given = given
        self.control = Peer(given.control)
        self.admins = [Peer(url) for url in given.admin]
        self.begun = time.monotonic()
        self.crowd = []
        self.at_work, self.over = threading.Event(), threading.Event()
        self.at_work.set()
        self.failed = 0

    # --- time ---
    def moment(self, hour):
        return self.begun + (hour - OPENS) / (CLOSES - OPENS) * self.given.seconds

    def hours(self, count):
        return self.given.seconds / (CLOSES - OPENS) * count

    def pass_until(self, hour):
        """What took longer than its hours makes the day longer."""
        left = self.moment(hour) - time.monotonic()
        self.begun += max(0, -left)
        self.over.wait(max(0, left))

    @staticmethod
    def wait_for(question):
        deadline = time.monotonic() + PATIENCE
        while not (answer := question()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return answer

    # --- the gateway's own figures, of all gateways together ---
    def stats(self):
        return [admin.json("/api/stats?after=1000000000") for admin in self.admins]

    def total(self, kind, name):
        return sum(one["totals"][kind][name] for one in self.stats())

    def happened(self, event):
        return any(one["event"] == event for admin in self.admins for one in admin.json("/api/events")["events"])

    def upstream_calls(self, sid):
        return len(self.control.json(f"/requests?call_sid={sid}")["requests"])

    # --- clients ---
    def gateway(self, number=0, client="support"):
        return Peer(self.given.gateway[number % len(self.given.gateway)], self.given.tokens[client])

    def summary(self, peer, sid, **fields):
        return peer.ask(f"/v1/Voice/{sid}/Summary", **fields)

    def staff(self, client, number, per_second, choose, until=None):
        """So many clients that ask until that hour, or until the day is over."""

        def work(place):
            peer = self.gateway(place, client)
            while not self.over.wait(random.uniform(0.5, 1.5) / per_second) and (until is None or time.monotonic() < self.moment(until)):
                if self.at_work.wait(1):
                    try:
                        self.summary(peer, choose())
                    except OSError:
                        pass  # whoever ends the gateway learns it elsewhere

        for place in range(number):
            self.crowd.append(threading.Thread(target=work, args=(place,), daemon=True))
            self.crowd[-1].start()

    def all_at_once(self, number, client, sid, **fields):
        """[(status, fields, content)] of so many clients that ask for one call at the same moment."""
        answers, line_up = [(0, {}, b"")] * number, threading.Barrier(number)

        def work(place):
            peer = self.gateway(place, client)
            line_up.wait()
            answers[place] = self.summary(peer, sid, **fields)

        crowd = [threading.Thread(target=work, args=(place,)) for place in range(number)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        return answers

    def end(self):
        self.over.set()
        for one in self.crowd:
            one.join(45)
