"""Learning rates that follow a plan: the first epochs say little about the last ones."""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from typing import Any

from hwsearch.keras_runtime import keras

#: Schedules that fall smoothly, whatever the length of the training. All others end with it
#: (`CosineDecay`, `PolynomialDecay`), have jumps (`PiecewiseConstantDecay`) or are the script's.
_SMOOTH = ("ExponentialDecay", "InverseTimeDecay")
#: Callbacks that change the learning rate by what the training has shown.
_ADAPTIVE = ("ReduceLROnPlateau",)
_NAMES = {"learning_rate", "lr"}


def obstacle(optimizer: Any, callbacks: Sequence[Any]) -> str:
    """Why the curve of a training cannot be continued by a prediction; "" if it can be.

    Args:
        optimizer: Of the model.
        callbacks: The script's.
    """
    schedule = getattr(optimizer, "_learning_rate", None)
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        smooth = [getattr(keras.optimizers.schedules, name) for name in _SMOOTH]
        staircase = getattr(schedule, "staircase", False)
        if type(schedule) not in smooth or staircase:
            return _because(type(schedule).__name__)
    elif callable(schedule):
        return _because("a function")
    for callback in callbacks:
        if type(callback) in {getattr(keras.callbacks, name) for name in _ADAPTIVE}:
            continue
        if isinstance(callback, keras.callbacks.LearningRateScheduler) or _sets_rate(callback):
            return _because(f"the callback {type(callback).__name__}")
    return ""


def _because(what: str) -> str:
    return (
        f"the learning rate follows a schedule ({what}), so the first epochs do not show how the "
        "training will end"
    )


def _sets_rate(callback: Any) -> bool:
    """Whether the code of a script's callback names the learning rate."""
    functions: list[Any] = [value for value in vars(callback).values() if callable(value)]
    for base in type(callback).__mro__:
        if not base.__module__.startswith(("keras.", "builtins")):
            functions += vars(base).values()
    codes = (getattr(function, "__code__", None) for function in functions)
    return any(_NAMES & set(_words(code)) for code in codes if code is not None)


def _words(code: types.CodeType) -> Iterable[str]:
    """The names and texts in a function, and in those that it defines."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, types.CodeType):
            yield from _words(constant)
