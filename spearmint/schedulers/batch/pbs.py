"""PBS in its kinds (OpenPBS, PBS Professional, Torque, Slurm's own): qsub, qstat, qdel."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from spearmint.schedulers.batch.cluster import create
from spearmint.schedulers.batch.command import Answer, Unanswered, ask, told
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.system import Seen, System

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

WAITING = set("HQTWM")
#: C in Torque; F and X where a PBS is set to keep a history.
ENDED = set("CFX")
#: qstat's exit statuses when it knows all jobs, when it does not know one (PBSE_UNKJOBID, 15001),
#: and when one has finished (PBSE_HISTJOBID, 15139): of an error an exit status has 8 bits.
ANSWERED = {0, 15001 % 256, 15139 % 256}
_ID = re.compile(r"\d+[\w.\[\]-]*")
_JOB = re.compile(r"^Job Id:\s*(\S+)", re.MULTILINE)
_STATE = re.compile(r"^\s*job_state\s*=\s*(\w)", re.MULTILINE)
_STATUS = re.compile(r"^\s*exit_status\s*=\s*(-?\d+)", re.MULTILINE | re.IGNORECASE)


class PBS(System):
    """See System. What all kinds have in common: POSIX 1003.2d."""

    name = "PBS"
    programs = ("qsub", "qstat", "qdel", "pbsnodes")
    # Slurm's qsub sets no variables of PBS.
    number = "${PBS_JOBID:-$SLURM_JOB_ID}"
    signals = ()
    longest_name = 15
    # A colon comes after a host, a comma ends an attribute.
    plain = re.compile(r"[A-Za-z0-9_./+=@-]+")
    # It writes the file anew with each batch job.
    log = ".pbs"

    def submission(self, name: str, log: str, args: Sequence[str], file: str) -> list[str]:
        """See System."""
        ours = ["-N", name, "-S", "/bin/bash", "-j", "oe", "-o", log]
        return ["qsub", "-r", "n", *args, *ours, file]

    def submitted(self, answer: Answer) -> str | None:
        """See System: the last line."""
        *_, last = ["", *answer.out.split()]
        return last if answer.status == 0 and _ID.fullmatch(last) else None

    def look(self, ids: Collection[str]) -> dict[str, Seen]:
        """See System."""
        answer = ask(["qstat", "-f", *ids])
        if answer.status not in ANSWERED:
            raise Unanswered(answer.said)
        return parsed(answer.out)

    def cancel(self, ids: Collection[str]) -> list[str]:
        """See System."""
        return ["qdel", *ids]

    def nodes(self) -> list[str]:
        """See System: the lines of pbsnodes that are not indented."""
        lines = told(["pbsnodes", "-a"]).splitlines()
        return [line.strip() for line in lines if line[:1].strip()]


def parsed(text: str) -> dict[str, Seen]:
    """What `qstat -f` printed: "Job Id: NUMBER", then attributes, indented."""
    found = {}
    _, *parts = _JOB.split(text)
    for number, attributes in zip(parts[::2], parts[1::2], strict=True):
        state = _STATE.search(attributes)
        letter = state[1] if state else "?"
        status = _STATUS.search(attributes)
        how = f"exit status {status[1]}" if status else "state " + letter
        found[number] = Seen(waiting=letter in WAITING, ended=how if letter in ENDED else None)
    return found


def init(resource: Resource, config: Config) -> BatchScheduler:
    """The scheduler of a resource whose `scheduler` is `PBS`."""
    return create(PBS(), resource, config)
