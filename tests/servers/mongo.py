"""A MongoDB server for the tests: `mongod` if it is installed, otherwise the Java server."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pymongo
import pymongo.errors

from tests.servers.daemons import PATIENCE_S, terminate

HERE = Path(__file__).resolve().parent
SERVERS = HERE.parents[1] / ".servers"
SUBSTITUTE = HERE / "bin" / "mongod"
MONGOSH = SERVERS / "mongosh" / "node_modules" / ".bin" / "mongosh"


def required() -> bool:
    """Whether tests fail if a server is missing (in CI), instead of being skipped."""
    return os.environ.get("CI") == "true" or os.environ.get("HYPERPOWER_REQUIRE_SERVERS") == "1"


def missing() -> str | None:
    """Why no server can be started here; None if one can."""
    if shutil.which("mongod"):
        return None
    if not shutil.which("java"):
        return "neither mongod nor java is on PATH: run tests/servers/install.sh"
    if not (SERVERS / "mongo-java-server" / "lib").is_dir():
        return "no mongod on PATH, no .servers/mongo-java-server: run tests/servers/install.sh"
    return None


def executable() -> Path:
    return Path(shutil.which("mongod") or SUBSTITUTE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MongoProcess:
    """A running server. Its files stay in the folder when it is stopped, for another start."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log = folder / "mongod.log"
        with (folder / "mongod.out").open("ab") as out:
            self.process = subprocess.Popen(
                [
                    *(executable(), "--dbpath", folder, "--port", str(self.port)),
                    *("--bind_ip", "127.0.0.1", "--logpath", self.log),
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self) -> None:
        with pymongo.MongoClient(self.address, serverSelectionTimeoutMS=500) as client:
            end = time.monotonic() + PATIENCE_S
            while self.process.poll() is None and time.monotonic() < end:
                try:
                    client.admin.command("ping")
                except pymongo.errors.PyMongoError:
                    time.sleep(0.1)
                else:
                    return
        output = "".join(
            path.read_text(errors="replace")[-2000:]
            for path in (self.log, self.folder / "mongod.out")
            if path.exists()
        )
        raise RuntimeError(f"{executable()} is not ready on {self.address}: {output}")

    def stop(self) -> None:
        """Stops it, as a user would; it keeps what was written."""
        terminate(self.process)


@contextlib.contextmanager
def started(folder: Path, port: int | None = None) -> Iterator[MongoProcess]:
    """A server that runs during a `with` block."""
    server = MongoProcess(folder, port)
    try:
        yield server
    finally:
        server.stop()
