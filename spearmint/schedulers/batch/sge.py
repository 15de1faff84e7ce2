"""Grid Engine (Sun, Son of Grid Engine, Univa, Altair): qsub, qstat, qdel."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from spearmint.schedulers.batch.cluster import create
from spearmint.schedulers.batch.command import Answer, NoAnswerError, output_of, run
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.system import BatchSystem, QueueEntry, last_line

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

#: The end of a job that Grid Engine could not start; it keeps the job in its queue.
STUCK = "error state, the job could not be started"
_ERROR = re.compile(r"^error reason\s+\d*:\s*(.*)$", re.MULTILINE)
_NUMBER = re.compile(r"(\d+)")
_SUBMITTED = re.compile(r"Your job (\d+) .*")


class SGE(BatchSystem):
    """See BatchSystem."""

    name = "SGE"
    programs = ("qsub", "qstat", "qdel", "qconf")
    number_variable = "$JOB_ID"
    # By default it sends SIGKILL at once; with -notify, it sends SIGUSR2 first.
    signals = ("SIGUSR2",)
    longest_name = 64
    # It replaces $JOB_ID and the like; a colon follows a host name; newlines break its files.
    literal_path = re.compile(r"[\w ./+=@-]+")
    log_suffix = ".out"

    def submit_command(self, name: str, log: str, args: Sequence[str], file: str) -> list[str]:
        """See BatchSystem."""
        ours = ["-N", name, "-S", "/bin/bash", "-j", "y", "-o", log, "-b", "n"]
        return ["qsub", "-r", "n", "-notify", *args, "-terse", *ours, file]

    def submitted_number(self, answer: Answer) -> str | None:
        """See BatchSystem: the number, or after a warning "Your job 1 ..." and status 1."""
        return last_line(_NUMBER, answer) or last_line(_SUBMITTED, answer)

    def find(self, name: str) -> list[str]:
        """See BatchSystem."""
        return [
            job.findtext("JB_job_number", "")
            for job in _jobs(_qstat())
            if job.findtext("JB_name") == name
        ]

    def query(self, numbers: Collection[str]) -> dict[str, QueueEntry]:
        """See BatchSystem."""
        entries = parsed(_qstat())
        for number in set(numbers).intersection(entries):
            if entries[number].ended is not None:
                error = _ERROR.search(run(["qstat", "-j", number]).out)
                reason = f": {error[1].strip()}" if error else ""
                entries[number] = QueueEntry(ended=STUCK + reason)
                run(self.cancel_command([number]))  # otherwise it stays in the queue for ever
        return entries

    def cancel_command(self, numbers: Collection[str]) -> list[str]:
        """See BatchSystem."""
        return ["qdel", *numbers]

    def nodes(self) -> list[str]:
        """See BatchSystem: the hosts that run jobs."""
        return output_of(["qconf", "-sel"]).split()


def parsed(text: str) -> dict[str, QueueEntry]:
    """The entries in the output of `qstat -xml`.

    Raises:
        NoAnswerError: The output is not XML.
    """
    entries = {}
    for job in _jobs(text):
        number, state = job.findtext("JB_job_number", ""), job.findtext("state", "")
        entries[number] = QueueEntry(waiting="w" in state, ended=STUCK if "E" in state else None)
    return entries


def _qstat() -> str:
    """What qstat prints about the user's jobs."""
    return output_of(["qstat", "-u", pwd.getpwuid(os.getuid()).pw_name, "-xml"])


def _jobs(text: str) -> list[ElementTree.Element]:
    """The jobs in the output of `qstat -xml`.

    Raises:
        NoAnswerError: The output is not XML.
    """
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - the batch system is trusted
    except ElementTree.ParseError as error:
        raise NoAnswerError(f"the output of qstat -xml is not XML: {error}") from None
    return list(root.iter("job_list"))


def init(resource: Resource, config: Config) -> BatchScheduler:
    """The scheduler of a resource with the scheduler `SGE`."""
    return create(SGE(), resource, config)
