"""A run as reports see it: its table, its files if they are here, and whether it continues."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hwsearch import budget
from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment, Settings
from hwsearch.experiment.search_times import searches, whole_s
from hwsearch.formatting import conditions
from hwsearch.report import inferring
from hwsearch.report.columns import Column, of_task
from hwsearch.report.model_files import where
from hwsearch.report.run_table import RunTable
from hwsearch.report.time_spent import elapsed_s
from hwsearch.template import Template

Job = Mapping[str, Any]
LOST = (
    "the settings of this run are not on this machine; its bounds are computed from what was "
    "measured"
)
MARGINS = (
    "neither the settings of this run nor its measurements are here: constraints are shown as the "
    "distance to their bounds, not as measured"
)


@dataclass(frozen=True, slots=True)
class KnownRun:
    """One run.

    Attributes:
        table: Its jobs.
        files: The folder with its files, in place or put aside; None if they are not here.
        asked: How many jobs it was to finish; None if there is no limit, or it is unknown.
        notes: What a reader must know about these data.
    """

    table: RunTable
    files: Experiment | None = None
    asked: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def template(self) -> Template | None:
        """Its template; None if it is not here."""
        return None if self.files is None else self.files.find_template()

    @property
    def models(self) -> list[str]:
        """Lines that say where its best network is and how to load it; [] if that is not here."""
        best = next(iter(self.table.best(1)), None)
        if self.files is None or best is None:
            return []
        return where(best.job, self.table.run, self.files)

    @property
    def calibration_s(self) -> float:
        """How long random networks were measured for the bounds; 0 if none were."""
        return 0.0 if self.files is None else self.files.calibration_s

    def elapsed_s(self, now_s: float = math.nan) -> float:
        """How long the run took, without the time between two starts of it; NaN if unknown.

        Args:
            now_s: The time, in seconds since the epoch, if the run is still searched.
        """
        moments = [one for row in self.table.rows for one in (row.submit_s, row.start_s, row.end_s)]
        found = [] if self.files is None else searches(self.files)
        return whole_s(found, [*moments, now_s], elapsed_s(self.table), self.calibration_s)


def known_run(
    name: str,
    jobs: Sequence[Job],
    folder: Experiment | None = None,
    tasks: Sequence[Column] = (),
    asked: int | None = None,
) -> KnownRun:
    """Reads a run, from its folder if that is here, else from its documents alone.

    Args:
        name: The run.
        jobs: Its job documents.
        folder: The experiment that was asked for, if one was.
        tasks: Columns for the tasks of its config.json, if that is here.
        asked: The limit on finished jobs of that config.json.
    """
    files = files_of(name, jobs, folder)
    if files is not None:
        settings = files.load_settings()
        table = RunTable.of_run(settings, jobs, files.find_template())
        return KnownRun(table, files, settings.max_finished_jobs, _former_bounds(settings))
    inferred = inferring.settings(name, jobs)
    if inferred is not None:
        return KnownRun(RunTable.of_run(inferred, jobs), asked=asked, notes=(LOST,))
    if not tasks:
        objective, *others = inferring.task_names(jobs)
        tasks = [of_task(objective, objective=True)]
        tasks += [of_task(other, objective=False) for other in others]
    notes = (MARGINS,) if any(job.get("main-file") == "mainrun.py" for job in jobs) else ()
    return KnownRun(RunTable.of_tasks(name, tasks, jobs), asked=asked, notes=notes)


def files_of(name: str, jobs: Sequence[Job], folder: Experiment | None) -> Experiment | None:
    """The files of a run of HyperPower, in a folder or where its jobs say that they were started.

    Returns:
        An experiment whose settings are those of the run; None if there is none.
    """
    places = [] if folder is None else [folder]
    started = {job["expt_dir"] for job in jobs if isinstance(job.get("expt_dir"), str)}
    places += [Experiment(Path(place).parent) for place in sorted(started) if "\0" not in place]
    for place in places:
        files = Archive(place).files_of(name)
        try:
            if files.load_settings().experiment_name == name:
                return files
        except UserError:  # no settings there, or those of another version
            continue
    return None


def _former_bounds(settings: Settings) -> tuple[str, ...]:
    """A note about the bounds that a run had before, if they were changed."""
    former = [
        conditions({name: budget.from_json(entry) for name, entry in bounds.items()})
        for bounds in settings.former_constraints
    ]
    return (f"the bounds were {', then '.join(former)} before",) if former else ()
