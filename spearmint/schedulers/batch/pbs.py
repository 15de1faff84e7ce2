"""PBS (OpenPBS, PBS Professional, Torque, Slurm's own commands): qsub, qstat, qdel."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from spearmint.schedulers.batch.cluster import create
from spearmint.schedulers.batch.command import Answer, NoAnswerError, output_of, run
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.system import BatchSystem, QueueEntry, last_line

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

WAITING = set("HQTWM")
#: C in Torque; F and X if PBS is configured to keep a history.
ENDED = set("CFX")
#: Exit statuses of qstat: it knows all jobs, it does not know one of them (PBSE_UNKJOBID, 15001),
#: or one has finished (PBSE_HISTJOBID, 15139). An exit status has the lowest 8 bits of an error.
ANSWERED = {0, 15001 % 256, 15139 % 256}
_SUBMITTED = re.compile(r"(\d+(?:\[\])?(?:\.[\w.-]+)?)")
_NAME = re.compile(r"^\s*Job_Name\s*=\s*(\S+)", re.MULTILINE)
_JOB = re.compile(r"^Job Id:\s*(\S+)", re.MULTILINE)
_STATE = re.compile(r"^\s*job_state\s*=\s*(\w)", re.MULTILINE)
_STATUS = re.compile(r"^\s*exit_status\s*=\s*(-?\d+)", re.MULTILINE | re.IGNORECASE)


class PBS(BatchSystem):
    """See BatchSystem. POSIX 1003.2d is what all kinds of PBS have in common."""

    name = "PBS"
    programs = ("qsub", "qstat", "qdel", "pbsnodes")
    # Slurm's qsub does not set PBS's variables.
    number_variable = "${PBS_JOBID:-$SLURM_JOB_ID}"
    signals = ()
    longest_name = 15
    # A colon follows a host name, a comma ends an attribute.
    literal_path = re.compile(r"[A-Za-z0-9_./+=@-]+")
    # PBS overwrites this file for each batch job, so it must not be the job's output.
    log_suffix = ".pbs"

    def submit_command(self, name: str, log: str, args: Sequence[str], file: str) -> list[str]:
        """See BatchSystem."""
        ours = ["-N", name, "-S", "/bin/bash", "-j", "oe", "-o", log]
        return ["qsub", "-r", "n", *args, *ours, file]

    def submitted_number(self, answer: Answer) -> str | None:
        """See BatchSystem: NUMBER or NUMBER.SERVER."""
        return last_line(_SUBMITTED, answer) if answer.status == 0 else None

    def find(self, name: str) -> list[str]:
        """See BatchSystem."""
        answer = run(["qstat", "-f"])
        if answer.status not in ANSWERED:
            raise NoAnswerError(answer.line)
        return [number for number, attributes in _parts(answer.out) if _name(attributes) == name]

    def query(self, numbers: Collection[str]) -> dict[str, QueueEntry]:
        """See BatchSystem."""
        answer = run(["qstat", "-f", *numbers])
        if answer.status not in ANSWERED:
            raise NoAnswerError(answer.line)
        return parsed(answer.out)

    def cancel_command(self, numbers: Collection[str]) -> list[str]:
        """See BatchSystem."""
        return ["qdel", *numbers]

    def nodes(self) -> list[str]:
        """See BatchSystem: the lines of pbsnodes that are not indented."""
        lines = output_of(["pbsnodes", "-a"]).splitlines()
        return [line.strip() for line in lines if line[:1].strip()]


def parsed(text: str) -> dict[str, QueueEntry]:
    """The entries in the output of `qstat -f`: "Job Id: NUMBER", then indented attributes."""
    entries = {}
    for number, attributes in _parts(text):
        state = _STATE.search(attributes)
        letter = state[1] if state else "?"
        status = _STATUS.search(attributes)
        ended = f"exit status {status[1]}" if status else f"state {letter}"
        entries[number] = QueueEntry(
            waiting=letter in WAITING, ended=ended if letter in ENDED else None
        )
    return entries


def _parts(text: str) -> list[tuple[str, str]]:
    """Number and attributes of each job in the output of `qstat -f`."""
    _, *parts = _JOB.split(text)
    return list(zip(parts[::2], parts[1::2], strict=True))


def _name(attributes: str) -> str:
    found = _NAME.search(attributes)
    return found[1] if found else ""


def init(resource: Resource, config: Config) -> BatchScheduler:
    """The scheduler of a resource with the scheduler `PBS`."""
    return create(PBS(), resource, config)
