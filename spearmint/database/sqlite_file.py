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

    Raises:
        DatabaseError: The file cannot be opened and written, or is not a database of this tool.
    """

    def __init__(
        self, path: str | os.PathLike[str], patience_s: float, *, create: bool = True
    ) -> None:
        text = os.fspath(path)
        if not text or text.startswith(":memory:"):
            raise UserError(
                f"database address: got 'sqlite:{text}'; expected sqlite:PATH with a file's path"
            )
        self.path = Path(text).expanduser().absolute()
        self.name = f"database {self.path}"
        self._patience_s = patience_s
        self._create = create
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
            os.fspath(self.path),
            timeout=self._patience_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
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


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
