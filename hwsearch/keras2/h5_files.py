"""Models in `.h5` files, which Keras 3 loads with an optimizer that cannot train them.

Keras builds the optimizer for no variables at all (`legacy_h5_format`, Keras 3.15), so the next
`fit` fails: "Unknown variable". Here, it is built for those of the model, and gets its own state
from the file if that fits.
"""

from __future__ import annotations

import contextlib
import functools
from typing import Any


def install() -> None:
    """Lets models be trained further that are loaded from an `.h5` file."""
    from keras.src.legacy.saving import legacy_h5_format  # noqa: PLC0415 - no public name

    original = legacy_h5_format.load_model_from_hdf5
    if hasattr(original, "keras2_original"):
        return

    @functools.wraps(original)
    def load_model_from_hdf5(filepath: Any, *args: Any, **kwargs: Any) -> Any:
        model = original(filepath, *args, **kwargs)
        optimizer = getattr(model, "optimizer", None)
        if getattr(optimizer, "built", False) and not _trained_variables(optimizer):
            model.optimizer = _rebuilt(optimizer, model, filepath)
        return model

    load_model_from_hdf5.keras2_original = original  # type: ignore[attr-defined]
    legacy_h5_format.load_model_from_hdf5 = load_model_from_hdf5


def _trained_variables(optimizer: Any) -> list[Any]:
    return list(getattr(optimizer, "_trainable_variables", None) or [])


def _rebuilt(optimizer: Any, model: Any, filepath: Any) -> Any:
    """The same optimizer for the variables of a model, with its state in the file if it fits."""
    new = type(optimizer).from_config(optimizer.get_config())
    new.build(model.trainable_variables)
    with contextlib.suppress(OSError, KeyError, ValueError, TypeError):  # a state of another form
        values = _state(filepath)
        shapes = [tuple(variable.shape) for variable in new.variables]
        if shapes == [tuple(value.shape) for value in values]:
            for variable, value in zip(new.variables, values, strict=True):
                variable.assign(value)
    return new


def _state(filepath: Any) -> list[Any]:
    """The optimizer's variables in a file, in the order in which Keras wrote them."""
    import h5py  # type: ignore[import-untyped]  # noqa: PLC0415 - comes with Keras
    from keras.src.legacy.saving import legacy_h5_format  # noqa: PLC0415 - no public name

    if isinstance(filepath, h5py.File):
        return list(legacy_h5_format.load_optimizer_weights_from_hdf5_group(filepath))
    with h5py.File(filepath, "r") as file:
        return [
            value[()] for value in legacy_h5_format.load_optimizer_weights_from_hdf5_group(file)
        ]
