"""The controller's database, whose reads a signal can interrupt."""

from __future__ import annotations

from spearmint.control.interrupts import Interrupts
from spearmint.database import CheckedDatabase, Database, Document


class InterruptibleDatabase(CheckedDatabase):
    """A checked database; while it reads all jobs, the first signal raises Interrupted.

    A server that accepts connections but does not answer would delay the end of a search for as
    long as a connection may be silent.

    Args:
        inner: The other database; `close` closes it.
        interrupts: Signals that were received.
    """

    def __init__(self, inner: Database, interrupts: Interrupts) -> None:
        super().__init__(inner)
        self._interrupts = interrupts

    def brief_jobs(self, experiment: str) -> list[Document]:  # noqa: D102
        if self._interrupts.received is not None:  # the search is being stopped
            return super().brief_jobs(experiment)
        with self._interrupts.raising():
            return super().brief_jobs(experiment)

    def expired(self, experiment: str) -> list[Document]:  # noqa: D102
        if self._interrupts.received is not None:
            return super().expired(experiment)
        with self._interrupts.raising():
            return super().expired(experiment)
