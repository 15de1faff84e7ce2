"""The callbacks of a script: where they write, and what they do to the weights."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from hwsearch import keras2
from hwsearch.keras_runtime import keras
from hwsearch.network.replaced import replaced

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
    only the name is kept; `../` at the beginning of another one is left out.
    """
    for callback in callbacks:
        for name in _PATHS:
            path = getattr(callback, name, None)
            if not isinstance(path, str | os.PathLike) or not _is_keras(type(callback)):
                continue
            old = os.fspath(path)
            if Path(old).is_relative_to(folder):
                continue
            new = str(_moved(old, folder))
            Path(new).parent.mkdir(parents=True, exist_ok=True)
            for key, value in list(vars(callback).items()):
                if isinstance(value, str) and value.startswith(old):
                    setattr(callback, key, new + value[len(old) :])
            setattr(callback, name, new)


def _moved(path: str, folder: Path) -> Path:
    if Path(path).is_absolute():
        return folder / Path(path).name
    return folder.joinpath(*(one for one in Path(os.path.normpath(path)).parts if one != ".."))


@contextlib.contextmanager
def moved_files_found(
    folder: Path, wanted: Callable[[], bool], loaded: list[Any]
) -> Iterator[None]:
    """Lets a script load weights and models that its callbacks wrote, by the paths that it knows.

    Args:
        folder: Where `move_files` has let them write.
        wanted: Whether the script has trained already; what it loads before that is its own.
        loaded: Takes the models that are loaded from there, or from where the script itself has
            saved a model since it has trained.
    """
    saved: set[str] = set()

    def found(path: Any) -> Any:
        if not (wanted() and isinstance(path, str | os.PathLike)):
            return path
        old = os.fspath(path)
        names = (old, *(keras2.checkpoint_path(old, weights) for weights in (True, False)))
        places = [place for place in (_moved(name, folder) for name in names) if place.exists()]
        return str(places[0]) if places else path

    load_weights, load_model = keras.Model.load_weights, keras.models.load_model

    def weights(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        return load_weights(self, found(filepath), *args, **kwargs)

    def model(filepath: Any, *args: Any, **kwargs: Any) -> Any:
        place = found(filepath)
        result = load_model(place, *args, **kwargs)
        own = isinstance(place, str | os.PathLike) and os.path.abspath(place) in saved  # noqa: PTH100
        if place is not filepath or own:
            loaded.append(result)
        return result

    with contextlib.ExitStack() as stack:
        stack.enter_context(_saved_models_noted(wanted, saved))
        stack.enter_context(replaced(keras.Model, "load_weights", weights))
        for module in _public_modules("load_model", load_model):
            stack.enter_context(replaced(module, "load_model", model))
        yield


@contextlib.contextmanager
def _saved_models_noted(wanted: Callable[[], bool], saved: set[str]) -> Iterator[None]:
    """Notes where a script saves a compiled model, once it has trained."""
    method, function = keras.Model.save, keras.models.save_model

    def note(model: Any, filepath: Any) -> None:
        if wanted() and model.compiled:
            saved.add(os.path.abspath(filepath))  # noqa: PTH100 - like Keras, follows no links

    def save(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        note(self, filepath)
        return method(self, filepath, *args, **kwargs)

    def save_model(model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        note(model, filepath)
        return function(model, filepath, *args, **kwargs)

    with contextlib.ExitStack() as stack:
        stack.enter_context(replaced(keras.Model, "save", save))
        for module in _public_modules("save_model", function):
            stack.enter_context(replaced(module, "save_model", save_model))
        yield


def _public_modules(name: str, function: Callable[..., Any]) -> list[Any]:
    """The modules of Keras from which a script can take a function, such as `keras.models`."""
    return [
        module
        for path, module in sys.modules.items()
        if "keras" in path.split(".")
        and not path.startswith("keras.src")
        and getattr(module, "__dict__", {}).get(name) is function
    ]


def _is_keras(callback: type) -> bool:
    return any(
        base.__module__.startswith("keras.") and base is not keras.callbacks.Callback
        for base in callback.__mro__
    )


def restored_epoch(callbacks: Sequence[Any]) -> int | None:
    """The epoch, as Keras numbers it from 0, whose weights `EarlyStopping` has restored."""
    for callback in reversed(callbacks):  # of several, the last one to restore decides
        if restores(callback) and getattr(callback, "best_weights", None) is not None:
            return int(callback.best_epoch)
    return None


def restores(callback: Any) -> bool:
    """Whether a callback restores the weights of the best epoch by itself."""
    return bool(getattr(callback, "restore_best_weights", False))


def averages_weights(optimizer: Any) -> bool:
    """Whether an optimiser replaces the weights by their mean at the end of `fit`."""
    return bool(getattr(inner(optimizer), "use_ema", False))


def inner(optimizer: Any) -> Any:
    """The optimiser itself, if another one scales its loss, as with the policy mixed_float16."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def may_change_weights(model: Any, callbacks: Sequence[Any]) -> bool:
    """Whether the weights after the training may be those of no epoch."""
    if averages_weights(model.optimizer):
        return True
    return any(map(is_own, callbacks))


def is_own(callback: Any) -> bool:
    """Whether a callback is none of Keras' that leave the weights as they are."""
    return type(callback) not in {getattr(keras.callbacks, name, None) for name in _HARMLESS}
