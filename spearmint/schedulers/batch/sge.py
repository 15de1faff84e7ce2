"""Grid Engine in its kinds (Sun's, Son of, Univa, Altair): qsub, qstat, qdel."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from spearmint.schedulers.batch.cluster import create
from spearmint.schedulers.batch.command import Answer, Unanswered, ask, told
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.system import Seen, System

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

#: How a job ends that Grid Engine could not start, and keeps.
STUCK = "in an error state, it could not be started"
_ERROR = re.compile(r"^error reason\s+\d*:\s*(.*)$", re.MULTILINE)
_SUBMITTED = re.compile(r"^(?:Your job )?(\d+)\b", re.MULTILINE)


class SGE(System):
    """See System."""

    name = "SGE"
    programs = ("qsub", "qstat", "qdel", "qconf")
    number = "$JOB_ID"
    # Its own way is SIGKILL at once; with -notify SIGUSR2 comes before.
    signals = ("SIGUSR2",)
    longest_name = 64
    # $JOB_ID and the like are replaced; a colon comes after a host; its files are lines of text.
    plain = re.compile(r"[\w ./+=@-]+")
    log = ".out"

    def submission(self, name: str, log: str, args: Sequence[str], file: str) -> list[str]:
        """See System."""
        ours = ["-N", name, "-S", "/bin/bash", "-j", "y", "-o", log, "-b", "n"]
        return ["qsub", "-r", "n", "-notify", *args, "-terse", *ours, file]

    def submitted(self, answer: Answer) -> str | None:
        """See System: the number alone; with a warning, status 1 and "Your job 1 ... submitted"."""
        found = _SUBMITTED.search(answer.out) or _SUBMITTED.search(answer.err)
        return found[1] if found else None

    def look(self, ids: Collection[str]) -> dict[str, Seen]:
        """See System."""
        user = pwd.getpwuid(os.getuid()).pw_name
        seen = parsed(told(["qstat", "-u", user, "-xml"]))
        for number in set(ids).intersection(seen):
            if seen[number].ended is not None:
                why = _ERROR.search(ask(["qstat", "-j", number]).out)
                seen[number] = Seen(ended=STUCK + (f": {why[1].strip()}" if why else ""))
                ask(self.cancel([number]))  # it would stay in the queue for ever
        return seen

    def cancel(self, ids: Collection[str]) -> list[str]:
        """See System."""
        return ["qdel", *ids]

    def nodes(self) -> list[str]:
        """See System: the hosts that run jobs."""
        return told(["qconf", "-sel"]).split()


def parsed(text: str) -> dict[str, Seen]:
    """What `qstat -xml` printed.

    Raises:
        Unanswered: It is no such thing.
    """
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - the batch system is trusted
    except ElementTree.ParseError as error:
        raise Unanswered(f"qstat -xml printed what is no XML: {error}") from None
    found = {}
    for job in root.iter("job_list"):
        number, state = job.findtext("JB_job_number", ""), job.findtext("state", "")
        found[number] = Seen(waiting="w" in state, ended=STUCK if "E" in state else None)
    return found


def init(resource: Resource, config: Config) -> BatchScheduler:
    """The scheduler of a resource whose `scheduler` is `SGE`."""
    return create(SGE(), resource, config)
