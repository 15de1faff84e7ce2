"""The shapes of one image, for models whose inputs leave dimensions open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hwsearch.keras_runtime import keras

#: Shape of one image, without the batch.
Shape = tuple[int, ...]


def image_shapes(model: Any, images: Any) -> Shape | list[Shape] | None:
    """The shape of one image; of several inputs, a list in the model's order.

    Args:
        model: A Keras model.
        images: An array, or the structure of arrays that the model takes.

    Returns:
        None if the images do not tell it.
    """
    declared = getattr(model, "inputs", None) or []
    if hasattr(images, "shape"):
        shape = tuple(images.shape[1:])
        return _as_declared(shape, declared[0]) if len(declared) == 1 else shape
    names = [one.name for one in declared]
    if isinstance(images, Mapping):
        if not names:
            return None  # the order in which a model of its own class takes them is unknown
        if images.keys() >= set(names):
            images = [images[name] for name in names]
    shapes = [tuple(array.shape[1:]) for array in keras.tree.flatten(images)]
    if not declared:
        return shapes
    if len(shapes) != len(declared):
        return None
    return [_as_declared(shape, one) for shape, one in zip(shapes, declared, strict=True)]


def _as_declared(shape: Shape, one: Any) -> Shape:
    """The shape of one image as a model gets it: to single numbers and texts, Keras adds an axis.

    Args:
        shape: That of the data.
        one: The model's input.
    """
    return shape if len(shape) == len(one.shape) - 1 else tuple(one.shape[1:])
