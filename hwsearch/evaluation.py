"""One evaluation: a job's values become a network, its costs, and what it learns."""

from __future__ import annotations

import contextlib
import importlib
import math
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch import budget
from hwsearch.atomic_files import write_atomic
from hwsearch.costs import Costs, costs_of
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.best_network import Candidate, keep_if_best
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import bound as shown_bound
from hwsearch.formatting import cost as shown_cost
from hwsearch.measuring.peak_memory import PeakMemory
from hwsearch.network import rendered_script
from hwsearch.network.network import Network
from hwsearch.network.training import TrainResult
from hwsearch.template import Template


class EvaluationError(UserError):
    """A job that cannot be evaluated: one line, the same for all jobs with this fault."""

    user_message = True


@dataclass(slots=True)
class Evaluation:
    """What became of a job.

    Attributes:
        values: By task: the objective's metric as measured, constraints as bound - measured; NaN
            for what is not known.
        measurements: Everything that was found out, JSON-able.
        reason: Why a value is NaN; "" if none is.
    """

    values: dict[str, float]
    measurements: dict[str, Any] = field(default_factory=dict)
    reason: str = ""

    def returned(self) -> dict[str, Any]:
        """As the launcher takes it."""
        answer: dict[str, Any] = {**self.values, "measurements": self.measurements}
        return answer | ({"reason": self.reason} if self.reason else {})


def job_seed(seed: int, job_id: int) -> int:
    """The seed of a job's network, from that of the run; in 0..2**32-1."""
    return int(np.random.SeedSequence([seed, job_id]).generate_state(1)[0])


def render(
    experiment: Experiment, template: Template, settings: Settings, job_id: int, params: Any
) -> Path:
    """Writes a job's script, which runs by itself and builds the same network each time."""
    path = experiment.rendered(job_id)
    text = rendered_script.standalone(
        template.render(params),
        home=experiment.template,
        seed=job_seed(settings.seed, job_id),
        title=f"job {job_id} of {settings.experiment_name}",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, text.encode(template.encoding))
    return path


def evaluate(
    experiment: Experiment,
    settings: Settings,
    template: Template,
    job_id: int,
    params: Mapping[str, Any],
) -> Evaluation:
    """Renders, counts and measures; trains if every budget known by then is kept.

    Raises:
        EvaluationError: The network cannot be built, measured or trained.
    """
    try:
        return _evaluate(experiment, settings, template, job_id, params)
    except UserError as error:
        path = experiment.rendered(job_id)
        raise EvaluationError(rendered_script.in_template(error, path, template)) from error


def _evaluate(
    experiment: Experiment,
    settings: Settings,
    template: Template,
    job_id: int,
    params: Mapping[str, Any],
) -> Evaluation:
    clock = _Clock()
    path = render(experiment, template, settings, job_id, params)
    told: dict[str, Any] = {
        "script": path.relative_to(experiment.folder).as_posix(),
        "hyperparameters": template.values(params),
        "seed": job_seed(settings.seed, job_id),
        "seconds": clock.seconds,
        "versions": versions(),
    }
    print(f"script: {path}")
    network = Network.from_script(path, told["seed"], settings.seed)
    told["validation"] = network.split
    told["batch_size"] = network.batch_size
    clock.lap("build")
    costs = costs_of(network, _costs_in(settings), _bounds(settings), settings.profile_settings())
    clock.lap("measure")
    told["metrics"] = costs.to_json()
    if costs.counts is not None:
        told["counts"] = costs.counts.summary()
    if costs.profile is not None:
        told["profile"] = costs.profile.record().to_json()
        told["measured_again"] = costs.measured_again
        told["uncertain"] = costs.uncertain
    if costs.notes:
        told["notes"] = costs.notes
    _say_costs(costs, settings)
    over = budget.broken(costs.values, settings.constraints)
    if over:
        reason = "rejected before training: " + ", ".join(
            f"{name} {shown_cost(name, value, costs.quantities[name].std_error)} "
            f"is over the budget of {shown_bound(name, limit)}"
            for name, value, limit in over
        )
        print(reason)
        return Evaluation(_values(settings, costs.values), told, reason)
    print(f"training: {settings.epochs} epochs; validation: {network.split}", flush=True)
    with PeakMemory() as peak:
        result = network.train(
            settings.epochs, told["seed"], say=lambda line: print(line, flush=True)
        )
    if peak.reading is not None:
        told["training_memory"] = peak.reading.quantity().to_json()
    clock.lap("train")
    _add_training(told, result, network, clock)
    evaluation = Evaluation(
        _values(settings, {**costs.values, "error": result.error}), told, result.reason
    )
    if result.reason:
        print(result.reason)
    else:
        _keep(experiment, settings, job_id, network, evaluation)
    clock.lap("keep")
    return evaluation


def _keep(
    experiment: Experiment,
    settings: Settings,
    job_id: int,
    network: Network,
    evaluation: Evaluation,
) -> None:
    told = evaluation.measurements
    described = {key: told[key] for key in ("script", "hyperparameters", "seed", "metrics")}
    test_error = keep_if_best(
        experiment, settings, Candidate(job_id, evaluation.values, described), network
    )
    told["best"] = test_error is not None
    if test_error is not None:
        told["test_error"] = test_error
        print(f"the best so far; error on the test set: {test_error:.2f} %")


def _costs_in(settings: Settings) -> set[str]:
    return set(settings.metrics) - {"error"}


def _bounds(settings: Settings) -> dict[str, float]:
    return {name: bound for name, bound in settings.constraints.items() if name != "error"}


def _values(settings: Settings, known: Mapping[str, float]) -> dict[str, float]:
    values = {settings.optimize: known.get(settings.optimize, math.nan)}
    for name, bound in settings.constraints.items():
        values[name] = budget.margin(bound, known.get(name))
    return values


def _add_training(
    told: dict[str, Any], result: TrainResult, network: Network, clock: _Clock
) -> None:
    told["epochs"] = result.epochs
    told["history"] = result.history
    told["metrics"]["error"] = {
        "value": result.error,
        "unit": "%",
        "std_error": sampling_error(result.error, len(network.y_val)),
        "samples": len(network.y_val),
        "source": f"validation set after epoch {result.epochs}",
    }
    if result.first_step is not None:
        clock.seconds["before_first_step"] = result.first_step - clock.began


def sampling_error(error: float, images: int) -> float:
    """Standard error of an error in %, from judging it on so many images (binomial)."""
    return math.sqrt(max(error * (100 - error), 0.0) / images) if images else math.nan


def _say_costs(costs: Costs, settings: Settings) -> None:
    for name, quantity in costs.quantities.items():
        limit = settings.constraints.get(name)
        within = f" (budget {shown_bound(name, limit)})" if limit is not None else ""
        error = quantity.std_error
        print(f"{name}: {shown_cost(name, quantity.value, error)}{within}; {quantity.source}")
    idle = costs.profile.idle_power if costs.profile else None
    if idle is not None:
        print(f"idle power: {shown_cost('power', idle.value)} beside the load; {idle.source}")
    for note in costs.notes:
        print(f"note: {note}")


def versions() -> dict[str, str]:
    """What the figures were had with."""
    import keras  # noqa: PLC0415 - heavy

    backend = keras.backend.backend()
    found = {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": backend,
        "numpy": np.__version__,
    }
    # A backend without a version of its own is one that Keras brings.
    with contextlib.suppress(ImportError, AttributeError):
        found[backend] = str(importlib.import_module(backend).__version__)
    return found


class _Clock:
    """Seconds by part of the evaluation."""

    def __init__(self) -> None:
        self.began = time.time()
        self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.monotonic()
        self.seconds[name] = now - self._last
        self._last = now
