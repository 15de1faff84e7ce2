"""Keeps the best network under the budget as files: tmp/best.json and tmp/best_model.keras."""

from __future__ import annotations

import fcntl
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from hwsearch import budget
from hwsearch.experiment.archive import Archive
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.folder import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements
from hwsearch.network.errors import explained
from hwsearch.network.network import Network


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

    Jobs that end at the same time wait for each other. The test set is evaluated only here.

    Returns:
        The test error in % if the network is the new best; else None.
    """
    objective = candidate.values[settings.optimize]
    if math.isnan(objective) or not budget.all_met(candidate.values, settings.constraints):
        return None
    with _locked(experiment):
        run = settings.experiment_name
        if Archive(experiment).current_run() != run:
            return None  # a job that outlived its run, which was killed: the files are another's
        best = experiment.best(run)
        if best is not None and not objective < best.objective:
            return None
        test_error = network.test_error()
        measurements = candidate.measurements
        experiment.save_best(
            BestNetwork(
                run=run,
                job=candidate.job_id,
                optimize=settings.optimize,
                objective=objective,
                values=candidate.values,
                test_error=test_error,
                model=_saved(experiment, network.model.save),
                script=measurements.script,
                hyperparameters=measurements.hyperparameters,
                seed=measurements.seed,
                metrics=measurements.metrics,
            )
        )
    return test_error


def _saved(experiment: Experiment, save: Callable[[str], None]) -> str | None:
    """Saves the model; None if Keras cannot (a layer of the script's own without its config)."""
    # Keras insists on the ending.
    beside = experiment.tmp / f".best_model-{os.getpid()}.keras"
    try:
        save(str(beside))
        beside.replace(experiment.best_model)
    except Exception as error:
        experiment.best_model.unlink(missing_ok=True)  # that of the former best
        print(
            f"the best model cannot be saved ({explained(error)}); its script is kept",
            file=sys.stderr,
        )
        return None
    finally:
        beside.unlink(missing_ok=True)
    return experiment.best_model.relative_to(experiment.folder).as_posix()


@contextmanager
def _locked(experiment: Experiment) -> Iterator[None]:
    """Lets one process at a time in; the lock ends with its process, however that ends."""
    with experiment.best_lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
