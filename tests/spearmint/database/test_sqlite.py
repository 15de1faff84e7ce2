"""What is special about SQLiteDatabase; test_conformance.py has its contract."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults.filling import fill
from spearmint.database import DatabaseError, connect, sqlite
from spearmint.database.documents import from_json
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


def test_documents_that_have_not_changed_are_not_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:{tmp_path}/jobs.sqlite"
    fill(address, "spearmint", "e", 12_000)
    parsed = []

    def counted(text: str, where: str) -> dict[str, Any]:
        parsed.append(where)
        return from_json(text, where)

    monkeypatch.setattr(sqlite, "from_json", counted)
    with connect(address) as store:
        before = store.jobs("e")
        assert len(parsed) == 12_000
        store.update("e", 7, status="complete", attempt=1, changes={"reason": "another"})
        parsed.clear()
        after = store.jobs("e")
        assert len(parsed) <= 1
    assert after[6] == before[6] | {"reason": "another"}
    assert after[7:] == before[7:]


def test_a_job_that_has_not_changed_is_the_same_object(tmp_path: Path) -> None:
    """So that a controller, which reads all jobs in each turn, keeps each of them once."""
    address = f"sqlite:{tmp_path}/jobs.sqlite"
    fill(address, "spearmint", "e", 3)
    with connect(address) as store:
        before = store.brief_jobs("e")
        claimed = store.add_job("e", {})
        after = store.brief_jobs("e")
        assert all(one is other for one, other in zip(before, after[:3], strict=True))
        store.claim("e", claimed, "w", 60.0)
        assert after[3]["status"] == "new"
        assert store.brief_jobs("e")[3]["status"] == "pending"
        lease = store.brief_jobs("e")[3]["lease"]
        store.beat("e", claimed, 1, 600.0)
        assert store.brief_jobs("e")[3]["lease"] > lease
