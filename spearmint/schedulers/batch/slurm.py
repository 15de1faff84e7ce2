"""Slurm: sbatch, squeue, scancel."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from spearmint.schedulers.batch.cluster import create
from spearmint.schedulers.batch.command import Answer, output_of
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.system import BatchSystem, QueueEntry, last_line

if TYPE_CHECKING:
    from spearmint.config import Config, Resource

WAITING = {
    "CONFIGURING", "PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD",
    "SPECIAL_EXIT",
}  # fmt: skip
ENDED = {
    "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY",
    "PREEMPTED", "REVOKED", "TIMEOUT",
}  # fmt: skip
_SUBMITTED = re.compile(r"(?:Submitted batch job )?(\d+)(?:;\S+| on cluster \S+)?")


class Slurm(BatchSystem):
    """See BatchSystem. The manual pages of squeue and sbatch list states and options."""

    name = "SLURM"
    programs = ("sbatch", "squeue", "scancel", "sinfo")
    number_variable = "$SLURM_JOB_ID"
    signals = ()
    longest_name = 64
    # It replaces %j and the like, and removes backslashes.
    literal_path = re.compile(r"[^%\\\n]+")
    log_suffix = ".out"

    def submit_command(self, name: str, log: str, args: Sequence[str], file: str) -> list[str]:
        """See BatchSystem."""
        # The last of two conflicting options counts. --no-requeue: the controller retries jobs.
        ours = [f"--job-name={name}", f"--output={log}", f"--error={log}", "--open-mode=append"]
        return ["sbatch", "--no-requeue", *args, "--parsable", *ours, file]

    def submitted_number(self, answer: Answer) -> str | None:
        """See BatchSystem: NUMBER or NUMBER;CLUSTER, from a wrapper "Submitted batch job ..."."""
        return last_line(_SUBMITTED, answer) if answer.status == 0 else None

    def find(self, name: str) -> list[str]:
        """See BatchSystem."""
        return _squeue(f"--name={name}", "--format=%i").split()

    def query(self, numbers: Collection[str]) -> dict[str, QueueEntry]:
        """See BatchSystem."""
        del numbers  # squeue fails if Slurm has forgotten one of them
        return parsed(_squeue("--format=%i|%T|%r"))

    def cancel_command(self, numbers: Collection[str]) -> list[str]:
        """See BatchSystem."""
        return ["scancel", *numbers]

    def nodes(self) -> list[str]:
        """See BatchSystem."""
        return sorted(set(output_of(["sinfo", "--noheader", "--Node", "--format=%n"]).split()))


def _squeue(*options: str) -> str:
    """What squeue prints about the user's jobs, those that have ended included."""
    # SQUEUE_PARTITION and similar variables would hide jobs.
    plain = {key: text for key, text in os.environ.items() if not key.startswith("SQUEUE_")}
    command = ["squeue", "--noheader", "--states=all", f"--user={os.getuid()}", *options]
    return output_of(command, environment=plain)


def parsed(text: str) -> dict[str, QueueEntry]:
    """The entries in the output of squeue: number|state|reason, one per line."""
    entries = {}
    for line in text.splitlines():
        if line.count("|") < 2:
            continue
        number, state, reason = line.split("|", 2)
        if state in ENDED:
            why = "" if reason in {"", "None"} else f", {reason}"
            entries[number] = QueueEntry(ended=f"state {state}{why}", excused=state == "PREEMPTED")
        else:
            entries[number] = QueueEntry(waiting=state in WAITING)
    return entries


def init(resource: Resource, config: Config) -> BatchScheduler:
    """The scheduler of a resource with the scheduler `SLURM`."""
    return create(Slurm(), resource, config)
