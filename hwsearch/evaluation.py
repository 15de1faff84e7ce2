"""One evaluation: a job's hyper-parameters become a network, its costs and its error."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch import budget
from hwsearch.atomic_files import write_atomic
from hwsearch.costs import Costs, costs_of
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.keep_best import Candidate, keep_if_best
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import bound as shown_bound
from hwsearch.formatting import cost as shown_cost
from hwsearch.keras_runtime import versions
from hwsearch.measurements import Measurements, Outcome, Quantity
from hwsearch.measuring.peak_memory import PeakMemory
from hwsearch.network import rendered_script
from hwsearch.network.network import Network
from hwsearch.network.scoring import sampling_error
from hwsearch.network.training import TrainResult
from hwsearch.template import Template


class EvaluationError(UserError):
    """A job cannot be evaluated: one line, the same for all jobs with this fault.

    Attributes:
        user_message: Part of what an objective and Spearmint agree on: if it is true, the text is
            shown without a traceback.
    """

    user_message = True


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of a job.

    Attributes:
        values: By task: the objective's metric as measured, constraints as bound - measured; NaN
            for what is unknown.
        measurements: All results, for the job's document.
        reason: Why a value is NaN; "" if none is.
    """

    values: Mapping[str, float]
    measurements: Measurements
    reason: str = ""

    def returned(self) -> dict[str, Any]:
        """The dictionary that the optimiser expects of an objective."""
        answer: dict[str, Any] = {**self.values, "measurements": self.measurements.to_json()}
        return answer | ({"reason": self.reason} if self.reason else {})


def job_seed(seed: int, job_id: int) -> int:
    """The seed of a job's network, derived from the run's; in 0..2**32-1."""
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
    """Renders, counts and measures a network; trains it if it meets every budget known by then.

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
    stopwatch = _Stopwatch()
    network, measurements = _build(experiment, settings, template, job_id, params)
    stopwatch.lap("build")

    costs = _measure(network, settings)
    measurements = _with_costs(measurements, costs)
    stopwatch.lap("measure")

    if rejection := _rejection(costs, settings):
        print(rejection)
        measurements = replace(measurements, outcome=Outcome.REJECTED, seconds=stopwatch.seconds)
        return Evaluation(_values(settings, measurements), measurements, rejection)

    result, measurements = _train(network, settings, job_id, measurements)
    stopwatch.lap("train")
    stopwatch.mark("before_first_step", result.first_step)

    if result.reason:
        print(result.reason)
    else:
        measurements = _keep(experiment, settings, job_id, measurements, network)
    stopwatch.lap("keep")
    measurements = replace(measurements, seconds=stopwatch.seconds)
    return Evaluation(_values(settings, measurements), measurements, result.reason)


def _build(
    experiment: Experiment,
    settings: Settings,
    template: Template,
    job_id: int,
    params: Mapping[str, Any],
) -> tuple[Network, Measurements]:
    """The network of a job, and the measurements as far as they are known without measuring."""
    seed = job_seed(settings.seed, job_id)
    script = render(experiment, template, settings, job_id, params)
    print(f"script: {script}")
    network = Network.from_script(script, seed, settings.seed)
    return network, Measurements(
        script=script.relative_to(experiment.folder).as_posix(),
        hyperparameters=template.values(params),
        seed=seed,
        batch_size=network.batch_size,
        validation=network.split,
        versions=versions(),
    )


def _measure(network: Network, settings: Settings) -> Costs:
    """Computes and measures what must be known before training, and prints it."""
    names = set(settings.metrics) - {"error"}
    bounds = {name: bound for name, bound in settings.constraints.items() if name != "error"}
    costs = costs_of(network, names, bounds, settings.profile_settings())
    for name, quantity in costs.quantities.items():
        limit = settings.constraints.get(name)
        within = f" (budget {shown_bound(name, limit)})" if limit is not None else ""
        value = shown_cost(name, quantity.value, quantity.std_error)
        print(f"{name}: {value}{within}; {quantity.source}")
    idle = costs.profile.idle_power if costs.profile else None
    if idle is not None:
        print(f"idle power: {shown_cost('power', idle.value)}; {idle.source}")
    for note in costs.notes:
        print(f"note: {note}")
    return costs


def _with_costs(measurements: Measurements, costs: Costs) -> Measurements:
    return replace(
        measurements,
        metrics=costs.quantities,
        counts=costs.counts.summary() if costs.counts else {},
        profile=costs.profile.record() if costs.profile else None,
        measured_again=costs.measured_again,
        uncertain=tuple(costs.uncertain),
        notes=tuple(costs.notes),
    )


def _rejection(costs: Costs, settings: Settings) -> str:
    """Why the network is not trained; "" if every budget known by now is met."""
    over = [
        f"{name} {shown_cost(name, value, costs.quantities[name].std_error)} "
        f"is over the budget of {shown_bound(name, limit)}"
        for name, value, limit in budget.broken(costs.values, settings.constraints)
    ]
    return f"rejected before training: {', '.join(over)}" if over else ""


def _train(
    network: Network, settings: Settings, job_id: int, measurements: Measurements
) -> tuple[TrainResult, Measurements]:
    """Trains the network, prints each epoch, and adds the results."""
    print(f"training: {settings.epochs} epochs; validation: {network.split}", flush=True)
    with PeakMemory() as peak:
        result = network.train(
            settings.epochs,
            job_seed(settings.seed, job_id),
            say=lambda line: print(line, flush=True),
        )
    images = len(network.y_val)
    error = Quantity(
        result.error,
        std_error=sampling_error(result.error, images),
        samples=images,
        unit="%",
        source=f"validation set after epoch {result.epochs}",
    )
    return result, replace(
        measurements,
        outcome=_outcome(result, settings.epochs),
        metrics={**measurements.metrics, "error": error},
        training_memory=None if peak.reading is None else peak.reading.quantity(),
        epochs=result.epochs,
        history={name: tuple(values) for name, values in result.history.items()},
    )


def _outcome(result: TrainResult, epochs: int) -> Outcome:
    if result.reason:
        return Outcome.DIVERGED
    return Outcome.TRAINED if result.epochs >= epochs else Outcome.STOPPED


def _keep(
    experiment: Experiment,
    settings: Settings,
    job_id: int,
    measurements: Measurements,
    network: Network,
) -> Measurements:
    """Keeps the network as files if it is the best so far, and adds its test error."""
    candidate = Candidate(job_id, _values(settings, measurements), measurements)
    test_error = keep_if_best(experiment, settings, candidate, network)
    if test_error is None:
        return replace(measurements, best=False)
    print(f"best network so far; test error: {test_error:.2f} %")
    return replace(measurements, best=True, test_error=test_error)


def _values(settings: Settings, measurements: Measurements) -> dict[str, float]:
    """The job's value for each task of the optimiser; NaN for what is unknown."""
    known = {name: quantity.value for name, quantity in measurements.metrics.items()}
    values = {settings.optimize: known.get(settings.optimize, math.nan)}
    for name, bound in settings.constraints.items():
        values[name] = budget.margin(bound, known.get(name))
    return values


class _Stopwatch:
    """Duration of each part of the evaluation, in seconds."""

    def __init__(self) -> None:
        self._began = time.time()
        self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Keeps the time since the last lap."""
        now = time.monotonic()
        self.seconds[name] = now - self._last
        self._last = now

    def mark(self, name: str, moment: float | None) -> None:
        """Keeps the time from the beginning to a moment of `time.time()`, if there is one."""
        if moment is not None:
            self.seconds[name] = moment - self._began
