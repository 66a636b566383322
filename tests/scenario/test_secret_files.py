"""Files with secrets: what an editor or a tool adds means nothing; what cannot work is refused by name, and never "taken over"."""

import subprocess

import pytest

from harness.access import Access, hash_of, token
from harness.eventually import eventually
from harness.gateway import BINARY, settings_for, yaml
from harness.refused import fails_to_start
from harness.twilio_facts import account, new_sid
from harness.wire import exchange, request

MARK = b"\xef\xbb\xbf"
KEY = "0123456789abcdef" * 4
UPSTREAM = {"url": "https://insights.twilio.com", "proxy": "http://127.0.0.1:9"}
FLEET = {"url": "redis://127.0.0.1:9", "key_file": "fleet.key"}

# The key of each setting: a content that works, and the settings that name the file.
PLACES = {
    "admin.token_file": ("t" * 32, lambda file, _: {"admin": {"token_file": file}}),
    "credentials.accounts[0].credential_file": (f"{account(1)}:parent-token", lambda file, access: {
        "credentials": access.settings(accounts=[{"name": "main", "credential_file": file}], allow_unauthenticated="main")
    }),
    "credentials.clients[0].token_file": ("sha256:" + KEY, lambda file, access: {
        "credentials": access.settings(clients=[{"name": "billing", "account": "main", "token_file": file}])
    }),
    "upstream.proxy_credential_file": ("gateway:a password", lambda file, _: {"upstream": {**UPSTREAM, "proxy_credential_file": file}}),
    "events.auth_token_file": ("1" * 32, lambda file, _: {
        "events": {"address": "127.0.0.1:0", "public_url": "https://hooks.example/e", "auth_token_file": file}
    }),
    "fleet.password_file": ("engine pass+1", lambda file, _: {"fleet": {**FLEET, "password_file": file}}),
    "fleet.key_file": (KEY, lambda file, _: {"fleet": {**FLEET, "key_file": file}}),
    "snapshot.key_file": (KEY, lambda file, _: {"snapshot": {"file": "cache.snapshot", "key_file": file}}),
}


@pytest.mark.parametrize("key", PLACES)
def test_each_file_is_read_alike(tmp_path, key):
    content, settings = PLACES[key]
    file, config = tmp_path / "secret", tmp_path / "gateway.yaml"
    (tmp_path / "fleet.key").write_text(KEY)
    (tmp_path / "fleet.key").chmod(0o600)
    config.write_text(yaml(settings_for(None, **settings(file, Access(tmp_path)))))

    def check(written):
        file.write_bytes(written)
        file.chmod(0o600)
        done = subprocess.run([BINARY, "--check-config", "--config", config], capture_output=True, text=True, timeout=20, check=False)
        assert content not in done.stdout
        return done.returncode, done.stdout

    good = content.encode()
    for written in (good, good + b"\n", MARK + good + b" \r\n\r\n"):
        assert check(written)[0] == 0, written
    for written, reason in {
        b'"' + good + b'"': "has quotes around it",
        b"SECRET=" + good: "is NAME=VALUE",
        b"# a note\n" + good: "is a comment",
        good + b"\0": "bytes that are not printable ASCII",
        good + b"\r" + good: "bytes that are not printable ASCII",
        good + "\u00e9".encode(): "bytes that are not printable ASCII",
        MARK: "is empty",
    }.items():
        code, said = check(written)
        if key.endswith("clients[0].token_file") and written == MARK:
            assert code == 0, "a client without a token"
            continue
        assert code == 64 and f"{key}: '{file}' must hold " in said and reason in said, (written, said)


@pytest.mark.parametrize("content, mode, reason", [
    ("t", 0o600, "must hold a token of 16 or more"), ("t" * 15, 0o600, "must hold a token of 16 or more"), ("t" * 32, 0o604, "can be read by every user"),
])
def test_an_admin_token_that_other_machines_can_try_is_strong_and_secret(tmp_path, content, mode, reason):
    file = tmp_path / "admin.token"
    file.write_text(content)
    file.chmod(mode)
    code, said = fails_to_start(tmp_path, settings_for(None, admin={"address": "0.0.0.0:0", "token_file": file}))
    assert code == 64 and "admin.token_file" in said and reason in said
    checked = subprocess.run(
        [BINARY, "--check-config", "--config", "/dev/stdin"], input=yaml(settings_for(None, admin={"address": "127.0.0.1:0", "token_file": file})),
        capture_output=True, text=True, timeout=20, check=False,
    )
    assert checked.returncode == 0, "on this machine alone it is the operator's choice"


def asked_with(gateway, bearer):
    return exchange(gateway.admin_port, request("/metrics", f"Bearer {bearer}", headers=[("Connection", "close")])).status


def test_a_changed_file_counts_only_if_it_works(start_gateway, tmp_path):
    file = tmp_path / "admin.token"
    file.write_text("first-token\n")
    access = Access(tmp_path)
    access.client("billing", "main")
    gateway = start_gateway(admin={"token_file": file}, credentials=access.settings())
    bearer = f"Bearer {token('billing')}"
    access.file("billing.token", hash_of(token("other")) + "# billing\n")
    for wrong, reason in (('"second-token"\n', "quotes"), ("TOKEN=second-token\n", "NAME=VALUE"), ("first\nsecond\n", "has several lines")):
        file.write_text(wrong)
        eventually(lambda: reason in gateway.output(), what=wrong)
        assert (asked_with(gateway, "first-token"), asked_with(gateway, "second-token")) == (200, 401)
    gateway.says("is a comment; the tokens read before stay in force")
    assert "admin.token_file: these may use" not in gateway.output()
    assert gateway.ask(new_sid(), auth=bearer).status == 200
    file.write_bytes(MARK + b"second-token\r\n")
    eventually(lambda: asked_with(gateway, "second-token") == 200, what="a mark and a line end of Windows")
    assert gateway.output().count("admin.token_file: these may use") == 1
