"""The best few networks of a search, trained again with other seeds when it ends."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

from hwsearch import budget
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.finished import Finished
from hwsearch.experiment.placement import LOCAL
from hwsearch.launch.child_process import Forwarding
from hwsearch.launch.optimiser import ROOT, Results
from hwsearch.measurements import Measurements
from hwsearch.report.result import Fate, Result

#: How many networks are trained again.
FEW = 3


def check(settings: Settings) -> None:
    """Checks that networks can be trained again where the search runs.

    Raises:
        UserError: Jobs do not run on this machine, or no three networks are the best.
    """
    if settings.repeats is not None and settings.sweep:
        raise UserError(
            "--repeats: given with --sweep, which has a best network for each budget; expected "
            "python -m hwsearch.finish with --job and --repeats afterwards"
        )
    if settings.repeats is not None and settings.has_front:
        raise UserError(
            "--repeats: given with several objectives, whose front has no best three networks; "
            "expected python -m hwsearch.finish with --job and --repeats afterwards"
        )
    if settings.repeats is not None and settings.schedulers != {LOCAL}:
        others = ", ".join(sorted(settings.schedulers - {LOCAL}))
        raise UserError(
            f"--repeats: given with jobs on {others}, but it trains on this machine; expected "
            "local jobs, or python -m hwsearch.finish on a node afterwards"
        )


def train_again(settings: Settings, experiment: Experiment, results: Results, gpu: str = "") -> int:
    """Trains the best few networks `settings.repeats` times more and adds that to their jobs.

    What was trained by an earlier call is not trained again.

    Args:
        settings: Of the run.
        experiment: Its files.
        results: The database.
        gpu: The GPU to use; "" = the first one.

    Returns:
        The exit status of the trainings: 0 if they have all ended.
    """
    run, count = settings.experiment_name, settings.repeats or 0
    jobs = {job["id"]: job for job in results.jobs(run)}
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    if gpu:
        environ["CUDA_VISIBLE_DEVICES"] = gpu
    numbers = best_few(settings, [Result.of(job, settings) for job in jobs.values()])
    if not numbers:
        print("\nnote: --repeats: none is trained again, since no trained network meets the budget")
    for number in numbers:
        print(f"\njob {number} again, with other seeds", flush=True)
        command = [sys.executable, "-m", "hwsearch.finish", str(experiment.folder)]
        command += ["--job", str(number), "--repeats", str(count)]
        with Forwarding() as signals:
            status = signals.run(command, environ=environ)
        if status:
            return status
        place = Finished.of(experiment, run, number, None, False)
        known = (place.repeat(one) for one in range(1, count + 1))
        measurements = Measurements.of_job(jobs[number])
        measurements = replace(measurements, repeats=tuple(one for one in known if one))
        results.update(run, jobs[number], {"measurements": measurements.to_json()})
    return 0


def best_few(settings: Settings, results: list[Result]) -> list[int]:
    """The jobs with the best objectives that meet every bound, the best one first."""
    usable = [one for one in results if one.feasible and one.fate in (Fate.TRAINED, Fate.STOPPED)]
    usable.sort(key=lambda one: budget.minimised(one.values[settings.optimize], settings.maximize))
    return [int(one.job) for one in usable[:FEW]]
