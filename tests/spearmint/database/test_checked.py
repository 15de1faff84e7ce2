"""When the jobs of a database are checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from spearmint.database import CheckedDatabase, DatabaseError, checked, connect


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jobs.sqlite"


@pytest.fixture
def database(file: Path) -> Iterator[CheckedDatabase]:
    with connect(f"sqlite:{file}") as inner:
        for _ in range(3):
            inner.add_job("e", {"params": {}})
        yield CheckedDatabase(inner)


def test_only_jobs_that_have_changed_are_checked_again(
    database: CheckedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(checked, "sound", lambda _experiment, job: seen.append(job["id"]))
    before = database.brief_jobs("e")
    assert seen == [1, 2, 3]
    assert database.brief_jobs("e") == before
    assert seen == [1, 2, 3]
    assert database.claim("e", 2, "worker", 60.0)
    (_, changed, _) = database.brief_jobs("e")
    assert changed["status"] == "pending"
    assert seen == [1, 2, 3, 2]


def test_a_job_that_somebody_has_spoiled_is_found_at_every_reading(
    database: CheckedDatabase, file: Path
) -> None:
    assert len(database.brief_jobs("e")) == 3
    with sqlite3.connect(file) as connection:
        connection.execute(
            "UPDATE jobs SET document = json_set(document, '$.params', 7) WHERE id = 2"
        )
    for _ in range(2):
        with pytest.raises(DatabaseError, match="job 2: params: got 7"):
            database.brief_jobs("e")
