"""The callback that gathers what a training gives."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.datasets.held_out import is_number
from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting import user_callbacks
from hwsearch.network.fitting.seen_weights import SeenWeights
from hwsearch.network.fitting.train_result import TrainResult
from hwsearch.network.own_methods import are_of_keras

#: Attributes of `EpochReport`, besides its result, that a training has from one epoch to the next.
_CONTINUED = ("_best", "_best_epoch", "_best_weights", "_is_checked")


class EpochReport(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Evaluates the network after every epoch, records the history and reports one line.

    A training that diverges is stopped. `keep` ends the report: it gives the model the weights of
    the best epoch.

    A training may consist of several calls of `fit`, each within `phase`.

    Args:
        validate: Gives the error on the validation set, %; None = the error is not wanted.
        say: Takes the line.
        monitor: What the best epoch is best in: "error" or a name in Keras' logs; "" = epochs are
            not compared.
        mode: "min" or "max".
        keep_best: Whether the best epoch is kept, not the last.
        reported: Other names that must be in Keras' logs.

    Attributes:
        result: What is known so far, except for `seconds`.
        evaluate: Gives what Keras reports of the validation set, with `val_` before each name.
        fold: The number of the fold that is trained, from 1; 0 without cross-validation.
        seen: The weights after the epochs so far; None = they are not noted.
        total: The result of all folds; None before their end, and without cross-validation.
        late: A callback that has to run after those of the script.
    """

    def __init__(
        self,
        validate: Callable[[], float] | None,
        say: Callable[[str], None],
        monitor: str = "error",
        mode: str = "min",
        keep_best: bool = True,
        reported: Collection[str] = (),
    ) -> None:
        super().__init__()
        self._validate = validate
        self._planned = 0
        self._say = say
        self._monitor = monitor
        self._sign = -1.0 if mode == "max" else 1.0
        self._keep_best = keep_best
        self._required = tuple(name for name in (monitor, *reported) if name)
        self._epoch_began = 0.0
        self.evaluate: Callable[[], dict[str, float]] = dict
        self.fold = 0
        self.seen: SeenWeights | None = None
        self._reasons: set[str] = set()
        self.total: TrainResult | None = None
        self.late = keras.callbacks.LambdaCallback(on_epoch_end=self._end_late)
        self._begin()

    def _begin(self) -> None:
        """Knows nothing of a training yet."""
        self._is_checked = False
        self._forget_best()
        self._has_gaps = False
        self._may_report_late, self._is_open = False, False
        self._restored_epoch: int | None = None
        self._evaluate_again = False
        self._trained_apart = False
        self.result = TrainResult()

    def _forget_best(self) -> None:
        self._best = math.inf
        self._best_epoch = 0
        self._best_weights: list[Any] | None = None

    def begin_fold(self, number: int) -> None:
        """Forgets the training of another fold.

        Args:
            number: Of the fold, from 1.
        """
        self._begin()
        self.fold = number
        self.seen = SeenWeights()
        self._say(f"fold {number}:")

    def judge_apart(self) -> None:
        """Lets `keep` evaluate the network again: its epochs were compared on other rows."""
        self._evaluate_again = True

    def compare_anew(self, why: str) -> None:
        """Forgets which epoch was best: the next ones cannot be compared with it.

        Args:
            why: A line for people.
        """
        self._forget_best()
        if why not in self._reasons:  # a loop gives it in each pass
            self._say(f"note: {why}")
        self._reasons.add(why)

    def rank(self, result: TrainResult) -> float:
        """What is least for the best of several trainings; infinite if it is unknown."""
        value = self._sign * result.metrics.get(self._monitor, math.nan)
        return math.inf if math.isnan(value) else value

    @property
    def monitor(self) -> str:
        """What the best epoch is best in."""
        return self._monitor

    @property
    def place(self) -> str:
        """Which epoch runs: "epoch 3", or "epoch 3 of fold 2"."""
        return f"epoch {self.result.epochs}{f' of fold {self.fold}' if self.fold else ''}"

    def state(self) -> dict[str, Any]:
        """What a report of another process needs to continue with this training: plain values."""
        return {name: getattr(self, name) for name in _CONTINUED} | {"result": asdict(self.result)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on with the training of another report.

        Args:
            state: What its `state` gave.
        """
        for name in _CONTINUED:
            setattr(self, name, state[name])
        self.result = TrainResult(**state["result"])

    @contextlib.contextmanager
    def phase(
        self, epochs: int, callbacks: Sequence[Any] = (), first: int = 0, every: Any = 1
    ) -> Iterator[None]:
        """One call of `fit`.

        Args:
            epochs: Number of epochs that it plans.
            callbacks: The script's.
            first: Keras' number of the first epoch.
            every: After which epochs Keras validates: `validation_freq`.
        """
        self._has_gaps = every != 1
        self._may_report_late = any(map(user_callbacks.is_own, callbacks))
        before = self.result.epochs
        self._planned = before + epochs
        self._restored_epoch = None
        yield
        self._note_weights()
        restored = user_callbacks.restored_epoch(callbacks)
        if restored is not None:
            self._restored_epoch = before + restored - first + 1
        if self._has_gaps or user_callbacks.may_change_weights(self.model, callbacks):
            self._evaluate_again = True

    def on_epoch_begin(self, *_: Any, **__: Any) -> None:
        """Starts the epoch's clock."""
        self.result.epochs += 1
        self._epoch_began = time.monotonic()

    def on_train_batch_begin(self, *_: Any, **__: Any) -> None:
        """Records when the first training step begins, after building and tracing."""
        if self.result.first_step is None:
            self.result.first_step = time.time()

    def on_train_batch_end(self, _batch: int, logs: dict[str, Any] | None = None) -> None:
        """Looks after the first step whether Keras will report what is required.

        Raises:
            NetworkError: It will not.
        """
        has_others = self._may_report_late or not _has_steps_of_keras(self.model)
        if not self._is_checked and logs and not has_others:
            _check_reported(
                [name for name in self._required if name.startswith("val_")],
                [f"val_{name}" for name in logs],
            )
        self._is_checked = True

    def on_epoch_end(self, _epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Evaluates, records and reports; adds `error` to Keras' logs for later callbacks.

        If a value is missing that a callback of the script may add, such as `logs["val_f1"]`, the
        epoch ends in `late`.

        Raises:
            NetworkError: Keras does not report what the best epoch is to be best in, or not as one
                number.
        """
        logs = logs if logs is not None else {}
        error = self._evaluated(_loss_in(logs))
        if self._validate is not None:
            logs["error"] = error
        self._is_open = self._may_report_late and any(name not in logs for name in self._required)
        if not self._is_open:
            self._end(logs)

    def _end_late(self, _epoch: int, logs: dict[str, Any]) -> None:
        """Ends an epoch after the callbacks of the script."""
        if self._is_open:
            self._end(logs)

    def _end(self, logs: dict[str, Any]) -> None:
        """Records and reports an epoch."""
        for name in self._required:
            if name in logs and not is_number(logs[name]):
                raise NetworkError(
                    f"{name} is an array, such as a number for each class; expected one number, as "
                    'keras.metrics.F1Score(average="macro") gives'
                )
        self.result.record(logs)
        self._note_weights()
        epoch, seconds = self.result.epochs, time.monotonic() - self._epoch_began
        loss = f"{float(logs['loss']):.4g}" if "loss" in logs else "unknown"
        self._say(f"epoch {epoch}/{self._planned}: loss {loss}{self._shown()}, {seconds:.1f} s")
        if self.result.reason:
            self.model.stop_training = True
        else:
            self._remember(epoch)

    def _note_weights(self) -> None:
        if self.seen is not None:
            self.seen.note(self.model)

    def _evaluated(self, loss: float) -> float:
        """The error, %; sets the reason if the training has diverged."""
        if not math.isfinite(loss):
            kind = "NaN" if math.isnan(loss) else "infinite"
            self.result.reason = f"training diverged: loss is {kind} in {self.place}"
            return math.nan
        if self._validate is None:
            return math.nan
        error = self._validate()
        if math.isnan(error):
            self.result.reason = f"training diverged: predictions are NaN after {self.place}"
        return error

    def _shown(self) -> str:
        history = self.result.history
        text = f", error {history['error'][-1]:.2f} %" if "error" in history else ""
        if self._monitor not in ("error", "loss") and self._monitor in history:
            text += f", {self._monitor} {history[self._monitor][-1]:.4g}"
        return text

    def _remember(self, epoch: int) -> None:
        """Keeps the weights if this is the best epoch so far."""
        history = self.result.history
        gaps = self._has_gaps and not any(name.startswith("val_") for name in history)
        if gaps and any(name not in history for name in self._required):
            return
        _check_reported(self._required, list(history))
        if not self._monitor:
            return
        value = self._sign * history[self._monitor][-1]
        if not value < self._best:
            return
        self._best, self._best_epoch = value, epoch
        if self._keep_best:
            self._best_weights = self.model.get_weights()

    def keep(self) -> TrainResult:
        """Gives the model the weights of the best epoch (or leaves the last) and takes its values.

        Returns:
            The result, complete but for `seconds`.
        """
        if self.total is not None:
            return self.total
        result = self.result
        if result.reason:
            result.error, result.metrics, result.kept_epoch = math.nan, {}, 0
            return result
        kept = len(next(iter(result.history.values()), []))
        if self._restored_epoch is not None:
            kept = self._restored_epoch
        elif self._best_weights is not None and self._best_epoch != kept:
            self.model.set_weights(self._best_weights)
            kept = self._best_epoch
        self._best_weights = None
        if kept:
            result.keep(kept)
            if self._trained_apart:
                result.kept_epoch = result.epochs
        if self._evaluate_again:  # weights of no epoch, or of one without validation
            result.metrics |= self._values()
            result.error = result.metrics.get("error", math.nan)
        return result

    def after_own_training(self, epochs: int) -> None:
        """Evaluates a network that was trained without `fit`.

        Args:
            epochs: How many there were.
        """
        self.result.epochs, self._trained_apart = epochs, True
        values = self._values()
        if math.isnan(values.get("error", 0.0)):
            self.result.reason = "training diverged: the error is NaN"
        self.result.record(values)
        self._say(f"after {epochs} epochs{self._shown().replace(',', ':', 1)}")

    def _values(self) -> dict[str, float]:
        """The network's values now."""
        values = {f"val_{name}": value for name, value in self.evaluate().items()}
        return values if self._validate is None else values | {"error": self._validate()}


def _loss_in(logs: Mapping[str, Any]) -> float:
    """The loss of an epoch, or what shows whether it is finite.

    A `train_step` of the script's may report parts such as `kl_loss` instead, or no loss at all.
    """
    if "loss" in logs or not logs:
        return float(logs.get("loss", math.nan))
    parts = [one for name, one in logs.items() if "loss" in name and not name.startswith("val_")]
    return sum(float(one) for one in parts if is_number(one))


def _has_steps_of_keras(model: Any) -> bool:
    """Whether a model validates as it trains: then both report the same names."""
    steps = ("train_step", "test_step", "compute_metrics", "get_metrics_result")
    return are_of_keras(model, *steps)


def _check_reported(required: Sequence[str], reported: Sequence[str]) -> None:
    """Raises NetworkError if names are not reported."""
    missing = [name for name in dict.fromkeys(required) if name not in reported]
    if missing:
        raise NetworkError(
            f"the training does not report {' and '.join(missing)}; it reports "
            f"{', '.join(reported)}"
        )
