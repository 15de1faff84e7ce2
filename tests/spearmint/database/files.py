"""What the tests of SQLite files share."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

E = "e"


def one_line(error: BaseException, *parts: object) -> bool:
    """Whether an error is one line that contains all of these."""
    text = str(error)
    return "\n" not in text and all(str(part) in text for part in parts)


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    """What a program of somebody else reads in a file."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()
