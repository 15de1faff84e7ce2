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
from spearmint.schedulers.batch.system import BatchSystem, QueueEntry

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

#: The end of a job that Grid Engine could not start; it keeps the job in its queue.
STUCK = "error state, the job could not be started"
_ERROR = re.compile(r"^error reason\s+\d*:\s*(.*)$", re.MULTILINE)
_SUBMITTED = re.compile(r"^(?:Your job )?(\d+)\b", re.MULTILINE)


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
        found = _SUBMITTED.search(answer.out) or _SUBMITTED.search(answer.err)
        return found[1] if found else None

    def query(self, numbers: Collection[str]) -> dict[str, QueueEntry]:
        """See BatchSystem."""
        user = pwd.getpwuid(os.getuid()).pw_name
        entries = parsed(output_of(["qstat", "-u", user, "-xml"]))
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
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - the batch system is trusted
    except ElementTree.ParseError as error:
        raise NoAnswerError(f"the output of qstat -xml is not XML: {error}") from None
    entries = {}
    for job in root.iter("job_list"):
        number, state = job.findtext("JB_job_number", ""), job.findtext("state", "")
        entries[number] = QueueEntry(waiting="w" in state, ended=STUCK if "E" in state else None)
    return entries


def init(resource: Resource, config: Config) -> BatchScheduler:
    """The scheduler of a resource with the scheduler `SGE`."""
    return create(SGE(), resource, config)
