"""Processes that descend from this one, those that have made themselves independent included.

A daemon leaves its session, and its parent ends, so that the system gives it another parent: the
nearest ancestor that has asked for such children (a subreaper), else the first process of the
machine. A worker asks for them, so that what its objective leaves behind can be found, and ended
with the job. The process that starts workers asks too, for those of a worker that was killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from spearmint.worker.job_processes import JobProcesses

# From <linux/prctl.h>.
_SET_CHILD_SUBREAPER, _GET_CHILD_SUBREAPER = 36, 37


def adopt(wanted: bool = True) -> bool:
    """Makes this process the new parent of all descendants whose parents end, or no longer.

    Only Linux can do that; elsewhere nothing changes.

    Returns:
        Whether it was before.
    """
    if sys.platform != "linux":
        return False
    system, before = ctypes.CDLL(None), ctypes.c_int(0)
    system.prctl(_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    system.prctl(_SET_CHILD_SUBREAPER, ctypes.c_ulong(wanted), 0, 0, 0)
    return bool(before.value)


def children() -> set[int]:
    """The numbers of this process's children, those that have ended and are not reaped included."""
    found: set[int] = set()
    try:
        for task in Path("/proc/self/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has ended
                found.update(map(int, (task / "children").read_bytes().split()))
        if found or Path("/proc/self/task", str(os.getpid()), "children").exists():
            return found
    except OSError:
        pass
    with suppress(psutil.Error):
        found = {child.pid for child in psutil.Process().children()}
    return found


def kill_tree(pid: int) -> None:
    """Kills a process and its descendants."""
    for descendant in _descendants(pid):
        _kill(descendant)
    _kill(pid)


def _descendants(pid: int) -> set[int]:
    try:
        return {child.pid for child in psutil.Process(pid).children(recursive=True)}
    except psutil.Error:
        return set()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


class Descendants:
    """A `with` block at whose end all descendants of this process end that began in it."""

    def __enter__(self) -> Descendants:
        self._process = os.getpid()
        self._earlier = children()
        self._adopted = adopt()
        return self

    def __exit__(self, *_: object) -> None:
        if os.getpid() != self._process:
            return  # a child of the objective, which speaks for itself alone
        if children() - self._earlier:
            apart = self._earlier.union(*map(_descendants, self._earlier))
            JobProcesses(self._process, apart).kill_others()
        if not self._adopted:
            adopt(False)
