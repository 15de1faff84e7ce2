"""Jobs of a run whose training failed before any network was trained: do they all fail alike?"""

from __future__ import annotations

import json
from typing import Any

from hwsearch.atomic_files import write_json
from hwsearch.experiment.folder import Experiment

#: So many jobs that fail alike, and none that succeeds, are no accident.
ALIKE = 3


def all_alike(experiment: Experiment, run: str, job_id: int, reason: str) -> bool:
    """Notes a failure, and says whether it and those before it leave no hope for the run.

    Of jobs that fail at the same time, one may be forgotten; a later one then decides.

    Args:
        experiment: The run in place there.
        run: The name of the job's run.
        job_id: The job.
        reason: Why it failed, without what differs between networks.

    Returns:
        Whether the last `ALIKE` jobs that failed did so for this reason, and no network of the run
        was trained to its end.

    Raises:
        OSError: The file cannot be written.
    """
    if experiment.is_trainable(run, to_the_end=True):
        return False
    failed = _known(experiment, run)
    failed.pop(str(job_id), None)
    failed[str(job_id)] = reason
    write_json(experiment.failed_file, {"run": run, "jobs": failed})
    last = list(failed.values())[-ALIKE:]
    return len(last) == ALIKE and set(last) == {reason}


def _known(experiment: Experiment, run: str) -> dict[str, Any]:
    """Reasons by job, in the order of the failures."""
    try:
        document = json.loads(experiment.failed_file.read_text(encoding="utf-8"))
        return dict(document["jobs"]) if document["run"] == run else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}
