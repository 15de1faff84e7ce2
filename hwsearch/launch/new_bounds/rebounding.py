"""A run that continues under other bounds: its stored jobs and its best network follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hwsearch import budget
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.formatting import conditions
from hwsearch.launch.new_bounds.bound_changes import Revision, revisions
from hwsearch.launch.optimiser import Results
from hwsearch.launch.profiling import calibrate
from hwsearch.launch.watching.following import follow_best
from hwsearch.report.result import Fate, Result


def follow_bounds(
    settings: Settings,
    experiment: Experiment,
    results: Results,
    program: Path,
    gpu: str = "",
    *,
    plain: bool = False,
) -> None:
    """Makes the stored jobs of a run right under its bounds, and prints what changed.

    The settings are kept first, so that the next start completes what a crash interrupts.

    Args:
        settings: Those of the run, with new bounds; NaN bounds of percentages are determined.
        experiment: The run's files, in place.
        results: Its database.
        program: hyperpower.py.
        gpu: The UUID of the GPU on which bounds of percentages are determined; "" = the first.
        plain: Show lines only, on a terminal too.

    Raises:
        UserError: The bounds cannot be changed; nothing was.
    """
    run = settings.experiment_name
    _determine(settings, experiment, program, gpu, plain=plain)
    found = revisions(results.jobs(run), settings)
    running = results.running(run)
    if not found:
        experiment.save_settings(settings)
        if not running:  # completes what a crash has interrupted
            follow_best(settings, experiment, results.jobs(run))
        return
    if running:
        raise UserError(
            f"--resume: {run}: got other bounds while job {running[0]} may still run; wait for it, "
            "or resume without --constraint first"
        )
    experiment.save_settings(settings)
    for entry in found:
        results.update(run, entry.job, entry.changes)
    jobs = results.jobs(run)
    follow_best(settings, experiment, jobs, changed=True)
    print("\n".join(_said(settings, jobs, found)), flush=True)


def _determine(
    settings: Settings, experiment: Experiment, program: Path, gpu: str, *, plain: bool
) -> None:
    """Determines the bounds of percentages that are not known yet."""
    unknown = {
        name: share
        for name, share in settings.shares.items()
        if budget.is_unknown(settings.constraints[name])
    }
    if unknown:
        settings.constraints |= calibrate.bounds(
            replace(settings, shares=unknown), experiment, program, gpu, plain=plain
        )


def _said(
    settings: Settings, jobs: Sequence[Mapping[str, Any]], found: Sequence[Revision]
) -> list[str]:
    former = settings.former_constraints[-1]
    before = {name: budget.from_json(entry) for name, entry in former.items()}
    finished = [
        one
        for job in jobs
        if (one := Result.of(job, settings)).fate in (Fate.TRAINED, Fate.STOPPED, Fate.MEASURED)
    ]
    how = "trained" if settings.needs_training else "measured"
    meeting = sum(one.feasible for one in finished)
    again = sum(entry.runs_again for entry in found)
    opened = sum(entry.runs_again and bool(entry.job.get("unmeasured")) for entry in found)
    lines = [
        f"bounds changed from {conditions(before)} to {conditions(settings.constraints)}: "
        f"{meeting} of the {len(finished)} {how} networks meet the new ones"
    ]
    rejected = again - opened
    if rejected:
        what = "1 rejected network meets" if rejected == 1 else f"{rejected} rejected networks meet"
        lines.append(f"{what} the new bounds and will be {how} first")
    if opened:
        what = "1 unmeasured network" if opened == 1 else f"{opened} unmeasured networks"
        lines.append(f"{what} could be the best under the new bounds and will be measured first")
    return lines
