"""The conformance suite, run on every kind of database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from spearmint.testing import DatabaseConformance
from spearmint.testing.databases.concurrency import ConcurrencyTests
from spearmint.testing.databases.fixtures import Connect
from tests.spearmint.database import rollback


class TestSQLite(DatabaseConformance):
    @pytest.fixture
    def connect(self, sqlite_database: Connect) -> Connect:
        return sqlite_database


class TestSQLiteWithRollbackJournal(ConcurrencyTests):
    """As on a network file system, where the write-ahead log cannot be used."""

    @pytest.fixture
    def connect(self, tmp_path: Path) -> Iterator[Connect]:
        path = tmp_path / "jobs.sqlite"
        yield partial(rollback.connect_with_rollback_journal, f"sqlite:{path}")
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        rollback.patch.stop()


@pytest.mark.server
class TestMongoDB(DatabaseConformance):
    @pytest.fixture
    def connect(self, mongodb_database: Connect) -> Connect:
        return mongodb_database
