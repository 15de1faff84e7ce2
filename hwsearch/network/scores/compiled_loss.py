"""The loss that a model is compiled with, to tell whether values of it can be compared."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.network.datasets.data import single

#: Values whose text says all of them.
_PLAIN = (str, bytes, bool, int, float, complex, type(None))
#: Functions and objects inside others are read down to this depth.
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class CompiledLoss:
    """The loss of a model at one moment.

    Attributes:
        loss: As `compile` got it.
        text: What it computes, as text that tells it from others.
        weights: As `compile` got them, as text.
    """

    loss: Any
    text: str
    weights: str

    @classmethod
    def of(cls, model: Any) -> CompiledLoss:
        """The loss that a model has now."""
        loss = getattr(model, "loss", None)
        weights = getattr(getattr(model, "_compile_loss", None), "_user_loss_weights", None)
        texts = keras.tree.map_structure(_loss_text, single(loss))
        return cls(loss, str(texts), repr(weights))

    def is_like(self, other: CompiledLoss) -> bool:
        """Whether both compute the same, as far as that can be seen.

        One object is like itself, even if it has changed with its calls.
        """
        is_same = self.loss is other.loss or self.text == other.text
        return is_same and self.weights == other.weights


def _loss_text(loss: Any) -> str:
    """One loss; `"mse"`, `mean_squared_error` and `MeanSquaredError()` have the same text."""
    with contextlib.suppress(Exception):  # `compile` has refused it
        loss = keras.losses.get(loss)
    if isinstance(loss, functools.partial) and not loss.args:
        return _with_options(loss.func, loss.keywords, _default_reduction())
    if not isinstance(loss, keras.losses.Loss):
        return _with_options(loss, {}, _default_reduction())
    is_own = type(loss).__module__.partition(".")[0] != "keras"
    if is_own or not hasattr(loss, "_fn_kwargs"):
        return _text(loss)
    return _with_options(loss.fn, loss._fn_kwargs, loss.reduction)


def _with_options(function: Any, options: Mapping[str, Any], reduction: Any) -> str:
    """A function with all its options, given or not."""
    parameters: Any = ()
    with contextlib.suppress(TypeError, ValueError):  # it has no signature
        parameters = inspect.signature(function).parameters.values()
    defaults = {one.name: one.default for one in parameters if one.default is not one.empty}
    given = dict(sorted((defaults | dict(options)).items()))
    return f"{_text(function)} {_contents(given, _DEPTH)} {reduction}"


@functools.cache
def _default_reduction() -> Any:
    """How Keras reduces the values of a loss that is given as a function."""
    return keras.losses.MeanSquaredError().reduction


def _text(value: Any, depth: int = _DEPTH) -> str:
    """What a loss, or a value inside one, says of itself, without names that Keras numbers."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()  # weights of classes
    if isinstance(value, _PLAIN):
        return repr(value)
    kind = str(getattr(value, "__qualname__", type(value).__qualname__))
    if depth == 0:
        return kind
    if isinstance(value, list | tuple):
        return str([_text(one, depth - 1) for one in value])
    if hasattr(value, "__code__"):
        return f"{kind} {_function_text(value, depth)}"
    # Of variables and models inside, only the kind counts: a training changes them.
    contents: Any = {}
    if isinstance(value, dict):
        contents = value
    elif isinstance(value, functools.partial):
        contents = {"function": value.func, "args": value.args, "keywords": value.keywords}
    elif isinstance(value, keras.losses.Loss):
        contents = vars(value)
    return f"{kind} {_contents(contents, depth)}"


def _function_text(function: Any, depth: int) -> str:
    """The defaults of a function, what it uses of the function around it, a lambda's code."""
    around = []
    for cell in getattr(function, "__closure__", None) or ():
        with contextlib.suppress(ValueError):  # it is empty
            around.append(_text(cell.cell_contents, depth - 1))
    defaults = _text(getattr(function, "__defaults__", None) or (), depth - 1)
    code = function.__code__
    if code.co_name != "<lambda>":  # its name is enough
        return f"{defaults} {around}"
    numbers = [one for one in code.co_consts if isinstance(one, _PLAIN)]
    return f"{defaults} {around} {code.co_code.hex()} {code.co_names} {numbers}"


def _contents(values: Mapping[str, Any], depth: int) -> str:
    """Names with values; `name` is left out: Keras makes another for each object of a class."""
    return str({key: _text(one, depth - 1) for key, one in values.items() if key != "name"})
