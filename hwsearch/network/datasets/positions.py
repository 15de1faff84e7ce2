"""Which rows and positions of a validation set count in the error: those that the loss counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsearch.keras_runtime import keras
from hwsearch.network.datasets.data import as_array
from hwsearch.network.own_methods import are_of_keras

#: True where a row, or a position in it, counts.
Counting = NDArray[np.bool_]


class Masked(keras.Model):  # type: ignore[misc]  # Keras has no types
    """Runs a model, and gives the mask of its output too, if it has one.

    Args:
        inner: The model.
    """

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        self.with_mask = WithMask()

    def call(self, inputs: Any) -> Any:
        """The output; with a mask, the output and the mask."""
        return self.with_mask(self.inner(inputs, training=False))


class WithMask(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Gives a tensor and its mask, which Keras hands over to each layer that takes one."""

    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The inputs; with a mask, both."""
        return inputs if mask is None else (inputs, mask)


def may_mask(model: Any) -> bool:
    """Whether a layer of the model makes masks, such as `Embedding(mask_zero=True)`."""
    return any(map(_makes_masks, model._flatten_layers()))


def _makes_masks(layer: Any) -> bool:
    if isinstance(layer, keras.layers.Embedding):
        return bool(layer.mask_zero)
    if isinstance(layer, keras.layers.Lambda):
        return layer.mask is not None
    is_own = not are_of_keras(layer, "compute_mask")
    return isinstance(layer, keras.layers.Masking) or is_own


def weighted(weights: Any) -> Counting | None:
    """Where the sample weights are not 0; None without weights or with several arrays of them."""
    arrays = keras.tree.flatten(weights)
    found = as_array(arrays[0]) if len(arrays) == 1 and arrays[0] is not None else None
    return None if found is None else found != 0


def spread(counting: Any, shape: tuple[int, ...]) -> Counting:
    """Counting rows or positions in the shape of what is compared; all if they do not fit it.

    Args:
        counting: Shape (n,), (n, 1), (n, positions) or (n, positions, 1); None = all count.
        shape: (n, ...), which begins with the same sizes.
    """
    if counting is None:
        return np.ones(shape, bool)
    counting = np.asarray(counting, bool)
    while counting.ndim > len(shape) and counting.shape[-1] == 1:
        counting = counting[..., 0]
    if counting.ndim > len(shape):
        return np.ones(shape, bool)
    counting = counting.reshape(counting.shape + (1,) * (len(shape) - counting.ndim))
    try:
        return np.broadcast_to(counting, shape)
    except ValueError:
        return np.ones(shape, bool)


def both(first: Any, second: Any) -> Counting | None:
    """Where a mask and weights count, both of which may be None."""
    if first is None or second is None:
        return second if first is None else np.asarray(first, bool)
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    larger, smaller = (first, second) if first.ndim >= second.ndim else (second, first)
    combined: Counting = larger & spread(smaller, larger.shape)
    return combined
