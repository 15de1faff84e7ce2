"""The networks of the measuring benchmarks: those of the example templates at several sizes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

DIGITS_SIZES = {
    "smallest": {"conv_blocks": 1, "conv_features": 1, "conv_kernel": 2, "dense_units": 4},
    "small": {"conv_blocks": 2, "conv_features": 2, "conv_kernel": 3, "dense_units": 6},
    "middle": {"conv_blocks": 2, "conv_features": 6, "conv_kernel": 3, "dense_units": 7},
    "large": {"conv_blocks": 3, "conv_features": 8, "conv_kernel": 4, "dense_units": 8},
    "largest": {"conv_blocks": 3, "conv_features": 12, "conv_kernel": 5, "dense_units": 9},
}
CIFAR10_INPUT = (32, 32, 3)


def digits(size: str) -> Any:
    """The network of `experiments/digits` at one of `DIGITS_SIZES` (the optimiser's values)."""
    import keras
    from keras import layers

    chosen = DIGITS_SIZES[size]
    model = keras.Sequential([keras.Input((8, 8, 1))])
    for block in range(chosen["conv_blocks"]):
        features = 4 * chosen["conv_features"] * 2**block
        model.add(layers.Conv2D(features, chosen["conv_kernel"], padding="same", activation="relu"))
        model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(2 ** chosen["dense_units"], activation="relu"))
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(10, activation="softmax"))
    return model


def cifar10(step: int, steps: int = 10) -> Any:
    """The network of `experiments/cifar10`, from the smallest of its template to the largest.

    Args:
        step: 0 to steps - 1; all structural hyper-parameters grow together from min to max.
        steps: Number of sizes.
    """
    import keras
    from keras import layers

    def between(low: int, high: int) -> int:
        return round(low + (high - low) * step / max(steps - 1, 1))

    model = keras.Sequential(
        [keras.Input(CIFAR10_INPUT, dtype="uint8"), layers.Rescaling(1 / 127.5, offset=-1)]
    )
    for _ in range(3):
        features, kernel = between(20, 80), between(2, 5)
        model.add(layers.Conv2D(features, kernel, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D(2, strides=2, padding="same"))
    model.add(layers.Flatten())
    model.add(layers.Dense(between(200, 700), activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    return model
