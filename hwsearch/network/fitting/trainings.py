"""The ways to train a network: by our own call of `fit`, the script's, or its function `train`."""

from __future__ import annotations

import contextlib
import os
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol

from hwsearch.keras_runtime import keras
from hwsearch.network.capture import folder_of
from hwsearch.network.datasets.held_out import is_stream
from hwsearch.network.errors import NetworkError, explained
from hwsearch.network.fitting import user_callbacks
from hwsearch.network.fitting.training import EpochReport
from hwsearch.network.own_functions import after_each_step
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.program import rendered_script
from hwsearch.network.randomness import State
from hwsearch.network.setup import Setup

#: Epochs of a script that leaves the training to us.
EPOCHS = 50


@dataclass(frozen=True, slots=True)
class Fit:
    """A call of `fit`.

    Attributes:
        method: `fit` of the model's class.
        plan: The call as the script has it.
        arguments: What `fit` gets besides callbacks.
        callbacks: The callbacks, ours among them.
        report: Gathers the results.
    """

    method: Any
    plan: TrainingPlan
    arguments: Mapping[str, Any]
    callbacks: Sequence[Any]
    report: EpochReport


class Fitting(Protocol):
    """Another way to do what one call of `fit` does.

    Attributes:
        paused: Whether the training was paused, to be continued by another process.
    """

    paused: bool

    def fit(self, call: Fit) -> Any:
        """Trains; returns Keras' History."""


@dataclass(slots=True)
class Request:
    """What is asked of a training.

    Attributes:
        plan: The call of `fit`.
        epochs: Epochs that replace the script's own number; None = the script's.
        seed: Seed of a training that is ours.
        report: Gathers the results.
        callbacks: Keras callbacks besides; they run last.
        validated: Whether Keras evaluates the validation set too, in a training that is ours.
        began: Called with each call of `fit` of the script before it is run.
        fitting: Trains instead of a call of `fit`; None = `fit` itself.
    """

    plan: TrainingPlan
    epochs: int | None
    seed: int
    report: EpochReport
    callbacks: Sequence[Any] = ()
    validated: bool = True
    began: Callable[[Setup], None] = lambda _: None
    fitting: Fitting | None = None


class Training:
    """Our own call of `fit`, for a script that leaves the training to us.

    Attributes:
        is_by_plan: Whether it does what the plan of its request says, and nothing else.
    """

    is_by_plan: ClassVar[bool] = True

    def planned(self, _plan: TrainingPlan, asked: int | None) -> int | None:
        """The number of epochs, if it is known before the training."""
        return EPOCHS if asked is None else asked

    def length(self, plan: TrainingPlan, asked: int | None) -> str:
        """How long it trains, for people."""
        planned = self.planned(plan, asked)
        if planned is None:
            return "as long as the script does"
        return f"{planned} epoch" + ("" if planned == 1 else "s")

    def run(self, request: Request) -> None:
        """Trains."""
        keras.utils.set_random_seed(request.seed)
        plan = request.plan
        if not request.validated:
            plan = replace(plan, arguments=plan.arguments | {"validation_data": None})
        epochs = EPOCHS if request.epochs is None else request.epochs
        fit_once(type(plan.model).fit, plan, epochs, request)


@dataclass(slots=True)
class Script:
    """A script that calls `fit`, to be continued as if it had not been stopped.

    Attributes:
        path: The rendered script.
        module: The `__main__` that it has become.
        folder: Its current folder at the call.
        split_seed: Seed of the validation split, if it names no validation data.
        share: Share of the training set to validate on; None = what it says.
        has_evaluate: Whether its function `evaluate` gives the error.
    """

    path: Path
    module: types.ModuleType
    folder: Path
    split_seed: int
    share: float | None
    has_evaluate: bool = False

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Lets what the script has defined find its module and its files."""
        with rendered_script.as_main(self.module):
            os.chdir(self.folder)
            yield


@dataclass(slots=True)
class Captured(Training):
    """The script's only call of `fit`, which starts with the random numbers that it would have."""

    script: Script
    state: State

    def planned(self, plan: TrainingPlan, asked: int | None) -> int | None:
        """The number of epochs, if it is known before the training."""
        return plan.epochs(asked)

    def run(self, request: Request) -> None:
        """Trains."""
        self.state.restore()
        plan = request.plan
        with self.script.entered():
            user_callbacks.move_files(plan.callbacks, folder_of(self.script.path))
            fit_once(keras.Model.fit, plan, plan.epochs(request.epochs), request)


@dataclass(slots=True)
class ByFunction(Training):
    """The script's function `train(model, epochs)`.

    Our callbacks hear of the steps that its optimiser takes, and of nothing else.

    Attributes:
        script: The script.
        state: Its weights and random numbers before the training.
        train: The function.
        epochs: What the script itself calls it with; None = it does not.
    """

    script: Script
    state: State
    train: Callable[[Any, int], Any]
    epochs: int | None = None
    is_by_plan: ClassVar[bool] = False

    def planned(self, plan: TrainingPlan, asked: int | None) -> int | None:
        """The number of epochs that the function is called with."""
        return Training.planned(self, plan, self.epochs if asked is None else asked)

    def run(self, request: Request) -> None:
        """Trains.

        Raises:
            NetworkError: The function raises an exception.
        """
        epochs = self.planned(request.plan, request.epochs)
        assert epochs is not None  # noqa: S101 - 50, if nobody says otherwise
        self.state.restore()
        report = request.report
        report.set_model(request.plan.model)
        report.result.first_step = time.time()

        def step() -> None:
            for callback in request.callbacks:
                callback.on_train_batch_end(0)

        with self.script.entered():
            try:
                with after_each_step(step):
                    self.train(request.plan.model, epochs)
            except Exception as error:
                text = f"train(model, epochs) failed: {explained(error)}"
                where = rendered_script.place(error, self.script.path)
                raise NetworkError(f"{where}: {text}") from error
            report.after_own_training(epochs)


def fit_once(fit: Any, plan: TrainingPlan, epochs: int, request: Request) -> Any:
    """Calls `fit` with our callbacks before the script's, so that `logs["error"]` is set."""
    report, own = request.report, plan.callbacks
    ours = [report.late, *request.callbacks]
    callbacks = [keras.callbacks.TerminateOnNaN(), report, *own, *ours]
    changes: dict[str, Any] = {"epochs": plan.initial_epoch + epochs, "verbose": 0}
    x = plan.get("x")
    if is_stream(x) and not isinstance(x, keras.utils.PyDataset):
        changes["shuffle"] = False  # Keras ignores it, but warns of its own default
    every = plan.get("validation_freq", 1)
    with report.phase(epochs, own, plan.initial_epoch, every):
        arguments = plan.arguments | changes
        if request.fitting is None:
            history = fit(plan.model, **(arguments | {"callbacks": callbacks}))
        else:
            history = request.fitting.fit(Fit(fit, plan, arguments, callbacks, report))
        report.result.complete(getattr(history, "history", {}))
    return history
