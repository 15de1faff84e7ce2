"""Models that the tests of counting share."""

from __future__ import annotations

from typing import Any

from hwsearch.keras_runtime import keras


def chain(shape: tuple[int | None, ...], *layers: Any) -> Any:
    """Layers one after the other, on images of a shape."""
    return keras.Sequential([keras.Input(shape), *layers])
