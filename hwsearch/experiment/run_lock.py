"""Allows one run at a time in an experiment folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from hwsearch.errors import UserError
from hwsearch.experiment.folder import Experiment


@contextlib.contextmanager
def run_lock(experiment: Experiment, *, of_parent: bool = False) -> Iterator[int]:
    """Locks the experiment as long as a `with` block lasts.

    A child that inherits the lock's file descriptor holds the lock too. The kernel releases it when
    the last process with the descriptor ends, in whatever way.

    Args:
        experiment: The experiment.
        of_parent: Whether the lock may be held by the process that started this one.

    Yields:
        The descriptor.

    Raises:
        UserError: Another run of this experiment is active.
    """
    experiment.tmp.mkdir(parents=True, exist_ok=True)
    handle = os.open(experiment.lock_file, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(handle)
            if not (of_parent and holder == str(os.getppid())):
                raise UserError(
                    f"--experiment: got {str(experiment.folder)!r}: another run is active in this "
                    f"folder (process {holder}); wait for it or stop it"
                ) from None
        else:
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield handle
    finally:
        os.close(handle)


def holders(experiment: Experiment) -> list[str]:
    """The other processes that have the lock's file open: those of an active run.

    The lock itself is left alone, so that a run which begins at this moment gets it.
    """
    try:
        handle = os.open(experiment.lock_file, os.O_RDONLY)
    except OSError:
        return []
    try:
        return [pid for pid in _with_open_file(handle) if pid != str(os.getpid())]
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    """The process that locked the experiment; if it has ended, its children that are left."""
    locker = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
    others = [pid for pid in _with_open_file(handle) if pid != str(os.getpid())]
    if locker in others or not others:
        return locker or "unknown"
    return ", ".join(others)


def _with_open_file(handle: int) -> list[str]:
    """The processes that have the same file open, as far as this user may see them."""
    wanted = os.fstat(handle)
    found = []
    for process in Path("/proc").iterdir():
        # It may end at any moment, also while its files are listed.
        with contextlib.suppress(OSError):
            if process.name.isdecimal() and _has_open(process / "fd", wanted):
                found.append(process.name)
    return sorted(found, key=int)


def _has_open(files: Path, wanted: os.stat_result) -> bool:
    for link in files.iterdir():
        with contextlib.suppress(OSError):
            if os.path.samestat(link.stat(), wanted):
                return True
    return False
