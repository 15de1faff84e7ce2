"""What it takes to load a trained network in another program."""

from __future__ import annotations

from enum import StrEnum


class Loading(StrEnum):
    """A way to load a trained network.

    Attributes:
        MODEL: `keras.models.load_model(path)`.
        UNCOMPILED: The same with `compile=False`, since the loss or metrics are the script's own.
        SCRIPT: `hwsearch.network.loading.load(script, weights)`.
    """

    MODEL = "model"
    UNCOMPILED = "model without compiling"
    SCRIPT = "script and weights"
