"""The tables and views."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from spearmint.database import DatabaseError
from spearmint.database.sqlite import SQLiteDatabase
from tests.spearmint.database.files import E, one_line, query


def test_views(path: Path) -> None:
    with SQLiteDatabase(path) as db:
        params = {
            "x": {"type": "float", "values": [0.5]},
            "v": {"type": "int", "values": [1, 2]},
            "act": {"type": "enum", "values": ["relu"]},
        }
        db.add_job(E, {"params": params})
        db.add_job(E, {})
        db.claim(E, 1, "w", 60.0)
        values = {"error": 2.5, "power": float("nan"), "memory": float("-inf")}
        changes = {"status": "complete", "values": values, "measurements": {"power": {"mean": 80}}}
        db.update(E, 1, status="pending", attempt=1, changes=changes)
    assert query(path, "SELECT id, task, value FROM task_values ORDER BY task") == [
        (1, "error", 2.5),
        (1, "memory", None),
        (1, "power", None),
    ]
    assert query(path, "SELECT id, variable, value FROM variables ORDER BY variable") == [
        (1, "act", "relu"),
        (1, "v", "[1,2]"),
        (1, "x", 0.5),
    ]
    columns = "id, status, task_values, params, json_extract(measurements, '$.power.mean')"
    rows = query(path, f"SELECT {columns} FROM results ORDER BY id")
    assert rows[0][:3] == (1, "complete", '{"error":2.5,"power":null,"memory":null}')
    assert rows[0][4] == 80
    assert rows[1] == (2, "new", "{}", "{}", None)


def test_table_takes_paused_jobs_from_the_first_one_on(path: Path) -> None:
    table = "SELECT sql FROM sqlite_master WHERE name = 'jobs'"
    with SQLiteDatabase(path) as db, SQLiteDatabase(path) as other:
        for _ in range(2):
            db.add_job(E, {"params": {"x": {"type": "float", "values": [0.5]}}})
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("CREATE VIEW mine AS SELECT id FROM jobs WHERE status = 'new'")
        before = query(path, table)
        assert "'paused'" not in before[0][0], "other files stay readable by earlier releases"
        for job_id in (1, 2):
            db.claim(E, job_id, "w", 60.0)
            changes = {"status": "paused", "values": {"power": 80.0}}
            assert db.update(E, job_id, status="pending", attempt=1, changes=changes)
            assert other.jobs(E, "paused") == db.jobs(E, "paused"), "another open connection"
        assert "'paused'" in query(path, table)[0][0]
        assert other.update(E, 1, status="paused", attempt=1, changes={"status": "new"})
    assert query(path, "SELECT id FROM mine") == [(1,)]
    rows = query(path, "SELECT id, status, task_values FROM results ORDER BY id")
    assert rows == [(1, "new", '{"power":80.0}'), (2, "paused", '{"power":80.0}')]
    refused = "INSERT INTO jobs VALUES ('e', 9, 'odd', 0, NULL, '{}')"
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(refused)


def test_paused_jobs_are_copied_to_a_file_without_any(path: Path, tmp_path: Path) -> None:
    with SQLiteDatabase(path) as db, SQLiteDatabase(tmp_path / "other.sqlite") as other:
        db.add_job(E, {})
        db.claim(E, 1, "w", 60.0)
        assert db.update(E, 1, status="pending", attempt=1, changes={"status": "paused"})
        other.restore(E, db.jobs(E))
        assert other.jobs(E) == db.jobs(E)


def test_database_of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (x)")
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(path)
    assert one_line(caught.value, path, "another program")
    assert query(path, "SELECT name FROM sqlite_master") == [("bookmarks",)]


def test_database_of_a_newer_release(path: Path) -> None:
    SQLiteDatabase(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(path)
    assert one_line(caught.value, path, "version 99", "newer")
