"""One run at a time in an experiment's folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from hwsearch.errors import UserError
from hwsearch.experiment import Experiment


@contextlib.contextmanager
def run_lock(experiment: Experiment) -> Iterator[int]:
    """Holds the experiment; gives the lock's descriptor, for the child that shall hold it too.

    The kernel lets go of it when the last process that has the descriptor ends, however it ends.

    Raises:
        UserError: a run of this experiment is going on.
    """
    experiment.tmp.mkdir(parents=True, exist_ok=True)
    handle = os.open(experiment.lock_file, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
            raise UserError(
                f"--experiment: got {str(experiment.folder)!r}, in which a run is going on "
                f"(process {holder or 'unknown'}); expected one at rest"
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield handle
    finally:
        os.close(handle)
