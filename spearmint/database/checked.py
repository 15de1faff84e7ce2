"""A database whose jobs are checked when they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spearmint.database.checks import sound
from spearmint.database.contract import Database, Document


class CheckedDatabase(Database):
    """Another database, of which only sound jobs are read; see `Database` for its methods.

    Reading a job raises `DatabaseError` if one of its fields has a wrong type.

    Args:
        inner: The other database; `close` closes it.
    """

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        # A database may return the same object again while a job is unchanged. A controller polls,
        # and checking all jobs each time would take CPU time from the network that is measured.
        self._sound: dict[int, Document] = {}  # by `id`

    def add_job(self, experiment: str, job: Mapping[str, Any]) -> int:  # noqa: D102
        return self._inner.add_job(experiment, job)

    def add_next_job(  # noqa: D102
        self, experiment: str, job: Mapping[str, Any], job_id: int
    ) -> bool:
        return self._inner.add_next_job(experiment, job, job_id)

    def job(self, experiment: str, job_id: int) -> Document | None:  # noqa: D102
        found = self._inner.job(experiment, job_id)
        return None if found is None else sound(experiment, found)

    def jobs(self, experiment: str, status: str | None = None) -> list[Document]:  # noqa: D102
        return [sound(experiment, job) for job in self._inner.jobs(experiment, status)]

    def brief_jobs(self, experiment: str) -> list[Document]:  # noqa: D102
        found = self._inner.brief_jobs(experiment)
        for job in found:
            if id(job) not in self._sound:
                sound(experiment, job)
        self._sound = {id(job): job for job in found}
        return found

    def claim(  # noqa: D102
        self, experiment: str, job_id: int, worker: str, lease_s: float
    ) -> Document | None:
        return self._inner.claim(experiment, job_id, worker, lease_s)

    def beat(  # noqa: D102
        self, experiment: str, job_id: int, attempt: int, lease_s: float
    ) -> bool:
        return self._inner.beat(experiment, job_id, attempt, lease_s)

    def update(  # noqa: D102
        self,
        experiment: str,
        job_id: int,
        *,
        status: str,
        attempt: int,
        changes: Mapping[str, Any],
    ) -> bool:
        return self._inner.update(
            experiment, job_id, status=status, attempt=attempt, changes=changes
        )

    def expired(self, experiment: str) -> list[Document]:  # noqa: D102
        return [sound(experiment, job) for job in self._inner.expired(experiment)]

    def hypers(self, experiment: str) -> Document:  # noqa: D102
        return self._inner.hypers(experiment)

    def save_hypers(self, experiment: str, hypers: Mapping[str, Any]) -> None:  # noqa: D102
        self._inner.save_hypers(experiment, hypers)

    def discarded(self, experiment: str) -> list[Document]:  # noqa: D102
        return self._inner.discarded(experiment)

    def add_discarded(  # noqa: D102
        self, experiment: str, candidate: Mapping[str, Any]
    ) -> None:
        self._inner.add_discarded(experiment, candidate)

    def experiments(self) -> list[str]:  # noqa: D102
        return self._inner.experiments()

    def drop(self, experiment: str) -> None:  # noqa: D102
        self._inner.drop(experiment)

    def limit_calls(self, seconds: float) -> None:  # noqa: D102
        self._inner.limit_calls(seconds)

    def close(self) -> None:  # noqa: D102
        self._inner.close()
