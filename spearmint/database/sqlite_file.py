"""One SQLite file that processes and threads share: its connection, transactions and locks."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from spearmint.database import schema, sqlite_errors
from spearmint.database.contract import DatabaseError, DatabaseUnavailableError
from spearmint.database.filesystem import network_file_system
from spearmint.database.fork import ProcessConnection
from spearmint.errors import UserError

T = TypeVar("T")


class SQLiteFile:
    """A file and this process's connection to it.

    Args:
        path: The file; its folder must exist.
        patience_s: How long a call waits while another program holds a lock, in seconds.
        create: Whether a file that does not exist is created.
        only_read: Whether a file that this user may only read is opened all the same; then `run`
            must not write.

    Raises:
        DatabaseError: The file cannot be opened and written, or is not a database of this tool.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        patience_s: float,
        *,
        create: bool = True,
        only_read: bool = False,
    ) -> None:
        text = os.fspath(path)
        if not text or text.startswith(":memory:"):
            raise UserError(
                f"database address: got 'sqlite:{text}'; expected sqlite:PATH with a file's path"
            )
        home = os.path.expanduser(text)  # noqa: PTH111 - unlike pathlib, leaves ~NAME of no user
        self.path = Path(home).absolute()
        self.name = f"database {self.path}"
        self._patience_s = patience_s
        self._create = create
        self._only_read = only_read and sqlite_errors.is_only_readable(self.path)
        self._connection: ProcessConnection[sqlite3.Connection] = ProcessConnection()
        self._opened: tuple[int, int] | None = None
        self.run(lambda _: None)

    def run(self, body: Callable[[sqlite3.Connection], T], *, write: bool = False) -> T:
        """Runs `body` in one transaction and returns its result.

        While another program holds a lock, the transaction is repeated from its start.

        Raises:
            DatabaseUnavailableError: The file stays locked, is gone, or its disk is full or fails.
            DatabaseError: The file cannot be used.
        """
        deadline = time.monotonic() + self._patience_s
        with self._connection.lock:
            while True:
                if self._only_read:  # whether it has a log may have changed
                    self._connection.close()
                try:
                    return self._transaction(body, write=write)
                except sqlite3.Error as error:
                    # SQLite's own waiting does not cover every step, such as switching the journal.
                    if not sqlite_errors.is_busy(error) or time.monotonic() > deadline:
                        raise sqlite_errors.explain(error, self.path, self._patience_s) from error
                    time.sleep(0.01)

    def close(self) -> None:
        """Closes the connection; the next `run` opens one."""
        self._connection.close()

    def _transaction(self, body: Callable[[sqlite3.Connection], T], *, write: bool) -> T:
        connection = self._connection.get(self._open)
        found = _identity(self.path)
        # An unlinked file can still be written, but everything written there is lost.
        if found is None:
            raise DatabaseUnavailableError(f"{self.name}: was removed while in use; restore it")
        if found != self._opened:
            raise DatabaseError(
                f"{self.name}: was replaced while in use; restore it or start again"
            )
        try:
            # Inside the try: an interrupt may come between any two statements.
            connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            result = body(connection)
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # some errors have rolled back already
                connection.execute("ROLLBACK")
            raise
        return result

    def _open(self) -> sqlite3.Connection:
        if not self._create and _identity(self.path) is None:
            raise DatabaseUnavailableError(f"{self.name}: does not exist; restore it")
        connection = sqlite3.connect(
            self._address(),
            timeout=self._patience_s,
            isolation_level=None,
            check_same_thread=False,
            uri=self._only_read,
        )
        try:
            if not self._only_read:
                if network_file_system(self.path) is None:
                    # If the file system does not support it, SQLite keeps its rollback journal.
                    connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
            schema.create(connection, self.path)
            self._opened = _identity(self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _address(self) -> str:
        """The file, or the URI of a file that is only read.

        A file with a write-ahead log cannot be opened without writing unless the log is there, as
        while a search runs. Without the log, nobody writes, and SQLite needs no locks.
        """
        if not self._only_read:
            return os.fspath(self.path)
        log = self.path.with_name(f"{self.path.name}-wal")
        fixed = "" if log.exists() or network_file_system(self.path) else "&immutable=1"
        return f"{self.path.as_uri()}?mode=ro{fixed}"


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
