"""Where jobs are kept: an SQLite file, or a MongoDB server.

`connect(address)` gives the `Database` that an address stands for.
"""

from __future__ import annotations

import re

from spearmint.database.contract import (
    STATUSES,
    Database,
    DatabaseError,
    DatabaseUnavailable,
    Document,
)
from spearmint.errors import UserError

__all__ = [
    "STATUSES",
    "Database",
    "DatabaseError",
    "DatabaseUnavailable",
    "Document",
    "connect",
    "is_sqlite",
    "without_password",
]

FORMS = "sqlite:PATH, a path ending in .sqlite or .db, HOST, HOST:PORT, or mongodb://..."
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d+)?(,(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d+)?)*")


def is_sqlite(address: str) -> bool:
    """Whether an address stands for an SQLite file."""
    return address.startswith("sqlite:") or (
        address.endswith((".sqlite", ".db")) and "://" not in address
    )


def without_password(address: str) -> str:
    """An address as it may be shown."""
    return re.sub(r"(://[^/@:]*):.*@", r"\1:***@", address)


def connect(address: str, name: str = "spearmint") -> Database:
    """The database that an address stands for, reached and ready.

    Args:
        address: `sqlite:PATH` or a path ending in `.sqlite` or `.db`; `HOST`,
            `HOST:PORT`, or `mongodb://...` and `mongodb+srv://...` as MongoDB's drivers
            take it.
        name: Name of the database on a MongoDB server. An SQLite file is one database: no name.

    Raises:
        UserError: No such form, or the database cannot be reached, read or written.
    """
    if not isinstance(address, str) or not address.strip():
        raise UserError(f"database address: got {address!r}; expected {FORMS}")
    if is_sqlite(address):
        from spearmint.database.sqlite import SQLiteDatabase  # noqa: PLC0415 - only when asked for

        return SQLiteDatabase(address.removeprefix("sqlite:"))
    if address.startswith(("mongodb://", "mongodb+srv://")) or _HOST.fullmatch(address):
        from spearmint.database.mongodb import MongoDatabase  # noqa: PLC0415 - pymongo is heavy

        return MongoDatabase(address, name)
    hint = f' (for a file, write "sqlite:{address}")' if "://" not in address else ""
    raise UserError(f"database address: got {address!r}; expected {FORMS}{hint}")
