"""The contract of a batch system: its commands, and what their output means.

A batch system needs a module with a class like this one and an `init` function, as `slurm`, `pbs`
and `sge` have. Everything else (submission, polling, retries) is the same for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from spearmint.schedulers.batch.command import Answer


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A batch job, as the queue reports it.

    Attributes:
        waiting: It has not started.
        ended: How it ended, for a person ("state FAILED"); None while it waits or runs.
        excused: It ended for a reason outside the job.
    """

    waiting: bool = False
    ended: str | None = None
    excused: bool = False


def last_line(form: re.Pattern[str], answer: Answer) -> str | None:
    """The first group of the last line that has a form, on standard output if there is one."""
    for text in (answer.out, answer.err):
        for line in reversed(text.splitlines()):
            if found := form.fullmatch(line.strip()):
                return found[1]
    return None


class BatchSystem(Protocol):
    """A batch system: its commands, and what their output means.

    Attributes:
        name: Its name in config.json.
        programs: The programs that must be on PATH.
        number_variable: The shell expression on the node for the number of the batch job
            ("$SLURM_JOB_ID").
        signals: Names of the signals, apart from SIGTERM, by which it asks a job to end.
        longest_name: The maximum length of a job's name, in characters.
        literal_path: Matches paths that it uses unchanged, without replacing or quoting parts.
        log_suffix: Suffix of the file for the batch system's own messages about a job.
    """

    name: str
    programs: tuple[str, ...]
    number_variable: str
    signals: tuple[str, ...]
    longest_name: int
    literal_path: re.Pattern[str]
    log_suffix: str

    def submit_command(self, name: str, log: str, args: Sequence[str], file: str) -> list[str]:
        """The command that submits a script.

        Args:
            name: The job's name.
            log: The file for the batch system's messages.
            args: The user's arguments.
            file: The name of the script, in the current folder.
        """

    def submitted_number(self, answer: Answer) -> str | None:
        """The number of the batch job in the output of `submit_command`; None if there is none.

        Sites add lines of their own to the output, before or after the number.
        """

    def find(self, name: str) -> list[str]:
        """The numbers of the batch jobs with a name.

        Raises:
            NoAnswerError: The batch system does not respond.
        """

    def query(self, numbers: Collection[str]) -> dict[str, QueueEntry]:
        """The entries of batch jobs in the queue, by number; other jobs may be among them.

        Runs one command for all jobs, since it is called every few seconds.

        Raises:
            NoAnswerError: The batch system does not respond.
        """

    def cancel_command(self, numbers: Collection[str]) -> list[str]:
        """The command that ends batch jobs."""

    def nodes(self) -> list[str]:
        """The host names of all nodes.

        Raises:
            NoAnswerError: The batch system does not respond.
        """
