"""Slurm: sbatch, squeue, scancel."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from spearmint.schedulers.batch.cluster import create
from spearmint.schedulers.batch.command import Answer, told
from spearmint.schedulers.batch.scheduler import BatchScheduler
from spearmint.schedulers.batch.system import Seen, System

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


class Slurm(System):
    """See System. States and options: the manual pages of squeue and sbatch."""

    name = "SLURM"
    programs = ("sbatch", "squeue", "scancel", "sinfo")
    number = "$SLURM_JOB_ID"
    signals = ()
    longest_name = 64
    # It replaces %j and the like, and takes backslashes out.
    plain = re.compile(r"[^%\\\n]+")
    log = ".out"

    def submission(self, name: str, log: str, args: Sequence[str], file: str) -> list[str]:
        """See System."""
        # Of an option that is given twice the last counts; what is tried again, we try again.
        ours = [f"--job-name={name}", f"--output={log}", f"--error={log}", "--open-mode=append"]
        return ["sbatch", "--no-requeue", *args, "--parsable", *ours, file]

    def submitted(self, answer: Answer) -> str | None:
        """See System: the number, then the cluster's name where there are several."""
        number = answer.out.strip().partition(";")[0]
        return number if answer.status == 0 and number.isdigit() else None

    def look(self, ids: Collection[str]) -> dict[str, Seen]:
        """See System."""
        del ids  # one that Slurm has forgotten would be an error
        # SQUEUE_PARTITION and others would hide jobs.
        plain = {key: text for key, text in os.environ.items() if not key.startswith("SQUEUE_")}
        command = ["squeue", "--noheader", "--states=all", f"--user={os.getuid()}"]
        return parsed(told([*command, "--format=%i|%T|%r"], environment=plain))

    def cancel(self, ids: Collection[str]) -> list[str]:
        """See System."""
        return ["scancel", *ids]

    def nodes(self) -> list[str]:
        """See System."""
        return sorted(set(told(["sinfo", "--noheader", "--Node", "--format=%n"]).split()))


def parsed(text: str) -> dict[str, Seen]:
    """What squeue printed: number, state and reason a line, with bars between."""
    found = {}
    for line in text.splitlines():
        if line.count("|") < 2:
            continue
        number, state, reason = line.split("|", 2)
        if state in ENDED:
            why = "" if reason in {"", "None"} else f", {reason}"
            found[number] = Seen(ended=f"state {state}{why}", excused=state == "PREEMPTED")
        else:
            found[number] = Seen(waiting=state in WAITING)
    return found


def init(resource: Resource, config: Config) -> BatchScheduler:
    """The scheduler of a resource whose `scheduler` is `SLURM`."""
    return create(Slurm(), resource, config)
