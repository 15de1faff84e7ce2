"""The processes of a trial: found by their place below the controller, or by a mark."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: A variable that all processes of a trial inherit.
MARK = "FAULTS_TRIAL"
CONTROLLER, FORK_SERVER, WORKER = "controller", "fork server", "worker"
TRAINING, METER = "training script", "meter"
ROLES = (CONTROLLER, FORK_SERVER, WORKER, TRAINING, METER)
PROC = Path("/proc")


def of_role(controller: int, role: str) -> list[int]:
    """The processes of a role below a controller; [] if it has none at the moment."""
    if role == CONTROLLER:
        return [controller] if is_running(controller) else []
    servers = [pid for pid in _children(controller) if "fork_server" in command(pid)]
    if role == FORK_SERVER:
        return servers
    # A worker leads its session as soon as it is one.
    workers = [pid for server in servers for pid in _children(server) if _session(pid) == pid]
    if role == WORKER:
        return workers
    word = "training" if role == TRAINING else "nvidia-smi"
    below = [pid for worker in workers for pid in _descendants(worker)]
    return [pid for pid in below if word in command(pid) or f"{role}.py" in command(pid)]


def first_of_role(run: subprocess.Popen[bytes], role: str, after_s: float) -> int | None:
    """The first process of a role that runs after a moment; None if the command ends before."""
    time.sleep(after_s)
    while run.poll() is None:
        if found := of_role(run.pid, role):
            return found[0]
        time.sleep(0.003)
    return None


def marked(mark: str) -> list[int]:
    """The running processes that carry a mark, wherever they are."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in PROC.iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with suppress(OSError):
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
    return [pid for pid in found if is_running(pid)]


def left_behind(mark: str, patience_s: float) -> list[str]:
    """The command lines of processes that are still there after some time; they are killed."""
    end = time.monotonic() + patience_s
    while (found := marked(mark)) and time.monotonic() < end:
        time.sleep(0.1)
    names = [f"{pid}: {command(pid)}" for pid in found]
    while found := marked(mark):
        for pid in found:
            kill(pid)
        time.sleep(0.05)
    return names


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Sends a signal to a process that may have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def is_running(pid: int) -> bool:
    """Whether a process runs, or is halted; False for a zombie."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def cpu_s(pid: int) -> float:
    """Processor time of a process, without that of its children; 0 if it has ended."""
    fields = _stat(pid)
    ticks = int(fields[11]) + int(fields[12]) if fields else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def command(pid: int) -> str:
    """A process's command line; "" if it has ended."""
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace").strip().replace(sys.executable, "")


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in (PROC / str(pid) / "task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found


def _descendants(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _descendants(child)


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


def _stat(pid: int) -> list[str]:
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
