"""Certificate authorities and leaves, made with the openssl command as an operator would."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@dataclass
class Leaf:
    certificate: Path
    key: Path


class Authority:
    """A CA in a folder of its own; `leaf` signs what it is asked to, good or bad."""

    def __init__(self, directory, name):
        self.directory, self.name, self.made = Path(directory), name, 0
        self.certificate, self.key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30, "-subj", f"/CN={name}",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", self.key, "-out", self.certificate,
        )

    def leaf(self, alt_names="DNS:localhost,IP:127.0.0.1", days=30, usage="serverAuth"):
        self.made += 1
        base = self.directory / f"{self.name}-{self.made}"
        key, asked, signed, extensions = (base.with_suffix(end) for end in (".key", ".csr", ".pem", ".ext"))
        extensions.write_text(f"subjectAltName={alt_names}\nextendedKeyUsage={usage}\nbasicConstraints=CA:FALSE\n")
        openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a leaf",
            "-keyout", key, "-out", asked,
        )
        openssl(
            "x509", "-req", "-in", asked, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
            "-days", days, "-extfile", extensions, "-out", signed,
        )
        return Leaf(signed, key)


def self_signed(directory):
    certificate, key = Path(directory) / "self.pem", Path(directory) / "self.key"
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30, "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate,
    )
    return Leaf(certificate, key)
