"""What it takes to load a trained network in another program."""

from __future__ import annotations

from enum import StrEnum


class Loading(StrEnum):
    """A way to load a trained network.

    Attributes:
        MODEL: `keras.models.load_model(path)`.
        UNCOMPILED: The same with `compile=False`, since the loss or metrics are the script's own.
        UNSAFE: The same with `safe_mode=False`, since a Lambda layer keeps Python code in the file.
        OBJECTS: The same with the script's own classes and functions as `custom_objects`.
        UNSAFE_OBJECTS: With both.
        SCRIPT: `hwsearch.network.loading.load(script, weights)`.
    """

    MODEL = "model"
    UNCOMPILED = "model without compiling"
    UNSAFE = "model with safe_mode=False"
    OBJECTS = "model with own objects"
    UNSAFE_OBJECTS = "model with own objects and safe_mode=False"
    SCRIPT = "script and weights"
