"""Takes a script's calls of `fit` as the description of its training, instead of running them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from hwsearch import keras2
from hwsearch.keras_runtime import keras
from hwsearch.network import fit_calls
from hwsearch.network.errors import NetworkError, ScriptStoppedError
from hwsearch.network.plan import TrainingPlan
from hwsearch.network.replaced import replaced

_OWN_LOOP = (
    "the script trains a model in a loop of its own; put the loop into a function "
    "train(model, epochs), which the search calls, or call model.fit"
)
_NEW_MODELS = (
    "fit is called in a loop that makes a new model each time, as cross-validation does; expected "
    "one training: take it out of the loop (the search validates by itself)"
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
        fault: What is wrong with how the script trains; None = nothing.
    """

    path: Path
    plan: TrainingPlan | None = None
    names: dict[str, Any] = field(default_factory=dict)
    folder: Path = field(default_factory=Path.cwd)
    fault: NetworkError | None = None
    _stack: list[fit_calls.Position] = field(default_factory=list)
    _called: list[fit_calls.Position] = field(default_factory=list)

    @property
    def calls_missing(self) -> bool:
        """Whether the script has calls of `fit` that were not reached."""
        return fit_calls.another_site(self._called)

    @property
    def more_may_follow(self) -> bool:
        """Whether the script may call `fit` again after the last call."""
        return fit_calls.more_may_follow(self._stack)

    @property
    def in_loop(self) -> bool:
        """Whether the last call may be one of many that the same line makes."""
        return self.plan is not None and fit_calls.more_may_follow(self._stack[:1])

    def take(self, plan: TrainingPlan, frame: FrameType) -> None:
        """Notes a call.

        Args:
            plan: The call.
            frame: Where it comes from.
        """
        self._stack = fit_calls.positions(frame)
        self._called += self._stack
        self.names = _visible(frame, self.path)
        self.folder = Path.cwd()
        self.plan = plan
        if fit_calls.new_model_in_loop(self._stack):
            self.refuse(plan.place, _NEW_MODELS)

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


def stop(_plan: TrainingPlan, _capture: Capture) -> Any:
    """A handler that ends the script at its first call of `fit`."""
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
        if not self.compiled:
            return original(self, *args, **words)  # which says what is missing
        capture.take(plan, frame)
        active = False
        try:
            return handler(plan, capture)
        finally:
            active = True

    def own_step(self: Any, *args: Any, **kwargs: Any) -> Any:
        frame = sys._getframe(1)
        if active and _in_train(frame, path):
            capture.names = _visible(frame, path)
            raise ScriptStoppedError
        if active:
            capture.refuse(place(frame, path), _OWN_LOOP)
        return apply(self, *args, **kwargs)

    with (
        replaced(keras.Model, "fit", fit),
        replaced(keras.optimizers.Optimizer, "apply", own_step),
    ):
        yield capture


def place(frame: FrameType | None, path: Path) -> str:
    """The script's innermost line that runs: "00000007_keras_net.py:12"."""
    while frame:
        if frame.f_code.co_filename == str(path):
            return f"{path.name}:{frame.f_lineno}"
        frame = frame.f_back
    return path.name


def _in_train(frame: FrameType | None, path: Path) -> bool:
    """Whether the script's function `train(model, epochs)` runs: the script calls it itself."""
    while frame:
        code = frame.f_code
        if code.co_filename == str(path) and code.co_name == "train":
            return code.co_varnames[: code.co_argcount] == ("model", "epochs")
        frame = frame.f_back
    return False


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
