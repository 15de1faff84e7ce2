"""Renews the lease of a job from a thread while its worker runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from spearmint.database import DatabaseError

#: Renewals per lease: a database that is unavailable for a moment does not cost the claim.
BEATS_PER_LEASE = 4
#: How long `stop` waits for a renewal in progress, in seconds.
PATIENCE_S = 30.0


class Heartbeat(threading.Thread):
    """Renews a lease four times per lease, until stopped or until the claim is lost.

    Args:
        renew: Renews the lease; whether the claim is still held. It may raise `DatabaseError`.
        lease_s: Length of the lease in seconds.
        lost: Called by the thread if the job no longer belongs to this worker.
    """

    def __init__(self, renew: Callable[[], bool], lease_s: float, lost: Callable[[], None]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._renew = renew
        self._lease_s = lease_s
        self._lost = lost
        self._stopped = threading.Event()

    def run(self) -> None:
        """Runs in the thread."""
        while not self._stopped.wait(self._lease_s / BEATS_PER_LEASE):
            try:
                held = self._renew()
            except DatabaseError:
                continue
            if not held and not self._stopped.is_set():
                self._lost()
                return

    def stop(self) -> None:
        """Ends the thread, and waits for a renewal in progress."""
        self._stopped.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(timeout=PATIENCE_S)
