"""Roles of operators: admin path x role x way of being known, each cell tried; the table in deploy/docs/security.md is made here.

The paths are those that GET /api lists, so a new one cannot be forgotten. GATEWAY_WRITE_REFERENCE=1 writes the table.
"""

import json
import os
import pathlib
import re
import signal
import ssl
import stat
import subprocess
from urllib.parse import quote

import pytest

from harness.certificates import Authority
from harness.eventually import eventually
from harness.gateway import BINARY, yaml
from harness.prometheus_text import Metrics
from harness.twilio_facts import new_sid
from harness.wire import Connection, exchange, request

PAGE = pathlib.Path(__file__).parents[2] / "deploy/docs/security.md"
MARK = "<!-- The table of roles: written by tests/scenario/test_admin_roles.py with GATEWAY_WRITE_REFERENCE=1. -->\n"
ROLES = ("read", "purge", "operate")
NAMES = {"read": "reader", "purge": "purger", "operate": "operator"}
TOKENS = {role: f"{role}-token-".ljust(40, "x") for role in ROLES}
# What a resource needs to do something; others do without parameters, or say 400.
PARAMETERS = {"/api/explain": f"?call_sid={new_sid()}", "/api/purge": "?all=true"}


def private(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


def token_file(directory, lines=None):
    return private(directory / "admin.token", "".join(f"{line}\n" for line in lines or [f"{role} {NAMES[role]} {TOKENS[role]}" for role in ROLES]))


def bearer(role):
    return f"Bearer {TOKENS[role]}" if role in ROLES else role


class ByToken:
    """Of a caller who sends a token."""

    def __init__(self, start_gateway, directory):
        self.gateway = start_gateway(admin={"token_file": token_file(directory)})

    def ask(self, role, path, method):
        return exchange(self.gateway.admin_port, request(path, bearer(role), method, [("Connection", "close")]), method)


class ByCertificate:
    """Of a caller who shows a certificate with a name."""

    def __init__(self, start_gateway, directory):
        self.authority = Authority(directory, "operators")
        server = self.authority.leaf()
        users = [{"name": NAMES[role], "role": role, "certificate": f"{role}.ops.internal"} for role in ROLES]
        tls = {"certificate": server.certificate, "key": server.key, "client_ca": self.authority.certificate}
        self.server, self.settings = server, {"tls": tls, "users": users}
        self.gateway = start_gateway(admin=self.settings)
        self.leaves = {role: self.authority.leaf(f"DNS:{role or 'nobody'}.ops.internal", usage="clientAuth") for role in (*ROLES, None)}

    def context(self, role):
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        context.load_cert_chain(self.leaves[role].certificate, self.leaves[role].key)
        return context

    def ask(self, role, path, method):
        with Connection(self.gateway.admin_port, tls=self.context(role)) as connection:
            return connection.send(request(path, None, method, [("Connection", "close")])).read(method)


class ByUnixUser:
    """Of a process that the kernel names; this one's user gets one role after the other, by a reload."""

    proof = {"unix_user": os.getuid()}

    def __init__(self, start_gateway, directory):
        self.gateway = start_gateway(admin={"address": f"unix:{directory / 'admin.sock'}", "users": self.users(None)})
        self.connection, self.role = None, None

    @classmethod
    def users(cls, role):
        mine = [{"name": "me", "role": role, **cls.proof}] if role else []
        return [{"name": "other", "role": "operate", "unix_user": 54321}, *mine]

    def ask(self, role, path, method):
        if role != self.role:
            give(self.gateway, users=self.users(role))
            self.role = role
        return exchange(self.gateway.admin_port, request(path, None, method, [("Connection", "close")]), method)


class ByUnixGroup(ByUnixUser):
    """By a group of this process."""

    proof = {"unix_group": os.getgid()}


def give(gateway, **admin):
    """Other settings of the admin section, by SIGHUP."""
    text = gateway.config_path.read_text()
    begin = text.index("admin:\n")
    end = re.compile(r"^\S", re.M).search(text, begin + 1).start()
    kept = {key: value for key, value in re.findall(r"^  (\w+): (\S+)$", text[begin:end], re.M)}
    gateway.config_path.write_text(text[:begin] + yaml({"admin": {**kept, **admin}}) + text[end:])
    reloads = gateway.output().count("asked for by SIGHUP")
    gateway.signal(signal.SIGHUP)
    eventually(lambda: gateway.output().count("asked for by SIGHUP") > reloads, what="the reload")
    assert "reload refused" not in gateway.output()


def listed(gateway_ask):
    """[(method, path, role)]"""
    text = gateway_ask("operate", "/api", "GET").body.decode()
    rows = re.findall(r"^(GET|POST) +(\S+)  (open|read|purge|operate)  ", text, re.M)
    assert len(rows) == text.count("\n") - 1, "each line is a resource with its role"
    return rows


def cell(answer, needs, role):
    if answer.status == 401:
        assert answer.fault == "missing_credentials" and answer.header("WWW-Authenticate") == "Bearer"
        return "401"
    if answer.status == 403:
        assert answer.fault == "not_permitted" and f"the role {needs}; " in answer.json()["message"] and f" has {role}." in answer.json()["message"]
        return "403"
    assert answer.status in (200, 400), answer.raw[:300]
    return "yes"


@pytest.mark.parametrize("way", [ByToken, ByCertificate, ByUnixUser, ByUnixGroup])
def test_the_table_of_the_page_is_what_happens(start_gateway, tmp_path, way):
    """In the order of the roles, so that a unix user's are given one by one."""
    known = way(start_gateway, tmp_path)
    rows = listed(known.ask)
    assert {path for _, path, _ in rows} >= {"/", "/livez", "/api/stats", "/api/purge", "/api/reload", "/api/audit", "/api/whoami"}
    cells = {role: [cell(known.ask(role, path + PARAMETERS.get(path, ""), method), needs, role) for method, path, needs in rows] for role in (None, *ROLES)}
    lines = ["| resource | needs | nobody known | `read` | `purge` | `operate` |", "|---" * 6 + "|"]
    for i, (method, path, needs) in enumerate(rows):
        shown = [cells[role][i].replace("yes", "**yes**") for role in (None, *ROLES)]
        lines.append(f"| `{method} {path}` | {needs if needs == 'open' else f'`{needs}`'} | {' | '.join(shown)} |")
    made = "\n".join(lines) + "\n"
    before, _, after = PAGE.read_text().partition(MARK)
    if os.environ.get("GATEWAY_WRITE_REFERENCE"):
        PAGE.write_text(before + MARK + made + "\n" + (after.split("\n\n", 1)[1] if after.startswith("|") else after.lstrip("\n")))
    assert MARK + made + "\n" in PAGE.read_text(), f"GATEWAY_WRITE_REFERENCE=1 writes it:\n{made}"


def audit(gateway, role="read", since=0):
    answer = exchange(gateway.admin_port, request(f"/api/audit?since={since}", bearer(role), headers=[("Connection", "close")]))
    assert answer.status == 200, answer.raw[:400]
    return answer.json()["lines"]


def post(gateway, role, path, *headers):
    return exchange(gateway.admin_port, request(path, bearer(role), "POST", [*headers, ("Connection", "close")]), "POST")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "audit.log"


@pytest.fixture
def gateway(start_gateway, tmp_path, file):
    return start_gateway(admin={"token_file": token_file(tmp_path), "audit_file": file})


def in_file(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_change_and_each_attempt_at_one_is_a_line(gateway, file, tmp_path):
    sid = new_sid()
    assert gateway.ask(sid).status == 200
    assert post(gateway, "purge", f"/api/purge?call_sid={sid}&hard=true").json() == {"purged": 1}
    assert post(gateway, "read", "/api/purge?all=true").status == 403
    assert post(gateway, "purge", "/api/pause").status == 403
    assert post(gateway, None, "/api/reload").status == 401
    assert post(gateway, "operate", "/api/pause?for=1s").status == 200
    assert post(gateway, "operate", "/api/circuit?account=nobody&state=open").status == 409
    assert post(gateway, "operate", "/api/limit").status == 400
    assert post(gateway, "operate", "/api/reload", ("Origin", "https://elsewhere.example")).fault == "cross_site"
    gateway.signal(signal.SIGHUP)
    eventually(lambda: audit(gateway)[-1]["event"] == "reloaded", what="a signal's change")
    gateway.signal(signal.SIGUSR1)
    token_file(tmp_path, [f"read reader {TOKENS['read']}", f"operate boss {TOKENS['operate']}"])
    eventually(lambda: audit(gateway)[-1]["event"] == "files_changed", what="a changed file")
    token_file(tmp_path, ["two words"])
    eventually(lambda: audit(gateway)[-1]["event"] == "file_refused", what="a file that cannot be used")

    lines = audit(gateway)
    who = lambda name, role: {"by": name, "role": role, "from": "127.0.0.1"}
    expected = [
        {"event": "started", "by": "the gateway itself", "outcome": "done"},
        {"event": "purged", "scope": "one call", "depth": "hard", "entries": 1, **who("purger", "purge"), "outcome": "done"},
        {"event": "change_refused", "resource": "/api/purge", **who("reader", "read"), "outcome": "refused"},
        {"event": "change_refused", "resource": "/api/pause", **who("purger", "purge"), "outcome": "refused"},
        {"event": "stranger_refused", "resource": "/api/reload", "by": "a stranger", "from": "127.0.0.1", "outcome": "refused"},
        {"event": "lever_set", "lever": "pause", "lasts_ms": 1000, **who("operator", "operate"), "outcome": "done"},
        {"event": "change_refused", "resource": "/api/circuit", **who("operator", "operate"), "outcome": "refused"},
        {"event": "change_refused", "resource": "/api/limit", **who("operator", "operate"), "outcome": "refused"},
        {"event": "change_refused", "resource": "/api/reload", **who("operator", "operate"), "outcome": "refused"},
        {"event": "reloaded", "by": "SIGHUP", "outcome": "done"},
        {"event": "log_files_reopened", "by": "SIGUSR1", "outcome": "done"},
        {"event": "files_changed", "setting": "admin.token_file", "outcome": "done"},
        {"event": "file_refused", "setting": "admin.token_file", "outcome": "refused"},
    ]
    without = [one for one in lines if one["event"] != "lever_expired"]
    assert [one["event"] for one in without] == [one["event"] for one in expected]
    for found, wanted in zip(without, expected):
        assert found.items() >= wanted.items(), (found, wanted)
    assert [one["number"] for one in lines] == list(range(1, len(lines) + 1))
    assert "needs the role purge; reader has read" in lines[2]["message"]
    assert "read reader, operate boss" in next(one for one in lines if one["event"] == "files_changed")["message"]
    assert [one["number"] for one in audit(gateway, since=5)] == [one["number"] for one in lines[5:]]
    eventually(lambda: in_file(file) == lines, what="the file has the same lines")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    refused = gateway_metrics(gateway)
    assert (refused("missing_credentials"), refused("not_permitted"), refused("cross_site")) == (1, 2, 1)
    gateway.stop()
    assert in_file(file)[-1].items() >= {"event": "drain_begun", "by": "SIGTERM", "outcome": "done"}.items()
    text = file.read_text() + gateway.output()
    for never in (sid, *TOKENS.values()):
        assert never not in text


def gateway_metrics(gateway):
    answer = exchange(gateway.admin_port, request("/metrics", bearer("read"), headers=[("Connection", "close")]))
    return lambda reason: Metrics(answer.body.decode()).total("admin_refused_total", reason=reason)


def test_strangers_cannot_fill_or_forge_it(gateway, file):
    assert post(gateway, "operate", "/api/pause?for=1h").status == 200
    evil = 'x\\n{"number":1,"event":"purged","by":"root"}'
    with Connection(gateway.admin_port) as connection:
        for i in range(600):
            auth = [None, f"Bearer {evil}", f"Bearer {'y' * 4000}", "Basic cm9vdDpyb290", bearer("read")][i % 5]
            path = ["/api/purge?all=true", f"/api/reload?by={quote(evil)}", "/api/pause?for=%0aroot"][i % 3]
            answer = connection.send(request(path, auth, "POST", [("X-Forwarded-For", evil), ("User-Agent", evil)])).read()
            assert answer.status in (401, 403)
    lines = audit(gateway)
    assert [one["by"] for one in lines if one["event"] == "lever_set"] == ["operator"]
    assert {one["event"] for one in lines} == {"started", "lever_set", "change_refused", "stranger_refused"}
    assert len(lines) <= 45 and {one["by"] for one in lines} == {"the gateway itself", "operator", "reader", "a stranger"}
    assert {one["from"] for one in lines if "from" in one} == {"127.0.0.1"}
    eventually(lambda: len(in_file(file)) == len(lines), what="in the file")
    assert file.stat().st_size < 45 * 1000
    assert gateway_metrics(gateway)("missing_credentials") == 480


def test_roles_that_change_count_at_once_on_an_open_connection(gateway, tmp_path):
    with Connection(gateway.admin_port) as connection:
        ask = lambda role, path="/api/purge?all=true": connection.send(request(path, bearer(role), "POST")).read().status
        assert ask("purge") == 200
        token_file(tmp_path, [f"read purger {TOKENS['purge']}", f"operate boss {TOKENS['operate']}"])
        assert ask("operate", "/api/reload") == 200
        assert (ask("purge"), ask("read")) == (403, 401), "by the reload"
        token_file(tmp_path, [f"operate purger {TOKENS['purge']}"])
        eventually(lambda: ask("purge", "/api/resume") == 200, what="by the watched file")
        assert ask("operate") == 401


def test_a_single_token_may_do_everything_and_the_start_says_so(start_gateway, tmp_path):
    gateway = start_gateway(admin={"token_file": token_file(tmp_path, [TOKENS["operate"]])})
    gateway.says("these may use the admin listener: operate the admin token")
    assert post(gateway, "operate", "/api/pause").status == 200
    open_one = start_gateway()
    open_one.says("whoever reaches the admin listener may do everything")
    assert open_one.admin("/api/whoami").json()["known_by"] == "none"


def test_who_is_named_is_shown_with_the_settings(start_gateway, tmp_path):
    gateway = start_gateway(admin={"address": f"unix:{tmp_path / 'a.sock'}", "users": ByUnixUser.users("read")})
    shown = subprocess.run([BINARY, "--config", gateway.config_path, "--print-config"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert re.search(r"name: me\n +role: read\n", shown)
    config = exchange(gateway.admin_port, request("/api/config", None, headers=[("Connection", "close")])).json()
    assert [one["role"] for one in config["admin"]["users"]] == ["operate", "read"]


# --- the file ---------------------------------------------------------------------------------------------------------------
def purge(gateway):
    assert post(gateway, "purge", "/api/purge?all=true").status == 200


def test_a_moved_file_is_left_and_a_full_disk_harms_nothing(gateway, start_gateway, file, tmp_path):
    purge(gateway)
    eventually(lambda: [one["event"] for one in in_file(file)] == ["started", "purged"])
    file.rename(tmp_path / "audit.log.1")
    purge(gateway)
    eventually(lambda: file.exists() and [one["event"] for one in in_file(file)] == ["purged"], what="a new file")
    file.unlink()
    gateway.signal(signal.SIGHUP)
    eventually(file.exists, what="a reload opens it")
    assert len(in_file(tmp_path / "audit.log.1")) == 2

    full = start_gateway(admin={"token_file": token_file(tmp_path), "audit_file": "/dev/full"})
    for _ in range(1200):
        purge(full)
    said = full.output()
    assert said.count("admin.audit_file: '/dev/full': No space left on device") == 1, "once"
    lost = exchange(full.admin_port, request("/metrics", bearer("read"), headers=[("Connection", "close")])).body.decode()
    assert int(re.search(r"^summary_gateway_audit_lines_lost_total (\d+)$", lost, re.M).group(1)) >= 200
    assert len(audit(full)) == 201, "the ring has them"


def test_a_file_that_cannot_be_had_is_a_reason_not_to_start(tmp_path):
    config = tmp_path / "g.yaml"
    config.write_text(yaml({"listeners": [{"address": "127.0.0.1:0"}], "admin": {"address": "127.0.0.1:0", "audit_file": "/no/such/folder/a"}}))
    ended = subprocess.run([BINARY, "--config", config], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 64 and "admin.audit_file: needs the folder" in ended.stdout + ended.stderr


# --- by command --------------------------------------------------------------------------------------------------------------
def ctl(*words):
    ended = subprocess.run([BINARY, "ctl", *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
    return ended.returncode, ended.stdout, ended.stderr


def test_ctl_says_who_you_are_what_is_missing_and_what_was_done(gateway, tmp_path):
    at = ("--admin", f"127.0.0.1:{gateway.admin_port}", "--token-file")
    mine = private(tmp_path / "mine.token", TOKENS["purge"] + "\n")
    code, out, _ = ctl(*at, mine, "whoami")
    assert code == 0 and re.search(r"^name +purger$", out, re.M) and re.search(r"^role +purge$", out, re.M)
    assert re.search(r"^ +/api/purge +purge +true$", out, re.M) and re.search(r"^ +/api/reload +operate +false$", out, re.M)
    code, out, err = ctl(*at, mine, "reload")
    assert (code, out) == (1, "") and "This needs the role operate; purger has purge." in err
    assert ctl(*at, mine, "purge", "--all")[0] == 0
    assert ctl(*at, tmp_path / "admin.token", "reload")[0] == 0, "of several tokens, the strongest"
    code, out, _ = ctl(*at, mine, "audit")
    assert code == 0 and out.splitlines()[-1].endswith("asked for by operator from 127.0.0.1")
    assert ctl(*at, mine, "audit", "--since", "3")[1].count("\n") == 1
    hashed = private(tmp_path / "hash.token", "operate alice sha256:" + "0" * 64 + "\n")
    code, _, err = ctl(*at, hashed, "status")
    assert code == 64 and "only hashes" in err


def test_ctl_by_tls_shows_a_certificate_and_trusts_one(start_gateway, tmp_path):
    known = ByCertificate(start_gateway, tmp_path)
    at = ("--admin", f"127.0.0.1:{known.gateway.admin_port}", "--server-certificate")
    mine = ("--certificate", known.leaves["purge"].certificate, "--key", known.leaves["purge"].key)
    code, out, err = ctl(*at, known.server.certificate, *mine, "whoami")
    assert code == 0, err
    assert re.search(r"^known_by +certificate$", out, re.M) and re.search(r"^role +purge$", out, re.M)
    assert ctl(*at, known.server.certificate, *mine, "purge", "--all")[0] == 0
    code, out, err = ctl(*at, known.server.certificate, *mine, "reload")
    assert code == 1 and "This needs the role operate" in err
    code, out, err = ctl(*at, known.leaves["read"].certificate, *mine, "purge", "--all")
    assert code == 69 and "another certificate" in err
    code, out, err = ctl(*at, known.server.certificate, "whoami")
    assert code == 69 and "certificate" in err
    code, out, err = ctl(*at[:2], "whoami")
    assert code in (1, 69) and err
