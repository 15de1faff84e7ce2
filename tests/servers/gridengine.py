"""A Grid Engine cell for the tests: this machine is its master and its only host."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.servers.daemons import Daemons, wrap
from tests.servers.mongo import SERVERS, free_port

ROOT = SERVERS / "gridengine" / "root"
PROGRAMS = ROOT / "usr/lib/gridengine"
SHARE = ROOT / "usr/share/gridengine"
#: Debian's programs look here for their libraries, wherever the programs are.
LINK = Path("/usr/lib/gridengine")


def missing() -> str | None:
    """Why no cell can be started here; None if one can."""
    if not ROOT.is_dir():
        return "no .servers/gridengine: run tests/servers/clusters.sh"
    if not (LINK / "libspoolc.so").exists():
        return f"no {LINK}: run tests/servers/clusters.sh as root"
    return None if os.geteuid() == 0 else "only root can start Grid Engine"


class Cell:
    """A running cell.

    Attributes:
        environ: What a process needs to talk to it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        libraries = {
            "LD_LIBRARY_PATH": os.pathsep.join(
                map(str, [*(ROOT / "usr/lib").glob("*-linux-gnu"), PROGRAMS])
            )
        }
        place = {
            "SGE_ROOT": str(folder),
            "SGE_CELL": "default",
            "SGE_QMASTER_PORT": str(free_port()),
            "SGE_EXECD_PORT": str(free_port()),
        }
        commands = ("qsub", "qstat", "qdel", "qconf")
        wrap(folder / "bin", [PROGRAMS / name for name in commands], libraries)
        self.environ = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", **place}
        # SGE_ND: the programs stay in the foreground.
        self.daemons = Daemons(folder, {**libraries, **place, "SGE_ND": "1"})
        self._configure()
        try:
            self._start()
        except BaseException:
            self.daemons.stop()
            raise

    def _configure(self) -> None:
        folder, common = self.folder, self.folder / "default" / "common"
        for one in ("qmaster", "execd", "spool"):
            (folder / one).mkdir()
        common.mkdir(parents=True)
        (folder / "util").symlink_to(SHARE / "util")
        spool = f"{common};{folder / 'spool'}"
        bootstrap = {
            "admin_user": "none",
            "default_domain": "none",
            "ignore_fqdn": "true",
            "spooling_method": "classic",
            "spooling_lib": "libspoolc",
            "spooling_params": spool,
            "binary_path": PROGRAMS,
            "qmaster_spool_dir": folder / "qmaster",
            "security_mode": "none",
            "listener_threads": 2,
            "worker_threads": 2,
            "scheduler_threads": 1,
        }
        lines = [f"{key} {value}" for key, value in bootstrap.items()]
        (common / "bootstrap").write_text("\n".join([*lines, ""]))
        (common / "act_qmaster").write_text("localhost\n")
        (common / "cluster_name").write_text("tests\n")
        # The names of the loopback interface and of the machine mean one host.
        names = dict.fromkeys(["localhost", socket.gethostname(), socket.getfqdn()])
        (common / "host_aliases").write_text(" ".join(names) + "\n")
        changes = {
            "execd_spool_dir": folder / "execd",
            "mailer": "/bin/true",
            "min_uid": 0,
            "min_gid": 0,
            "load_report_time": "00:00:01",
        }
        text = _changed((SHARE / "default-configuration").read_text(), changes)
        (folder / "configuration").write_text(text)
        self._program("spoolinit", "classic", "libspoolc", spool, "init")
        resources = SHARE / "util" / "resources"
        for what, source in (
            ("configuration", folder / "configuration"),
            ("complexes", resources / "centry"),
            ("usersets", resources / "usersets"),
            ("managers", "root"),
        ):
            self._program("spooldefaults.bin", what, str(source))

    def _program(self, name: str, *arguments: str) -> None:
        done = self.daemons.run(str(PROGRAMS / name), *arguments)
        assert done.returncode == 0, done

    def _start(self) -> None:
        self.daemons.start("sge_qmaster", PROGRAMS / "sge_qmaster")
        self.daemons.until(lambda: "localhost" in self.run("qconf", "-sh"), "sge_qmaster")
        self.run("qconf", "-as", "localhost")
        self.daemons.start("sge_execd", PROGRAMS / "sge_execd")
        self.daemons.until(lambda: "localhost" in self.run("qconf", "-sel"), "sge_execd")
        at_once = {
            "schedule_interval": "0:0:1",
            "flush_submit_sec": 1,
            "flush_finish_sec": 1,
            "job_load_adjustments": "NONE",
        }
        self._set("-ssconf", "-Msconf", at_once)
        queue = {
            "qname": "all.q",
            "hostlist": "localhost",
            "slots": 2,
            "pe_list": "NONE",
            "load_thresholds": "NONE",
            "shell": "/bin/csh",
        }
        self._set("-sq", "-Aq", queue)
        self.daemons.until(lambda: "all.q" in self.run("qconf", "-sql"), "the queue")
        self.daemons.until(lambda: " u" not in self.run("qstat", "-f"), "the host")

    def _set(self, show: str, put: str, changes: dict[str, object]) -> None:
        file = self.folder / "changes"
        file.write_text(_changed(self.run("qconf", show), changes))
        self.run("qconf", put, str(file))

    def run(self, *command: str) -> str:
        return self.daemons.run(str(self.folder / "bin" / command[0]), *command[1:]).stdout

    def close_queue(self, closed: bool) -> None:
        """Closes the queue for the jobs of root, or opens it."""
        self.run("qconf", "-au", "root", "arusers")
        self.run(
            "qconf", "-rattr", "queue", "xuser_lists", "arusers" if closed else "NONE", "all.q"
        )

    def queue(self) -> list[str]:
        """The numbers of the batch jobs that wait or run."""
        lines = self.run("qstat", "-u", "*").splitlines()[2:]
        return [line.split()[0] for line in lines]

    def clear(self) -> None:
        """Ends all jobs."""
        if self.queue():
            self.run("qdel", "-u", "*")
            self.run("qdel", "-f", "-u", "*")
            self.daemons.until(lambda: not self.queue(), "an empty queue")

    def stop(self) -> None:
        try:
            self.clear()
        finally:
            self.daemons.stop(
                at_once=True
            )  # a regular stop writes for ten seconds what is removed anyway


def _changed(text: str, changes: dict[str, object]) -> str:
    """Settings, one per line, with some changed."""
    lines = [line for line in text.splitlines() if line.split()[:1] and line[0] != "#"]
    kept = [line for line in lines if line.split()[0] not in changes]
    return "\n".join([*kept, *(f"{key} {value}" for key, value in changes.items()), ""])


@contextlib.contextmanager
def started() -> Iterator[Cell]:
    """A cell that runs during a `with` block."""
    folder = Path(tempfile.mkdtemp(prefix="sge-"))
    folder.chmod(0o755)
    try:
        cell = Cell(folder)
        try:
            yield cell
        finally:
            cell.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
