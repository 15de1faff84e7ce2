"""Certificates for servers and clients of the tests, made by openssl."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

#: The password of `Authority.locked_client`.
KEY_PASSWORD = "key-pass-secret"


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority whose files lie in one folder.

    Attributes:
        folder: The folder; `ca.pem` in it is the authority's own certificate.
    """

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Authority:
        """Makes an authority with certificates for a server, for another host and for a client."""
        folder.mkdir(parents=True)
        authority = cls(folder)
        _openssl(
            folder,
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", f"/CN={folder.name}"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )
        authority._sign("server", "DNS:localhost,DNS:db.example.test,IP:127.0.0.1")
        authority._sign("elsewhere", "DNS:elsewhere.example")
        authority._sign("client", "DNS:client.example")
        key, certificate = folder / "client.key", folder / "client.pem"
        (folder / "client-both.pem").write_bytes(key.read_bytes() + certificate.read_bytes())
        _openssl(
            folder,
            *("pkcs8", "-topk8", "-in", "client.key", "-out", "locked.key"),
            *("-passout", f"pass:{KEY_PASSWORD}"),
        )
        locked = (folder / "locked.key").read_bytes() + certificate.read_bytes()
        (folder / "client-locked.pem").write_bytes(locked)
        return authority

    @property
    def own(self) -> Path:
        """The authority's certificate (`tlsCAFile`)."""
        return self.folder / "ca.pem"

    @property
    def client(self) -> Path:
        """A client's certificate and key (`tlsCertificateKeyFile`)."""
        return self.folder / "client-both.pem"

    @property
    def locked_client(self) -> Path:
        """The same with a key that `KEY_PASSWORD` opens."""
        return self.folder / "client-locked.pem"

    def server(self, name: str = "server") -> tuple[Path, Path]:
        """Certificate and key of a server."""
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def _sign(self, name: str, hosts: str) -> None:
        _openssl(
            self.folder,
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", f"{name}.key"),
            *("-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}"),
            *(
                "-addext",
                f"subjectAltName={hosts}",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
            ),
        )


def _openssl(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
