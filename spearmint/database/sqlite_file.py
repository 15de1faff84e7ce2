"""One SQLite file shared by processes and threads: opened, locked, and its faults in words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from spearmint.database.contract import DatabaseError, DatabaseUnavailable
from spearmint.database.filesystem import network_file_system
from spearmint.database.schema import APPLICATION_ID, SCHEMA, VERSION
from spearmint.errors import UserError

T = TypeVar("T")

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_CLOSED_TO_US = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)


class SQLiteFile:
    """A file, and this process's connection to it.

    Args:
        path: The file; made when it is not there, in a folder that is.
        patience_s: Seconds that a call waits while another program holds the file.

    Raises:
        DatabaseError: The file cannot be opened and written, or is something else.
    """

    def __init__(self, path: str | os.PathLike[str], patience_s: float) -> None:
        text = os.fspath(path)
        if not text or text.startswith(":memory:"):
            raise UserError(
                f"database address: got 'sqlite:{text}'; expected sqlite:PATH, PATH being a file"
            )
        self.path = Path(text).expanduser().absolute()
        self.name = f"database {self.path}"
        self._patience_s = patience_s
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        _instances.add(self)
        self.run(lambda _: None)

    def run(self, body: Callable[[sqlite3.Connection], T], *, write: bool = False) -> T:
        """What `body` returns, run in one transaction; run anew while the file is held.

        Raises:
            DatabaseUnavailable: The file stays locked, the disk is full or fails.
            DatabaseError: The file cannot be used.
        """
        deadline = time.monotonic() + self._patience_s
        with self._lock:
            while True:
                try:
                    return self._once(body, write=write)
                except sqlite3.Error as error:
                    # SQLite's own waiting does not cover every step, such as switching the journal.
                    if _primary(error) not in _BUSY or time.monotonic() > deadline:
                        raise self._fault(error) from error
                    time.sleep(0.01)

    def close(self) -> None:
        """Closes the connection; the next `run` opens one."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def forget(self) -> None:
        """Leaves the connection that was inherited by fork, without closing it.

        A child must neither use its parent's connection nor close it (that would act on the log
        that both share), nor wait for a lock whose thread does not exist here.
        """
        _abandoned.append(self._connection)
        self._connection = None
        self._lock = threading.RLock()

    def _once(self, body: Callable[[sqlite3.Connection], T], *, write: bool) -> T:
        connection = self._open()
        try:
            # Inside the try: an interrupt may come between any two statements.
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            result = body(connection)
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # some faults have rolled back already
                connection.execute("ROLLBACK")
            raise
        return result

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            if _identity(self.path) != self._opened:
                # An unlinked file can still be written; all that is written there is lost.
                raise DatabaseError(
                    f"{self.name}: was removed or replaced while in use; put it back or start anew"
                )
            return self._connection
        connection = sqlite3.connect(
            os.fspath(self.path),
            timeout=self._patience_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            _prepare(connection, self.path)
            self._opened = _identity(self.path)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _fault(self, error: sqlite3.Error) -> DatabaseError:
        code = _primary(error)
        if code in _BUSY:
            return DatabaseUnavailable(
                f"{self.name}: another program held it for {self._patience_s:g} s; "
                "end its transaction (an open sqlite3 shell?)"
            )
        if code in _CLOSED_TO_US:
            return DatabaseError(f"{self.name}: {_why_not_writable(self.path)}")
        kind, text = {
            sqlite3.SQLITE_FULL: (DatabaseUnavailable, "there is no room on its disk; make some"),
            sqlite3.SQLITE_IOERR: (DatabaseUnavailable, f"its file system failed ({error})"),
            sqlite3.SQLITE_NOTADB: (DatabaseError, "is no SQLite database; name another file"),
            sqlite3.SQLITE_CORRUPT: (
                DatabaseError,
                f"is damaged ({error}); save what can be saved with sqlite3's .recover",
            ),
        }.get(code, (DatabaseError, str(error)))
        return kind(f"{self.name}: {text}")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Makes the connection durable and the tables present."""
    if network_file_system(path) is None:
        # Where the file system cannot, SQLite keeps its rollback journal.
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if _marks(connection) == (APPLICATION_ID, VERSION):
        return
    try:
        connection.execute("BEGIN IMMEDIATE")
        identity, version = _marks(connection)
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if identity != APPLICATION_ID and (tables or identity or version):
            raise DatabaseError(f"database {path}: belongs to another program; name another file")
        if version > VERSION:
            raise DatabaseError(
                f"database {path}: got version {version}, made by a newer release; this one knows "
                f"version {VERSION}; use that release or another file"
            )
        if version < VERSION:  # another process may have made the tables meanwhile
            for statement in SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    (identity,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return identity, version


def _primary(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _why_not_writable(path: Path) -> str:
    folder = path.parent
    reasons = (
        (not folder.exists(), f"there is no folder {folder}; make it or name another file"),
        (not folder.is_dir(), f"{folder} is no folder; name another file"),
        (path.is_dir(), "is a folder; name a file"),
        (
            path.exists() and not _may(path, os.R_OK | os.W_OK),
            "this user may not read and write it; change its permissions",
        ),
        (
            not _may(folder, os.W_OK),
            f"this user may not write in {folder}, which SQLite must; change its permissions",
        ),
    )
    found = (text for holds, text in reasons if holds)
    return next(found, "cannot be opened and written; look at its permissions and file system")


_instances: weakref.WeakSet[SQLiteFile] = weakref.WeakSet()
_abandoned: list[sqlite3.Connection | None] = []


def _forget_all() -> None:
    for instance in list(_instances):
        instance.forget()


os.register_at_fork(after_in_child=_forget_all)
