"""One evaluation: a job's hyper-parameters become a network, its costs and its error."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hwsearch.errors import UserError
from hwsearch.evaluation.after_training import (
    keep,
    train,
    validation_errors,
    with_training,
    with_training_costs,
)
from hwsearch.evaluation.before_training import (
    check_device,
    keep_profile,
    measure,
    rejection_of,
    tell,
    tell_predicted,
    with_costs,
)
from hwsearch.evaluation.deferring import could_be_best, predicted
from hwsearch.evaluation.errors import EvaluationError, TemplateFaultError
from hwsearch.evaluation.job import Evaluation, Job, values_of
from hwsearch.evaluation.measured_before import measured_before
from hwsearch.evaluation.preparing import described, render
from hwsearch.evaluation.segments import Pauses, noted
from hwsearch.evaluation.trained_before import forget_trained, keep_trained, trained_before
from hwsearch.experiment import Experiment, failures
from hwsearch.experiment.keep_best import retract
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome
from hwsearch.network.errors import explained, without_numbering
from hwsearch.network.fitting.one_step import train_one_step
from hwsearch.network.fitting.out_of_memory import is_out_of_memory
from hwsearch.network.network import Network
from hwsearch.printing import one_line
from hwsearch.template import Template
from hwsearch.trial import always_fails

#: Parts of an evaluation; after each but the last, a job has more measurements. A network that is
#: trained first may be measured in the last one.
_PARTS = ("building", "measuring", "training", "measuring")


def evaluate(
    experiment: Experiment,
    settings: Settings,
    template: Template,
    job_id: int,
    params: Mapping[str, Any],
    until: float = 1.0,
    expected: Mapping[str, Any] | None = None,
    ahead: Callable[[bool], None] | None = None,
) -> Evaluation:
    """Renders, counts and measures a network; trains it unless a bound is already exceeded.

    If no metric of the search needs a training, none is trained. A network that meets the bounds
    almost certainly is trained first, and measured only if it could be the best (`deferring`).

    Args:
        experiment: The experiment.
        settings: Those of its run.
        template: That of its run.
        job_id: The job's number.
        params: Its hyper-parameters.
        until: With `settings.stop`, the share of the training after which it is paused.
        expected: What the optimiser expects of predicted constraints; None = nothing.
        ahead: Is told whether the optimiser may build other networks meanwhile; None = nobody is.

    Raises:
        EvaluationError: The network cannot be built, measured or trained.
    """
    job = Job(experiment, settings, template, job_id, params, until, expected or {}, ahead)
    found = _result(job)
    if found.measurements.best is None and not found.paused:  # it cannot be the best one
        retract(experiment, settings, job_id)
    return found


def _result(job: Job) -> Evaluation:
    try:
        return _evaluate(job)
    except EvaluationError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            return _out_of_memory(job, error)
        if not isinstance(error, UserError):
            raise
        reason = job.in_template(error)
        fault = TemplateFaultError if _is_hopeless(job, reason) else EvaluationError
        raise fault(reason) from error


def _evaluate(job: Job) -> Evaluation:
    stopwatch = job.stopwatch
    render(job)
    network = Network.from_script(
        job.script,
        job.seed,
        job.settings.seed,
        scored="error" in job.settings.metrics,
        validation_split=job.settings.validation_split,
    )
    network.notes = [job.in_template(note) for note in network.notes]
    pauses = Pauses.of(job, network)
    for note in network.notes:
        print(f"note: {one_line(note)}")
    stopwatch.lap("build")
    before = trained_before(job, network)
    if before is not None:
        return _not_trained_again(job, network, *before)
    measurements = None if pauses is None else pauses.measured()
    if measurements is None:
        measurements, rejection = _measured(job, network)
        if rejection:
            print(rejection)
            measurements = replace(
                measurements, outcome=Outcome.REJECTED, seconds=stopwatch.seconds
            )
            if job.settings.needs_training:
                _try_training(job, network)
            return Evaluation(values_of(job.settings, measurements), measurements, rejection)
    else:
        job.known.extend([measurements, measurements])
    if not job.settings.needs_training:
        return _not_trained(job, measurements, network)
    if pauses is not None:
        known = pauses.known()
        if known is not None:
            return pauses.evaluation(measurements, known)
        pauses.prepare(measurements)
    if network.seems_to_train_others:  # found now, not after the training of the first model
        _try_training(job, network)
    return _trained(job, network, measurements, pauses)


def _measured(job: Job, network: Network) -> tuple[Measurements, str]:
    """What is known before a training, and why there will be none; "" if there will be one."""
    measurements = described(job, network)
    job.known.append(measurements)
    costs = measured_before(job, network)
    later = {} if costs is not None else predicted(job)
    if costs is None:
        costs = measure(network, job, later)
    tell(costs, job, costs.quantities)
    keep_profile(job, network, costs)
    check_device(job, costs)
    measurements = with_costs(measurements, costs)
    rejection = rejection_of(costs, job.settings)
    if later and not rejection:
        measurements = replace(measurements, predicted=later)
        tell_predicted(later, job)
    job.known.append(measurements)
    job.stopwatch.lap("measure")
    return measurements, rejection


def _measured_after(job: Job, network: Network, measurements: Measurements) -> Measurements:
    """Measures a network that was trained first, if it could be the best one."""
    left = measurements.unmeasured
    # Only a job that was told what is expected may leave its costs open.
    if not left or (job.expected and not could_be_best(job, measurements)):
        return measurements
    print(f"{' and '.join(left)}: measured now, since this network could be the best", flush=True)
    job.known.append(measurements)
    job.allow_other_work(False)
    costs = measure(network, job, {})
    tell(costs, job, left)
    keep_profile(job, network, costs)
    check_device(job, costs)
    measured = with_costs(measurements, costs)
    job.stopwatch.lap("measure")
    return replace(
        measured,
        metrics={**measurements.metrics, **costs.quantities},
        notes=tuple(dict.fromkeys(measured.notes)),
    )


def _trained(
    job: Job, network: Network, measurements: Measurements, pauses: Pauses | None
) -> Evaluation:
    """Trains a network, to its end or to a pause."""
    stopwatch = job.stopwatch
    job.allow_other_work(True)
    result, memory = train(network, job, pauses)
    job.experiment.note_trainable(job.settings.experiment_name, to_the_end=True)
    stopwatch.lap("train")
    if pauses is None or pauses.began is None:  # else it was in another process
        stopwatch.mark("before_first_step", result.first_step)
    if pauses is not None:
        if pauses.is_paused:
            return pauses.evaluation(measurements, result)
        measurements = noted(pauses.obstacle, measurements)
    planned = network.planned_epochs(job.settings.epochs)
    errors = validation_errors(job.settings, result, network)
    measurements = with_training(measurements, result, planned, network, errors)
    measurements = with_training_costs(measurements, result, memory)
    if measurements.unmeasured and result.kept_epoch:
        keep_trained(job, network, measurements, result.reason)
    evaluation = _ended(job, network, measurements, result.reason)
    if pauses is not None:
        pauses.forget()
    return evaluation


def _not_trained_again(
    job: Job, network: Network, measurements: Measurements, reason: str
) -> Evaluation:
    """Measures a network that was trained before, by the same job."""
    print(f"trained before: {measurements.epochs} epochs; its training is not repeated")
    job.known.extend([measurements, measurements])
    return _ended(job, network, measurements, reason)


def _ended(job: Job, network: Network, measurements: Measurements, reason: str) -> Evaluation:
    """The results of a network whose training has ended, for some `reason` or as planned."""
    if measurements.kept_epoch:
        measurements = _measured_after(job, network, measurements)
    reason = reason or _unknown(job.settings, measurements)
    if reason:
        print(one_line(reason))
    if measurements.kept_epoch:
        measurements = keep(job, measurements, network)
        if measurements.predicted and not measurements.unmeasured:
            forget_trained(job)
    job.stopwatch.lap("keep")
    measurements = replace(measurements, seconds=job.stopwatch.seconds)
    return Evaluation(values_of(job.settings, measurements), measurements, reason)


def _not_trained(job: Job, measurements: Measurements, network: Network) -> Evaluation:
    """The results of a network in a search whose metrics are all known before training."""
    job.experiment.note_trainable(job.settings.experiment_name, to_the_end=True)
    print("not trained: no metric of the search needs a training")
    measurements = replace(measurements, outcome=Outcome.MEASURED)
    reason = _unknown(job.settings, measurements)
    if not reason:
        measurements = keep(job, measurements, network)
    measurements = replace(measurements, seconds=job.stopwatch.seconds)
    return Evaluation(values_of(job.settings, measurements), measurements, reason)


def _is_hopeless(job: Job, reason: str) -> bool:
    """Whether no network of the run was trained so far, and others fail for the same reason."""
    run = job.settings.experiment_name
    # A fault of the building shows in other networks below. One of a whole training does not.
    was_trained = len(job.known) == _PARTS.index("training")
    with contextlib.suppress(OSError):  # a full disk is reported where it matters
        if was_trained and failures.all_alike(
            job.experiment, run, job.id, without_numbering(reason)
        ):
            return True
    if job.experiment.is_trainable(run):
        return False
    return always_fails(
        job.template,
        job.experiment.template,
        job.seed,
        reason,
        scored="error" in job.settings.metrics,
        reported=job.settings.reported,
        validation_split=job.settings.validation_split,
    )


def _try_training(job: Job, network: Network) -> None:
    """Trains a network for a step if none was trained before: can it be done at all?

    Raises:
        TemplateFaultError: No network can be trained.
    """
    run = job.settings.experiment_name
    if job.experiment.is_trainable(run):
        return
    try:
        train_one_step(network, job.seed, job.settings.reported)
    except UserError as error:
        reason = job.in_template(error)
        if _is_hopeless(job, reason):
            raise TemplateFaultError(reason) from error
    else:
        job.experiment.note_trainable(run)


def _unknown(settings: Settings, measurements: Measurements) -> str:
    """Why a trained network has no value for a task; "" if it has all."""
    values = values_of(settings, measurements)
    missing = [
        name
        for name in settings.metrics
        if math.isnan(values[name]) and name not in measurements.unmeasured
    ]
    verb = "is" if len(missing) == 1 else "are"
    when = " after training" if settings.needs_training else ""
    return f"{' and '.join(missing)} {verb} NaN{when}" if missing else ""


def _out_of_memory(job: Job, error: Exception) -> Evaluation:
    """The results of a network that needs more memory than there is: what was known before."""
    known = job.known[-1] if job.known else Measurements()
    part = _PARTS[len(job.known)]
    cause = job.in_template(error) if isinstance(error, UserError) else explained(error)
    reason = one_line(f"out of memory in {part}: {cause}")
    print(reason)
    measurements = replace(
        known, outcome=Outcome.OUT_OF_MEMORY, predicted={}, seconds=job.stopwatch.seconds
    )
    return Evaluation(values_of(job.settings, measurements), measurements, reason)
