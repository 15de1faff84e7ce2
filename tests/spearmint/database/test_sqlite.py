"""What is special about the SQLite store: its file, and what happens to files."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from spearmint.database import DatabaseError, DatabaseUnavailableError, sqlite_file
from spearmint.database.filesystem import network_file_system
from spearmint.database.sqlite import SQLiteDatabase
from spearmint.errors import UserError

E = "e"


def one_line(error: BaseException, *parts: object) -> bool:
    text = str(error)
    return "\n" not in text and all(str(part) in text for part in parts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.sqlite"


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


# --- the file


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


def test_a_person_may_put_a_job_back_by_hand(path: Path) -> None:
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


# --- what a user can get wrong


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(tmp_path / "no" / "jobs.sqlite")
    assert one_line(caught.value, tmp_path / "no" / "jobs.sqlite", "does not exist")


def test_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(tmp_path)
    assert one_line(caught.value, tmp_path, "is a folder")


def test_file_in_the_place_of_the_folder(path: Path) -> None:
    path.write_text("x")
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(path / "jobs.sqlite")
    assert one_line(caught.value, path, "is not a folder")


def test_no_database(path: Path) -> None:
    text = "import keras\n" * 100
    path.write_text(text)
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(path)
    assert one_line(caught.value, path, "is not an SQLite database")
    assert path.read_text() == text


def test_another_programs_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (x)")
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(path)
    assert one_line(caught.value, path, "another program")
    assert query(path, "SELECT name FROM sqlite_master") == [("bookmarks",)]


def test_newer_version(path: Path) -> None:
    SQLiteDatabase(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(path)
    assert one_line(caught.value, path, "version 99", "newer")


def test_damaged_file(path: Path) -> None:
    with SQLiteDatabase(path) as db:
        for _ in range(200):
            db.add_job(E, {"text": "x" * 500})
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(DatabaseError) as caught, SQLiteDatabase(path) as db:
        db.jobs(E)
    assert one_line(caught.value, path, "is damaged")


@pytest.mark.parametrize("text", ["", ":memory:"])
def test_no_file_named(text: str) -> None:
    with pytest.raises(UserError, match="sqlite:PATH"):
        SQLiteDatabase(text)


@contextmanager
def nobody() -> Iterator[Path]:
    """A folder that all may read, and a user who is not root: root may write everywhere."""
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            os.seteuid(user)
            folder.chmod(0o755)


def become_nobody() -> None:
    if os.geteuid() == 0:
        os.seteuid(65534)


def test_folder_that_may_not_be_written() -> None:
    with nobody() as folder:
        folder.chmod(0o555)
        become_nobody()
        with pytest.raises(DatabaseError) as caught:
            SQLiteDatabase(folder / "jobs.sqlite")
        assert one_line(caught.value, folder / "jobs.sqlite", "may not write")


def test_file_that_may_not_be_written() -> None:
    with nobody() as folder:
        path = folder / "jobs.sqlite"
        with SQLiteDatabase(path) as db:
            db.add_job(E, {})
        path.chmod(0o444)
        folder.chmod(0o555)
        become_nobody()
        with pytest.raises(DatabaseError) as caught, SQLiteDatabase(path) as db:
            db.add_job(E, {})
        assert one_line(caught.value, path, "may not")


# --- what happens to files


def test_removed_while_in_use(path: Path) -> None:
    with SQLiteDatabase(path) as db:
        db.add_job(E, {})
        path.unlink()
        with pytest.raises(DatabaseError) as caught:
            db.add_job(E, {})
        assert one_line(caught.value, path, "removed or replaced")


def test_held_by_another_program_for_too_long(path: Path) -> None:
    with SQLiteDatabase(path, patience_s=0.1) as db, closing(sqlite3.connect(path)) as other:
        db.add_job(E, {})
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailableError) as caught:
            db.add_job(E, {})
        assert one_line(caught.value, path, "another program held a lock")
        assert len(db.jobs(E)) == 1  # readers need not wait
        other.rollback()
        assert db.add_job(E, {}) == 2


def test_waits_for_another_programs_transaction(path: Path) -> None:
    with (
        SQLiteDatabase(path) as db,
        closing(sqlite3.connect(path, check_same_thread=False)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, other.rollback)
        timer.start()
        assert db.add_job(E, {}) == 1
        timer.join()


def test_interrupted_call_leaves_nothing_behind(path: Path) -> None:
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


FULL_DISK = """
import resource, sys
from spearmint.database import DatabaseUnavailableError, connect
db = connect(sys.argv[1])
acknowledged = [db.add_job("e", {"text": "x" * 50_000}) for _ in range(5)]
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
try:
    for _ in range(50):
        acknowledged.append(db.add_job("e", {"text": "x" * 50_000}))
except DatabaseUnavailableError as error:
    print(error, file=sys.stderr)
assert [job["id"] for job in db.jobs("e")] == acknowledged
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
acknowledged.append(db.add_job("e", {"text": "room again"}))
print(len(acknowledged))
"""


def test_file_that_cannot_grow(path: Path) -> None:
    """As on a full disk: what was acknowledged stays, and with room again it goes on."""
    if resource.getrlimit(resource.RLIMIT_FSIZE)[1] != resource.RLIM_INFINITY:
        pytest.fail("this test lifts its own limit again; start it without ulimit -f")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, f"sqlite:{path}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
    assert f"database {path}: " in done.stderr
    count = int(done.stdout)
    assert 6 < count < 56
    with SQLiteDatabase(path) as db:
        assert [job["id"] for job in db.jobs(E)] == list(range(1, count + 1))


# --- file systems


MOUNTS = r"""rootfs / rootfs rw 0 0
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local\040disk ext4 rw 0 0
//nas/x /mnt/nas cifs rw 0 0
user@h: /mnt/ssh fuse.sshfs rw 0 0
odd line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/tmp/x", None),
        ("/", None),
        ("/home/me/x", "nfs4"),
        ("/homes/x", None),
        ("/home/local disk/x", None),
        ("/mnt/nas/a/b", "cifs"),
        ("/mnt/ssh/a", "fuse.sshfs"),
    ],
)
def test_network_file_system(tmp_path: Path, path: str, kind: str | None) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert network_file_system(Path(path), mounts) == kind


def test_network_file_system_unknown(tmp_path: Path) -> None:
    assert network_file_system(Path("/tmp/x"), tmp_path / "no such file") is None
    assert network_file_system(tmp_path) is None


def test_what_another_program_changed_is_seen(path: Path) -> None:
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
