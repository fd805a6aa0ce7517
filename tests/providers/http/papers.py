"""Certificates for tests, made when they are needed: no key lies in the repository."""

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Papers:
    """A certificate for localhost and 127.0.0.1 that is its own authority, and its key."""

    certificate: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        """For a peer that shows them."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        context.set_alpn_protocols(["h2", "http/1.1"])
        return context

    def client(self) -> ssl.SSLContext:
        """For whoever believes them."""
        return ssl.create_default_context(cafile=self.certificate)


def papers(folder: Path) -> Papers:
    """Made by the openssl command; skips where there is none."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command makes the certificate")
    made = Papers(folder / "certificate.pem", folder / "key.pem")
    command = [openssl, "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return made
