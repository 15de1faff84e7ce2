"""One evaluation: a job's hyper-parameters become a network, its costs and its error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch import budget
from hwsearch.atomic_files import write_atomic
from hwsearch.costs import Costs, costs_of
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.first_device import first_device, same_kind
from hwsearch.experiment.keep_best import Candidate, keep_if_best
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import bound as shown_bound
from hwsearch.formatting import cost as shown_cost
from hwsearch.formatting import violation
from hwsearch.keras_runtime import versions
from hwsearch.measurements import Measurements, Outcome, Quantity
from hwsearch.measuring.peak_memory import PeakMemory
from hwsearch.measuring.stopwatch import Stopwatch
from hwsearch.metrics import METRICS, VALIDATION, is_metric
from hwsearch.network import imports, rendered_script
from hwsearch.network.bootstrap import std_errors
from hwsearch.network.errors import NetworkError, explained
from hwsearch.network.network import Network
from hwsearch.network.one_step import train_one_step
from hwsearch.network.out_of_memory import is_out_of_memory
from hwsearch.network.scoring import sampling_error
from hwsearch.network.time_limit import TimeLimit
from hwsearch.network.training import TrainResult
from hwsearch.printing import one_line
from hwsearch.template import Template
from hwsearch.trial import always_fails


class EvaluationError(UserError):
    """A job cannot be evaluated. The message is one line, the same for all jobs with this fault.

    Attributes:
        user_message: Part of the interface between objective and optimiser: if it is true, the
            text is shown without a traceback.
    """

    user_message = True


class TemplateFaultError(EvaluationError):
    """No network of the template can be evaluated.

    Attributes:
        experiment_fault: Part of the agreement too: the search ends.
    """

    experiment_fault = True


class MachineError(EvaluationError):
    """The machine does not allow a job to begin, for example since its disk is full.

    Attributes:
        machine_fault: Part of the agreement too: the job is put back, and is not to blame.
    """

    machine_fault = True


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of a job.

    Attributes:
        values: By task: the objective's metric as measured, negated if it is maximised; constraints
            as `budget.margin` gives them; NaN for what is unknown.
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


def evaluate(
    experiment: Experiment,
    settings: Settings,
    template: Template,
    job_id: int,
    params: Mapping[str, Any],
) -> Evaluation:
    """Renders, counts and measures a network; trains it unless a bound is already exceeded.

    If no metric of the search needs a training, none is trained.

    Raises:
        EvaluationError: The network cannot be built, measured or trained.
    """
    job = _Job(experiment, settings, template, job_id, params)
    try:
        return _evaluate(job)
    except EvaluationError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            return _out_of_memory(job, error)
        if not isinstance(error, UserError):
            raise
        reason = rendered_script.in_template(error, job.script, template)
        fault = TemplateFaultError if _is_hopeless(job, reason) else EvaluationError
        raise fault(reason) from error


@dataclass(frozen=True, slots=True)
class _Job:
    """What the evaluation of a job needs.

    Attributes:
        stopwatch: Runs from its beginning.
        known: Its measurements after each part of the evaluation.
    """

    experiment: Experiment
    settings: Settings
    template: Template
    id: int
    params: Mapping[str, Any]
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    known: list[Measurements] = field(default_factory=list)

    @property
    def seed(self) -> int:
        """The seed of the network's weights and of its training."""
        return job_seed(self.settings.seed, self.id)

    @property
    def script(self) -> Path:
        """The rendered script."""
        return self.experiment.rendered(self.id)


def _evaluate(job: _Job) -> Evaluation:
    stopwatch = job.stopwatch
    _render(job)
    network = Network.from_script(
        job.script,
        job.seed,
        job.settings.seed,
        scored="error" in job.settings.metrics,
        validation_split=job.settings.validation_split,
    )
    for note in network.notes:
        print(f"note: {one_line(note)}")
    measurements = _described(job, network)
    job.known.append(measurements)
    stopwatch.lap("build")

    costs = _measure(network, job.settings)
    _check_device(job, costs)
    measurements = _with_costs(measurements, costs)
    job.known.append(measurements)
    stopwatch.lap("measure")

    if rejection := _rejection(costs, job.settings):
        print(rejection)
        measurements = replace(measurements, outcome=Outcome.REJECTED, seconds=stopwatch.seconds)
        if job.settings.needs_training:
            _try_training(job, network)
        return Evaluation(_values(job.settings, measurements), measurements, rejection)
    if not job.settings.needs_training:
        return _not_trained(job, measurements, network)

    result, memory = _train(network, job)
    job.experiment.note_trainable(job.settings.experiment_name)
    stopwatch.lap("train")
    stopwatch.mark("before_first_step", result.first_step)
    planned = network.planned_epochs(job.settings.epochs)
    errors = _validation_errors(job.settings, result, network)
    measurements = _with_training(measurements, result, planned, network, errors)
    measurements = _with_training_costs(measurements, result, memory)
    reason = result.reason or _unknown(job.settings, measurements)
    if reason:
        print(one_line(reason))
    if result.kept_epoch:
        measurements = _keep(job, measurements, network)
    stopwatch.lap("keep")
    measurements = replace(measurements, seconds=stopwatch.seconds)
    return Evaluation(_values(job.settings, measurements), measurements, reason)


def _not_trained(job: _Job, measurements: Measurements, network: Network) -> Evaluation:
    """The results of a network in a search whose metrics are all known before training."""
    job.experiment.note_trainable(job.settings.experiment_name)
    print("not trained: no metric of the search needs a training")
    measurements = replace(measurements, outcome=Outcome.MEASURED)
    reason = _unknown(job.settings, measurements)
    if not reason:
        measurements = _keep(job, measurements, network)
    measurements = replace(measurements, seconds=job.stopwatch.seconds)
    return Evaluation(_values(job.settings, measurements), measurements, reason)


def _is_hopeless(job: _Job, reason: str) -> bool:
    """Whether no network of the run was trained so far, and others fail for the same reason."""
    if job.experiment.is_trainable(job.settings.experiment_name):
        return False
    return always_fails(
        job.template,
        job.experiment.template,
        job.seed,
        reason,
        scored="error" in job.settings.metrics,
        reported=job.settings.reported,
    )


def _try_training(job: _Job, network: Network) -> None:
    """Trains a rejected network for a step if none was trained before: can it be done at all?

    Raises:
        TemplateFaultError: No network can be trained.
    """
    run = job.settings.experiment_name
    if job.experiment.is_trainable(run):
        return
    try:
        train_one_step(network, job.seed, job.settings.reported)
    except UserError as error:
        reason = rendered_script.in_template(error, job.script, job.template)
        if _is_hopeless(job, reason):
            raise TemplateFaultError(reason) from error
    else:
        job.experiment.note_trainable(run)


def _unknown(settings: Settings, measurements: Measurements) -> str:
    """Why a trained network has no value for a task; "" if it has all."""
    values = _values(settings, measurements)
    missing = [name for name in settings.metrics if math.isnan(values[name])]
    verb = "is" if len(missing) == 1 else "are"
    when = " after training" if settings.needs_training else ""
    return f"{' and '.join(missing)} {verb} NaN{when}" if missing else ""


def _out_of_memory(job: _Job, error: Exception) -> Evaluation:
    """The results of a network that needs more memory than there is: what was known before."""
    known = job.known[-1] if job.known else Measurements()
    part = ("building", "measuring", "training")[len(job.known)]
    cause = (
        rendered_script.in_template(error, job.script, job.template)
        if isinstance(error, UserError)
        else explained(error)
    )
    reason = one_line(f"out of memory in {part}: {cause}")
    print(reason)
    measurements = replace(known, outcome=Outcome.OUT_OF_MEMORY, seconds=job.stopwatch.seconds)
    return Evaluation(_values(job.settings, measurements), measurements, reason)


def _render(job: _Job) -> None:
    """Writes the job's script, which runs by itself and builds the same network each time.

    Raises:
        MachineError: It cannot be written.
    """
    text = rendered_script.standalone(
        job.template.render(job.params),
        home=job.experiment.template,
        seed=job.seed,
        title=f"job {job.id} of {job.settings.experiment_name}",
    )
    try:
        job.script.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(job.script, text.encode(job.template.encoding))
    except OSError as error:
        place = one_line(job.script)
        raise MachineError(f"{place}: cannot be written: {error.strerror}") from error
    print(f"script: {one_line(job.script)}")


def _described(job: _Job, network: Network) -> Measurements:
    """What is known before anything is measured."""
    return Measurements(
        script=job.script.relative_to(job.experiment.folder).as_posix(),
        hyperparameters=job.template.active_values(job.params),
        seed=job.seed,
        batch_size=network.batch_size,
        notes=(*network.notes, *_changed_modules(job)),
        validation=network.split,
        versions=versions(),
    )


def _changed_modules(job: _Job) -> tuple[str, ...]:
    """Notes about modules beside the template that are not as they were when the run began."""
    before = job.experiment.load_modules()
    if before is None:
        return ()
    now = imports.own_texts(job.template.python(), job.experiment.template.parent)
    notes = [
        f"{name} {what} since the run began" for name, what in imports.differences(before, now)
    ]
    for note in notes:
        print(f"note: {one_line(note)}")
    return tuple(notes)


def _measure(network: Network, settings: Settings) -> Costs:
    """Computes and measures what must be known before training, and prints it."""
    names = settings.known_before_training
    bounds = {name: bound for name, bound in settings.constraints.items() if name in names}
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
        print(f"note: {one_line(note)}")
    return costs


def _check_device(job: _Job, costs: Costs) -> None:
    """Checks that the network was measured on the same model of device as the run's first one.

    Raises:
        MachineError: It was not: its costs and those of the others cannot be compared.
    """
    if costs.profile is None or job.settings.mixed_devices:
        return
    device = asdict(costs.profile.device)
    try:
        first = first_device(job.experiment, job.settings.experiment_name, device)
    except OSError as error:
        place = one_line(job.experiment.device_file)
        raise MachineError(f"{place}: cannot be written: {error.strerror}") from error
    if not same_kind(first, device):
        raise MachineError(
            f"measured on {one_line(device['name'])}, the first network of this run on "
            f"{one_line(first.get('name'))}, so that their costs cannot be compared; expected one "
            "model of device for all jobs, or --mixed_devices"
        )


def _with_costs(measurements: Measurements, costs: Costs) -> Measurements:
    return replace(
        measurements,
        metrics=costs.quantities,
        counts=costs.counts.summary() if costs.counts else {},
        profile=costs.profile.record() if costs.profile else None,
        measured_again=costs.measured_again,
        uncertain=tuple(costs.uncertain),
        notes=(*measurements.notes, *costs.notes),
    )


def _rejection(costs: Costs, settings: Settings) -> str:
    """Why the network is not trained; "" if no bound is exceeded so far."""
    over = [
        f"{name} {violation(name, value, costs.quantities[name].std_error, limit)}"
        for name, value, limit in budget.broken(costs.values, settings.constraints)
    ]
    return f"rejected before training: {', '.join(over)}" if over else ""


def _train(network: Network, job: _Job) -> tuple[TrainResult, Quantity | None]:
    """Trains the network and prints each epoch.

    Returns:
        The result, and the peak memory if the device reports it.

    Raises:
        NetworkError: The memory is wanted, but the device does not report it.
    """
    if "training_memory" in job.settings.metrics:
        with PeakMemory() as nothing:
            pass
        if nothing.reading is None:
            raise NetworkError("training_memory: this device does not report the memory in use")
    epochs = job.settings.epochs
    planned = network.planned_epochs(epochs)
    length = "as long as the script does" if planned is None else f"{planned} epochs"
    print(f"training: {length}; validation: {network.split}", flush=True)
    monitor, mode = job.settings.monitor
    limit_s = job.settings.train_timeout
    limit = None if limit_s is None else TimeLimit(limit_s)
    with PeakMemory() as peak:
        result = network.train(
            epochs,
            job.seed,
            callbacks=() if limit is None else (limit,),
            say=lambda line: print(line, flush=True),
            monitor=monitor,
            mode=mode,
            keep_best=not job.settings.last_epoch,
            reported=job.settings.reported,
        )
    if limit is not None and limit.struck and not result.reason:
        result.reason = (
            f"training was ended after {limit_s:g} s (--train_timeout) in epoch {limit.struck}"
        )
    if result.kept_epoch and result.kept_epoch != result.epochs:
        print(f"the weights of epoch {result.kept_epoch}, the best, are kept")
    return result, None if peak.reading is None else peak.reading.quantity()


def _validation_errors(
    settings: Settings, result: TrainResult, network: Network
) -> Mapping[str, float]:
    """Standard errors of the metrics of the run that Keras has reported of the kept weights."""
    names = [name for name in settings.reported if name in result.metrics]
    if not (names and result.kept_epoch and network.validation):
        return {}
    reported = {name.removeprefix(VALIDATION): result.metrics[name] for name in names}
    found = std_errors(network.model, network.validation, reported)
    return {f"{VALIDATION}{name}": value for name, value in found.items()}


def _with_training(
    measurements: Measurements,
    result: TrainResult,
    planned: int | None,
    network: Network,
    errors: Mapping[str, float],
) -> Measurements:
    if not result.kept_epoch:
        outcome = Outcome.DIVERGED
    else:
        ended = result.reason or result.epochs < (planned or 0)
        outcome = Outcome.STOPPED if ended else Outcome.TRAINED
    place = f"validation set after epoch {result.kept_epoch or result.epochs}"
    metrics = dict(measurements.metrics)
    if "error" in result.history:
        images = network.validation_count
        known = network.scoring is not None and images
        metrics["error"] = Quantity(
            result.error,
            std_error=sampling_error(result.error, images or 0) if known else math.nan,
            samples=images or 0,
            unit=METRICS["error"].unit,
            source=place,
        )
    for name, value in result.metrics.items():
        if name != "error" and is_metric(name):
            std_error = errors.get(name, math.nan)
            samples = 0 if math.isnan(std_error) else network.validation_count or 0
            metrics[name] = Quantity(value, std_error, samples=samples, source=place)
    return replace(
        measurements,
        outcome=outcome,
        metrics=metrics,
        epochs=result.epochs,
        kept_epoch=result.kept_epoch or None,
        history={name: tuple(values) for name, values in result.history.items()},
    )


def _with_training_costs(
    measurements: Measurements, result: TrainResult, memory: Quantity | None
) -> Measurements:
    """Adds time and memory of the training."""
    time_s = Quantity(
        result.seconds, samples=1, unit=METRICS["training_time"].unit, source="clock of the host"
    )
    metrics = {**measurements.metrics, "training_time": time_s}
    if memory is not None:
        metrics["training_memory"] = memory
    return replace(measurements, metrics=metrics, training_memory=memory)


def _keep(job: _Job, measurements: Measurements, network: Network) -> Measurements:
    """Keeps the network as files if it is the best so far, and adds its test error."""
    candidate = Candidate(job.id, _values(job.settings, measurements), measurements)
    test_error = keep_if_best(job.experiment, job.settings, candidate, network)
    if test_error is None:
        return replace(measurements, best=False)
    known = "" if math.isnan(test_error) else f"; test error: {test_error:.2f} %"
    print(f"best network so far{known}")
    return replace(measurements, best=True, test_error=test_error)


def _values(settings: Settings, measurements: Measurements) -> dict[str, float]:
    """The job's value for each task of the optimiser; NaN for what is unknown."""
    known = {name: quantity.value for name, quantity in measurements.metrics.items()}
    objective = known.get(settings.optimize, math.nan)
    values = {settings.optimize: budget.minimised(objective, settings.maximize)}
    for name, bound in settings.constraints.items():
        values[name] = budget.margin(bound, known.get(name))
    return values
