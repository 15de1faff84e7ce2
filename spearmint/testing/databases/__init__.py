"""The conformance suite of databases."""

from __future__ import annotations

from spearmint.testing.databases.concurrency import ConcurrencyTests
from spearmint.testing.databases.documents import DocumentTests
from spearmint.testing.databases.experiments import ExperimentTests
from spearmint.testing.databases.histories import HistoryTests
from spearmint.testing.databases.jobs import JobTests

__all__ = ["DatabaseConformance"]


class DatabaseConformance(JobTests, DocumentTests, ExperimentTests, ConcurrencyTests, HistoryTests):
    """All that `spearmint.database.contract` demands of a database.

    Override the fixture `connect`: it returns a function without arguments that opens a
    `Database`. Each test starts with an empty database, and every call within a test opens the same
    one, in other processes too. The function must therefore be picklable: a `functools.partial` of
    something that an importable module defines.

    Attributes:
        clock_tolerance_s: How much the database's clock may differ from this machine's, in seconds.
    """
