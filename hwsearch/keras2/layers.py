"""Layers as Keras 2 had them: `batch_input_shape=`, and `reset_states()` of stateful networks."""

from __future__ import annotations

import functools
import warnings
from typing import Any

from hwsearch.keras2.reports import renamed, report

_SHAPE = "batch_input_shape"


def install() -> None:
    """Makes layers and models accept what stateful networks of Keras 2 contain."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    # Keras names a line of its own in it, and the shape means the same as in Keras 2.
    warnings.filterwarnings("ignore", "Do not pass an `input_shape`/`input_dim` argument")
    if hasattr(keras.layers.Layer.__init__, "keras2_original"):
        return
    _take_batch_shape(keras.layers.Layer)
    _begin_with_it(keras.Sequential, keras.Input)
    if not hasattr(keras.Model, "reset_states"):
        keras.Model.reset_states = _reset_states


def _take_batch_shape(layer: Any) -> None:
    original = layer.__init__

    @functools.wraps(original)
    def init(self: Any, **kwargs: Any) -> None:  # Keras reads its parameters: none by position
        shape = kwargs.pop(_SHAPE, None)
        original(self, **kwargs)
        if shape is not None:
            object.__setattr__(self, _SHAPE, tuple(shape))

    init.keras2_original = original  # type: ignore[attr-defined]
    layer.__init__ = init


def _begin_with_it(sequential: Any, make_input: Any) -> None:
    """Lets a Sequential model begin with the shape that its first layer states."""
    original = sequential.add

    @functools.wraps(original)
    def add(self: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
        shape = getattr(layer, _SHAPE, None)
        if shape is not None and not self.layers:
            report(
                renamed(type(layer).__name__, [f"{_SHAPE}="], f"keras.Input(batch_shape={shape})")
            )
            original(self, make_input(batch_shape=shape))
        return original(self, layer, *args, **kwargs)

    sequential.add = add


def _reset_states(self: Any) -> None:
    """Sets the states of a stateful network to zero."""
    report("model.reset_states() is the Keras 2 spelling; in Keras 3: reset_state() of each layer")
    for layer in self.layers:
        if getattr(layer, "stateful", False):
            layer.reset_state()
