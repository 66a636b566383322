"""Certificate authorities and leaves, made with the openssl command as an operator would."""

import subprocess
import time
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
    """A CA in a folder of its own; `leaf` signs what it is asked to, good or bad. `issuer`: another authority, if it is not a root."""

    def __init__(self, directory, name, issuer=None):
        self.directory, self.name, self.made = Path(directory), name, 0
        self.certificate, self.key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30, "-subj", f"/CN={name}",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", self.key, "-out", self.certificate,
        )
        if issuer:
            asked = self.directory / f"{name}.csr"
            openssl("req", "-new", "-key", self.key, "-subj", f"/CN={name}", "-out", asked)
            issuer._sign(asked, self.certificate, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")

    def leaf(self, alt_names="DNS:localhost,IP:127.0.0.1", days=30, usage="serverAuth", common_name="a leaf", until=None, since=None):
        """`until`: the second when it expires, instead of `days`; then `since` may say when it begins. `alt_names`: None for a certificate without any."""
        self.made += 1
        base = self.directory / f"{self.name}-{self.made}"
        key, asked, signed = (base.with_suffix(end) for end in (".key", ".csr", ".pem"))
        names = f"subjectAltName={alt_names}\n" if alt_names else ""
        openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={common_name}",
            "-keyout", key, "-out", asked,
        )
        self._sign(asked, signed, f"{names}extendedKeyUsage={usage}\nbasicConstraints=CA:FALSE\n", days, until, since)
        return Leaf(signed, key)

    def intermediate(self, name):
        return Authority(self.directory, name, self)

    def _sign(self, asked, signed, extensions, days=30, until=None, since=None):
        described = signed.with_suffix(".ext")
        described.write_text(extensions)
        if until is None:
            openssl(
                "x509", "-req", "-in", asked, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", days, "-extfile", described, "-out", signed,
            )
            return
        # Only the command for whole authorities knows seconds; it wants its books in files.
        books = signed.with_suffix(".books")
        books.mkdir()
        (books / "index").touch()
        settings = f"[ca]\ndefault_ca=it\n[it]\ndatabase={books}/index\nnew_certs_dir={books}\nrand_serial=yes\ndefault_md=sha256\n"
        (books / "settings").write_text(settings + "policy=any\n[any]\ncommonName=supplied\n")
        begin, end = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at)) for at in (since or time.time(), until))
        openssl(
            "ca", "-batch", "-notext", "-config", books / "settings", "-in", asked, "-cert", self.certificate, "-keyfile", self.key,
            "-startdate", begin, "-enddate", end, "-extfile", described, "-out", signed,
        )


def self_signed(directory):
    certificate, key = Path(directory) / "self.pem", Path(directory) / "self.key"
    openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30, "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate,
    )
    return Leaf(certificate, key)
