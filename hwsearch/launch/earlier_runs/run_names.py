"""Names of the runs of an experiment: a new one, or the one to resume."""

from __future__ import annotations

import itertools
import time

from hwsearch.errors import UserError, did_you_mean
from hwsearch.experiment import Archive, Experiment
from hwsearch.printing import one_line


def new_name(experiment: Experiment, taken: set[str]) -> str:
    """`hyperpower-<stamp>`; with a number after it if there is such a run already.

    Args:
        experiment: Its runs have their names.
        taken: Other names that are not available.
    """
    stamp = time.strftime("hyperpower-%Y%m%d-%H%M%S")
    archive = Archive(experiment)
    taken = taken | {*archive.former_runs(), str(archive.current_run())}
    names = itertools.chain([stamp], (f"{stamp}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def wanted_run(experiment: Experiment, wanted: bool | str) -> str:
    """The name of the run to resume, whether its files are in place or were moved aside.

    Args:
        experiment: The experiment of the run.
        wanted: The name; True = the latest run.

    Raises:
        UserError: There is no such run.
    """
    archive = Archive(experiment)
    current = archive.current_run()
    if current is not None and wanted in (True, current):
        _check_settings(archive, current)
    runs = [*archive.former_runs(), *([current] if current else [])]
    # A run that was stopped before it began has left no settings.
    runs = [name for name in runs if archive.files_of(name).settings_file.is_file()]
    if not runs:
        raise UserError(f"--resume: no earlier run found in {one_line(experiment.folder)}")
    if wanted is not True and wanted not in runs:
        hint = did_you_mean(wanted, runs)
        raise UserError(f"--resume: got {wanted!r}; expected one of {', '.join(runs)}{hint}")
    return runs[-1] if wanted is True else str(wanted)


def _check_settings(archive: Archive, name: str) -> None:
    """Checks that the settings of a run that has begun are there.

    Raises:
        UserError: They are not.
    """
    file = archive.files_of(name).settings_file
    if not file.is_file() and archive.has_jobs(name):
        raise UserError(
            f"--resume: {one_line(file)}: no such file, without which {name} cannot continue; "
            "restore it, or start a fresh run without --resume"
        )
