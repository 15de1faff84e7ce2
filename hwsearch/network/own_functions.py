"""Functions of the script's own that take the place of `fit` and of the error in %.

def train(model, epochs): ...      # a training loop of the script's own
def evaluate(model): ...           # a number, lower is better; it is reported as the error
"""

from __future__ import annotations

import contextlib
import inspect
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.datasets import data
from hwsearch.network.datasets.held_out import is_stream
from hwsearch.network.errors import NetworkError, explained, kind
from hwsearch.network.plan import KERAS_BATCH_SIZE
from hwsearch.network.replaced import replaced


@dataclass(frozen=True, slots=True)
class OwnFunctions:
    """What a script defines of them; None = nothing."""

    train: Callable[[Any, int], Any] | None = None
    evaluate: Callable[[Any], Any] | None = None

    @classmethod
    def of(cls, names: Mapping[str, Any]) -> OwnFunctions:
        """Finds them by name and parameters; other functions of that name are not meant."""
        return cls(
            _with_parameters(names.get("train"), ["model", "epochs"]),
            _with_parameters(names.get("evaluate"), ["model"]),
        )

    def error(self, model: Any) -> float:
        """What `evaluate` gives; NaN if there is none.

        Raises:
            NetworkError: It fails, or gives no number.
        """
        if self.evaluate is None:
            return math.nan
        try:
            value = self.evaluate(model)
        except Exception as error:
            raise NetworkError(f"evaluate(model) failed: {explained(error)}") from error
        try:
            return float(keras.ops.convert_to_numpy(value).item())
        except (TypeError, ValueError, AttributeError):
            raise NetworkError(
                f"evaluate(model): got {kind(value)}; expected one number, such as an error in %"
            ) from None


@contextlib.contextmanager
def after_each_step(call: Callable[[], None]) -> Iterator[None]:
    """Calls a function after each step of an optimiser of Keras or torch, whoever takes it.

    In a compiled step, the call is made when the step is compiled.
    """
    apply = keras.optimizers.Optimizer.apply

    def applied(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = apply(self, *args, **kwargs)
        call()
        return result

    with contextlib.ExitStack() as stack:
        stack.enter_context(replaced(keras.optimizers.Optimizer, "apply", applied))
        if "torch" in sys.modules:
            from torch.optim import optimizer  # noqa: PLC0415 - of one backend alone

            hook = optimizer.register_optimizer_step_post_hook(lambda *_: call())
            stack.callback(hook.remove)
        yield


def _with_parameters(function: Any, wanted: list[str]) -> Any:
    """The function if these are its parameters, and others have defaults."""
    if not inspect.isfunction(function):
        return None
    parameters = list(inspect.signature(function).parameters.values())
    required = [one.name for one in parameters if one.default is one.empty]
    return function if required == wanted else None


def batch_size_in(names: Mapping[str, Any]) -> int:
    """The batch size that a script defines; Keras' default otherwise."""
    return int(names.get("batch_size") or KERAS_BATCH_SIZE)


def inputs_for(model: Any, names: Mapping[str, Any]) -> Any:
    """Inputs to measure a network on: arrays that the script defines, or zeros.

    Raises:
        NetworkError: There are lists of numbers instead of arrays, or no arrays, and the shape of
            an input is unknown.
    """
    for name in ("x_val", "x_train", "x_test"):
        if names.get(name) is not None and not is_stream(names[name]):
            data.refuse_lists(names[name], name)
            return names[name]
    shapes = [tuple(one.shape) for one in getattr(model, "inputs", None) or ()]
    if not shapes or any(size is None for shape in shapes for size in shape[1:]):
        raise NetworkError(
            "the script defines no x_train; expected some rows of input, on which the network is "
            "measured"
        )
    return keras.tree.map_structure(
        lambda one: keras.ops.convert_to_numpy(keras.ops.zeros((1, *one.shape[1:]), one.dtype)),
        # Keras gives a Sequential model no `input` before it was called.
        model.inputs[0] if isinstance(model, keras.Sequential) else model.input,
    )
