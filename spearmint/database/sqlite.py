"""Jobs in one SQLite file: no server, safe for many processes on one machine.

Each call is one transaction, on disk before the call returns (`synchronous = FULL`); a process
killed during a transaction leaves no trace of it. The write-ahead log lets processes read while
another one writes. It needs memory shared by all processes, so a file on a network file system
keeps SQLite's rollback journal instead. Whether locks work between machines then depends on that
file system, and SQLite's authors advise against it (https://sqlite.org/faq.html#q5): use MongoDB
on a cluster.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from spearmint.database.contract import (
    MEASUREMENTS,
    Database,
    Document,
    check_changes,
    check_experiment,
    check_status,
)
from spearmint.database.documents import from_json, plain, shared_text, to_json
from spearmint.database.schema import DISCARDED, NOW, allow_paused, has_discarded
from spearmint.database.sqlite_file import SQLiteFile

#: How long a call waits for other processes' transactions (which take milliseconds), in seconds.
PATIENCE_S = 60.0
#: How many parsed documents are kept; more than experiments have jobs, as a controller that reads
#: more than these at each turn would parse all of them again.
PARSED = 200_000
_OWN = ("id", "status", "attempt", "lease")
_COLUMNS = f"{', '.join(_OWN)}, document"


class SQLiteDatabase(Database):
    """Jobs in one file; see `Database` for the contract of its methods.

    Args:
        path: The file; its folder must exist.
        patience_s: How long a call waits while another program holds a lock, in seconds.
        create: Whether a file that does not exist is created.
        only_read: Whether a file that this user may only read is opened all the same.

    Raises:
        DatabaseError: The file cannot be opened and written, or is not a database of this tool.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        patience_s: float = PATIENCE_S,
        *,
        create: bool = True,
        only_read: bool = False,
    ) -> None:
        self._file = SQLiteFile(path, patience_s, create=create, only_read=only_read)
        # By experiment and whether it is brief: the digest and the document of each job.
        self._parsed: dict[tuple[str, bool], dict[int, tuple[bytes, Document]]] = {}

    def add_job(self, experiment: str, job: Mapping[str, Any]) -> int:  # noqa: D102 - the contract
        return self._add(experiment, job, None)

    def add_next_job(  # noqa: D102
        self, experiment: str, job: Mapping[str, Any], job_id: int
    ) -> bool:
        return self._add(experiment, job, job_id) == job_id

    def _add(self, experiment: str, job: Mapping[str, Any], wanted: int | None) -> int:
        """Stores a job unless another id than the next one is wanted; returns the next id."""
        check_experiment(experiment)
        document = dict(job)
        to_json(document)  # raises before the file is locked

        def add(connection: sqlite3.Connection) -> int:
            (job_id,) = connection.execute(
                "SELECT coalesce(max(id), 0) + 1 FROM jobs WHERE experiment = ?", (experiment,)
            ).fetchone()
            if wanted not in {None, job_id}:
                return int(job_id)
            document.update(id=job_id, status="new", attempt=0, worker=None, lease=None)
            connection.execute(
                "INSERT INTO jobs (experiment, id, status, attempt, lease, document) "
                "VALUES (?, ?, 'new', 0, NULL, ?)",
                (experiment, job_id, to_json(document)),
            )
            return int(job_id)

        return self._file.run(add, write=True)

    def job(self, experiment: str, job_id: int) -> Document | None:  # noqa: D102
        check_experiment(experiment)
        return self._file.run(lambda connection: self._read(connection, experiment, job_id))

    def jobs(self, experiment: str, status: str | None = None) -> list[Document]:  # noqa: D102
        check_experiment(experiment)
        where, values = "experiment = ?", [experiment]
        if status is not None:
            where, values = where + " AND status = ?", [experiment, check_status(status)]
        return self._select(experiment, where, values)

    def brief_jobs(self, experiment: str) -> list[Document]:  # noqa: D102
        check_experiment(experiment)
        return self._select(experiment, "experiment = ?", [experiment], brief=True)

    def claim(  # noqa: D102
        self, experiment: str, job_id: int, worker: str, lease_s: float
    ) -> Document | None:
        check_experiment(experiment)

        def claim(connection: sqlite3.Connection) -> Document | None:
            document = self._read(connection, experiment, job_id)
            if document is None or document["status"] != "new":
                return None
            now = _now(connection)
            document.update(status="pending", attempt=document["attempt"] + 1, worker=worker)
            document["lease"] = now + lease_s
            document["start time"] = now
            self._write(connection, experiment, document)
            return document

        return self._file.run(claim, write=True)

    def beat(  # noqa: D102
        self, experiment: str, job_id: int, attempt: int, lease_s: float
    ) -> bool:
        check_experiment(experiment)

        def beat(connection: sqlite3.Connection) -> bool:
            # The lease is only in its column, so that a heartbeat does not rewrite the document.
            cursor = connection.execute(
                f"UPDATE jobs SET lease = {NOW} + ? WHERE experiment = ? AND id = ? "  # noqa: S608
                "AND status = 'pending' AND attempt = ?",
                (lease_s, experiment, job_id, attempt),
            )
            return cursor.rowcount == 1

        return self._file.run(beat, write=True)

    def update(  # noqa: D102
        self,
        experiment: str,
        job_id: int,
        *,
        status: str,
        attempt: int,
        changes: Mapping[str, Any],
    ) -> bool:
        check_experiment(experiment)
        check_status(status)
        check_changes(changes)
        changes = plain(changes, "changes")

        def update(connection: sqlite3.Connection) -> bool:
            document = self._read(connection, experiment, job_id)
            if document is None or (document["status"], document["attempt"]) != (status, attempt):
                return False
            document.update(changes)
            if document["status"] != "pending":
                document["lease"] = None
            if document["status"] == "paused":
                allow_paused(connection)
            self._write(connection, experiment, document)
            return True

        return self._file.run(update, write=True)

    def expired(self, experiment: str) -> list[Document]:  # noqa: D102
        check_experiment(experiment)
        return self._select(
            experiment,
            f"experiment = ? AND status = 'pending' AND (lease IS NULL OR lease < {NOW})",
            [experiment],
        )

    def hypers(self, experiment: str) -> Document:  # noqa: D102
        check_experiment(experiment)
        row = self._file.run(
            lambda connection: connection.execute(
                "SELECT document FROM hypers WHERE experiment = ?", (experiment,)
            ).fetchone()
        )
        return from_json(row[0], f"{self._file.name}: hypers of {experiment}") if row else {}

    def save_hypers(self, experiment: str, hypers: Mapping[str, Any]) -> None:  # noqa: D102
        check_experiment(experiment)
        text = to_json(hypers)
        self._file.run(
            lambda connection: connection.execute(
                "INSERT INTO hypers (experiment, document) VALUES (?, ?) "
                "ON CONFLICT (experiment) DO UPDATE SET document = excluded.document",
                (experiment, text),
            ),
            write=True,
        )

    def discarded(self, experiment: str) -> list[Document]:  # noqa: D102
        check_experiment(experiment)

        def select(connection: sqlite3.Connection) -> list[tuple[str]]:
            if not has_discarded(connection):
                return []
            query = "SELECT document FROM discarded WHERE experiment = ? ORDER BY rowid"
            return connection.execute(query, (experiment,)).fetchall()

        place = f"{self._file.name}: discarded candidates of {experiment}"
        return [from_json(text, place) for (text,) in self._file.run(select)]

    def add_discarded(  # noqa: D102
        self, experiment: str, candidate: Mapping[str, Any]
    ) -> None:
        check_experiment(experiment)
        text = to_json(candidate)

        def add(connection: sqlite3.Connection) -> None:
            connection.execute(DISCARDED)
            connection.execute(
                "INSERT INTO discarded (experiment, document) VALUES (?, ?)", (experiment, text)
            )

        self._file.run(add, write=True)

    def experiments(self) -> list[str]:  # noqa: D102
        rows = self._file.run(
            lambda connection: connection.execute(
                "SELECT experiment FROM jobs UNION SELECT experiment FROM hypers"
            ).fetchall()
        )
        return sorted(name for (name,) in rows)

    def restore(  # noqa: D102
        self, experiment: str, jobs: Sequence[Mapping[str, Any]], *, overwrite: bool = False
    ) -> None:
        check_experiment(experiment)
        rows = [
            (experiment, j["id"], j["status"], j["attempt"], j["lease"], to_json(j)) for j in jobs
        ]
        action = "REPLACE" if overwrite else "IGNORE"

        def restore(connection: sqlite3.Connection) -> None:
            if any(job["status"] == "paused" for job in jobs):
                allow_paused(connection)
            connection.executemany(
                f"INSERT OR {action} INTO jobs (experiment, {_COLUMNS}) "  # noqa: S608
                "VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )

        self._file.run(restore, write=True)

    def drop(self, experiment: str) -> None:  # noqa: D102
        check_experiment(experiment)

        def drop(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM jobs WHERE experiment = ?", (experiment,))
            connection.execute("DELETE FROM hypers WHERE experiment = ?", (experiment,))
            if has_discarded(connection):
                connection.execute("DELETE FROM discarded WHERE experiment = ?", (experiment,))

        self._file.run(drop, write=True)

    def close(self) -> None:  # noqa: D102
        self._file.close()

    def _select(
        self, experiment: str, where: str, values: list[str], *, brief: bool = False
    ) -> list[Document]:
        def select(connection: sqlite3.Connection) -> list[Document]:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE {where} ORDER BY id",  # noqa: S608
                values,
            )
            return [self._document(experiment, row, brief=brief) for row in rows]

        return self._file.run(select)

    def _read(
        self, connection: sqlite3.Connection, experiment: str, job_id: int
    ) -> Document | None:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM jobs WHERE experiment = ? AND id = ?",  # noqa: S608
            (experiment, job_id),
        ).fetchone()
        return None if row is None else dict(self._document(experiment, row))

    def _document(
        self,
        experiment: str,
        row: tuple[int, str, int, float | None, str],
        *,
        brief: bool = False,
    ) -> Document:
        """The job in a row; the same object as long as the row is the same."""
        job_id, status, attempt, lease, text = row
        # A controller polls, and few jobs change between two polls: parsing all of them again would
        # take CPU time from the network that is being measured.
        parsed = self._parsed.setdefault((experiment, brief), {})
        # A digest takes less memory than the text.
        digest = blake2b(text.encode(), digest_size=16).digest()
        known, document = parsed.get(job_id, (b"", {}))
        if known != digest:
            document = from_json(text, f"{self._file.name}: experiment {experiment}: job {job_id}")
            if brief:
                document.pop(MEASUREMENTS, None)
            if len(parsed) >= PARSED:
                parsed.clear()
        own = (job_id, shared_text(status), attempt, lease)
        if known != digest or own != tuple(map(document.get, _OWN)):
            document = document | dict(zip(_OWN, own, strict=True))
            parsed[job_id] = (digest, document)
        return document

    @staticmethod
    def _write(connection: sqlite3.Connection, experiment: str, document: Document) -> None:
        connection.execute(
            "UPDATE jobs SET status = ?, attempt = ?, lease = ?, document = ? "
            "WHERE experiment = ? AND id = ?",
            (
                document["status"],
                document["attempt"],
                document["lease"],
                to_json(document),
                experiment,
                document["id"],
            ),
        )


def _now(connection: sqlite3.Connection) -> float:
    (now,) = connection.execute(f"SELECT {NOW}").fetchone()
    return float(now)
