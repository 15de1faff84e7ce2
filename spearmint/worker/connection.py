"""A worker's connection to the database, which survives that the objective closes descriptors.

Code that makes itself a daemon closes every descriptor of its process, those of the database too.
Their numbers may belong to other files then, so that one more use could write into these; and
SQLite keeps the locks of a file for the whole process, so that opening it again waits for ever.
From that moment on, a new process makes each call.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from spearmint import database
from spearmint.database import Document
from spearmint.worker import fresh_process
from spearmint.worker.job_spec import JobSpec


class WorkerConnection:
    """The connection of one job for a `with` block.

    Args:
        spec: The job.

    Raises:
        DatabaseError: The database cannot be used.
        OSError: No more descriptors.
    """

    def __init__(self, spec: JobSpec) -> None:
        self._spec = spec
        self._attempt = 0
        self._store = database.connect(spec.address, spec.database, create=False)
        self._pipe, other = os.pipe()
        os.close(other)
        self._pipe_is = _file(self._pipe)

    def __enter__(self) -> WorkerConnection:
        return self

    def __exit__(self, *_: object) -> None:
        if self.is_whole():
            self._store.close()
            with suppress(OSError):
                os.close(self._pipe)

    def is_whole(self) -> bool:
        """Whether the descriptors are still open: that of a pipe that nobody else knows is."""
        return _file(self._pipe) == self._pipe_is

    def claim(self, worker: str) -> Document | None:
        """Claims the job; None if it is not `new`. The objective does not run yet."""
        spec = self._spec
        job = self._store.claim(spec.experiment, spec.job_id, worker, spec.lease_s)
        self._attempt = 0 if job is None else int(job["attempt"])
        return job

    def renew(self) -> bool:
        """Renews the lease; False if this attempt no longer owns the job."""
        return bool(self._call("beat", attempt=self._attempt, lease_s=self._spec.lease_s))

    def update(self, changes: Mapping[str, Any]) -> bool:
        """Changes the job's document; False if this attempt no longer owns the job."""
        claim: dict[str, Any] = {"status": "pending", "attempt": self._attempt}
        return bool(self._call("update", **claim, changes=changes))

    def _call(self, method: str, **arguments: Any) -> Any:
        """Calls a method of `Database` for the job."""
        spec = self._spec
        job = (spec.experiment, spec.job_id)
        if self.is_whole():
            return getattr(self._store, method)(*job, **arguments)
        return fresh_process.call(spec.address, spec.database, method, *job, **arguments)


def _file(descriptor: int) -> tuple[int, int] | None:
    """Which file a descriptor has open; None if it is closed."""
    try:
        state = os.fstat(descriptor)
    except OSError:
        return None
    return state.st_dev, state.st_ino
