"""Whether two calls of `fit` minimise the same loss, however their scripts have written it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.data import single

#: What names a loss, or says how it is computed, but not what it is.
_NO_PART = ("name", "dtype")


def identity(model: Any) -> Any:
    """What is equal for models of the same losses, in the same structure and with equal weights.

    `"mse"`, `keras.losses.mean_squared_error` and `MeanSquaredError()` are the same loss. A
    function of the script is the same as itself only.

    Args:
        model: A Keras model, compiled or not.
    """
    compiled = getattr(model, "_compile_loss", None)
    weights = getattr(compiled, "_user_loss_weights", None)
    losses = keras.tree.map_structure(_identity, single(getattr(model, "loss", None)))
    return losses, repr(weights)


def _identity(loss: Any) -> Any:
    found = _resolved(loss)
    if isinstance(found, functools.partial):
        whole = _function(found.func, found.keywords, _default_reduction())
        return (whole, found.args) if found.args else whole
    if not isinstance(found, keras.losses.Loss):
        return _function(found, {}, _default_reduction())
    if _is_keras_own(type(found)) and hasattr(found, "_fn_kwargs"):  # a function with options
        return _function(found.fn, found._fn_kwargs, found.reduction)
    return type(found), _configuration(found)


def _resolved(loss: Any) -> Any:
    """A loss instead of its name."""
    try:
        return keras.losses.get(loss)
    except Exception:  # `compile` has refused it, or a class of the script's own does
        return loss


def _function(function: Any, options: Mapping[str, Any], reduction: Any) -> Any:
    """A function with all its options, given or not."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    empty = inspect.Parameter.empty
    defaults = {one.name: one.default for one in parameters if one.default is not empty}
    return function, repr(sorted((defaults | dict(options)).items())), reduction


def _configuration(loss: Any) -> Any:
    """The options of an object; itself if its class does not tell them."""
    kind = type(loss)
    told = kind.get_config is not keras.losses.Loss.get_config
    if not told and kind.__init__ is not keras.losses.Loss.__init__:
        return loss
    try:
        config = loss.get_config()
    except Exception:  # a class of the script's own
        return loss
    return repr(sorted((name, one) for name, one in config.items() if name not in _NO_PART))


def _is_keras_own(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "keras"


@functools.cache
def _default_reduction() -> Any:
    """How Keras reduces the values of a loss that is given as a function."""
    return keras.losses.MeanSquaredError().reduction
