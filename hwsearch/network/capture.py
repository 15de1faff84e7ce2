"""Takes a script's calls of `fit` as the description of its training, instead of running them."""

from __future__ import annotations

import contextlib
import inspect
import numbers
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from hwsearch import keras2
from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError, ScriptStoppedError
from hwsearch.network.fitting import torch_steps
from hwsearch.network.folds import fold_data
from hwsearch.network.own_functions import OwnFunctions
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.program import call_text, evaluate_calls, fit_calls, later_changes
from hwsearch.network.replaced import replaced

_OWN_LOOP = (
    "the script trains a model in a loop of its own; put the loop into a function "
    "train(model, epochs), which the search calls, or call model.fit"
)
_FOLDS = (
    "fit is called by a cross-validation or search of scikit-learn, which makes a new model each "
    "time; expected one training: fit(x, y) of the model (the search validates by itself)"
)

#: What `fit` does while a script runs: takes the call, returns Keras' History.
Handler = Callable[[TrainingPlan, "Capture"], Any]


@dataclass(slots=True)
class Capture:
    """What the calls of `fit` in one run of a script were.

    Attributes:
        path: The script.
        plan: The last call; None if there was none.
        names: What the script had defined by then, also in the functions that were running; the
            same if it was stopped in its function `train`.
        folder: The current folder at that time.
        own_epochs: What the script gave its function `train(model, epochs)` as epochs, if it was
            stopped there; None = something else than a number.
        fault: What is wrong with how the script trains; None = nothing.
        no_fold: Why the last call is not one of a cross-validation, although it is in a loop that
            makes new models; "" if it is one, or in no such loop.
    """

    path: Path
    plan: TrainingPlan | None = None
    names: dict[str, Any] = field(default_factory=dict)
    folder: Path = field(default_factory=Path.cwd)
    own_epochs: int | None = None
    fault: NetworkError | None = None
    no_fold: str = ""
    _stack: list[fit_calls.Position] = field(default_factory=list)
    _called: list[fit_calls.Position] = field(default_factory=list)

    @property
    def calls_missing(self) -> bool:
        """Whether the script has calls of `fit` that were not reached."""
        return fit_calls.another_site(self._called)

    @property
    def site_of_another(self) -> tuple[str, int, str] | None:
        """A later call of `fit`, it seems of another model: its file, line and the name."""
        return fit_calls.site_of_another(self._stack)

    @property
    def may_train_another(self) -> bool:
        """Whether a later call of `fit` may be of another model, as far as the text shows it."""
        return self.site_of_another is not None or fit_calls.is_called_twice(self._stack)

    @property
    def more_may_follow(self) -> bool:
        """Whether the script may call `fit` again after the last call."""
        return fit_calls.more_may_follow(self._stack)

    @property
    def in_loop(self) -> bool:
        """Whether the last call may be one of many that a loop makes."""
        return self.plan is not None and fit_calls.in_loop(self._stack)

    @property
    def lines(self) -> Sequence[fit_calls.Position]:
        """Those of the last call, the innermost first."""
        return self._stack

    def take(self, plan: TrainingPlan, frame: FrameType) -> None:
        """Notes a call.

        Args:
            plan: The call.
            frame: Where it comes from.
        """
        placed = fit_calls.placed(frame)
        self._stack = [at for at, _ in placed]
        self._called += self._stack
        self.names = _visible(frame, self.path)
        self.folder = Path.cwd()
        self.plan = plan
        self.no_fold = ""
        try:
            plan.fold = fold_data.of_call(placed)
        except fold_data.NoFold as reason:
            self.no_fold = str(reason)
        if fit_calls.in_folds(frame):
            self.refuse(plan.place, _FOLDS)

    def refuse_if_no_fold(self) -> None:
        """Stops the script if the last call makes a new model each time, and not for folds.

        Raises:
            ScriptStoppedError: It does.
        """
        if self.no_fold and self.plan is not None:
            self.refuse(self.plan.place, self.no_fold)

    def stop_in_train(self, frame: FrameType) -> NoReturn:
        """Stops the script in its function `train(model, epochs)`, which the search calls.

        Args:
            frame: What runs.

        Raises:
            ScriptStoppedError: Always.
        """
        self.names = _visible(frame, self.path)
        train = _train_frame(frame, self.path)
        epochs = None if train is None else train.f_locals.get("epochs")
        if isinstance(epochs, numbers.Integral) and int(epochs) > 0:
            self.own_epochs = int(epochs)
        raise ScriptStoppedError

    def refuse(self, where: str, text: str) -> NoReturn:
        """Stops the script because of how it trains.

        Args:
            where: The script's line, as `place` gives it.
            text: What is wrong.

        Raises:
            ScriptStoppedError: Always.
        """
        self.fault = self.fault or NetworkError(f"{where}: {text}")
        raise ScriptStoppedError


def stop(_plan: TrainingPlan, capture: Capture) -> Any:
    """A handler that ends the script at its first call of `fit`."""
    capture.refuse_if_no_fold()
    raise ScriptStoppedError


@contextlib.contextmanager
def capturing(path: Path, handler: Handler = stop) -> Iterator[Capture]:
    """While this is open, the calls of `fit` of a script go to the handler.

    Subclasses of `keras.Model` with a `fit` of their own are captured where they call Keras'. A
    script that takes training steps by itself is stopped.

    Args:
        path: The script.
        handler: Takes each call.
    """
    capture = Capture(path)
    original = keras.Model.fit
    apply = keras.optimizers.Optimizer.apply
    active = True

    def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal active
        frame = sys._getframe(1)
        words = keras2.fit_arguments(kwargs)
        plan = TrainingPlan.of_call(original, self, args, words, place(frame, path))
        _read_text(plan, original, frame)
        train = _train_frame(frame, path)
        if train is not None and train.f_locals.get("model") is not self:
            capture.stop_in_train(frame)
        if not self.compiled:
            return original(self, *args, **words)  # which says what is missing
        capture.take(plan, frame)
        active = False
        try:
            return handler(plan, capture)
        finally:
            active = True

    def own_step(self: Any, *args: Any, **kwargs: Any) -> Any:
        check_step(sys._getframe(1))
        return apply(self, *args, **kwargs)

    def check_step(frame: FrameType) -> None:
        if active and _train_frame(frame, path) is not None:
            capture.stop_in_train(frame)
        if active:
            capture.refuse(place(frame, path), _OWN_LOOP)

    with (
        replaced(keras.Model, "fit", fit),
        replaced(keras.optimizers.Optimizer, "apply", own_step),
        torch_steps.before_each(lambda: check_step(sys._getframe(1)), path),
    ):
        yield capture


def _read_text(plan: TrainingPlan, fit: Any, frame: FrameType) -> None:
    """Notes what the caller of `fit` wrote as its arguments, and what it evaluates on later."""
    stack = fit_calls.positions(frame)
    if stack and not fit_calls.is_of_library(frame):
        parameters = list(inspect.signature(fit).parameters)[1:]
        plan.texts = call_text.argument_texts(stack[0].file, stack[0].line, parameters)
    plan.unready = evaluate_calls.unready(stack)
    plan.changed = later_changes.note(stack)
    for at in stack:
        plan.evaluated = [*plan.evaluated, *evaluate_calls.test_calls(at.file, at.line)]


def place(frame: FrameType | None, path: Path) -> str:
    """The script's innermost line that runs: "00000007_keras_net.py:12"."""
    while frame:
        if frame.f_code.co_filename == str(path):
            return f"{path.name}:{frame.f_lineno}"
        frame = frame.f_back
    return path.name


def _train_frame(frame: FrameType | None, path: Path) -> FrameType | None:
    """The script's function `train(model, epochs)`, if the script itself calls it now."""
    while frame:
        code = frame.f_code
        if code.co_filename == str(path) and code.co_name == "train":
            return frame if _is_own_train(frame) else None
        frame = frame.f_back
    return None


def _is_own_train(frame: FrameType) -> bool:
    """Whether a function `train` has these parameters, and defaults for others."""
    code = frame.f_code
    if code.co_varnames[: code.co_argcount] == ("model", "epochs"):
        return True
    function = frame.f_globals.get("train")
    is_it = getattr(function, "__code__", None) is code
    return is_it and OwnFunctions.of({"train": function}).train is not None


def _visible(frame: FrameType | None, path: Path) -> dict[str, Any]:
    """The names of the script and of its functions that run, the innermost first to win."""
    layers: list[dict[str, Any]] = []
    while frame:
        if frame.f_code.co_filename == str(path):
            layers.append(dict(frame.f_locals))
            if frame.f_code.co_name == "<module>":
                break
            layers.append(dict(frame.f_globals))
        frame = frame.f_back
    names: dict[str, Any] = {}
    for layer in reversed(layers):
        names |= layer
    return names


def folder_of(path: Path) -> Path:
    """Where the files of a script's callbacks go: beside it, 00000007_files for job 7."""
    return path.with_name(path.name.replace("_keras_net.py", "") + "_files")
