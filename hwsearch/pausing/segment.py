"""One segment of a training: from where it was paused to where it is paused again, or to its end.

A training in segments is one call of `fit` for each epoch, with callbacks that take it for one, and
with random numbers that are derived from the job's seed and the epoch's number. It gives the same
numbers however it is cut; they are others than those of a single call of `fit`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.fitting.training import EpochReport
from hwsearch.network.fitting.trainings import Fit
from hwsearch.pausing import logs, random_numbers, weights
from hwsearch.pausing.attributes import Attributes, own_classes
from hwsearch.pausing.callbacks import OneTraining
from hwsearch.pausing.errors import CannotPauseError
from hwsearch.pausing.own_variables import OwnVariables, losses_of
from hwsearch.pausing.state import State
from hwsearch.pausing.streams import Positions


@dataclass(slots=True)
class Segment:
    """A training that ends after some epochs, to be continued, if it has not ended by itself.

    Args:
        seed: The job's.
        until: Epochs after which it is paused; the number of planned ones or more = never.
        keep: Takes the state when the training is paused.
        key: What the state belongs to.
        before: What was known before the training, to be kept with it.
        state: Where the training was paused before; None = it begins.

    Attributes:
        paused: Whether it was paused.
        obstacle: Why it could not be paused where it should have been; "" if it was, or ended.
        training_s: Seconds of its epochs alone, once they run as they will in longer segments: what
            a process does once, such as compiling, is no part of them.
    """

    seed: int
    until: int
    keep: Callable[[State], None]
    key: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    state: State | None = None
    paused: bool = False
    obstacle: str = ""
    training_s: float = 0.0

    @property
    def first_epoch(self) -> int:
        """Epochs that were done before it."""
        return 0 if self.state is None else self.state.epoch

    def fit(self, call: Fit) -> Any:
        """Trains as this call of `fit` would, but for random numbers; returns Keras' History."""
        try:
            return self._train(call)
        except _OtherModelError:  # as if there were no state
            self.state = None
            return self._train(call)

    def _train(self, call: Fit) -> Any:
        """Trains from the state on, if there is one."""
        plan, arguments = call.plan, call.arguments
        began = time.monotonic() - (self.state.seconds if self.state else 0.0)
        streams = {"x": arguments.get("x"), "validation": arguments.get("validation_data")}
        parts = _Parts(plan.model, call.report, call.callbacks, Positions(streams))
        if self.state is not None:
            logs.continue_files(call.callbacks, self.state.log_sizes)

        def begin() -> None:
            parts.observe(training.history)
            if self.state is not None:
                parts.restore(self.state)

        first, last = plan.initial_epoch, int(arguments["epochs"])
        training = OneTraining(call.callbacks, plan.model, last, begin)
        done = self.first_epoch
        ends: list[float] = []
        given = {**arguments, "callbacks": training}
        with parts.positions.counted():
            # Builds what is not built, for which it may read data: positions begin after it.
            call.method(plan.model, **{**given, "initial_epoch": first, "epochs": first})
            while first + done < last:
                random_numbers.begin_epoch(self.seed, done)
                span = {"initial_epoch": first + done, "epochs": first + done + 1}
                call.method(plan.model, **{**given, **span})
                done += 1
                ends.append(time.monotonic())
                self.training_s = _training_seconds(training, ends)
                if plan.model.stop_training or first + done == last:
                    break
                if done >= self.until and not self.obstacle:
                    self._pause(parts, done, last - first, time.monotonic() - began)
                if self.paused:
                    return training.history
        training.finish()
        return training.history

    def _pause(self, parts: _Parts, done: int, planned: int, seconds: float) -> None:
        """Keeps the state; sets the obstacle if that cannot be done."""
        try:
            state = State(
                key=dict(self.key),
                epoch=done,
                planned=planned,
                seconds=seconds,
                before=dict(self.before),
                **parts.state(),
            )
            self.keep(state)
        except CannotPauseError as error:
            self.obstacle = str(error)
        else:
            self.paused = True


def _training_seconds(training: OneTraining, ends: Sequence[float]) -> float:
    """Seconds of a segment's epochs, without what its process does once.

    The first epoch compiles the steps of the training and of the validation: the others say how
    long an epoch takes, if there are any. Else the first step of each is left out.

    Args:
        training: What has been observed of it.
        ends: When each epoch had ended.
    """
    if len(ends) > 1:
        return (ends[-1] - ends[0]) / (len(ends) - 1) * len(ends)
    if training.first_step_end is None:
        return 0.0
    return max(ends[0] - training.first_step_end - training.first_validation_s, 0.0)


class _OtherModelError(Exception):
    """The state is that of a model with other variables."""


@dataclass(slots=True)
class _Parts:
    """What has a state: the model, our report, the other callbacks, the losses, and the data."""

    model: Any
    report: EpochReport
    callbacks: Sequence[Any]
    positions: Positions
    attributes: list[Attributes] = field(default_factory=list)
    own_variables: list[OwnVariables] = field(default_factory=list)

    def observe(self, history: Any) -> None:
        """Takes what there is at the beginning of the training as known to each process."""
        self.positions.reset()
        streams = self.positions.streams.values()
        datasets = [one for one in streams if isinstance(one, keras.utils.PyDataset)]
        theirs = [one for one in self.callbacks if not type(one).__module__.startswith("hwsearch.")]
        classes = own_classes((*theirs, *datasets))
        self.attributes = [Attributes(one) for one in (*theirs, history, *datasets, *classes)]
        script = sys.modules["__main__"]
        owners = (*theirs, *datasets, *classes, *losses_of(self.model), script)
        self.own_variables = [OwnVariables(one, self.model) for one in owners]

    def state(self) -> dict[str, Any]:
        """Fields of a `State`.

        Raises:
            CannotPauseError: A callback or the data cannot be stored.
        """
        return {
            "variables": weights.values(self.model),
            "report": self.report.state(),
            "attributes": [one.changed() for one in self.attributes],
            "own_variables": [one.changed() for one in self.own_variables],
            "streams": self.positions.state(),
            "log_sizes": logs.sizes(self.callbacks),
        }

    def restore(self, state: State) -> None:
        """Goes to where the training was paused.

        Raises:
            _OtherModelError: It was that of another model.
        """
        own = list(zip(self.own_variables, state.own_variables, strict=True))
        if not (
            weights.fits(self.model, state.variables)
            and all(one.fits(changed) for one, changed in own)
        ):
            raise _OtherModelError
        weights.assign(self.model, state.variables)
        self.report.restore(state.report)
        for one, changed in zip(self.attributes, state.attributes, strict=True):
            one.restore(changed)
        for variables, values in own:
            variables.restore(values)
        self.positions.restore(state.streams)
