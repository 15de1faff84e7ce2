"""A worker's sign of life: renews the lease of its job from a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from spearmint.database import Database, DatabaseError


class Heartbeat(threading.Thread):
    """Beats four times a lease until stopped, or until the job is no longer this worker's.

    Args:
        database: Where the job is; safe to share with other threads.
        experiment: The job's experiment.
        job_id: The job.
        attempt: The claim.
        lease_s: Length of the lease in seconds.
        lost: Called, from the thread, when the claim is gone.
    """

    def __init__(
        self,
        database: Database,
        experiment: str,
        job_id: int,
        attempt: int,
        lease_s: float,
        lost: Callable[[], None],
    ) -> None:
        super().__init__(name=f"heartbeat of job {job_id}", daemon=True)
        self._database = database
        self._claim = (experiment, job_id, attempt)
        self._lease_s = lease_s
        self._lost = lost
        self._stopped = threading.Event()

    def run(self) -> None:
        """The thread."""
        while not self._stopped.wait(self._lease_s / 4):
            try:
                held = self._database.beat(*self._claim, self._lease_s)
            except DatabaseError:
                continue  # away for a moment; the lease has three more beats
            if not held and not self._stopped.is_set():
                self._lost()
                return

    def stop(self) -> None:
        """Ends the thread, and waits for a beat that is under way."""
        self._stopped.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(timeout=30)
