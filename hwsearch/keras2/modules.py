"""Modules and names of Keras 2 that are elsewhere in Keras 3."""

from __future__ import annotations

import contextlib
import importlib
import sys
import types
from collections.abc import Callable
from typing import Any

from hwsearch.keras2.names import LEGACY_OPTIMIZERS, MOVED_MODULES, RENAMED, SHORT_LOSSES
from hwsearch.keras2.optimizers import lower_case
from hwsearch.keras2.reports import moved, report

#: `tensorflow.keras` is this package, with modules of its own.
_TENSORFLOW = "keras._tf_keras.keras"
#: Kept by Keras 3 for `tensorflow.keras` only: names by module of `keras.preprocessing`.
_KEPT = {
    "image": ("ImageDataGenerator", "Iterator", "NumpyArrayIterator", "DirectoryIterator"),
    "text": ("Tokenizer", "text_to_word_sequence", "one_hot", "hashing_trick"),
    "sequence": ("TimeseriesGenerator",),
}


def install() -> None:
    """Makes the old modules and names importable, from `keras` and `tensorflow.keras`."""
    for old, new in MOVED_MODULES.items():
        _provide(old, sys.modules[new])
        _provide(old.replace("keras", "tensorflow.keras", 1), sys.modules[new])
    _provide_optimizers("keras.optimizers")
    if "tensorflow" in sys.modules:  # whose keras.optimizers is a module of its own
        with contextlib.suppress(ImportError):
            importlib.import_module("tensorflow.keras.optimizers")
    _provide_optimizers("tensorflow.keras.optimizers")
    for name, kept in _KEPT.items():
        _provide_kept(name, kept)
    for path in ("keras.losses", "keras.metrics"):
        _provide_short_losses(path)
    if _TENSORFLOW in sys.modules:
        _install_tensorflow()


def _install_tensorflow() -> None:
    """The same in the modules behind `tensorflow.keras`, which share the classes of `keras`."""
    _provide_optimizers(f"{_TENSORFLOW}.optimizers")
    for old, new in MOVED_MODULES.items():
        _set_attribute(old.replace("keras", _TENSORFLOW, 1), old, sys.modules[new])


def _provide(old: str, new: types.ModuleType) -> None:
    """Adds a module of Keras 2, and its name in the module that it belonged to."""
    if not isinstance(sys.modules.get(old), _Moved):
        sys.modules[old] = _Moved(old, new)
    _set_attribute(old, old, new)


def _set_attribute(path: str, shown: str, new: types.ModuleType) -> None:
    """Makes `keras.optimizers.legacy` available as an attribute of `keras.optimizers`."""
    parent, _, name = path.rpartition(".")
    owner = sys.modules.get(parent)
    if owner is None or isinstance(owner, _Moved) or name in RENAMED:
        return
    present = vars(owner).get(name)
    # Keras 3's `legacy` has only classes that refuse to be made.
    if present is None or (isinstance(present, types.ModuleType) and name == "legacy"):
        setattr(owner, name, _Moved(shown, new))


def _provide_optimizers(path: str) -> None:
    """Gives `keras.optimizers` the lower-case names of Keras 2: rmsprop, sgd, adam."""
    module = sys.modules.get(path)
    if module is None or "__getattr__" in vars(module):
        return

    def find(name: str) -> Any:
        modern = lower_case(name)
        if not modern:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        report(f"keras.optimizers.{name} is the Keras 2 spelling; in Keras 3: {modern}")
        return getattr(module, modern)

    _provide_getattr(module, find)


def _provide_short_losses(path: str) -> None:
    """Gives `keras.losses` and `keras.metrics` the short names of Keras 2: mse, MSE, mae."""
    module = sys.modules.get(path)
    if module is None or "__getattr__" in vars(module):
        return

    def find(name: str) -> Any:
        new = SHORT_LOSSES.get(name.lower(), "")
        if new not in vars(module):
            raise AttributeError(f"module {path!r} has no attribute {name!r}")
        report(f"{path}.{name} is the Keras 2 spelling; in Keras 3: {path}.{new}")
        return getattr(module, new)

    _provide_getattr(module, find)


def _provide_kept(name: str, kept: tuple[str, ...]) -> None:
    """Gives `keras.preprocessing` the classes that Keras 3 keeps for `tensorflow.keras`."""
    path = f"keras.preprocessing.{name}"
    try:
        source = importlib.import_module(f"keras.src.legacy.preprocessing.{name}")
        parent = importlib.import_module("keras.preprocessing")
    except ImportError:  # a Keras that no longer has them: `remedy` explains
        return
    module = sys.modules.get(path) or getattr(parent, name, None)
    if module is None:
        module = sys.modules[path] = types.ModuleType(path)
        setattr(parent, name, module)
    if "__getattr__" in vars(module):
        return

    def find(word: str) -> Any:
        if word not in kept:
            raise AttributeError(f"module {path!r} has no attribute {word!r}")
        report(f"{path}.{word} is from Keras 2; it still works, but is no longer maintained")
        return getattr(source, word)

    _provide_getattr(module, find)


def _provide_getattr(module: types.ModuleType, find: Callable[[str], Any]) -> None:
    vars(module)["__getattr__"] = find


class _Moved(types.ModuleType):
    """Stands in for a module of Keras 2; takes its names from the module that holds them now."""

    def __init__(self, name: str, new: types.ModuleType) -> None:
        super().__init__(name, f"Keras 2's name for a part of {new.__name__}.")
        self.__path__: list[str] = []  # it may hold modules
        self._new = new

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Explains: `merge` was a function in Keras 1.

        Raises:
            TypeError: Always.
        """
        name = self.__name__.rpartition(".")[2]
        new = RENAMED.get(name)
        raise TypeError(
            f"{name}(...) is from Keras 1; in Keras 3: {new}" if new else f"{name} is a module"
        )

    def __getattr__(self, name: str) -> Any:
        inner = sys.modules.get(f"{self.__name__}.{name}")
        if isinstance(inner, _Moved):
            return inner
        # The import system asks for dunders.
        known = name in LEGACY_OPTIMIZERS or not self.__name__.endswith(".legacy")
        if name.startswith("__") or not known or not hasattr(self._new, name):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        report(moved(self.__name__, self._new.__name__, name))
        return getattr(self._new, name)
