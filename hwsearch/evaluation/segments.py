"""A job whose training is paused and continued: what is kept, and what the optimiser gets of it."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hwsearch import budget
from hwsearch.evaluation.job import Evaluation, Job, values_of
from hwsearch.experiment.settings import Settings
from hwsearch.keras_runtime import versions
from hwsearch.measurements import Measurements, Outcome
from hwsearch.metrics import metric
from hwsearch.network.fitting.train_result import TrainResult
from hwsearch.network.network import Network
from hwsearch.pausing.errors import CannotPauseError
from hwsearch.pausing.obstacles import obstacle
from hwsearch.pausing.segment import Segment
from hwsearch.pausing.state import State
from hwsearch.pausing.store import Store
from hwsearch.printing import one_line

#: Of the files of paused trainings, if --paused_size is not given.
MOST_BYTES = 2 * 2**30


@dataclass(slots=True)
class Pauses:
    """The pauses of a job's training.

    Attributes:
        job: The job.
        network: What is trained.
        planned: Epochs of the whole training.
        began: Where it was paused before; None = it begins.
    """

    job: Job
    network: Network
    planned: int
    began: State | None

    @classmethod
    def of(cls, job: Job, network: Network) -> Pauses | None:
        """The pauses of a job; None if the training is not paused, with a note of the network."""
        if job.settings.stop == "off" or not job.settings.needs_training:
            return None
        planned = network.planned_epochs(job.settings.epochs)
        reason = obstacle(network)
        if not metric(job.settings.optimize).is_quality:
            reason = f"{job.settings.optimize} does not follow from a training"
        if reason or planned is None:
            network.notes.append(_not_paused(reason))
            return None
        state = State.read(_store(job).path(job.id), state_key(job, planned))
        return cls(job, network, planned, state)

    @property
    def until(self) -> int:
        """The epochs after which it is paused; at least `planned` means that it is not."""
        return max(1, round(self.job.until * self.planned))

    def measured(self) -> Measurements | None:
        """What was known before the training; None if the training begins."""
        if self.began is None:
            return None
        self.job.stopwatch.go_on(self.began.before["seconds"] | {"train": self.began.seconds})
        found = Measurements.from_json(json.loads(self.began.before["measurements"]))
        print(f"the training continues after epoch {self.began.epoch} of {self.planned}")
        return found

    def prepare(self, measurements: Measurements) -> None:
        """Lets the network be trained in segments.

        Args:
            measurements: What is known before the training.
        """
        known = self.job.stopwatch.seconds
        before = {
            "measurements": json.dumps(measurements.to_json()),
            "seconds": {name: value for name, value in known.items() if name != "train"},
        }
        key = state_key(self.job, self.planned)
        self.network.fitting = Segment(
            self.job.seed, self.until, self._keep, key, before, self.began
        )

    def _keep(self, state: State) -> None:
        """Writes the state.

        Raises:
            CannotPauseError: It is too large, or cannot be written.
        """
        store = _store(self.job)
        try:
            kept = store.keep(self.job.id, state.to_bytes())
        except OSError as error:
            raise CannotPauseError(
                f"{store.path(self.job.id)}: cannot be written: {error.strerror}"
            ) from error
        if not kept:
            raise CannotPauseError(f"its state is larger than {store.limit}")

    def known(self) -> TrainResult | None:
        """The result so far, if the training has already come as far as it is to come."""
        if self.began is None or self.began.epoch < self.until:
            return None
        return TrainResult(**self.began.report["result"])

    @property
    def is_paused(self) -> bool:
        """Whether the training was paused, after it was prepared."""
        return self.network.fitting is not None and self.network.fitting.paused

    @property
    def obstacle(self) -> str:
        """Why it could not be paused where it should have been, as a note; "" if it could."""
        segment = self.network.fitting
        return _not_paused(segment.obstacle) if isinstance(segment, Segment) else ""

    def forget(self) -> None:
        """Removes the state, after the end of the training."""
        _store(self.job).forget(self.job.id)

    def evaluation(self, measurements: Measurements, result: TrainResult) -> Evaluation:
        """What the optimiser gets of a paused job.

        Args:
            measurements: What was known before the training.
            result: Of its epochs so far.
        """
        done = result.epochs
        print(f"the training is paused after epoch {done} of {self.planned}")
        settings, seconds = self.job.settings, self.job.stopwatch.seconds
        known = replace(
            measurements,
            outcome=Outcome.PAUSED,
            epochs=done,
            history={name: tuple(values) for name, values in result.history.items()},
            seconds=seconds,
        )
        paused = {"progress": done / self.planned, "curve": curve(settings, result, self.planned)}
        paused |= self._took(done)
        return Evaluation(values_of(settings, measurements), known, paused=paused)

    def _took(self, done: int) -> dict[str, Any]:
        """What this segment took, for the optimiser; {} if it trained nothing.

        Args:
            done: Epochs that are done now.
        """
        segment = self.network.fitting
        if not isinstance(segment, Segment) or done <= segment.first_epoch:
            return {}
        share = (done - segment.first_epoch) / self.planned
        once = 0.0 if self.began is not None else self.job.stopwatch.seconds.get("measure", 0.0)
        return {"took": {"share": share, "training": segment.training_s, "once": once}}


def curve(settings: Settings, result: TrainResult, planned: int) -> list[list[float]]:
    """The optimised metric that the network would have if its training ended after an epoch.

    Args:
        settings: Of the run.
        result: Of the epochs so far.
        planned: Epochs of the whole training.

    Returns:
        For each epoch the share of the training, and the value as the optimiser minimises it; an
        epoch without a finite value is left out.
    """
    points: list[list[float]] = []
    for number, value in enumerate(result.history.get(settings.optimize, []), 1):
        if not math.isfinite(value):
            continue
        now = budget.minimised(value, settings.maximize)
        if points and not settings.last_epoch:
            now = min(now, points[-1][1])
        points.append([number / planned, now])
    return points


def _not_paused(reason: str) -> str:
    return f"this training is not paused: {reason}" if reason else ""


def _store(job: Job) -> Store:
    return Store(job.experiment.paused, job.settings.paused_size or MOST_BYTES)


def state_key(job: Job, planned: int | None) -> Mapping[str, Any]:
    """What a state belongs to; the script has the values of all hyper-parameters in it.

    Args:
        job: The job.
        planned: Epochs of the whole training; None = as many as the script says.
    """
    return {
        "run": job.settings.experiment_name,
        "job": job.id,
        "script": hashlib.sha256(job.script.read_bytes()).hexdigest(),
        "planned": planned,
        "versions": json.dumps(dict(versions())),
    }


def noted(text: str, measurements: Measurements) -> Measurements:
    """Prints a note and adds it; nothing happens with ""."""
    if not text:
        return measurements
    print(f"note: {one_line(text)}")
    return replace(measurements, notes=(*measurements.notes, text))
