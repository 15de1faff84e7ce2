"""Errors of SQLite as messages that say what the user can do."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from spearmint.database.contract import DatabaseError, DatabaseUnavailableError

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_NO_ACCESS = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process holds a lock, so that the same call may succeed later."""
    return _primary(error) in _BUSY


def explain(error: sqlite3.Error, path: Path, patience_s: float) -> DatabaseError:
    """The error to raise in the place of SQLite's own.

    Args:
        error: SQLite's error.
        path: The database file.
        patience_s: How long the call has waited for a lock, in seconds.
    """
    code = _primary(error)
    if code in _BUSY:
        return DatabaseUnavailableError(
            f"database {path}: another program held a lock for {patience_s:g} s; "
            "end its transaction (an open sqlite3 shell?)"
        )
    if code in _NO_ACCESS and _is_mounted_read_only(path):
        # So does Linux with a disk that fails; the results of running jobs wait until it is back.
        return DatabaseUnavailableError(
            f"database {path}: its file system is mounted read-only; remount it, or name a file on "
            "another one"
        )
    if code in _NO_ACCESS:
        return DatabaseError(f"database {path}: {_why_not_writable(path)}")
    kind, text = {
        sqlite3.SQLITE_FULL: (DatabaseUnavailableError, "its disk is full; free some space"),
        sqlite3.SQLITE_IOERR: (DatabaseUnavailableError, f"its file system failed ({error})"),
        sqlite3.SQLITE_NOTADB: (DatabaseError, "is not an SQLite database; name another file"),
        sqlite3.SQLITE_CORRUPT: (
            DatabaseError,
            f"is damaged ({error}); recover its contents with the .recover command of sqlite3",
        ),
    }.get(code, (DatabaseError, str(error)))
    return kind(f"database {path}: {text}")


def is_only_readable(path: Path) -> bool:
    """Whether this user may read a file, but not write it, or not in its folder as SQLite must."""
    may_write = _may(path, os.W_OK) and _may(path.parent, os.W_OK)
    return _may(path, os.R_OK) and not may_write


def _primary(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def _why_not_writable(path: Path) -> str:
    folder = path.parent
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        return f"cannot be opened: {error.strerror}; name another file"
    reasons = (
        (not folder.exists(), f"the folder {folder} does not exist; create it or name another"),
        (not folder.is_dir(), f"{folder} is not a folder; name another file"),
        (path.is_dir(), "is a folder; name a file"),
        (
            path.exists() and not _may(path, os.R_OK | os.W_OK),
            "this user may not read and write it; change its permissions",
        ),
        (
            not _may(folder, os.W_OK),
            f"this user may not write in {folder}, as SQLite must; change its permissions",
        ),
    )
    found = (text for holds, text in reasons if holds)
    return next(found, "cannot be opened and written; check its permissions and file system")


def _is_mounted_read_only(path: Path) -> bool:
    """Whether the file system of a file, or of its folder if it does not exist, is read-only."""
    for place in (path, path.parent):
        try:
            return bool(os.statvfs(place).f_flag & os.ST_RDONLY)
        except OSError:
            continue
    return False


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)
