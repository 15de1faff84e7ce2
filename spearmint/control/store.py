"""The controller's database, whose reads a signal can interrupt."""

from __future__ import annotations

from functools import partial

from spearmint.control.interrupts import Interrupts
from spearmint.database import CheckedDatabase, Database, Document

#: How long the end of a search waits for each answer of a server, in seconds.
LIMIT_S = 20.0


class InterruptibleDatabase(CheckedDatabase):
    """A checked database; while it reads all jobs, the first signal raises Interrupted.

    A server that accepts connections but does not answer would delay the end of a search for as
    long as a connection may be silent, several times. From the first signal on, no call waits for
    longer than `LIMIT_S`.

    Args:
        inner: The other database; `close` closes it.
        interrupts: Signals that were received.
    """

    def __init__(self, inner: Database, interrupts: Interrupts) -> None:
        super().__init__(inner)
        self._interrupts = interrupts
        interrupts.at_first = partial(inner.limit_calls, LIMIT_S)

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
