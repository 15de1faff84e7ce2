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
    """The connection for a `with` block; its methods are those of `Database`.

    Args:
        spec: The job.

    Raises:
        DatabaseError: The database cannot be used.
        OSError: No more descriptors.
    """

    def __init__(self, spec: JobSpec) -> None:
        self._spec = spec
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

    def claim(self, experiment: str, job_id: int, worker: str, lease_s: float) -> Document | None:
        """See Database; before the objective runs, the descriptors are open."""
        return self._store.claim(experiment, job_id, worker, lease_s)

    def beat(self, experiment: str, job_id: int, attempt: int, lease_s: float) -> bool:
        """See Database."""
        if self.is_whole():
            return self._store.beat(experiment, job_id, attempt, lease_s)
        return bool(self._afresh("beat", experiment, job_id, attempt, lease_s))

    def update(
        self,
        experiment: str,
        job_id: int,
        *,
        status: str,
        attempt: int,
        changes: Mapping[str, Any],
    ) -> bool:
        """See Database."""
        named: dict[str, Any] = {"status": status, "attempt": attempt, "changes": changes}
        if self.is_whole():
            return self._store.update(experiment, job_id, **named)
        return bool(self._afresh("update", experiment, job_id, **named))

    def _afresh(self, method: str, *arguments: Any, **named: Any) -> Any:
        spec = self._spec
        return fresh_process.call(spec.address, spec.database, method, *arguments, **named)


def _file(descriptor: int) -> tuple[int, int] | None:
    """Which file a descriptor has open; None if it is closed."""
    try:
        state = os.fstat(descriptor)
    except OSError:
        return None
    return state.st_dev, state.st_ino
