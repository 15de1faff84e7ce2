"""What a store of jobs does; every store passes one conformance suite.

A job is a document: a dictionary of numbers, strings, booleans, None, lists and dictionaries. The
database owns these of its fields, and changes them by compare-and-set only:

    id        1, 2, 3, ... within its experiment
    status    new -> pending -> complete | broken, or back to new to be tried again
    attempt   how often the job was claimed; the same claim always has the same number
    worker    who holds the claim
    lease     until when, in seconds since the epoch by the database's clock; None when not held

All other fields (`params`, `values`, `submit time`, `measurements`, ...) are the caller's.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from spearmint.errors import UserError

Document = dict[str, Any]

#: The states of a job.
STATUSES = ("new", "pending", "complete", "broken")


class DatabaseError(UserError):
    """The database refused; its text names the database and what would be right."""


class DatabaseUnavailable(DatabaseError):  # noqa: N818 - a state, which may pass
    """The database cannot be reached, is locked or has no room; the same call may work later.

    Nothing of the call was done, or all of it; every method may be called again. A worker that
    holds a result worth hours keeps trying; a front door prints the text.
    """


class Database(abc.ABC):
    """Jobs and model hyper-parameters of many experiments.

    Thread- and process-safety, for every method: it may be called by any number of threads and
    processes at once, also through one object; each call is atomic, and what it returned as done
    survives the death of any process. An object that a process inherits by fork opens a connection
    of its own when it is first used there.

    Values come back as plain Python: NaN and infinities as float, tuples and NumPy arrays as lists,
    NumPy scalars as numbers, arrays in the original's compressed form as lists. Whole numbers
    beyond 64 bits come back as float. A key that is no string comes back as one. What lies inside a
    returned job may be shared with a later answer: copy it before changing it in place.

    Errors of every method: `DatabaseUnavailable` when the database cannot be reached or written
    for the moment; `DatabaseError` when it refuses or holds what cannot be read; `TypeError`
    for a document with values of other types than those above, before anything is written;
    `UserError` for an experiment's name that no store can hold.
    """

    @abc.abstractmethod
    def add_job(self, experiment: str, job: Mapping[str, Any]) -> int:
        """Stores a job as `new` with attempt 0 under the next free id, and returns the id.

        Ids are 1, 2, 3, ...: unique, and without gaps, however many writers there are.
        """

    @abc.abstractmethod
    def job(self, experiment: str, job_id: int) -> Document | None:
        """The job of this id; None where there is none."""

    @abc.abstractmethod
    def jobs(self, experiment: str, status: str | None = None) -> list[Document]:
        """All jobs, or those of one status, ordered by id, each as it was during the call.

        Raises:
            ValueError: The status is none of `STATUSES`.
        """

    @abc.abstractmethod
    def claim(self, experiment: str, job_id: int, worker: str, lease_s: float) -> Document | None:
        """Makes a `new` job this worker's: `pending`, attempt + 1, a lease, `start time`.

        Of many callers exactly one gets the job, as it stands after the claim; the others get None,
        as for a job that is not `new` or not there.
        """

    @abc.abstractmethod
    def beat(self, experiment: str, job_id: int, attempt: int, lease_s: float) -> bool:
        """Renews a lease to `lease_s` seconds from now, while the claim is still held.

        False when it is not: the job is no longer pending with this attempt. A lease that is over
        but that nobody acted upon is renewed.
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
        """Sets fields of the job if it still has this status and attempt (compare-and-set).

        Each field of `changes` replaces the whole field. It may hold `status`; one other than
        `pending` ends the lease. Of many callers with the same status and attempt that each
        change the status, exactly one gets True.

        Raises:
            ValueError: `changes` has `id`, `attempt` or `lease`, or a status (also the
                one to compare with) is none of `STATUSES`.
        """

    @abc.abstractmethod
    def expired(self, experiment: str) -> list[Document]:
        """Pending jobs whose lease is over by the database's own clock, ordered by id.

        A pending job without a lease (from the original tool) counts as expired.
        """

    @abc.abstractmethod
    def hypers(self, experiment: str) -> Document:
        """What `save_hypers` stored last; {} when nothing was."""

    @abc.abstractmethod
    def save_hypers(self, experiment: str, hypers: Mapping[str, Any]) -> None:
        """Stores the model's hyper-parameters in the place of the former ones."""

    @abc.abstractmethod
    def experiments(self) -> list[str]:
        """Names of the experiments that have jobs or hyper-parameters, sorted."""

    @abc.abstractmethod
    def drop(self, experiment: str) -> None:
        """Removes the jobs and hyper-parameters of one experiment; ids begin at 1 again."""

    @abc.abstractmethod
    def close(self) -> None:
        """Lets go of the connection; may be called again, and the next use opens a new one."""

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
    """The status as given.

    Raises:
        ValueError: It is none of `STATUSES`.
    """
    if status not in STATUSES:
        raise ValueError(f"status: got {status!r}; expected one of {list(STATUSES)}")
    return status


def check_changes(changes: Mapping[str, Any]) -> None:
    """Raises ValueError where changes touch what only claims and beats may, or a wrong status."""
    if owned := {"id", "attempt", "lease"} & set(changes):
        raise ValueError(f"changes: {sorted(owned)} are set by the database alone")
    if "status" in changes:
        check_status(changes["status"])


def check_experiment(name: str) -> str:
    """The experiment's name as given.

    Raises:
        UserError: It is no text, empty, or holds characters that are no Unicode text.
    """
    if not isinstance(name, str) or not name:
        raise UserError(f"experiment-name: got {name!r}; expected a name of one letter or more")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise UserError(f"experiment-name: got {name!r}; expected Unicode text") from None
    if "\0" in name:
        raise UserError(f"experiment-name: got {name!r}; expected a name without NUL characters")
    return name
