"""The database of jobs: an SQLite file, or a MongoDB server.

`connect(address)` opens the `Database` at an address.
"""

from __future__ import annotations

from spearmint.database.address import (
    FORMS,
    absolute,
    check_server,
    is_sqlite,
    passwordless,
    sqlite_path,
    without_password,
)
from spearmint.database.checked import CheckedDatabase
from spearmint.database.contract import (
    STATUSES,
    Database,
    DatabaseError,
    DatabaseUnavailableError,
    Document,
)
from spearmint.errors import UserError

__all__ = [
    "STATUSES",
    "CheckedDatabase",
    "Database",
    "DatabaseError",
    "DatabaseUnavailableError",
    "Document",
    "absolute",
    "connect",
    "is_sqlite",
    "passwordless",
    "sqlite_path",
    "without_password",
]


def connect(
    address: str, name: str = "spearmint", *, create: bool = True, only_read: bool = False
) -> Database:
    """Opens the database at an address.

    Args:
        address: `sqlite:PATH` or a path ending in `.sqlite` or `.db`; or `HOST`, `HOST:PORT`,
            `mongodb://...` or `mongodb+srv://...` for a MongoDB server.
        name: Name of the database on a MongoDB server; ignored for SQLite.
        create: Whether an SQLite file that does not exist is created.
        only_read: Whether an SQLite file that this user may only read is opened all the same.

    Raises:
        UserError: The address has no such form, or the database cannot be reached, read or
            written.
    """
    if not isinstance(address, str) or not address.strip():
        raise UserError(f"database address: got {address!r}; expected {FORMS}")
    if is_sqlite(address):
        from spearmint.database.sqlite import SQLiteDatabase  # noqa: PLC0415 - only when asked for

        return SQLiteDatabase(sqlite_path(address), create=create, only_read=only_read)
    check_server(address)
    from spearmint.database.mongodb import MongoDatabase  # noqa: PLC0415 - pymongo is heavy

    return MongoDatabase(address, name)
