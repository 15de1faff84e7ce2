"""The contract of a scheduler; `spearmint.testing` checks an implementation against it.

A scheduler starts the processes of jobs on one resource and reports when they end. What becomes of
the jobs themselves (claims, leases, results, retries) is stored in the database and decided by the
controller: a scheduler neither reads nor writes the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from spearmint.worker.job_spec import JobSpec


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that has ended.

    Attributes:
        proc_id: The id that `submit` returned.
        description: How it ended, for a person: "exit status 1", "killed by SIGKILL".
        excused: Its end does not count against the job: the process reported that the job was not
            its own, or it was ended for a reason outside the job (cancelled, preempted).
        last_output_line: The last line of its output, if that may explain the end.
        status: Its exit status, if that is known; negative: the signal that killed it.
        preempted: Its machine ended, or was told to end. If the process has put its job back, that
            does not count against the job.
    """

    proc_id: str
    description: str
    excused: bool = False
    last_output_line: str = ""
    status: int | None = None
    preempted: bool = False


class SubmissionDelayedError(Exception):
    """The resource accepts no job at the moment; the text says why."""


class Scheduler(Protocol):
    """Starts the processes of jobs on one resource, and reports when they end.

    Each process runs `spearmint.worker.launch.launch` with the spec of its job. It outlives its
    scheduler: if the controller is killed, running processes continue and store their results.

    The controller calls all methods from one thread. It calls `poll` again and again, when one of
    `sources` is readable or after `polling-time`. No method but `stop` waits for a job.

    Attributes:
        durable_ids: Whether the ids that `submit` returns identify a process in other controllers
            too, as the number of a batch job does. Such an id is stored as the job's `proc_id`.
    """

    durable_ids: bool

    def start(self) -> None:
        """Begins preparations in the background, if any; `submit` begins them as well."""

    def submit(self, spec: JobSpec) -> str:
        """Starts a process for a job as soon as the resource has room for it.

        Returns:
            The id of the process, at once; the process may start later.

        Raises:
            UserError: The resource cannot run jobs; the text says why.
            SubmissionDelayedError: It accepts none at the moment; the same call may succeed later.
        """

    def resume(self, specs: Mapping[str, JobSpec]) -> set[str]:
        """Takes over processes that another controller has submitted, and that is gone now.

        Args:
            specs: The specs of the jobs, by the ids of their processes. Ids that are not of this
                scheduler's form are ignored.

        Returns:
            The ids of those that still run or wait; `poll` reports when they end. Empty if
            `durable_ids` is False.
        """

    def poll(self) -> list[Ended]:
        """Returns the processes that have ended, each once.

        If it is unknown whether a process has ended, for example because a batch system does not
        respond, it is not reported.

        Raises:
            UserError: The resource cannot run jobs.
        """

    def notices(self) -> list[str]:
        """Returns lines for the user about what did not go as requested, each once."""

    def sources(self) -> Sequence[int]:
        """Returns file descriptors that become readable when `poll` may have news."""

    def withdraw(self) -> None:
        """Removes waiting jobs from the resource's queue, as `cancel` does; the rest continues."""

    def cancel(self, proc_id: str) -> None:
        """Asks one process to end, or removes it from the queue; `poll` reports its end.

        A process that is asked to end requeues its job. Unknown ids are ignored.
        """

    def stop(self, grace_s: float) -> None:
        """Ends all processes and their children, and removes waiting jobs from the queue.

        Asks them to end and kills those that still run after a grace period. Returns when they
        have ended, or cannot be ended; `poll` reports those that have.

        Args:
            grace_s: The grace period in seconds.
        """

    def close(self) -> None:
        """Releases the scheduler's own resources; running processes continue."""
