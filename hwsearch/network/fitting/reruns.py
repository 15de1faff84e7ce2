"""Scripts that are run again from their beginning, because they call `fit` several times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from hwsearch.keras_runtime import keras
from hwsearch.network import setup
from hwsearch.network.capture import Capture, capturing, folder_of
from hwsearch.network.datasets.held_out import HeldOut, is_stream
from hwsearch.network.errors import NetworkError, ScriptStoppedError, StepTakenError
from hwsearch.network.fitting import trainings, user_callbacks
from hwsearch.network.fitting.seen_weights import SeenWeights
from hwsearch.network.fitting.trainings import Request, Script, Training
from hwsearch.network.folds import fold_checks, fold_loop
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.program import fit_calls, rendered_script
from hwsearch.network.setup import Setup


@dataclass(slots=True)
class Rerun(Training):
    """A script that calls `fit` several times, such as before and after it unfreezes layers.

    It is run again from its beginning, with the same random numbers, and now its calls train. It
    ends at its last call, as far as that can be told; what comes after it does not matter.
    """

    script: Script
    is_by_plan: ClassVar[bool] = False

    def planned(self, _plan: TrainingPlan, _asked: int | None) -> int | None:
        """Unknown: the script decides."""
        return None

    def run(self, request: Request) -> None:
        """Trains.

        Raises:
            NetworkError: The script trains several models, or fails between its calls of `fit`.
            StepTakenError: A callback ended the last call with it.
        """
        keras.utils.set_random_seed(request.seed)
        request.report.seen = SeenWeights()
        phases = _Phases(self.script, request)
        run_again(self.script, phases)
        if phases.tried:
            raise StepTakenError


class Calls(Protocol):
    """What the calls of `fit` do while a script runs again.

    Attributes:
        has_begun: Whether a call was run.
        loaded: Takes the models that the script loads after that: what it had saved.
        failure: The exception that the training ended with; None if it succeeded.
    """

    loaded: list[Any]
    failure: Exception | None

    @property
    def has_begun(self) -> bool:
        """Whether a call was run."""

    def run(self, fit: Any, plan: TrainingPlan, capture: Capture) -> Any:
        """Trains as a call says; returns Keras' History."""

    def is_fault(self, error: NetworkError, capture: Capture) -> bool:
        """Whether an error of the script matters: the training needs what would come next."""


def run_again(script: Script, calls: Calls) -> None:
    """Runs a script from its beginning; its calls of `fit` train.

    Raises:
        NetworkError: The script fails, or trains in a way that is refused.
    """
    rendered_script.forget_modules(script.module)
    fit = keras.Model.fit
    with (
        capturing(script.path, lambda plan, capture: calls.run(fit, plan, capture)) as now,
        user_callbacks.moved_files_found(
            folder_of(script.path), lambda: calls.has_begun, calls.loaded
        ),
    ):
        try:
            rendered_script.run(script.path)
        except NetworkError as error:
            if calls.failure is None and calls.is_fault(error, now):
                raise
    if now.fault is not None:
        raise now.fault
    if calls.failure is not None:
        raise calls.failure


def set_up(script: Script, plan: TrainingPlan, capture: Capture) -> Setup:
    """Prepares a call of `fit`; stops the script if its data cannot be used.

    Raises:
        ScriptStoppedError: They cannot.
    """
    try:
        return setup.of_call(
            plan, capture.names, script.split_seed, script.share, has_evaluate=script.has_evaluate
        )
    except NetworkError as error:
        capture.refuse(plan.place, str(error))


def compare_if_alike(before: Setup | None, now: Setup, request: Request) -> None:
    """Lets the epochs of a call of `fit` be compared with those before if that makes sense.

    It does if both calls validate on the same rows, by the same loss if that is what the best epoch
    is best in, and the script has not changed the weights in between. Long streams of batches
    count as the same rows.

    Args:
        before: The call before it of the same model; None if there is none.
        now: The call.
        request: What is asked of the training.
    """
    if before is None:
        return
    report, here, there = request.report, now.plan.place, before.plan.place
    if report.seen is not None and report.seen.are_changed(now.plan.model):
        report.compare_anew(
            f"{here}: the script has changed the weights since the call of fit before: the best "
            "epoch is one of the later call, which has the changed network"
        )
    earlier, later = before.plan.loss, now.plan.loss
    is_other = earlier is not None and later is not None and not later.is_like(earlier)
    if report.monitor == "val_loss" and is_other:
        report.compare_anew(
            f"{here}: fit has another loss than at {there}: the best epoch is one of the later "
            "call, since values of val_loss differ"
        )
    if _differ(before.validation, now.validation, now.plan.model):
        report.compare_anew(
            f"{here}: fit validates on other rows than at {there}: the best "
            "epoch is one of the later call, and its error is too low if the earlier call has "
            "trained on these rows; expected the same validation_data= in all calls"
        )


def _differ(one: HeldOut | None, other: HeldOut | None, model: Any) -> bool:
    """Whether two validation sets have other rows, as far as they are short enough to be read."""
    if one is None or other is None or one.x is other.x:
        return False
    if not any(is_stream(held.x) for held in (one, other)):
        return fold_checks.rows(one.x, one.y) != fold_checks.rows(other.x, other.y)
    with suppress(Exception):  # what a stream gives may have no rows that can be compared
        first = one.contents(model)
        second = None if first is None else other.contents(model)
        return second is not None and first != second
    return False


def epochs_of(plan: TrainingPlan, asked: int | None, done: Counter[str], *, shared: bool) -> int:
    """How many epochs a call of `fit` trains.

    Args:
        plan: The call.
        asked: Epochs instead of the script's; None = the script's.
        done: Epochs of earlier calls, by line; those of this one are added.
        shared: Whether the calls from its line share the epochs that are asked for.
    """
    epochs = plan.epochs(None)
    if asked is not None:
        epochs = min(epochs, max(asked - done[plan.place], 0)) if shared else asked
    done[plan.place] += epochs
    return epochs


def is_struck(request: Request) -> bool:
    """Whether the time for the training is over."""
    return any(getattr(one, "struck", False) for one in request.callbacks)


def _history(logs: Mapping[str, Any]) -> Any:
    """Keras' History of a training that ended after its first step."""
    history = keras.callbacks.History()
    history.epoch = [0]
    history.history = {f"{part}{name}": [logs[name]] for part in ("", "val_") for name in logs}
    return history


@dataclass(slots=True)
class _Phases:
    """The calls of `fit` in one run of a script.

    Attributes:
        script: The script.
        request: What is asked of its training.
        first: Its first call.
        done: Epochs by line of the call.
        loaded: Models that the script has loaded since its first call: what it had saved.
        failure: The exception of the last call; None if it succeeded.
        tried: Whether calls end after their first step. What the script then makes of their results
            is not what it would make of a training.
    """

    script: Script
    request: Request
    first: TrainingPlan | None = None
    done: Counter[str] = field(default_factory=Counter)
    loaded: list[Any] = field(default_factory=list)
    failure: Exception | None = None
    tried: bool = False
    _before: Setup | None = None

    @property
    def has_begun(self) -> bool:
        """Whether a call was run."""
        return bool(self.done)

    def is_fault(self, _error: NetworkError, capture: Capture) -> bool:
        """Whether an error of the script matters: calls of `fit` may be missing."""
        return not self.tried and (capture.plan is None or capture.calls_missing)

    def run(self, fit: Any, plan: TrainingPlan, capture: Capture) -> Any:
        """Trains as one call says; ends the script if it was the last."""
        capture.refuse_if_no_fold()
        self.first = self.first or plan
        if not any(plan.model is one for one in (self.first.model, *self.loaded)):
            before = self.first.place
            when = "when this line ran before" if before == plan.place else f"{before} did"
            capture.refuse(
                plan.place,
                f"fit trains another model than {when}; expected one model in the script: "
                f"{fit_calls.SEVERAL_MODELS}",
            )
        if self.tried and plan.place in self.done:  # a loop
            raise ScriptStoppedError
        splitter = fold_loop.splitter_around(capture.lines) if plan.place in self.done else None
        if splitter:
            capture.refuse(
                plan.place,
                f"fit trains the model of the pass before again, in a loop over the splits of "
                f"{splitter}; expected a new model in each pass, made and compiled in the loop: "
                "otherwise, it is judged on rows that it was trained on in another pass",
            )
        made = set_up(self.script, plan, capture)
        self.request.began(made)
        if not self.tried:
            compare_if_alike(self._before, made, self.request)
        self._before = made
        user_callbacks.move_files(plan.callbacks, folder_of(self.script.path))
        epochs = epochs_of(made.plan, self.request.epochs, self.done, shared=capture.in_loop)
        self.failure = None
        try:
            history = trainings.fit_once(fit, made.plan, epochs, self.request)
        except StepTakenError as step:
            self.tried = True
            if not capture.more_may_follow:
                raise
            return _history(step.logs)
        except Exception as error:
            self.failure = error
            raise
        reason = self.request.report.result.reason
        if is_struck(self.request) or reason or not capture.more_may_follow:
            raise ScriptStoppedError
        return history
