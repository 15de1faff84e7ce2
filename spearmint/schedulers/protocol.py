"""What a scheduler does; a job's life (claims, leases, retries) is the database's, not its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from spearmint.worker.job_spec import JobSpec


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's process is gone.

    Attributes:
        proc_id: What `submit` returned.
        description: How it ended, for a person: "exit status 1", "killed by SIGKILL".
        excused: It ended by itself and says that there was nothing to do for it, or for a reason
            that is not the job's; its end does not count against the job.
        last_output_line: The last line of its output, where that may tell why.
    """

    proc_id: str
    description: str
    excused: bool = False
    last_output_line: str = ""


class SubmissionDelayedError(Exception):
    """The resource takes no job at this moment; the text says why."""


class Scheduler(Protocol):
    """Starts jobs' processes on one resource, and watches them.

    A process that was started runs `spearmint.worker.launch.launch` with its spec. It outlives
    its scheduler: when the controller is killed, what runs goes on and stores its result.

    Attributes:
        durable_ids: What `submit` returns means the same to another controller. Then it is stored
            as the job's `proc_id`, by the controller and by the process itself.
    """

    durable_ids: bool

    def start(self) -> None:
        """Gets ready, without waiting for it; `submit` does so too."""

    def submit(self, spec: JobSpec) -> str:
        """Has a job run as soon as may be; returns at once, with a name for its process.

        Raises:
            UserError: The resource cannot run jobs; the text says why.
            SubmissionDelayedError: It cannot at this moment; the same call may work later.
        """

    def resume(self, specs: Mapping[str, JobSpec]) -> set[str]:
        """Looks after what another controller, which is gone, has submitted.

        Args:
            specs: The specs by the names of their processes.

        Returns:
            The names of those that run or wait; `poll` will tell how they end.
        """

    def alive(self, proc_id: str) -> bool:
        """Whether the process of a submitted job runs, or is about to."""

    def poll(self) -> list[Ended]:
        """The processes that ended since the last call.

        Raises:
            UserError: The resource cannot run jobs.
        """

    def notices(self) -> list[str]:
        """Lines for a person about what is not as asked for, each once."""

    def sources(self) -> Sequence[int]:
        """File descriptors that become readable when `poll` may have news."""

    def withdraw(self) -> None:
        """Takes what waits in a queue out of it; what runs goes on."""

    def cancel(self, proc_id: str) -> None:
        """Asks a process that is no longer wanted to end, waiting or not; `poll` tells of it."""

    def stop(self, grace_s: float) -> None:
        """Ends every process that runs, with its children: asks, and after a grace kills."""

    def close(self) -> None:
        """Lets go; what runs goes on."""
