"""Jobs on a MongoDB server, for controllers and workers on many machines.

The collections are `<experiment-name>.jobs` (with a unique index on `id`),
`<experiment-name>.hypers` and, if candidates were discarded before they became jobs,
`<experiment-name>.discarded`. Documents are those of `contract`, with plain numbers, so that
queries are easy to write. Every change updates one document, and its filter is the comparison of
the compare-and-set. Transactions and pipeline updates are not used, so that a standalone server
works as well as a replica set. Writes are acknowledged by a majority of the servers, on disk.

Each write carries a token. If it has no effect, the token tells whether that is because it was
carried out before: by an earlier try whose answer was lost. That question is asked by a write that
changes nothing: a majority acknowledges it, and with it all that was written before, so that no
failover takes back what it reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import bson
from pymongo import ReplaceOne, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from spearmint.database.contract import (
    MEASUREMENTS,
    Database,
    DatabaseError,
    Document,
    check_changes,
    check_experiment,
    check_status,
)
from spearmint.database.documents import from_stored, plain
from spearmint.database.mongo_names import (
    OWN_FIELDS,
    collection,
    experiment_of,
    read_key,
    write_keys,
)
from spearmint.database.mongo_server import MongoServer
from spearmint.database.mongo_writes import Writes

_HYPERS = "hypers"


class MongoDatabase(Database):
    """Jobs on a server; see `Database` for the contract of its methods.

    Args:
        address: `HOST`, `HOST:PORT` or a MongoDB connection string.
        name: Name of the database on the server.

    Raises:
        UserError: The address is not well formed, or the server cannot be reached or refuses.
    """

    def __init__(self, address: str, name: str = "spearmint") -> None:
        self._server = MongoServer(address, name)
        self._writes = Writes(self._server)
        self._brief: list[Document] = []  # the last answer of `brief_jobs`

    def add_job(self, experiment: str, job: Mapping[str, Any]) -> int:  # noqa: D102 - the contract
        return self._add(experiment, job, None)

    def add_next_job(  # noqa: D102
        self, experiment: str, job: Mapping[str, Any], job_id: int
    ) -> bool:
        return self._add(experiment, job, job_id) == job_id

    def _add(self, experiment: str, job: Mapping[str, Any], wanted: int | None) -> int:
        """Stores a job unless another id than the next one is wanted; returns the next id."""
        jobs = _jobs(experiment)
        document = write_keys(plain(job))

        def add(database: Any, token: Any) -> int:
            # In every call, since the experiment may have been dropped.
            database[jobs].create_index("id", unique=True)
            while True:
                last = database[jobs].find_one(sort=[("id", -1)], projection={"id": True})
                job_id = 1 + _id(last, experiment)
                own = {"id": job_id, "status": "new", "attempt": 0, "worker": None, "lease": None}
                if wanted in {None, job_id}:
                    try:
                        database[jobs].insert_one({"_id": token} | document | own)
                    except DuplicateKeyError:
                        pass  # another process took this id, or the job is there already
                    else:
                        return job_id
                if stored := _confirmed(database[jobs], {"_id": token}):
                    return int(stored["id"])
                if wanted not in {None, job_id}:
                    return job_id

        return self._writes.run(("add", experiment, wanted, bson.encode(document)), add)

    def job(self, experiment: str, job_id: int) -> Document | None:  # noqa: D102
        found = self._find(experiment, {"id": job_id})
        return found[0] if found else None

    def jobs(self, experiment: str, status: str | None = None) -> list[Document]:  # noqa: D102
        return self._find(experiment, {} if status is None else {"status": check_status(status)})

    def brief_jobs(self, experiment: str) -> list[Document]:  # noqa: D102
        before = {job["id"]: job for job in self._brief if isinstance(job.get("id"), int)}
        found = self._find(experiment, {}, MEASUREMENTS, before=before)
        self._brief = found
        return list(found)

    def claim(  # noqa: D102
        self, experiment: str, job_id: int, worker: str, lease_s: float
    ) -> Document | None:
        jobs = _jobs(experiment)

        def claim(database: Any, token: Any) -> Any:
            now = self._server.now(database)
            change = {"status": "pending", "worker": worker, "lease": now + lease_s}
            change |= {"start time": now, "_write": token}
            found = database[jobs].find_one_and_update(
                {"id": job_id, "status": "new"},
                {"$set": change, "$inc": {"attempt": 1}},
                return_document=ReturnDocument.AFTER,
            )
            if found is None:
                found = _confirmed(database[jobs], {"id": job_id, "_write": token})
            return found

        found = self._writes.run(("claim", experiment, job_id, worker), claim)
        return None if found is None else self._document(experiment, found)

    def beat(  # noqa: D102
        self, experiment: str, job_id: int, attempt: int, lease_s: float
    ) -> bool:
        jobs = _jobs(experiment)

        def beat(database: Any) -> bool:
            held = {"id": job_id, "status": "pending", "attempt": attempt}
            lease = self._server.now(database) + lease_s
            return bool(database[jobs].update_one(held, {"$set": {"lease": lease}}).matched_count)

        return self._server.run(beat)

    def update(  # noqa: D102
        self,
        experiment: str,
        job_id: int,
        *,
        status: str,
        attempt: int,
        changes: Mapping[str, Any],
    ) -> bool:
        jobs = _jobs(experiment)
        check_status(status)
        check_changes(changes)
        change = write_keys(plain(changes, "changes"))
        if changes.get("status", status) != "pending":
            change["lease"] = None
        # Jobs of the 2018 tool have no attempt.
        expected = {
            "id": job_id,
            "status": status,
            "attempt": attempt or {"$in": [0, None]},
        }

        def update(database: Any, token: Any) -> bool:
            marked = {"$set": change | {"_write": token}}
            if database[jobs].update_one(expected, marked).matched_count:
                return True
            mine = {"id": job_id, "_write": token}
            return _confirmed(database[jobs], mine) is not None

        what = ("update", experiment, job_id, status, attempt, bson.encode(change))
        return self._writes.run(what, update)

    def expired(self, experiment: str) -> list[Document]:  # noqa: D102
        jobs = _jobs(experiment)

        def expired(database: Any) -> list[Any]:
            over = [{"lease": {"$lt": self._server.now(database)}}, {"lease": None}]
            return list(database[jobs].find({"status": "pending", "$or": over}).sort("id", 1))

        return [self._document(experiment, found) for found in self._server.run(expired)]

    def hypers(self, experiment: str) -> Document:  # noqa: D102
        name = collection(check_experiment(experiment), "hypers")
        found = self._server.run(
            lambda database: database[name].find_one({"_id": _HYPERS}) or database[name].find_one()
        )
        return self._decoded(found, f"hypers of {experiment}") if found else {}

    def save_hypers(self, experiment: str, hypers: Mapping[str, Any]) -> None:  # noqa: D102
        name = collection(check_experiment(experiment), "hypers")
        document = {"_id": _HYPERS} | write_keys(plain(hypers))

        def save(database: Any) -> None:
            while True:
                try:
                    database[name].replace_one({"_id": _HYPERS}, document, upsert=True)
                except DuplicateKeyError:
                    continue  # another process inserted it first
                return

        self._server.run(save)

    def discarded(self, experiment: str) -> list[Document]:  # noqa: D102
        name = collection(check_experiment(experiment), "discarded")
        found = self._server.run(lambda database: list(database[name].find()))
        return [self._decoded(one, f"discarded candidates of {experiment}") for one in found]

    def add_discarded(  # noqa: D102
        self, experiment: str, candidate: Mapping[str, Any]
    ) -> None:
        name = collection(check_experiment(experiment), "discarded")
        document = write_keys(plain(candidate))

        def add(database: Any, token: Any) -> None:
            with suppress(DuplicateKeyError):  # it was stored before
                database[name].insert_one({"_id": token} | document)

        self._writes.run(("discard", experiment, bson.encode(document)), add)

    def experiments(self) -> list[str]:  # noqa: D102
        def names(database: Any) -> set[str]:
            return {
                experiment
                for name in database.list_collection_names()
                for kind in ("jobs", "hypers")
                if (experiment := experiment_of(name, kind)) is not None
                and database[name].find_one(projection={"_id": True}) is not None
            }

        return sorted(self._server.run(names))

    def restore(  # noqa: D102
        self, experiment: str, jobs: Sequence[Mapping[str, Any]], *, overwrite: bool = False
    ) -> None:
        name = _jobs(experiment)
        # Both may be written twice, after a broken connection.
        writes: list[Any] = []
        for job in jobs:
            document = write_keys(plain(job))
            own_id = {"id": document.pop("id")}
            if overwrite:
                writes.append(ReplaceOne(own_id, document | own_id, upsert=True))
            else:
                writes.append(UpdateOne(own_id, {"$setOnInsert": document}, upsert=True))

        def restore(database: Any) -> None:
            database[name].create_index("id", unique=True)
            if writes:
                database[name].bulk_write(writes, ordered=True)

        self._server.run(restore)

    def drop(self, experiment: str) -> None:  # noqa: D102
        check_experiment(experiment)

        def drop(database: Any) -> None:
            for kind in ("jobs", "hypers", "discarded"):
                database.drop_collection(collection(experiment, kind))

        self._server.run(drop)

    def limit_calls(self, seconds: float) -> None:  # noqa: D102
        self._server.limit_calls(seconds)

    def close(self) -> None:  # noqa: D102
        self._server.close()

    def _find(
        self,
        experiment: str,
        query: Mapping[str, Any],
        *without: str,
        before: Mapping[int, Document] | None = None,
    ) -> list[Document]:
        """The jobs that a query finds, by id.

        Args:
            experiment: The experiment.
            query: The query.
            *without: Fields that are left out.
            before: An earlier answer by id: what has not changed is the same object again.
        """
        jobs = _jobs(experiment)
        fields = dict.fromkeys(without, False) or None
        known = before or {}

        def find(database: Any) -> list[Document]:
            found = []
            for item in database[jobs].find(query, fields).sort("id", 1):
                job = self._document(experiment, item)
                same = known.get(job["id"]) if isinstance(job.get("id"), int) else None
                found.append(same if same == job else job)
            return found

        return self._server.run(find)

    def _document(self, experiment: str, stored: Mapping[str, Any]) -> Document:
        # Fields that jobs of the 2018 tool lack.
        own = {"attempt": 0, "worker": None, "lease": None}
        return own | self._decoded(stored, f"experiment {experiment}: job {stored.get('id')}")

    def _decoded(self, stored: Mapping[str, Any], what: str) -> Document:
        fields = {key: value for key, value in stored.items() if key not in OWN_FIELDS}
        return from_stored(fields, f"{self._server.name}: {what}", read_key)


def _id(job: Mapping[str, Any] | None, experiment: str) -> int:
    found = job.get("id") if job else 0
    if not isinstance(found, int | float):
        raise DatabaseError(
            f"experiment {experiment}: job {found!r:.40}: id: got {type(found).__name__}; "
            "expected a whole number; correct or delete this document"
        )
    return int(found)


def _confirmed(jobs: Any, mine: Mapping[str, Any]) -> Any:
    """The job with a token that was written before, once a majority has it; None without one."""
    return jobs.find_one_and_update(
        mine, {"$set": dict(mine)}, return_document=ReturnDocument.AFTER
    )


def _jobs(experiment: str) -> str:
    return collection(check_experiment(experiment), "jobs")
