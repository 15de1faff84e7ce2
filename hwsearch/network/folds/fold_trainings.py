"""The training of a cross-validation: one network, which the script makes anew for each fold."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from hwsearch.keras_runtime import keras
from hwsearch.measurements import Fold
from hwsearch.measurements.fold import mean, mean_history
from hwsearch.network.capture import Capture, folder_of
from hwsearch.network.errors import NetworkError, ScriptStoppedError
from hwsearch.network.fitting import reruns, trainings, user_callbacks
from hwsearch.network.fitting.train_result import TrainResult
from hwsearch.network.fitting.trainings import Captured, Request, Script, Training
from hwsearch.network.folds import fold_checks
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.randomness import State
from hwsearch.network.setup import Setup

_IN_LOOP = "fit is called in a loop that makes a new model each time"


@dataclass(slots=True)
class Folds(Training):
    """A script with a cross-validation, which is run again from its beginning.

    Each new model is a fold. The script ends at the first call of `fit` after the loop.

    Attributes:
        script: The script.
        state: The random numbers and weights at its first call of `fit`.
    """

    script: Script
    state: State
    is_by_plan: ClassVar[bool] = False

    @property
    def of_first(self) -> Captured:
        """The training of the first fold alone."""
        return Captured(self.script, self.state)

    def planned(self, _plan: TrainingPlan, _asked: int | None) -> int | None:
        """Unknown: the script decides how many folds there are."""
        return None

    def length(self, plan: TrainingPlan, asked: int | None) -> str:
        """How long it trains, for people."""
        return f"{plan.epochs(asked)} epochs in each fold"

    def run(self, request: Request) -> None:
        """Trains; the result of the request's report is that of all folds.

        Raises:
            NetworkError: The trainings are not folds, or the script fails in their loop.
        """
        keras.utils.set_random_seed(request.seed)
        folds = _Folds(self.script, request)
        reruns.run_again(self.script, folds)
        with self.script.entered():
            folds.end()


@dataclass(slots=True)
class _Folds:
    """The folds in one run of a script.

    Attributes:
        script: The script.
        request: What is asked of each training.
        done: The results of the folds whose training has ended.
        rows: Rows that each was judged on.
        loaded: Models that the script has loaded since its first call: what it had saved.
        failure: The exception that has ended the training; None if it succeeds.
    """

    script: Script
    request: Request
    done: list[TrainResult] = field(default_factory=list)
    rows: list[int | None] = field(default_factory=list)
    loaded: list[Any] = field(default_factory=list)
    failure: Exception | None = None
    _first: TrainingPlan | None = None
    _current: Setup | None = None
    _is_over: bool = True
    _best: tuple[TrainResult, Setup] | None = None
    _best_before: tuple[TrainResult, Setup] | None = None
    _began: float = 0.0
    _epochs: Counter[str] = field(default_factory=Counter)
    _structure: str = ""
    _trained_on: list[Any] = field(default_factory=list)
    _judged_on: list[Any] = field(default_factory=list)

    @property
    def has_begun(self) -> bool:
        """Whether a call of `fit` was run."""
        return self._first is not None

    def is_fault(self, error: NetworkError, _capture: Capture) -> bool:
        """Whether an error of the script matters: not after the loop."""
        if self._first is None or self._first.fold is None:
            return True
        loop = self._first.fold.loop
        first, last = loop.loop.lines
        step = getattr(error.__cause__, "__traceback__", None)
        while step:
            if step.tb_frame.f_code.co_filename == loop.file and first <= step.tb_lineno <= last:
                return True
            step = step.tb_next
        return False

    def run(self, fit: Any, plan: TrainingPlan, capture: Capture) -> Any:
        """Trains as one call says; ends the script if the call is after the loop."""
        fold = None if self._first is None else self._first.fold
        if fold is not None and not fold.loop.has(capture.lines):
            raise ScriptStoppedError
        try:
            return self._run(fit, plan, capture)
        except Exception as error:
            self.failure = error
            raise ScriptStoppedError from error

    def _run(self, fit: Any, plan: TrainingPlan, capture: Capture) -> Any:
        now = self._current
        is_new = now is None or not any(plan.model is m for m in (now.plan.model, *self.loaded))
        if is_new:
            self._finish()
            self._check_model(plan, capture)
        else:
            plan.fold = plan.fold or now.plan.fold  # type: ignore[union-attr]
        made = reruns.set_up(self.script, plan, capture)
        if is_new:
            self._check_rows(made, capture)
        self._begin(made, is_new)
        reruns.compare_if_alike(None if is_new else now, made, self.request)
        user_callbacks.move_files(plan.callbacks, folder_of(self.script.path))
        shared = plan.fold is not None and plan.fold.loop.repeated
        epochs = reruns.epochs_of(made.plan, self.request.epochs, self._epochs, shared=shared)
        history = trainings.fit_once(fit, made.plan, epochs, self.request)
        struck = reruns.is_struck(self.request)
        is_last = struck or bool(self.request.report.result.reason)
        if is_last or (plan.fold is not None and not plan.fold.loop.several):
            self._finish(is_cut=struck)
        if is_last:
            raise ScriptStoppedError
        return history

    def _check_model(self, plan: TrainingPlan, capture: Capture) -> None:
        """Stops the script if a new model is not that of another fold."""
        capture.refuse_if_no_fold()
        self._first = self._first or plan
        if plan.place != self._first.place or plan.fold is None:
            capture.refuse(
                plan.place,
                f"fit trains another model than {self._first.place} did, in the loop of a "
                "cross-validation; expected one model in each fold",
            )
        structure = fold_checks.structure(plan.model)
        self._structure = self._structure or structure
        if structure != self._structure:
            capture.refuse(
                plan.place,
                f"{_IN_LOOP}: that of pass {self._number} has other layers, another optimizer or "
                "another loss than that of pass 1; expected the folds of a cross-validation of one "
                "network (the search tries values: HYPERPARAM{...} instead of a loop over them)",
            )

    def _check_rows(self, made: Setup, capture: Capture) -> None:
        """Stops the script if a fold has the rows of an earlier one."""
        plan, judged = made.plan, made.judged or made.validation
        assert judged is not None  # noqa: S101 - `evaluate` of the script does not judge folds
        pairs = (
            ("fit trains it", self._trained_on, fold_checks.rows(plan.get("x"), plan.get("y"))),
            ("it is judged", self._judged_on, fold_checks.rows(judged.x, judged.y)),
        )
        for verb, before, rows in pairs:
            if rows in before:
                capture.refuse(
                    plan.place,
                    f"{_IN_LOOP}, and in pass {self._number}, {verb} on the same rows as in pass "
                    f"{before.index(rows) + 1}; expected one training, or the folds of a "
                    "cross-validation, each with its own rows",
                )
            before.append(rows)

    @property
    def _number(self) -> int:
        """The number of the fold that begins, from 1."""
        return len(self.done) + 1

    def _begin(self, made: Setup, is_new: bool) -> None:
        if is_new:
            self._epochs.clear()
        elif self._is_over:  # a part of its training that the text did not show
            self.done.pop()
            self.rows.pop()
            self._best = self._best_before
        if is_new or self._is_over:
            self.request.report.begin_fold(self._number)
            self._began = time.monotonic()
        self._current, self._is_over = made, False
        self.request.began(made)

    def _finish(self, is_cut: bool = False) -> None:
        """Ends the training of a fold.

        Args:
            is_cut: Whether the time for the training was over: then only a first fold counts.
        """
        made, report = self._current, self.request.report
        if made is None or self._is_over:
            return
        self._is_over = True
        if made.judged is not None:
            made = replace(made, validation=made.judged)
            self.request.began(made)
            report.judge_apart()
        result = report.keep()
        result.seconds = time.monotonic() - self._began
        if is_cut and self.done:
            return
        self.done.append(result)
        self.rows.append(None if made.validation is None else made.validation.count)
        # Of two networks alone, not of all: each may need a lot of memory.
        self._best_before = self._best
        if self._best is None or report.rank(result) < report.rank(self._best[0]):
            self._best = (result, made)

    def end(self) -> None:
        """Takes the results of all folds together, and the network of the best one."""
        self._finish()
        if self._best is None:
            return
        kept, made = self._best
        self.request.began(made)
        self.request.report.total = combined(self.done, kept, self.rows)


def combined(
    results: Sequence[TrainResult], kept: TrainResult, rows: Sequence[int | None]
) -> TrainResult:
    """The result of a cross-validation: means over its folds.

    Args:
        results: Of the folds.
        kept: That of the fold whose network is kept.
        rows: Rows that each was judged on.
    """
    folds = tuple(
        Fold(
            epochs=one.epochs,
            kept_epoch=one.kept_epoch,
            rows=count,
            metrics=dict(one.metrics),
            history={name: tuple(values) for name, values in one.history.items()},
            seconds=one.seconds,
        )
        for one, count in zip(results, rows, strict=True)
    )
    reason = next((one.reason for one in results if one.reason), "")
    names = [name for name in folds[0].metrics if all(name in fold.metrics for fold in folds)]
    metrics = {name: mean([fold.metrics[name] for fold in folds]) for name in names}
    total = TrainResult(
        epochs=sum(fold.epochs for fold in folds),
        history=mean_history(folds),
        first_step=results[0].first_step,
        reason=reason,
        folds=folds,
    )
    if not reason:
        total.kept_epoch, total.metrics = kept.kept_epoch, metrics
        total.error = metrics.get("error", total.error)
    return total
