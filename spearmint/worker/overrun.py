"""Ends a job that has exceeded a limit: stores that as its result, then kills its processes.

The result is stored first. A controller that sees the processes end finds the job finished, and
does not start it again.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from spearmint import database, lifecycle
from spearmint.database import DatabaseUnavailableError
from spearmint.worker import output
from spearmint.worker.job_processes import JobProcesses
from spearmint.worker.job_spec import JobSpec
from spearmint.worker.patience import PATIENCE_S, patiently


def main() -> None:
    """Reads on standard input which job is to be ended, and ends it."""
    order = json.load(sys.stdin)
    end(JobSpec(**order["spec"]), order["worker"], order["attempt"], *order["limit"])


def end(spec: JobSpec, worker: int, attempt: int, limit: str, reason: str) -> None:
    """Stores NaN for every task of a job, and kills its processes.

    Args:
        spec: The job.
        worker: The number of the process that claimed it.
        attempt: The attempt that it claimed.
        limit: The key of config.json with the limit that was exceeded.
        reason: A sentence about it.
    """
    job = JobProcesses(worker, {os.getpid()})
    output.tell(reason)
    changes = lifecycle.over_limit(spec.tasks, limit, reason)
    try:
        try:
            _store(spec, attempt, changes, spec.lease_s)
        except DatabaseUnavailableError:
            job.kill()  # it must not occupy its device any longer
            _store(spec, attempt, changes, PATIENCE_S)
    finally:
        job.kill()


def _store(spec: JobSpec, attempt: int, changes: dict[str, Any], patience_s: float) -> None:
    """Stores the result, unless somebody else has changed the job by now."""

    def store() -> bool:
        with database.connect(spec.address, spec.database) as jobs:
            return jobs.update(
                spec.experiment, spec.job_id, status="pending", attempt=attempt, changes=changes
            )

    patiently(store, patience_s, "the result waits for the database")
