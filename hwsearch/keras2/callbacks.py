"""Callbacks as Keras 2 had them: names of checkpoints, and arguments that no longer exist."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from typing import Any

from hwsearch.keras2.reports import place, renamed, report, spelled

#: Arguments of Keras 2 -> those of Keras 3; "" = left out.
_ARGUMENTS: dict[str, dict[str, str]] = {
    "EarlyStopping": {},
    "ModelCheckpoint": {"period": ""},
    "ReduceLROnPlateau": {"epsilon": "min_delta"},
    "TensorBoard": {
        "batch_size": "",
        "embeddings_data": "",
        "embeddings_layer_names": "",
        "write_grads": "",
    },
}
#: What `metrics=["accuracy"]` was called in logs -> what it is called now.
_ACCURACY = {"acc": "accuracy", "val_acc": "val_accuracy"}
#: Ends of file names that people give to checkpoints.
_ENDS = (".weights.h5", ".keras", ".hdf5", ".h5", ".ckpt", ".tf")


def install() -> None:
    """Makes callbacks accept Keras 2's arguments and names of files."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    for name in _ARGUMENTS:
        _accept_old_arguments(getattr(keras.callbacks, name))
    base: Any = keras.callbacks.EarlyStopping.__mro__[1]
    if not hasattr(base._set_monitor_op, "keras2_original"):
        base._set_monitor_op = _with_accuracy(base._set_monitor_op)


def checkpoint_path(path: str, weights_only: bool) -> str:
    """The name of a checkpoint that Keras 3 accepts: `best.hdf5` is `best.h5`.

    Args:
        path: As the script has it.
        weights_only: Whether only weights are saved.
    """
    accepted = (".weights.h5",) if weights_only else (".keras", ".h5")
    if path.endswith(accepted):
        return path
    end = next((one for one in _ENDS if path.endswith(one)), "")
    new = accepted[0] if weights_only or end != ".hdf5" else ".h5"
    return path.removesuffix(end) + new


def _accept_old_arguments(callback: type) -> None:
    original = vars(callback)["__init__"]
    if hasattr(original, "keras2_original"):
        return

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        words = _modern(callback.__name__, kwargs)
        if callback.__name__ == "ModelCheckpoint":
            args, words = _named(original, args, words)
        self._keras2_place = place()
        original(self, *args, **words)

    init.keras2_original = original  # type: ignore[attr-defined]
    callback.__init__ = init  # type: ignore[misc]


def _with_accuracy(original: Callable[[Any], None]) -> Callable[[Any], None]:
    """Lets callbacks that monitor `val_acc` find `val_accuracy`."""

    @functools.wraps(original)
    def set_monitor_op(self: Any) -> None:
        new = _ACCURACY.get(self.monitor)
        groups = getattr(self.model, "metrics", [])
        names = {one.name for group in groups for one in getattr(group, "metrics", [group])}
        if new and "accuracy" in names and "acc" not in names:
            report(f"{self.monitor} is Keras 2's name; in Keras 3: {new}", self._keras2_place)
            self.monitor = new
        original(self)

    set_monitor_op.keras2_original = original  # type: ignore[attr-defined]
    return set_monitor_op


def _modern(name: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of a call in Keras 3; reports those that are old."""
    new = dict(words)
    for old in _ARGUMENTS[name].keys() & words.keys():
        value, word = new.pop(old), _ARGUMENTS[name][old]
        if word:
            new[word] = value
        told = f"{name}({word}={spelled(value)})" if word else f"leave {old} out"
        report(renamed(name, [f"{old}="], told))
    return new


def _named(
    init: Callable[..., None], args: tuple[Any, ...], words: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of `ModelCheckpoint` with a name that Keras 3 accepts."""
    try:
        given = inspect.signature(init).bind(None, *args, **words).arguments
    except TypeError:
        return args, words  # which Keras explains
    path = given["filepath"]
    if not isinstance(path, str | os.PathLike):
        return args, words
    old = os.fspath(path)
    new = checkpoint_path(old, bool(given.get("save_weights_only")))
    if new == old:
        return args, words
    report(f"ModelCheckpoint: Keras 3 does not write {old!r}; it writes {new!r} here")
    return ((new, *args[1:]), words) if args else (args, words | {"filepath": new})
