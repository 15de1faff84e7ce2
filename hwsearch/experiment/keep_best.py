"""Keeps the best network under the budget as files: tmp/best.json and tmp/best_model.keras."""

from __future__ import annotations

import fcntl
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

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

    Jobs that end at the same time wait for each other. The test set is evaluated only here. If
    files cannot be written, as on a full disk, that is printed and the former ones stay.

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
        test_error = network.test_error()
        measurements = candidate.measurements
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
        _save(experiment, new, best, network.model.save)
    return test_error


def _save(
    experiment: Experiment,
    new: BestNetwork,
    former: BestNetwork | None,
    save: Callable[[str], None],
) -> None:
    """Saves the new best network and its model; what cannot be saved replaces nothing."""
    # Keras insists on the ending.
    beside = experiment.tmp / f".best_model-{os.getpid()}.keras"
    try:
        if _is_saved(beside, save):
            path = experiment.best_model.relative_to(experiment.folder).as_posix()
            experiment.save_best(replace(new, model=path))
            beside.replace(experiment.best_model)
        else:
            experiment.save_best(replace(new, former_job=_job_of_model(former)))
    except OSError as error:
        _report(f"the files of the best network cannot be written ({error.strerror})")
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _is_saved(path: Path, save: Callable[[str], None]) -> bool:
    """Saves the model; False if that fails: a full disk, or a layer without get_config."""
    try:
        save(str(path))
    except Exception as error:
        path.unlink(missing_ok=True)  # a part of it may fill the disk
        _report(f"the best model cannot be saved ({explained(error)})")
        return False
    return True


def _report(problem: str) -> None:
    print(
        f"{problem}; its script is kept, and so are the files of the best before it",
        file=sys.stderr,
    )


def _job_of_model(best: BestNetwork | None) -> int | None:
    """The job whose model is in best_model.keras."""
    if best is None:
        return None
    return best.job if best.model else best.former_job


@contextmanager
def _locked(experiment: Experiment) -> Iterator[None]:
    """Lets one process at a time in; the lock ends with its process, however that ends."""
    with experiment.best_lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
