"""Keeps the best network under the budget as files: tmp/best.json, tmp/best_model.keras, ..."""

from __future__ import annotations

import fcntl
import math
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from hwsearch import budget
from hwsearch.experiment.archive import Archive
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.folder import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome
from hwsearch.network.network import Network
from hwsearch.network.saving import Saved, save

_SCRIPT_LEFT = "its script is kept, and so are the files of the best before it"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trained network that may be the best.

    Attributes:
        values: The job's values by task, as the optimiser gets them.
        measurements: The source of the description in best.json.
    """

    job_id: int
    values: Mapping[str, float]
    measurements: Measurements


def keep_if_best(
    experiment: Experiment, settings: Settings, candidate: Candidate, network: Network
) -> float | None:
    """Keeps the network if it meets every budget and is better than the best of this run so far.

    Jobs that end at the same time wait for each other. The test set is evaluated only here. If
    files cannot be written, as on a full disk, that is printed and the former ones stay. Of a
    network that was only measured, the description is kept, and no model.

    Returns:
        The test error in % if the network is the new best; else None.
    """
    minimised = candidate.values[settings.optimize]
    if math.isnan(minimised) or not budget.all_met(candidate.values, settings.constraints):
        return None
    with _locked(experiment):
        run = settings.experiment_name
        if Archive(experiment).current_run() != run:
            return None  # a job that outlived its run, which was killed: the files are another's
        best = experiment.best(run)
        if best is not None and not minimised < budget.minimised(best.objective, settings.maximize):
            return None
        measurements = candidate.measurements
        trained = measurements.outcome is not Outcome.MEASURED
        test_error = network.test_error() if trained else math.nan
        new = BestNetwork(
            run=run,
            job=candidate.job_id,
            optimize=settings.optimize,
            objective=budget.minimised(minimised, settings.maximize),
            values=candidate.values,
            test_error=test_error,
            script=measurements.script,
            hyperparameters=measurements.hyperparameters,
            seed=measurements.seed,
            metrics=measurements.metrics,
        )
        if trained:
            _save(experiment, new, best, network.model)
        else:
            _describe(experiment, new)
    return test_error


def _save(experiment: Experiment, new: BestNetwork, former: BestNetwork | None, model: Any) -> None:
    """Saves the new best network; if neither model nor weights can be saved, those before stay."""
    places = (experiment.best_model, experiment.best_weights)
    # Keras insists on the endings.
    whole, weights = (place.with_name(f".{os.getpid()}-{place.name}") for place in places)
    try:
        saved = save(model, whole, weights, experiment.template.parent)
        files = dict(zip(places, (saved.model, saved.weights), strict=True))
        if saved.fault:
            _report(f"the best model cannot be saved ({saved.fault})", _left(saved))
        if saved.loading is None:
            experiment.save_best(replace(new, former_job=_job_of_model(former)))
        else:
            names = [
                place.relative_to(experiment.folder).as_posix() if file else None
                for place, file in files.items()
            ]
            new = replace(new, model=names[0], weights=names[1], loading=saved.loading.value)
            experiment.save_best(new, files)
    except OSError as error:
        problem = f"the files of the best network cannot be written ({error.strerror})"
        _report(problem, _SCRIPT_LEFT)
    finally:
        for path in (whole, weights):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _describe(experiment: Experiment, new: BestNetwork) -> None:
    """Writes best.json alone."""
    try:
        experiment.save_best(new)
    except OSError as error:
        _report(f"best.json cannot be written ({error.strerror})", "the former one stays")


def _left(saved: Saved) -> str:
    return _SCRIPT_LEFT if saved.weights is None else "its script and its weights are kept"


def _report(problem: str, left: str) -> None:
    print(f"{problem}; {left}", file=sys.stderr)


def _job_of_model(best: BestNetwork | None) -> int | None:
    """The job whose model is in best_model.keras, or whose weights are beside it."""
    if best is None:
        return None
    return best.job if best.model or best.weights else best.former_job


@contextmanager
def _locked(experiment: Experiment) -> Iterator[None]:
    """Lets one process at a time in; the lock ends with its process, however that ends."""
    with experiment.best_lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
