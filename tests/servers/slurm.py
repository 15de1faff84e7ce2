"""A Slurm cluster for the tests: this machine is its controller and its only node.

Its qsub, qstat, qdel and pbsnodes have the form of PBS (Debian's slurm-wlm-torque).
"""

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

ROOT = SERVERS / "slurm" / "root"
PBS = ("qsub", "qstat", "qdel", "pbsnodes")
OWN = ("sbatch", "squeue", "scancel", "sinfo", "scontrol")


def missing() -> str | None:
    """Why no cluster can be started here; None if one can."""
    if not ROOT.is_dir():
        return "no .servers/slurm: run tests/servers/clusters.sh"
    return None if os.geteuid() == 0 else "only root can start Slurm"


def _program(name: str) -> Path:
    """The program; Debian adds -wlm to names that other packages use too."""
    folder = ROOT / "usr/sbin"
    return folder / f"{name}-wlm" if (folder / f"{name}-wlm").exists() else folder / name


def _libraries() -> dict[str, str]:
    folders = [f for f in (ROOT / "usr/lib").glob("*-linux-gnu") if f.is_dir()]
    perl = [*(ROOT / "usr/share").glob("perl*"), *(ROOT / "usr/share/perl").glob("*")]
    perl += [f for one in folders for f in (*one.glob("perl*/*"),)]
    return {
        "LD_LIBRARY_PATH": os.pathsep.join(
            str(f) for one in folders for f in (one, one / "slurm-wlm", one / "slurm")
        ),
        "PERL5LIB": os.pathsep.join(map(str, perl)),
    }


class Cluster:
    """A running cluster.

    Attributes:
        environ: What a process needs to talk to it as SLURM, and as PBS.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "slurm.conf"
        libraries = _libraries()
        self.daemons = Daemons(folder, {**libraries, "SLURM_CONF": str(self.configuration)})
        self.environ = {}
        for name, programs in (("SLURM", OWN), ("PBS", PBS)):
            wrap(folder / name, [ROOT / "usr/bin" / p for p in programs], libraries)
            self.environ[name] = {
                "PATH": f"{folder / name}{os.pathsep}{os.environ['PATH']}",
                "SLURM_CONF": str(self.configuration),
            }
        self._configure()
        try:
            self._start()
        except BaseException:
            self.daemons.stop()
            raise

    def _configure(self) -> None:
        folder, name = self.folder, socket.gethostname().partition(".")[0]
        plugins = next((ROOT / "usr/lib").glob("*-linux-gnu/slurm-wlm"))
        settings = {
            "ClusterName": "tests",
            "SlurmctldHost": f"{name}(127.0.0.1)",
            "SlurmctldPort": free_port(),
            "SlurmdPort": free_port(),
            "SlurmUser": "root",
            "AuthType": "auth/munge",
            "AuthInfo": f"socket={folder}/munge.socket",
            "CredType": "cred/munge",
            "StateSaveLocation": f"{folder}/state",
            "SlurmdSpoolDir": f"{folder}/spool",
            "SlurmctldPidFile": f"{folder}/slurmctld.pid",
            "SlurmdPidFile": f"{folder}/slurmd.pid",
            "PluginDir": plugins,
            "ProctrackType": "proctrack/linuxproc",
            "TaskPlugin": "task/none",
            "MpiDefault": "none",
            "SelectType": "select/cons_tres",
            "SelectTypeParameters": "CR_CPU",
            "SchedulerParameters": "sched_min_interval=100000,batch_sched_delay=0",
            "KillWait": 60,
            "MessageTimeout": 2,
            "ReturnToService": 1,
            "MailProg": "/bin/true",
        }
        lines = [f"{key}={value}" for key, value in settings.items()]
        lines.append(f"NodeName={name} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN")
        lines.append("PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP")
        self.configuration.write_text("\n".join([*lines, ""]))
        for one in ("state", "spool"):
            (folder / one).mkdir()
        key = folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)

    def _start(self) -> None:
        files = {
            "key-file": "munge.key",
            "socket": "munge.socket",
            "pid-file": "munged.pid",
            "log-file": "munged.messages",
            "seed-file": "munged.seed",
        }
        options = [f"--{option}={self.folder / file}" for option, file in files.items()]
        # --force: others can write in the folder above, /tmp.
        self.daemons.start("munged", ROOT / "usr/sbin/munged", "--foreground", "--force", *options)
        self.daemons.until((self.folder / "munge.socket").exists, "munged")
        self.start_controller()
        self.start_node()
        self.daemons.until(lambda: self.run("sinfo", "-h", "-o", "%t").strip() == "idle", "Slurm")

    def start_controller(self) -> None:
        self.daemons.start("slurmctld", _program("slurmctld"), "-D")

    def stop_controller(self) -> None:
        self.daemons.stop("slurmctld")

    def start_node(self) -> None:
        stepd = _program("slurmstepd")
        self.daemons.start("slurmd", _program("slurmd"), "-D", "-d", stepd)

    def stop_node(self) -> None:
        """Ends slurmd; the jobs that run on it continue."""
        self.daemons.stop("slurmd")

    def run(self, *command: str) -> str:
        return self.daemons.run(str(self.folder / "SLURM" / command[0]), *command[1:]).stdout

    def queue(self) -> list[str]:
        """The numbers of the batch jobs that wait or run."""
        return self.run("squeue", "-h", "-o", "%i").split()

    def clear(self) -> None:
        """Ends all jobs."""
        if self.queue():
            self.run("scancel", "--user=root")
            self.run("scancel", "--user=root", "--signal=KILL", "--full")
            self.daemons.until(lambda: not self.queue(), "an empty queue")

    def stop(self) -> None:
        try:
            self.clear()
        finally:
            self.daemons.stop()


@contextlib.contextmanager
def started() -> Iterator[Cluster]:
    """A cluster that runs during a `with` block."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))  # sockets' paths must be short
    folder.chmod(0o755)
    try:
        cluster = Cluster(folder)
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
