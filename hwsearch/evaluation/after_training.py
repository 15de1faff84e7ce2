"""The training of a job's network, and what is known after it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from hwsearch.evaluation.job import Job, values_of
from hwsearch.evaluation.segments import Pauses
from hwsearch.experiment.keep_best import Candidate, keep_if_best
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome, Quantity
from hwsearch.measurements.fold import spread, std_error
from hwsearch.measuring.peak_memory import PeakMemory
from hwsearch.metrics import METRICS, VALIDATION, is_metric
from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting.time_limit import TimeLimit
from hwsearch.network.fitting.train_result import TrainResult
from hwsearch.network.network import Network
from hwsearch.network.scores.bootstrap import std_errors
from hwsearch.network.scores.scoring import sampling_error
from hwsearch.printing import one_line


def train(
    network: Network, job: Job, pauses: Pauses | None = None
) -> tuple[TrainResult, Quantity | None]:
    """Trains the network, from where it was paused, and prints each epoch.

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
    print(f"training: {network.length(epochs)}; validation: {network.split}", flush=True)
    monitor, mode = job.settings.monitor
    limit_s = job.settings.train_timeout
    limit = None if limit_s is None else _limit(limit_s, pauses)
    with PeakMemory() as peak:
        result = network.train(
            epochs,
            job.seed,
            callbacks=() if limit is None else (limit,),
            say=lambda line: print(job.in_template(line), flush=True),
            monitor=monitor,
            mode=mode,
            keep_best=not job.settings.last_epoch,
            reported=job.settings.reported,
        )
    if pauses is not None and pauses.began is not None:
        result.seconds += pauses.began.seconds
    if limit is not None and limit.struck and not result.reason:
        result.reason = (
            f"training was ended after {limit_s:g} s (--train_timeout) in epoch {limit.struck}"
        )
    if result.folds:
        _print_folds(result, monitor)
    elif result.kept_epoch and result.kept_epoch != result.epochs:
        print(f"the weights of the best epoch, {result.kept_epoch}, are kept")
    return result, None if peak.reading is None else peak.reading.quantity()


def _print_folds(result: TrainResult, name: str) -> None:
    """Prints what the search gets of a cross-validation."""
    values = [fold.metrics.get(name, math.nan) for fold in result.folds]
    unit = f" {METRICS[name].unit}" if name in METRICS and METRICS[name].unit else ""
    each = ", ".join(f"{value:.4g}" for value in values)
    print(f"{name} of the {len(values)} folds: {each}{unit}")
    if result.kept_epoch:
        error = std_error(result.folds, name)
        shown = "" if math.isnan(error) else f" ± {error:.2g}"
        print(f"mean of the folds: {name} {result.metrics.get(name, math.nan):.4g}{shown}{unit}")


def _limit(seconds: float, pauses: Pauses | None) -> TimeLimit:
    """The limit of a training, of which an earlier process may have used a part."""
    if pauses is None or pauses.began is None:
        return TimeLimit(seconds)
    return TimeLimit(max(seconds - pauses.began.seconds, 0.0), pauses.began.epoch)


def validation_errors(
    settings: Settings, result: TrainResult, network: Network
) -> Mapping[str, float]:
    """Standard errors of the metrics of the run that Keras has reported of the kept weights."""
    names = [name for name in settings.reported if name in result.metrics]
    if len(result.folds) > 1 or not (names and result.kept_epoch and network.validation):
        return {}
    reported = {name.removeprefix(VALIDATION): result.metrics[name] for name in names}
    found = std_errors(network.model, network.validation, reported)
    return {f"{VALIDATION}{name}": value for name, value in found.items()}


def with_training(
    measurements: Measurements,
    result: TrainResult,
    planned: int | None,
    network: Network,
    errors: Mapping[str, float],
) -> Measurements:
    """Adds outcome, metrics and history of a training.

    Args:
        measurements: What was known before.
        result: Of the training.
        planned: Its epochs; None if the script's own function decides.
        network: What was trained.
        errors: Standard errors of `val_*` metrics.
    """
    if not result.kept_epoch:
        outcome = Outcome.DIVERGED
    else:
        ended = result.reason or result.epochs < (planned or 0)
        outcome = Outcome.STOPPED if ended else Outcome.TRAINED
    folds = result.folds if len(result.folds) > 1 else ()
    place = f"validation set after epoch {result.kept_epoch or result.epochs}"
    if folds:
        place = f"mean of {len(folds)} folds, of the rows that each leaves out"
    metrics = dict(measurements.metrics)
    if "error" in result.history:
        images = _rows(result, network)
        known = network.scoring is not None and images
        binomial = sampling_error(result.error, images or 0) if known else math.nan
        metrics["error"] = Quantity(
            result.error,
            std_error=std_error(folds, "error") if folds else binomial,
            std=spread(folds, "error"),
            samples=images or 0,
            unit=METRICS["error"].unit,
            source=place,
        )
    for name, value in result.metrics.items():
        if name != "error" and is_metric(name):
            error = std_error(folds, name) if folds else errors.get(name, math.nan)
            samples = 0 if math.isnan(error) else _rows(result, network) or 0
            std = spread(folds, name)
            metrics[name] = Quantity(value, error, std, samples=samples, source=place)
    return replace(
        measurements,
        outcome=outcome,
        metrics=metrics,
        epochs=result.epochs,
        kept_epoch=result.kept_epoch or None,
        history={name: tuple(values) for name, values in result.history.items()},
        folds=result.folds,
    )


def _rows(result: TrainResult, network: Network) -> int | None:
    """Rows that a network was judged on, in all folds together; None if that is unknown."""
    if not result.folds:
        return network.validation_count
    rows = [fold.rows for fold in result.folds if fold.rows is not None]
    return sum(rows) if len(rows) == len(result.folds) else None


def with_training_costs(
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


def keep(job: Job, measurements: Measurements, network: Network) -> Measurements:
    """Keeps the network as files if it is the best so far, and adds its test error."""
    candidate = Candidate(job.id, values_of(job.settings, measurements), measurements)
    before = len(network.notes)
    test_error = keep_if_best(job.experiment, job.settings, candidate, network)
    for note in network.notes[before:]:
        print(f"note: {one_line(note)}")
    if test_error is None:
        return replace(measurements, best=False)
    known = "" if math.isnan(test_error) else f"; test error: {test_error:.2f} %"
    what = "kept for the Pareto front" if job.settings.has_front else "best network so far"
    print(f"{what}{known}")
    return replace(measurements, best=True, test_error=test_error)
