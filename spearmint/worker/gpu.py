"""One GPU for each job of a machine with several: taken by the job's worker until it ends.

A worker locks a file of its GPU (flock). The kernel ends the lock with the process, however that
ends, so that nothing has to be given back: not after kill -9, not by a controller that was killed
while its workers run on. All controllers and experiments of a user share the locks, and so never
use one GPU twice. The files stay: otherwise, two workers could lock two files of one name.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from spearmint.errors import UserError
from spearmint.worker import output

#: CUDA shows a process the devices in this variable only, by index, UUID or MIG UUID.
VARIABLE = "CUDA_VISIBLE_DEVICES"
POLL_S = 0.1
REPORT_AFTER_S = 2.0


class Gpu:
    """Sets `CUDA_VISIBLE_DEVICES` to a GPU that is free, for the rest of this process.

    Args:
        gpus: What the variable calls each GPU; () leaves the variable as it is.
        jobs_per_gpu: How many jobs may use one GPU at the same time.
    """

    def __init__(self, gpus: Sequence[str], jobs_per_gpu: int) -> None:
        self._gpus = gpus
        self._jobs_per_gpu = jobs_per_gpu
        self._file: int | None = None

    def __enter__(self) -> str | None:
        """Waits for a GPU; returns it.

        Raises:
            UserError: The folder of the locks belongs to another user.
            OSError: The locks cannot be used.
        """
        if not self._gpus:
            return None
        folder = _folder()
        start, reported = time.monotonic(), False
        while (gpu := self._taken(folder)) is None:
            if not reported and time.monotonic() - start > REPORT_AFTER_S:
                reported = True
                output.tell(f"waiting for a GPU: {', '.join(self._gpus)} are in use")
            time.sleep(POLL_S)
        os.environ[VARIABLE] = gpu
        return gpu

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with suppress(OSError):  # the objective may have closed all descriptors
                os.close(self._file)

    def _taken(self, folder: Path) -> str | None:
        """Locks a GPU if one is free: the least used one of them."""
        for number in range(self._jobs_per_gpu):
            for gpu in self._gpus:
                name = f"{hashlib.sha256(gpu.encode()).hexdigest()[:16]}-{number}.lock"
                file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(file)
                else:
                    self._file = file
                    return gpu
        return None


def _folder() -> Path:
    """This user's folder of locks; created if it does not exist."""
    folder = Path(tempfile.gettempdir()) / f"spearmint-gpus-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise UserError(f"{folder}: belongs to another user; set TMPDIR to a folder of your own")
    return folder
