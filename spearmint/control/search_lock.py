"""Tells that an experiment is being searched, also before its controller has added a job.

Every controller holds a shared lock on the experiment's config.json, and whoever removes results an
exclusive one. The system releases a lock when its process ends, however that happens.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spearmint.errors import UserError


@contextmanager
def searched(config_file: Path) -> Iterator[None]:
    """Holds the lock of a controller for a `with` block.

    Raises:
        UserError: The results of the experiment are being removed.
    """
    with _locked(config_file, fcntl.LOCK_SH) as is_free:
        if not is_free:
            raise UserError(
                f"{config_file}: cleanup.sh is removing its results; start again when it has ended"
            )
        yield


@contextmanager
def unused(config_file: Path) -> Iterator[None]:
    """Keeps controllers from starting for a `with` block.

    Raises:
        UserError: A controller runs.
    """
    with _locked(config_file, fcntl.LOCK_EX) as is_free:
        if not is_free:
            raise UserError(f"{config_file}: a search of it is running; stop it first (Ctrl-C)")
        yield


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[bool]:
    """Locks a file; False if somebody else has locked it. True if it cannot be locked at all."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        yield True
        return
    try:
        yield _lock(descriptor, kind)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # the file system has no locks
        pass
    return True
