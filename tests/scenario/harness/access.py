"""Mode inject as an operator sets it up: secret files, tokens and their hashes."""

import subprocess

from .gateway import BINARY
from .twilio_facts import account, oauth_client
from .wire import Connection, exchange, request, target


WRITES = {"may": ["all", "annotation.write"]}


def hash_of(token):
    done = subprocess.run([BINARY, "--hash-token"], input=token + "\n", capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def token(name):
    return f"{name}-token-".ljust(40, "x")


class Access:
    """Two accounts (the simulator's 1 and 2), and clients by name; files that a running gateway can be shown changes of."""

    def __init__(self, directory):
        self.directory = directory
        self.accounts, self.clients = [], []
        self.account("main", f"{account(1)}:parent-token")
        self.account("sub", f"{account(2)}:sub-token")

    def file(self, name, text, mode=0o600):
        """Replaced as a whole, as a careful operator would."""
        path, new = self.directory / name, self.directory / f"{name}.new"
        new.write_text(text)
        new.chmod(mode)
        new.replace(path)
        return path

    def account(self, name, credential):
        self.accounts.append({"name": name, "credential_file": self.file(f"{name}.credential", credential + "\n")})

    def oauth(self, name, simulator, secret="client-secret", **more):
        """In place of an account with that name: the simulator's first OAuth client."""
        path = self.file(f"{name}.secret", secret + "\n")
        section = {"client_id": oauth_client(1), "client_secret_file": path, "token_url": f"{simulator.url}/v2/token", **more}
        self.accounts = [one for one in self.accounts if one["name"] != name] + [{"name": name, "oauth": section}]

    def client(self, name, account_name, rights=None, **proof):
        """`rights`: may, methods, subaccounts."""
        if not proof:
            proof = {"token_file": self.file(f"{name}.token", hash_of(token(name)))}
        self.clients.append({"name": name, "account": account_name, **proof, **(rights or {})})

    def settings(self, **more):
        return {"mode": "inject", "accounts": self.accounts, **({"clients": self.clients} if self.clients else {}), **more}


def ask_unix(path, sid, auth=None):
    return exchange(path, request(target(sid), auth))


def ask_tls(port, context, sid, auth=None):
    with Connection(port, tls=context) as connection:
        return connection.send(request(target(sid), auth)).read()
