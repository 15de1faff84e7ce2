"""The tables of the SQLite database, and views that are easy to query in the sqlite3 shell.

A job's document is JSON. `status`, `attempt` and `lease` are columns, which take precedence over
the document. In a document, a number that is not finite is written as MongoDB Extended JSON,
`{"$numberDouble": "NaN"}`; in the views it is NULL, so that no comparison with it is true.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from spearmint.database.contract import DatabaseError

#: Marks the file as ours ("HyPw"): PRAGMA application_id.
APPLICATION_ID = 0x48795077
#: Version of the tables: PRAGMA user_version.
VERSION = 1

#: Seconds since the epoch by SQLite's clock, to a millisecond (unixepoch('subsec') needs 3.42).
NOW = "((julianday('now') - 2440587.5) * 86400.0)"

#: The jobs. A file that has paused jobs has `WITH_PAUSED` instead; other files stay as earlier
#: releases wrote them, and those can read all files.
JOBS = """
    CREATE TABLE jobs (
        experiment TEXT NOT NULL,
        id INTEGER NOT NULL CHECK (id > 0),
        status TEXT NOT NULL CHECK (status IN ('new', 'pending', 'complete', 'broken')),
        attempt INTEGER NOT NULL,
        lease REAL,
        document TEXT NOT NULL CHECK (json_valid(document)),
        PRIMARY KEY (experiment, id)
    )
    """
WITH_PAUSED = JOBS.replace("'complete'", "'paused', 'complete'")

SCHEMA = (
    JOBS,
    """
    CREATE TABLE hypers (
        experiment TEXT NOT NULL PRIMARY KEY,
        document TEXT NOT NULL CHECK (json_valid(document))
    )
    """,
    # One row per job and task: what the objective returned.
    """
    CREATE VIEW task_values AS
    SELECT experiment, jobs.id AS id, status, item.key AS task,
           CASE WHEN item.type IN ('integer', 'real') THEN item.value END AS value
    FROM jobs, json_each(jobs.document, '$.values') AS item
    """,
    # One row per job and variable; the values of a vector as JSON.
    """
    CREATE VIEW variables AS
    SELECT experiment, jobs.id AS id, status, item.key AS variable,
           CASE WHEN json_array_length(item.value, '$.values') = 1
                THEN json_extract(item.value, '$.values[0]')
                ELSE json_extract(item.value, '$.values') END AS value
    FROM jobs, json_each(jobs.document, '$.params') AS item
    """,
    # One row per job; values and params as JSON objects {name: value}.
    """
    CREATE VIEW results AS
    SELECT experiment, id, status, attempt,
           (SELECT json_group_object(task, value) FROM task_values AS t
            WHERE t.experiment = jobs.experiment AND t.id = jobs.id) AS task_values,
           (SELECT json_group_object(variable, value) FROM variables AS v
            WHERE v.experiment = jobs.experiment AND v.id = jobs.id) AS params,
           json_extract(document, '$.reason') AS reason,
           datetime(json_extract(document, '$."end time"'), 'unixepoch') AS ended,
           json_extract(document, '$."end time"') - json_extract(document, '$."start time"')
               AS seconds,
           json_extract(document, '$.measurements') AS measurements
    FROM jobs
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)


#: Candidates that were discarded before they became jobs. The table is created with the first of
#: them, so that other files stay as earlier releases wrote them, and those can read all files.
DISCARDED = """
    CREATE TABLE IF NOT EXISTS discarded (
        experiment TEXT NOT NULL,
        document TEXT NOT NULL CHECK (json_valid(document))
    )
    """


def has_discarded(connection: sqlite3.Connection) -> bool:
    """Whether the file has the table of discarded candidates."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'discarded'"
    return connection.execute(query).fetchone() is not None


def allow_paused(connection: sqlite3.Connection) -> None:
    """Changes the table of jobs so that it takes paused ones, inside the caller's transaction.

    SQLite cannot change a CHECK of a table: the rows move to a new one. The views stay.
    """
    query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'jobs'"
    (table,) = connection.execute(query).fetchone()
    if "'paused'" in table:
        return
    # Without it, a table that views read cannot be renamed.
    connection.execute("PRAGMA legacy_alter_table = ON")
    try:
        connection.execute(WITH_PAUSED.replace("TABLE jobs", "TABLE jobs_with_paused", 1))
        connection.execute("INSERT INTO jobs_with_paused SELECT * FROM jobs")
        connection.execute("DROP TABLE jobs")
        connection.execute("ALTER TABLE jobs_with_paused RENAME TO jobs")
    finally:
        connection.execute("PRAGMA legacy_alter_table = OFF")


def create(connection: sqlite3.Connection, path: Path) -> None:
    """Creates the tables in a new file.

    Args:
        connection: A connection to the file, outside a transaction.
        path: The file, for messages.

    Raises:
        DatabaseError: The file belongs to another program or to a newer release.
    """
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
                f"database {path}: got version {version}, written by a newer release; this "
                f"release reads version {VERSION}; use the newer release or another file"
            )
        if version < VERSION:  # else another process has created the tables in the meantime
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
