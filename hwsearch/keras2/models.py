"""Models as Keras 2 had them.

Methods that took generators, Keras 1's name for the epochs of `fit`, and `metrics` as the third
argument of `compile`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

from hwsearch.keras2.names import GENERATOR_METHODS
from hwsearch.keras2.reports import METRICS_THIRD, renamed, report

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
_STEPS = ("steps_per_epoch", "validation_steps")
#: Counts of images in Keras 1, which became counts of batches.
_COUNTS = {"samples_per_epoch": "steps_per_epoch", "nb_val_samples": "validation_steps"}


def install() -> None:
    """Gives models the methods of Keras 2 that took generators, and its arguments."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    for old, new in GENERATOR_METHODS.items():
        if not hasattr(keras.Model, old):
            setattr(keras.Model, old, _method(old, new))
    if not _takes_old(keras.Model.fit):
        keras.Model.fit = _fit(keras.Model.fit)
    # Keras loads a compiled model only if its class has the `compile` of this base class.
    trainer: Any = next(base for base in keras.Model.__mro__ if "compile" in vars(base))
    if not _takes_old(trainer.compile):
        trainer.compile = _compile(trainer.compile)


def fit_arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of a call of `fit`, as Keras 3 takes them.

    `epochs` instead of Keras 1's `nb_epoch`, no arguments about how batches are fetched, and whole
    numbers of steps: Keras 2 took steps until their number was at least `len(x) / batch_size`.
    """
    words = {name: value for name, value in given.items() if name not in _FETCHING}
    left_out = [name for name in given if name in _FETCHING]
    if "nb_epoch" in words and "epochs" not in words:
        words["epochs"] = words.pop("nb_epoch")
        report(renamed("model.fit", ["nb_epoch="], "epochs="))
    if left_out:
        report(renamed("model.fit", [f"{name}=" for name in left_out], "leave them out"))
    for name in _STEPS:
        value = words.get(name)
        if isinstance(value, float) and math.isfinite(value):
            words[name] = math.ceil(value)
            if not value.is_integer():
                report(f"model.fit: got {name}={value:g}; {words[name]} steps are taken")
    return words


def _takes_old(fit: Any) -> bool:
    return bool(getattr(fit, "takes_old_arguments", False))


def _fit(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        return original(self, *args, **fit_arguments(kwargs))

    fit.takes_old_arguments = True  # type: ignore[attr-defined]
    return fit


def _compile(original: Callable[..., Any]) -> Callable[..., Any]:
    """`compile` that tells metrics in the third place from Keras 3's `loss_weights`."""

    @functools.wraps(original)
    def compile_model(self: Any, *args: Any, **kwargs: Any) -> Any:
        if len(args) in (3, 4) and _are_metrics(args[2]) and "metrics" not in kwargs:
            if len(args) > 3:
                kwargs.setdefault("loss_weights", args[3])
            kwargs["metrics"], args = args[2], args[:2]
            report(METRICS_THIRD)
        return original(self, *args, **kwargs)

    compile_model.takes_old_arguments = True  # type: ignore[attr-defined]
    return compile_model


def _are_metrics(value: Any) -> bool:
    """Whether a list holds names or metrics; weights of losses are numbers."""
    return isinstance(value, list | tuple) and any(
        isinstance(one, str) or callable(one) for one in value
    )


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
