"""One run at a time in an experiment's folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment


@contextlib.contextmanager
def run_lock(experiment: Experiment) -> Iterator[int]:
    """Holds the experiment; gives the lock's descriptor, for the child that shall hold it too.

    The kernel lets go of it when the last process that has the descriptor ends, however it ends.

    Raises:
        UserError: A run of this experiment is going on.
    """
    experiment.tmp.mkdir(parents=True, exist_ok=True)
    handle = os.open(experiment.lock_file, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"--experiment: got {str(experiment.folder)!r}, in which a run is going on "
                f"(process {_holder(handle)}); expected one at rest"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield handle
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    """The process that holds the lock: the one that took it, or what is left of its family."""
    took = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
    found = [pid for pid in _having_open(handle) if pid != str(os.getpid())]
    if took in found or not found:
        return took or "unknown"
    return ", ".join(found)


def _having_open(handle: int) -> list[str]:
    """The processes that have the same file open, as far as this user may know."""
    wanted = os.fstat(handle)
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.path.samestat(link.stat(), wanted):
                found.add(link.parts[2])
    return sorted(found, key=int)
