"""FerretDB for the tests: a server of MongoDB's protocol with users, TLS and a replica set's name.

The Java server of `mongo` has none of these.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

from tests.servers.certificates import Authority
from tests.servers.daemons import PATIENCE_S, terminate
from tests.servers.mongo import SERVERS, free_port

EXECUTABLE = SERVERS / "ferretdb" / "ferretdb"
USER, PASSWORD = "me", "p@ss:w/rd%secret"
#: The password as it stands in an address.
QUOTED = "p%40ss%3Aw%2Frd%25secret"
SET = "rs0"


def missing() -> str | None:
    """Why the server cannot be started here; None if it can."""
    return None if EXECUTABLE.exists() else "no .servers/ferretdb: run tests/servers/install.sh"


class FerretDB:
    """A running server, with one user. Its files stay in the folder when it is stopped.

    Args:
        folder: Where its files lie.
        port: Its port (default: a free one).
        authority: Makes it speak TLS, with this authority's certificate.
        certificate: Which certificate it shows.
        checks_clients: Whether a client needs a certificate of the authority.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        authority: Authority | None = None,
        certificate: str = "server",
        checks_clients: bool = False,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._log = folder / "ferretdb.log"
        # Over TLS, it would name no address to the clients of a replica set.
        listen = ["--listen-addr", self.address, f"--repl-set-name={SET}"]
        if authority is not None:
            shown, key = authority.server(certificate)
            listen = ["--listen-addr=", "--listen-tls", self.address]
            listen += ["--listen-tls-cert-file", str(shown), "--listen-tls-key-file", str(key)]
            if checks_clients:
                listen += ["--listen-tls-ca-file", str(authority.own)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(EXECUTABLE, "--handler=sqlite", f"--sqlite-url=file:{folder}/"),
                    *(f"--state-dir={folder}", "--debug-addr=-", "--telemetry=disable"),
                    *("--test-enable-new-auth", *listen, "--log-level=WARN"),
                    *("--setup-database=spearmint", f"--setup-username={USER}"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Not in its arguments: tests look for the password in the list of processes.
                env={**os.environ, "FERRETDB_SETUP_PASSWORD": PASSWORD},
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None and time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"{EXECUTABLE} is not ready: {self._log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Stops it, as a user would; it keeps what was written."""
        terminate(self.process)
