"""A Ray cluster for the tests: this machine is its head and its only node."""

from __future__ import annotations

import contextlib
import fcntl
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.servers.daemons import Daemons
from tests.servers.mongo import free_port

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-ray" / "bin" / "python"
CPUS = 2
#: How often the start of a head is tried.
STARTS = 5
#: Ray gives up a head that is away sooner than usual, and asks for the token of this cluster. The
#: process that it starts for a client may take its time on a busy machine.
ENVIRON = {
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_gcs_rpc_server_reconnect_timeout_s": "10",
    "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "240",
    "RAY_DISABLE_IMPORT_WARNING": "1",
}


def missing() -> str | None:
    """Why no cluster can be started here; None if one can."""
    return None if PYTHON.exists() else "no .venv-ray: run tests/servers/install.sh"


class Cluster:
    """A running cluster.

    Attributes:
        address: HOST:PORT of its head.
        environ: What a process needs to connect to it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.client_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        token = folder / "token"
        token.touch(mode=0o600)
        token.write_text(secrets.token_hex(32))
        self.environ = {**ENVIRON, "RAY_AUTH_TOKEN_PATH": str(token)}
        self.daemons = Daemons(folder, self.environ)
        try:
            self.start_head()
        except BaseException:
            self.kill_head()
            raise

    @property
    def arguments(self) -> list[str]:
        """What `scheduler-args` need, to run jobs here."""
        return [f"--python={PYTHON}", f"--address={self.address}"]

    @contextlib.contextmanager
    def clients(self) -> Iterator[str]:
        """Where clients connect, for a `with` block in which no other cluster here has clients.

        Each client gets a server of its own on a port from 23000 on that is not in use yet. Two
        clusters of one machine, as two runs of the tests make them, choose the same port at the
        same time, and the system gives the calls of one client to the server of the other.
        """
        with (Path(tempfile.gettempdir()) / "ray-clients-of-tests.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield f"ray://127.0.0.1:{self.client_port}"

    def start_head(self) -> None:
        """Starts the head; Ray itself allows its parts 30 s, which a busy machine exceeds."""
        for _ in range(STARTS - 1):
            try:
                self._start_head()
            except RuntimeError:
                self.kill_head()
            else:
                return
        self._start_head()

    def _start_head(self) -> None:
        ray = PYTHON.with_name("ray")
        # The names of Ray's sockets are long, and the system limits them.
        options = {
            "port": self.port,
            "ray-client-server-port": self.client_port,
            "num-cpus": CPUS,
            "num-gpus": 0,
            "object-store-memory": 100 * 2**20,
            "include-dashboard": "false",
            "temp-dir": self.folder / "ray",
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        self.daemons.start("ray", ray, "start", "--head", "--block", *flags)
        self.daemons.until(lambda: "runtime started" in self._log(), "Ray")

    def kill_head(self) -> None:
        """Kills all that Ray has started here but the workers, which notice it by themselves."""
        head = self.daemons.running.pop("ray")
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in psutil.Process(head.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if not _title(process).startswith("ray::"):
                        process.send_signal(signal.SIGKILL)
        head.kill()
        head.wait()
        (self.folder / "ray.log").unlink(missing_ok=True)

    def actors(self) -> list[psutil.Process]:
        """The processes of Ray that hold jobs."""
        head = psutil.Process(self.daemons.running["ray"].pid)
        found = []
        for process in head.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if _title(process).startswith("ray::JobActor"):
                    found.append(process)
        return found

    def _log(self) -> str:
        return (self.folder / "ray.log").read_text(errors="replace")


def _title(process: psutil.Process) -> str:
    """The command line of a process; "" of a zombie."""
    return " ".join(process.cmdline())


@contextlib.contextmanager
def started() -> Iterator[Cluster]:
    """A cluster that runs during a `with` block."""
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    try:
        cluster = Cluster(folder)
        try:
            yield cluster
        finally:
            cluster.kill_head()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
