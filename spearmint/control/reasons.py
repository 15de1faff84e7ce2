"""Why a run ends, in words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spearmint.config import Config
from spearmint.console.command_line import counted
from spearmint.console.printing import one_line, printable


def finished(count: int, config: Config) -> str:
    """So many jobs are finished: as many as requested, or more."""
    requested = config.max_finished_jobs
    if requested is None:
        requested = sum(each.max_finished_jobs or 0 for each in config.resources)
    if count > requested:
        verb = "is" if count == 1 else "are"
        return f"done: {counted(count, 'job')} {verb} finished, {requested} requested"
    what = "the requested job is" if count == 1 else f"all {count} requested jobs are"
    return f"done: {what} finished"


def evaluated_in_full(count: int | None) -> str:
    """As many jobs as requested were evaluated in full."""
    what = "job was" if count == 1 else "jobs were"
    return f"done: {count} {what} evaluated in full, as requested"


def cannot_succeed(job: Mapping[str, Any], output: Path) -> str:
    """A job has shown that no job can succeed.

    Args:
        job: The job.
        output: The file with what it printed.
    """
    return (
        f"no job of this experiment can succeed: {one_line(job.get('reason'))}\n"
        f"  the output of job {job['id']}: {printable(str(output))}\n"
        "  correct the cause, then start again"
    )


def failed_in_a_row(jobs: Sequence[Mapping[str, Any]], output: Path) -> str:
    """The latest jobs broke, or exceeded a limit, all of them.

    Args:
        jobs: These jobs.
        output: The file with what the last one printed.
    """
    causes = {str(job.get("reason")) for job in jobs}
    why = "all because of" if len(causes) == 1 else "the last one because of"
    limits = " and ".join(sorted({job["limit"] for job in jobs if job.get("limit")}))
    broke = any(job["status"] == "broken" for job in jobs)
    what = "ended without a result" if limits else "broke"
    raised = f"raise {limits}" if limits else ""
    cause = "correct the cause" if broke else ""
    how = " with --retry_broken, or without to leave them out" if broke else ""
    return (
        f"{len(jobs)} jobs in a row {what}, {why}: {one_line(jobs[-1].get('reason'))}\n"
        f"  the output of the last one: {printable(str(output))}\n"
        f"  {' or '.join(filter(None, [cause, raised]))}, then continue{how}"
    )
