"""What a user can get wrong, and what may happen to a disk: one line for each."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from spearmint.database import DatabaseError, DatabaseUnavailableError
from spearmint.database.sqlite import SQLiteDatabase
from tests.disks import small_disk
from tests.spearmint.database.files import E, one_line


def test_folder_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(tmp_path / "no" / "jobs.sqlite")
    assert one_line(caught.value, tmp_path / "no" / "jobs.sqlite", "does not exist")


def test_path_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(tmp_path)
    assert one_line(caught.value, tmp_path, "is a folder")


def test_parent_is_a_file(path: Path) -> None:
    path.write_text("x")
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(path / "jobs.sqlite")
    assert one_line(caught.value, path, "is not a folder")


@pytest.mark.parametrize("name", ["a" * 300, f"{'a' * 300}/jobs.sqlite"])
def test_name_is_too_long(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(tmp_path / name)
    assert one_line(caught.value, tmp_path / name, "cannot be opened: File name too long; name ")


def test_file_is_not_a_database(path: Path) -> None:
    text = "import keras\n" * 100
    path.write_text(text)
    with pytest.raises(DatabaseError) as caught:
        SQLiteDatabase(path)
    assert one_line(caught.value, path, "is not an SQLite database")
    assert path.read_text() == text


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


def test_folder_is_not_writable() -> None:
    with nobody() as folder:
        folder.chmod(0o555)
        become_nobody()
        with pytest.raises(DatabaseError) as caught:
            SQLiteDatabase(folder / "jobs.sqlite")
        assert one_line(caught.value, folder / "jobs.sqlite", "may not write")


def test_folder_of_its_folder_is_not_accessible() -> None:
    with nobody() as folder:
        (folder / "inner").mkdir()
        folder.chmod(0o000)
        become_nobody()
        with pytest.raises(DatabaseError) as caught:
            SQLiteDatabase(folder / "inner" / "jobs.sqlite")
        assert one_line(caught.value, folder / "inner" / "jobs.sqlite", "Permission denied")


def test_file_is_not_writable() -> None:
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


def test_a_file_that_is_not_writable_can_be_read_before_during_and_after_a_search() -> None:
    with nobody() as folder:
        path = folder / "jobs.sqlite"
        with SQLiteDatabase(path) as db:
            db.add_job(E, {"n": 1})
        user = os.geteuid()
        folder.chmod(0o555)
        path.chmod(0o444)
        become_nobody()
        with SQLiteDatabase(path, create=False, only_read=True) as reader:
            assert [job["n"] for job in reader.jobs(E)] == [1]
            os.seteuid(user)
            folder.chmod(0o755)
            path.chmod(0o644)
            with SQLiteDatabase(path) as db:
                db.add_job(E, {"n": 2})
                folder.chmod(0o555)
                become_nobody()
                assert [job["n"] for job in reader.jobs(E)] == [1, 2]
                os.seteuid(user)
                folder.chmod(0o755)
            path.chmod(0o444)
            folder.chmod(0o555)
            become_nobody()
            assert [job["n"] for job in reader.jobs(E)] == [1, 2]
            assert reader.experiments() == [E]
            with pytest.raises(DatabaseError) as caught:
                reader.add_job(E, {})
            assert one_line(caught.value, path, "may not")


def test_a_file_of_another_program_that_is_not_writable_is_refused() -> None:
    with nobody() as folder:
        path = folder / "other.sqlite"
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE recipes (name)")
        path.chmod(0o444)
        folder.chmod(0o555)
        become_nobody()
        with pytest.raises(DatabaseError) as caught:
            SQLiteDatabase(path, create=False, only_read=True)
        assert one_line(caught.value, path)


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


def test_disk_is_full(path: Path) -> None:
    """As on a full disk: what was acknowledged stays, and with room again it continues."""
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


def test_file_system_that_is_mounted_read_only_may_come_back(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as folder:
        path = folder / "jobs.sqlite"
        with SQLiteDatabase(path) as db:
            db.add_job(E, {})
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        with pytest.raises(DatabaseUnavailableError) as caught:
            SQLiteDatabase(path)
        assert one_line(caught.value, path, "its file system is mounted read-only; remount it")
        with pytest.raises(DatabaseUnavailableError) as caught:
            SQLiteDatabase(folder / "other.sqlite")
        assert one_line(caught.value, folder / "other.sqlite", "is mounted read-only")
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        with SQLiteDatabase(path) as db:
            assert len(db.jobs(E)) == 1
