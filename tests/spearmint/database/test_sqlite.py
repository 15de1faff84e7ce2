"""What is special about SQLiteDatabase; test_conformance.py has its contract."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from spearmint.database import DatabaseError
from spearmint.database.sqlite import SQLiteDatabase
from tests.spearmint.database.files import E, one_line


def test_a_person_may_requeue_a_job_by_hand(path: Path) -> None:
    with SQLiteDatabase(path) as db:
        db.add_job(E, {})
        db.claim(E, 1, "w", 60.0)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE jobs SET status = 'new'")
        job = db.claim(E, 1, "w", 60.0)
        assert job is not None
        assert job["attempt"] == 2
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE jobs SET document = '[]'")
        with pytest.raises(DatabaseError) as caught:
            db.jobs(E)
        assert one_line(caught.value, path, "job 1")


def test_changes_of_other_connections_are_seen(path: Path) -> None:
    """Parsed documents are kept, but only while their text is the same."""
    with SQLiteDatabase(path) as db, SQLiteDatabase(path) as other:
        db.add_job(E, {"x": 1})
        assert [job["x"] for job in db.jobs(E)] == [1]
        other.update(E, 1, status="new", attempt=0, changes={"x": 2})
        assert [job["x"] for job in db.jobs(E)] == [2]
        other.drop(E)
        other.add_job(E, {"x": 3})
        assert db.job(E, 1)["x"] == 3
        db.job(E, 1)["x"] = 4
        assert db.job(E, 1)["x"] == 3
