"""An issuer of JWTs, with keys made by the openssl command: its key set, and tokens good and bad."""

import base64
import json
import subprocess
import time
from pathlib import Path

from .certificates import openssl

KINDS = {
    "RS256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "ES256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "EdDSA": ["-algorithm", "ED25519"],
}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def run(*arguments, data=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def raw_pair(der):
    """r and s of an ECDSA signature, 32 bytes each."""
    numbers, at = [], 2
    while at < len(der):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2 : at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


class SigningKey:
    def __init__(self, directory, kid, algorithm, options=None):
        self.kid, self.algorithm, self.path = kid, algorithm, Path(directory) / f"{kid}.key"
        openssl("genpkey", *(options or KINDS[algorithm]), "-out", self.path)
        self.public = run("pkey", "-in", self.path, "-pubout", "-outform", "DER")

    def jwk(self, **more):
        if self.algorithm == "RS256":
            modulus = run("rsa", "-in", self.path, "-noout", "-modulus").decode().strip().partition("=")[2]
            numbers = {"kty": "RSA", "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}
        elif self.algorithm == "ES256":
            point = self.public[-64:]
            numbers = {"kty": "EC", "crv": "P-256", "x": base64url(point[:32]), "y": base64url(point[32:])}
        else:
            numbers = {"kty": "OKP", "crv": "Ed25519", "x": base64url(self.public[-32:])}
        return {**numbers, "kid": self.kid, "use": "sig", "alg": self.algorithm, **more}

    def sign(self, text):
        if self.algorithm == "EdDSA":
            (self.path.parent / "signed").write_bytes(text)
            return run("pkeyutl", "-sign", "-inkey", self.path, "-rawin", "-in", self.path.parent / "signed")
        signature = run("dgst", "-sha256", "-sign", self.path, data=text)
        return raw_pair(signature) if self.algorithm == "ES256" else signature


class Issuer:
    """As a Kubernetes cluster: one issuer, subjects that are service accounts."""

    name, audience = "https://kubernetes.default.svc", "summary-gateway"

    def __init__(self, directory):
        self.directory = Path(directory)
        self.keys = {algorithm: SigningKey(directory, f"key-{algorithm}", algorithm) for algorithm in KINDS}
        self.file = self.directory / "jwks.json"
        self.publish(self.keys.values())

    def publish(self, keys, text=None, mode=0o644):
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"keys": [one.jwk() for one in keys]}, indent=1) if text is None else text)
        new.chmod(mode)
        new.replace(self.file)

    def settings(self, **more):
        return {"issuer": self.name, "audience": self.audience, "jwks_file": self.file, **more}

    def claims(self, subject, lasts=600, **more):
        now = int(time.time())
        claims = {
            "aud": [self.audience], "exp": now + lasts, "iat": now, "nbf": now, "iss": self.name, "sub": subject,
            "kubernetes.io": {"namespace": "ns", "serviceaccount": {"name": "billing", "uid": "1"}},
        }
        return {key: value for key, value in {**claims, **more}.items() if value is not None}

    def token(self, subject, algorithm="ES256", key=None, header=None, payload=None, lasts=600, **claims):
        """`header`, `payload`: instead of the usual ones, as dictionaries or as texts."""
        key = key or self.keys[algorithm]
        header = {"alg": algorithm, "kid": key.kid} if header is None else header
        payload = self.claims(subject, lasts, **claims) if payload is None else payload
        text = ".".join(base64url((part if isinstance(part, str) else json.dumps(part)).encode()) for part in (header, payload))
        return f"{text}.{base64url(key.sign(text.encode()))}"
