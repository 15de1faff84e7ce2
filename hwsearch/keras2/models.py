"""Keras 2's methods of models that took generators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hwsearch.keras2.names import GENERATOR_METHODS
from hwsearch.keras2.reports import report

# Keras 2.2, keras/engine/training.py: the arguments after the generator, in their order.
_POSITIONS = {
    "fit_generator": (
        "steps_per_epoch",
        "epochs",
        "verbose",
        "callbacks",
        "validation_data",
        "validation_steps",
        "class_weight",
        "max_queue_size",
        "workers",
        "use_multiprocessing",
        "shuffle",
        "initial_epoch",
    ),
    "evaluate_generator": ("steps", "max_queue_size", "workers", "use_multiprocessing", "verbose"),
    "predict_generator": ("steps", "max_queue_size", "workers", "use_multiprocessing", "verbose"),
}
#: How batches were fetched; `keras.utils.PyDataset` has these arguments now.
_FETCHING = ("max_queue_size", "max_q_size", "workers", "use_multiprocessing", "pickle_safe")
#: Counts of images in Keras 1, which became counts of batches.
_COUNTS = {"samples_per_epoch": "steps_per_epoch", "nb_val_samples": "validation_steps"}


def install() -> None:
    """Gives models the methods of Keras 2 that took generators."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    for old, new in GENERATOR_METHODS.items():
        if not hasattr(keras.Model, old):
            setattr(keras.Model, old, _method(old, new))


def _method(old: str, new: str) -> Callable[..., Any]:
    def method(self: Any, generator: Any, *args: Any, **kwargs: Any) -> Any:
        words = dict(zip(_POSITIONS[old], args, strict=False)) | kwargs
        for name in _COUNTS.keys() & words.keys():
            raise TypeError(
                f"{old}: got {name}={words[name]} of Keras 1, a count of images; "
                f"expected {_COUNTS[name]}, a count of batches"
            )
        for name in _FETCHING:
            words.pop(name, None)
        if "nb_epoch" in words:
            words["epochs"] = words.pop("nb_epoch")
        if old == "fit_generator" and not hasattr(generator, "__len__"):
            words["shuffle"] = False  # it never had an effect on generators
        report(f"model.{old}(...) is the Keras 2 spelling; in Keras 3: model.{new}(...)")
        return getattr(self, new)(generator, **words)

    method.__name__ = old
    method.__doc__ = f"Keras 2's name for `{new}` of a generator."
    return method
