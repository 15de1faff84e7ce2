"""Process identities that survive PID reuse.

An identity is `HOST:PID:START`. HOST names the machine, its boot and the PID namespace (two
containers may share a host name), START is when the process began. The fields `worker` and
`controller` of a job hold identities.
"""

from __future__ import annotations

import functools
import os
import re
import signal
import socket
from contextlib import suppress
from pathlib import Path

import psutil

_NUMBER = re.compile("[0-9]{1,18}")


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


def terminate(name: str) -> None:
    """Sends SIGTERM to the process of an identity if it still runs."""
    if is_alive(name):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(int(name.split(":")[1]), signal.SIGTERM)


def kill_group(name: str) -> None:
    """Kills the process group that the process of an identity leads or has led.

    No new process can get the leader's number while the group has members. So if the leader has
    ended and its number is free, a group with this number is the one that it led.
    """
    if is_alive(name) is None:
        return
    _, pid, start = name.split(":")
    if _start(int(pid)) in {None, start}:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(int(pid), signal.SIGKILL)


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
