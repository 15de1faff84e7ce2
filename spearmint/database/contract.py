"""The contract of a job database; `spearmint.testing` checks an implementation against it.

A job is a document: a dictionary of numbers, strings, booleans, None, lists and dictionaries. The
database owns these fields of it and changes them only by compare-and-set:

    id        1, 2, 3, ... within its experiment
    status    new -> pending -> complete | broken, or back to new for a retry
    attempt   how often the job was claimed; two claims never have the same number
    worker    who holds the claim
    lease     when the claim expires, in seconds since the epoch by the database's clock, or None

All other fields (`params`, `values`, `submit time`, `measurements`, ...) belong to the caller.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from spearmint.errors import UserError

Document = dict[str, Any]

#: The field of a job that may be large.
MEASUREMENTS = "measurements"
#: The states of a job.
STATUSES = ("new", "pending", "paused", "complete", "broken")


class DatabaseError(UserError):
    """The database refuses a request; the text names the database and what it expects instead."""


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be reached, is locked or has no space left: a state that may pass.

    The call was carried out completely or not at all, and may be repeated. A worker whose result
    took hours to compute keeps trying; a command line prints the text.
    """


class Database(abc.ABC):
    """Jobs and model hyper-parameters of any number of experiments.

    Every method is thread-safe and process-safe: any number of threads and processes may call it
    at the same time, also on one object. Each call is atomic, and a change survives the death of
    any process as soon as the call has returned. An object that a process inherits by fork opens a
    connection of its own when it is first used there.

    Values are returned as plain Python: NaN and infinities as float, tuples and NumPy arrays as
    lists, NumPy scalars as numbers, arrays in the compressed form of the 2018 tool as lists,
    integers beyond 64 bits as float. Keys that are not strings are converted to strings. Documents
    nested more than 90 levels deep are refused by `DatabaseError`. A returned job may be part of
    later answers too: copy it before you change it in place.

    Every method may raise `DatabaseUnavailableError` (not reachable or not writable at the
    moment), `DatabaseError` (refused, or the stored data cannot be read), `TypeError` (a document
    with values of other types, before anything is written) and `UserError` (a name of an
    experiment that no database can store).
    """

    @abc.abstractmethod
    def add_job(self, experiment: str, job: Mapping[str, Any]) -> int:
        """Stores a job as `new` with attempt 0 under the next free id, and returns the id.

        The ids are 1, 2, 3, ...: unique and without gaps, however many processes add jobs.
        """

    @abc.abstractmethod
    def add_next_job(self, experiment: str, job: Mapping[str, Any], job_id: int) -> bool:
        """Stores a job as `add_job` does if `job_id` is the next free id.

        Who has seen all jobs up to `job_id - 1` learns by that whether there are others by now: of
        several processes that add a job with the same id at the same time, exactly one gets True.

        Returns:
            Whether the job was stored.
        """

    @abc.abstractmethod
    def job(self, experiment: str, job_id: int) -> Document | None:
        """Returns the job with this id, or None if there is none."""

    @abc.abstractmethod
    def jobs(self, experiment: str, status: str | None = None) -> list[Document]:
        """Returns all jobs, or those with one status, ordered by id.

        Raises:
            ValueError: The status is not one of `STATUSES`.
        """

    def brief_jobs(self, experiment: str) -> list[Document]:
        """Returns all jobs without their `measurements`, which may be large, ordered by id.

        A controller keeps all jobs in memory, and needs no measurements.
        """
        return [
            {key: value for key, value in job.items() if key != MEASUREMENTS}
            for job in self.jobs(experiment)
        ]

    @abc.abstractmethod
    def claim(self, experiment: str, job_id: int, worker: str, lease_s: float) -> Document | None:
        """Gives a `new` job to a worker: sets `pending`, attempt + 1, a lease and `start time`.

        Returns:
            The job as it is after the claim. None if the job does not exist or is not `new`; if
            several workers claim a job at the same time, all but one get None.
        """

    @abc.abstractmethod
    def beat(self, experiment: str, job_id: int, attempt: int, lease_s: float) -> bool:
        """Renews the lease of a claim to `lease_s` seconds from now (a heartbeat).

        Returns:
            Whether the claim is still held, that is, the job is pending with this attempt. A
            lease that has expired is renewed too, unless the job was requeued in the meantime.
        """

    @abc.abstractmethod
    def update(
        self,
        experiment: str,
        job_id: int,
        *,
        status: str,
        attempt: int,
        changes: Mapping[str, Any],
    ) -> bool:
        """Changes fields of the job if it still has this status and attempt (compare-and-set).

        Args:
            experiment: The experiment's name.
            job_id: The job.
            status: The status that the job must have.
            attempt: The attempt that the job must have.
            changes: New values of whole fields. A new `status` other than `pending` ends the
                lease.

        Returns:
            Whether the job was changed. If several callers expect the same status and attempt and
            each of them changes the status, exactly one gets True.

        Raises:
            ValueError: `changes` has `id`, `attempt` or `lease`; or one of the two statuses is
                not one of `STATUSES`.
        """

    @abc.abstractmethod
    def expired(self, experiment: str) -> list[Document]:
        """Returns the pending jobs whose lease has expired by the database's clock, by id.

        A pending job without a lease (from the 2018 tool) counts as expired.
        """

    @abc.abstractmethod
    def hypers(self, experiment: str) -> Document:
        """Returns what `save_hypers` stored last; {} if nothing was stored."""

    @abc.abstractmethod
    def save_hypers(self, experiment: str, hypers: Mapping[str, Any]) -> None:
        """Stores the model's hyper-parameters; they replace the previous ones."""

    def discarded(self, experiment: str) -> list[Document]:
        """Returns what `add_discarded` stored, in any order."""
        del experiment
        return []

    def add_discarded(self, experiment: str, candidate: Mapping[str, Any]) -> None:
        """Stores a point that a check found to violate a constraint before it became a job.

        A database need not offer this; without it, a controller remembers such points itself, and
        one that is started again finds them again.
        """
        del experiment, candidate

    @abc.abstractmethod
    def experiments(self) -> list[str]:
        """Returns the names of the experiments that have jobs or hyper-parameters, sorted."""

    def restore(
        self, experiment: str, jobs: Sequence[Mapping[str, Any]], *, overwrite: bool = False
    ) -> None:
        """Stores jobs of another database as they are, with their ids and states.

        A database need not offer this; without it, nothing can be copied to it. Each job is stored
        completely or not at all, in the given order.

        Args:
            experiment: The experiment's name.
            jobs: Documents with all fields that the database owns.
            overwrite: Whether jobs with the same ids are replaced; if not, they stay as they are.

        Raises:
            DatabaseError: This database does not offer it.
        """
        del jobs, overwrite
        raise DatabaseError(f"experiment {experiment}: cannot be copied to this database")

    @abc.abstractmethod
    def drop(self, experiment: str) -> None:
        """Deletes all of an experiment: jobs, hyper-parameters, discarded candidates.

        Its ids start at 1 again.
        """

    def limit_calls(self, seconds: float) -> None:  # noqa: B027 - right without a server
        """From now on, no call waits for a server for longer than this many seconds.

        A call that then has no answer raises `DatabaseUnavailableError`. Databases without a
        server ignore it.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Closes the connection. May be called again; the next use opens a new connection."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def check_status(status: str) -> str:
    """Returns the status.

    Raises:
        ValueError: It is not one of `STATUSES`.
    """
    if status not in STATUSES:
        raise ValueError(f"status: got {status!r}; expected one of {list(STATUSES)}")
    return status


def check_changes(changes: Mapping[str, Any]) -> None:
    """Checks the changes that a caller of `Database.update` asks for.

    Raises:
        ValueError: They contain fields that only `claim` and `beat` set, or an unknown status.
    """
    if owned := {"id", "attempt", "lease"} & set(changes):
        raise ValueError(f"changes: got {sorted(owned)}, which only the database sets")
    if "status" in changes:
        check_status(changes["status"])


def check_experiment(name: str) -> str:
    """Returns the experiment's name.

    Raises:
        UserError: It is empty, is not a string, or contains NUL or unpaired surrogates.
    """
    if not isinstance(name, str) or not name:
        raise UserError(f"experiment-name: got {name!r}; expected a name of at least one character")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise UserError(f"experiment-name: got {name!r}; expected Unicode text") from None
    if "\0" in name:
        raise UserError(f"experiment-name: got {name!r}; expected a name without NUL characters")
    return name
