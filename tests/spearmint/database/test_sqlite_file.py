"""The file: its journal, locks, transactions, and what may happen to it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from spearmint.database import DatabaseError, DatabaseUnavailableError, sqlite_file
from spearmint.database.sqlite import SQLiteDatabase
from spearmint.errors import UserError
from tests.spearmint.database.files import E, one_line, query


def test_write_ahead_log_and_full_synchronisation(path: Path) -> None:
    with SQLiteDatabase(path) as db:
        db.add_job(E, {})
        assert query(path, "PRAGMA journal_mode") == [("wal",)]
        synchronous = db._file.run(lambda c: c.execute("PRAGMA synchronous").fetchone())
        assert synchronous == (2,)


def test_rollback_journal_on_a_network_file_system(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "network_file_system", lambda _: "nfs4")
    with SQLiteDatabase(path) as db:
        assert db.add_job(E, {}) == 1
        assert query(path, "PRAGMA journal_mode") == [("delete",)]


@pytest.mark.parametrize("text", ["", ":memory:"])
def test_address_without_a_file(text: str) -> None:
    with pytest.raises(UserError, match="sqlite:PATH"):
        SQLiteDatabase(text)


def test_a_name_that_begins_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with SQLiteDatabase("~copy.db") as db:
        db.add_job(E, {})
    assert (tmp_path / "~copy.db").is_file()


def test_removed_while_in_use(path: Path) -> None:
    with SQLiteDatabase(path) as db:
        db.add_job(E, {})
        away = path.with_suffix(".away")
        path.rename(away)
        with pytest.raises(DatabaseUnavailableError) as caught:
            db.add_job(E, {})
        assert one_line(caught.value, path, "was removed while in use")
        away.rename(path)
        assert db.add_job(E, {}) == 2


def test_replaced_while_in_use(path: Path) -> None:
    with SQLiteDatabase(path) as db:
        db.add_job(E, {})
        path.with_suffix(".other").touch()
        path.with_suffix(".other").rename(path)
        with pytest.raises(DatabaseError) as caught:
            db.add_job(E, {})
        assert one_line(caught.value, path, "was replaced while in use")
        assert not isinstance(caught.value, DatabaseUnavailableError)


def test_missing_file_is_not_created_by_a_worker(path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match="does not exist"):
        SQLiteDatabase(path, create=False)
    assert not path.exists()


def test_locked_for_too_long(path: Path) -> None:
    with SQLiteDatabase(path, patience_s=0.1) as db, closing(sqlite3.connect(path)) as other:
        db.add_job(E, {})
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailableError) as caught:
            db.add_job(E, {})
        assert one_line(caught.value, path, "another program held a lock")
        assert len(db.jobs(E)) == 1  # readers need not wait
        other.rollback()
        assert db.add_job(E, {}) == 2


def test_waits_for_a_lock(path: Path) -> None:
    with (
        SQLiteDatabase(path) as db,
        closing(sqlite3.connect(path, check_same_thread=False)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, other.rollback)
        timer.start()
        assert db.add_job(E, {}) == 1
        timer.join()


def test_interrupted_call_changes_nothing(path: Path) -> None:
    with SQLiteDatabase(path) as db:

        def interrupt(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM jobs")
            raise KeyboardInterrupt

        db.add_job(E, {})
        with pytest.raises(KeyboardInterrupt):
            db._file.run(interrupt, write=True)
        assert db.add_job(E, {}) == 2
        with SQLiteDatabase(path, patience_s=0.1) as other:
            assert other.add_job(E, {}) == 3
