"""The callbacks of a script: where they write, and what they do to the weights."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hwsearch.keras_runtime import keras

#: Attributes of Keras' callbacks that name a file or folder to write to.
_PATHS = ("filepath", "filename", "log_dir", "backup_dir")
#: Callbacks of Keras that leave the weights as the epoch made them.
_HARMLESS = (
    "BackupAndRestore",
    "CSVLogger",
    "EarlyStopping",
    "History",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "TensorBoard",
    "TerminateOnNaN",
)


def move_files(callbacks: Sequence[Any], folder: Path) -> None:
    """Lets Keras' callbacks write into a folder, which is made if one of them needs it.

    Jobs that train at the same time do not overwrite each other's files then. Of an absolute path,
    only the name is kept.
    """
    for callback in callbacks:
        for name in _PATHS:
            path = getattr(callback, name, None)
            if not isinstance(path, str | os.PathLike) or not _is_keras(type(callback)):
                continue
            old = os.fspath(path)
            if Path(old).is_relative_to(folder):
                continue
            new = str(
                folder / (Path(old).name if Path(old).is_absolute() else os.path.normpath(old))
            )
            Path(new).parent.mkdir(parents=True, exist_ok=True)
            for key, value in list(vars(callback).items()):
                if isinstance(value, str) and value.startswith(old):
                    setattr(callback, key, new + value[len(old) :])
            setattr(callback, name, new)


def _is_keras(callback: type) -> bool:
    return any(
        base.__module__.startswith("keras.") and base is not keras.callbacks.Callback
        for base in callback.__mro__
    )


def restored_epoch(callbacks: Sequence[Any]) -> int | None:
    """The epoch, as Keras numbers it from 0, whose weights `EarlyStopping` has restored."""
    for callback in callbacks:
        if restores(callback) and getattr(callback, "best_weights", None) is not None:
            return int(callback.best_epoch)
    return None


def restores(callback: Any) -> bool:
    """Whether a callback restores the weights of the best epoch by itself."""
    return bool(getattr(callback, "restore_best_weights", False))


def may_change_weights(model: Any, callbacks: Sequence[Any]) -> bool:
    """Whether the weights after the training may be those of no epoch."""
    if getattr(model.optimizer, "use_ema", False):
        return True
    harmless = {getattr(keras.callbacks, name, None) for name in _HARMLESS}
    return any(type(callback) not in harmless for callback in callbacks)
