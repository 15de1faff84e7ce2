"""The best network under the budget, kept as files: tmp/best.json and tmp/best_model.keras."""

from __future__ import annotations

import fcntl
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hwsearch import budget
from hwsearch.atomic_files import write_json
from hwsearch.experiment.folder import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.network.errors import explained
from hwsearch.network.network import Network


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trained network that may be the best.

    Attributes:
        values: The job's values by task, as the optimiser gets them.
        described: What best.json says about it besides; JSON-able.
    """

    job_id: int
    values: Mapping[str, float]
    described: Mapping[str, Any]


def keep_if_best(
    experiment: Experiment, settings: Settings, candidate: Candidate, network: Network
) -> float | None:
    """Keeps the network if it meets every budget and beats the best of this run so far.

    Jobs that end at once wait for each other. The test set is looked at only here.

    Returns:
        The test error in %, where it is the new best; else None.
    """
    objective = candidate.values[settings.optimize]
    if math.isnan(objective) or not budget.all_met(candidate.values, settings.constraints):
        return None
    with _locked(experiment):
        if experiment.current_run() != settings.experiment_name:
            return None  # a job that outlived its run, which was killed: the files are another's
        best = best_of(experiment, settings)
        if best is not None and not objective < best["objective"]:
            return None
        test_error = network.test_error()
        model = _saved(experiment, network.model.save)
        write_json(
            experiment.best_file,
            {
                "experiment": settings.experiment_name,
                "job": candidate.job_id,
                "optimize": settings.optimize,
                "objective": objective,
                "values": dict(candidate.values),
                "test_error": test_error,
                "model": model,
                **candidate.described,
            },
        )
    return test_error


def best_of(experiment: Experiment, settings: Settings) -> dict[str, Any] | None:
    """What best.json says, if it belongs to this run."""
    try:
        best = json.loads(experiment.best_file.read_text(encoding="utf-8"))
        belongs = best["experiment"] == settings.experiment_name
        return best if belongs and isinstance(best["objective"], int | float) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


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
    """One process at a time; the lock ends with its process, however that ends."""
    with (experiment.tmp / "best.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
