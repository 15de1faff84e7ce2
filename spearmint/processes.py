"""Process identities that survive PID reuse.

An identity is `HOST:PID:START`. HOST names the machine, its boot and the PID namespace (two
containers may share a host name), START is when the process began. The fields `worker` and
`controller` of a job hold identities.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import re
import signal
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

_NUMBER = re.compile("[0-9]{1,18}")
# From <linux/prctl.h>.
_SET_PARENT_DEATH_SIGNAL = 1


@functools.cache
def host() -> str:
    """The part of an identity that names the machine on which its process number is valid."""
    parts = [socket.gethostname().replace(":", "-")]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8])
    with suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()).strip("pid:[]"))
    return "/".join(parts)


def identity(pid: int | None = None) -> str | None:
    """The identity of a running process (default: this one); None if it does not run."""
    pid = os.getpid() if pid is None else pid
    start = _start(pid)
    return None if start is None else f"{host()}:{pid}:{start}"


def is_alive(name: object) -> bool | None:
    """Whether the process of an identity runs; None if it is not a process of this machine."""
    if not isinstance(name, str) or name.count(":") != 2:
        return None
    machine, pid, start = name.split(":")
    if machine != host() or not _NUMBER.fullmatch(pid):
        return None
    return _start(int(pid)) == start


def has_ended(name: object) -> bool:
    """Whether the process of an identity has ended, by itself or when its machine was restarted.

    False if it is unknown, as for processes of other machines.
    """
    alive = is_alive(name)
    if alive is not None or not isinstance(name, str) or name.count(":") != 2:
        return alive is False
    # Another boot of the machine of this name: HOST is NAME/BOOT/NAMESPACE.
    theirs, ours = name.split(":")[0].split("/"), host().split("/")
    return len(theirs) == len(ours) == 3 and theirs[0] == ours[0] and theirs[1] != ours[1]


def is_stopped(name: str) -> bool:
    """Whether the process of an identity is halted (by SIGSTOP or a debugger)."""
    try:
        return psutil.Process(int(name.split(":")[1])).status() in {
            psutil.STATUS_STOPPED,
            psutil.STATUS_TRACING_STOP,
        }
    except psutil.Error:
        return False


def mark(experiment: str) -> tuple[str, str]:
    """The variable, name and value, in the environment of all processes of an experiment's jobs."""
    return "SPEARMINT_JOBS_OF", hashlib.sha256(experiment.encode("utf-8")).hexdigest()[:16]


def terminate(name: str, experiment: str | None = None) -> None:
    """Sends SIGTERM to the process of an identity if it still runs.

    Args:
        name: The identity.
        experiment: Only if it is a process of this experiment's jobs. Give it for an identity from
            a database, which may be of any process.
    """
    pid = _killable(name)
    if pid is not None and is_alive(name) and _belongs([pid], experiment):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)


def kill_group(name: str, experiment: str | None = None) -> None:
    """Kills the process group that the process of an identity leads or has led.

    If that process still runs, its descendants in other groups are killed too.

    No new process can get the leader's number while the group has members. So if the leader has
    ended and its number is free, a group with this number is the one that it led, or a later one,
    which `experiment` excludes.

    Args:
        name: The identity.
        experiment: As for `terminate`.
    """
    pid = _killable(name)
    if pid is None or _start(pid) not in {None, name.split(":")[2]}:
        return
    if experiment is None or _belongs(_members(pid), experiment):
        descendants = _descendants(pid) if is_alive(name) else []
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        for descendant in descendants:
            with suppress(psutil.Error):
                descendant.kill()


def end(names: Sequence[str], experiment: str, grace_s: float) -> None:
    """Asks the processes of identities to end, and kills their groups.

    Args:
        names: The identities.
        experiment: Only processes of its jobs are ended.
        grace_s: How long they may take to end by themselves, in seconds.
    """
    for name in names:
        terminate(name, experiment)
    until = time.monotonic() + grace_s
    while any(map(is_alive, names)) and time.monotonic() < until:
        time.sleep(0.05)
    for name in names:
        kill_group(name, experiment)


def _killable(name: str) -> int | None:
    """The number in an identity of this machine; None for numbers that mean groups or init."""
    if is_alive(name) is None:
        return None
    pid = int(name.split(":")[1])
    return pid if pid > 1 and pid != os.getpgrp() else None


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
    return found


def _members(group: int) -> list[int]:
    found = []
    for pid in psutil.pids():
        with suppress(OSError):
            if os.getpgid(pid) == group:
                found.append(pid)
    return found


def _belongs(pids: Iterable[int], experiment: str | None) -> bool:
    """Whether one of these processes carries the mark of an experiment."""
    if experiment is None:
        return True
    name, value = mark(experiment)
    for pid in pids:
        with suppress(psutil.Error, OSError):
            if psutil.Process(pid).environ().get(name) == value:
                return True
    return False


def _start(pid: int) -> str | None:
    """When a process began, in units of its system; None if it does not run or is a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None if Path("/proc/self/stat").exists() else _start_elsewhere(pid)
    # The name in parentheses may itself contain spaces and parentheses.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def _start_elsewhere(pid: int) -> str | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.Error:
        return None


def end_with_parent() -> None:
    """Has Linux kill this process when its parent dies; nothing happens elsewhere."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def step_back() -> None:
    """Lets all other processes go first, as far as the system knows how.

    Where Linux groups processes by session and gives each group the same share, a session of its
    own is needed for that: this process must not lead a group yet.
    """
    os.setsid()
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("19", encoding="ascii")
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, 19)
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
