"""Runs scripts written for Keras 2 on Keras 3: `lr=`, `decay=` and modules that have moved.

`SGD(lr=0.01, decay=0.001, momentum=0.9)` gets the learning rate lr / (1 + decay * iterations), as
Keras 2 computed it (`keras.optimizers.SGD`, Keras 2.2). Every use of an old name is reported on
standard error, with the new name. For old names that cannot work, `remedy` states the new one.

Rendered scripts on users' disks contain `from hwsearch import keras2`: this module keeps its place
and its public functions. It imports Keras only inside functions, because `old_spellings` is called
in a process that does not load Keras.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# Arguments of Keras 2's optimisers that Keras 3's do not accept.
OLD_ARGUMENTS = ("lr", "decay", "schedule_decay")

# The optimisers of Keras 2.
OPTIMIZERS = ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam")

# Modules of Keras 2 -> where their names are now.
MOVED_MODULES = {
    "keras.layers.advanced_activations": "keras.layers",
    "keras.layers.convolutional": "keras.layers",
    "keras.layers.core": "keras.layers",
    "keras.layers.embeddings": "keras.layers",
    "keras.layers.merge": "keras.layers",
    "keras.layers.noise": "keras.layers",
    "keras.layers.normalization": "keras.layers",
    "keras.layers.pooling": "keras.layers",
    "keras.layers.recurrent": "keras.layers",
    "keras.layers.wrappers": "keras.layers",
    "keras.utils.np_utils": "keras.utils",
}

# Names of Keras 1 and 2 -> what to write instead.
RENAMED = {
    "ImageDataGenerator": "augment with layers such as keras.layers.RandomFlip in the model",
    "W_constraint": "kernel_constraint=",
    "W_regularizer": "kernel_regularizer=",
    "b_regularizer": "bias_regularizer=",
    "bias": "use_bias=",
    "border_mode": "padding=",
    "dim_ordering": 'data_format="channels_last"',
    "image_dim_ordering": "keras.config.image_data_format()",
    "init": "kernel_initializer=",
    "keras.engine": "from keras import Layer, Input, Model",
    "nb_col": "kernel_size=",
    "nb_epoch": "epochs=",
    "nb_filter": "filters=",
    "nb_row": "kernel_size=",
    "output_dim": "units=",
    "p": "rate=",
    "set_image_dim_ordering": "keras.config.set_image_data_format",
    "subsample": "strides=",
}

_OLD_NAMES = re.compile(
    r"\b((lr|decay|schedule_decay)\b|epsilon\s*=\s*None\b|np_utils\b|keras\.layers\.("
    + "|".join(name.rpartition(".")[2] for name in MOVED_MODULES)
    + r")\b)"
)


def may_need(script: str) -> bool:
    """Whether a script may need `install`: it contains one of the old names."""
    return _OLD_NAMES.search(script) is not None


def old_spellings(script: str) -> list[tuple[int, str]]:
    """Finds Keras 2 spellings in the text of a script, without running it or importing Keras.

    Only literal uses are found, such as `SGD(lr=0.1)`. When the script runs, `install` also reports
    indirect ones, such as `SGD(**options)`.

    Args:
        script: Valid Python.

    Returns:
        Pairs of line number and message, in the order of the script.
    """
    found = []
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            old = [word.arg for word in node.keywords if word.arg in OLD_ARGUMENTS]
            if name in OPTIMIZERS and old:
                new = "learning_rate="
                if set(old) - {"lr"}:
                    new += "keras.optimizers.schedules.InverseTimeDecay(...)"
                found.append((node.lineno, _renamed(str(name), [f"{word}=" for word in old], new)))
        elif isinstance(node, ast.ImportFrom) and node.module in MOVED_MODULES:
            names = ", ".join(alias.name for alias in node.names)
            found.append((node.lineno, _moved(node.module, MOVED_MODULES[node.module], names)))
    return sorted(found)


def install() -> None:
    """Makes the old spellings work in this process; a second call does nothing."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    for optimizer in vars(keras.optimizers).values():
        if inspect.isclass(optimizer) and issubclass(optimizer, keras.optimizers.Optimizer):
            _accept_old_arguments(optimizer)
    for old, new in MOVED_MODULES.items():
        sys.modules.setdefault(old, _Moved(old, sys.modules[new]))


def remedy(message: str) -> str:
    """What to write instead of an old name that an error message quotes; "" if it quotes none."""
    for old, new in RENAMED.items():
        if re.search(rf"['\"]{re.escape(old)}['\"]", message):
            return f"{old} is from Keras 1 or 2; in Keras 3: {new}"
    return ""


def _accept_old_arguments(optimizer: type) -> None:
    """Wraps the class's `__init__`; subclasses that pass their arguments to it benefit too."""
    original = vars(optimizer).get("__init__")
    if original is None or hasattr(original, "keras2_original"):
        return

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.keys() & set(OLD_ARGUMENTS) or kwargs.get("epsilon", 0) is None:
            args, kwargs = _modern(type(self).__name__, original, args, kwargs)
        original(self, *args, **kwargs)

    init.keras2_original = original  # type: ignore[attr-defined]
    optimizer.__init__ = init  # type: ignore[misc]


def _modern(
    name: str, init: Callable[..., None], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Translates an optimiser's arguments to Keras 3 and reports those that are old.

    Raises:
        TypeError: `lr` together with `learning_rate`, or `decay` together with a schedule.
    """
    new = dict(kwargs)
    old = {key: new.pop(key) for key in OLD_ARGUMENTS if key in new}
    if "epsilon" in new and new["epsilon"] is None:
        old["epsilon"] = new.pop("epsilon")
    given = args[0] if args else new.get("learning_rate")
    if "lr" in old and given is not None:
        raise TypeError(f"{name}: got lr={old['lr']} and learning_rate={given}; expected only one")
    rate = old.get("lr", given)
    if rate is None:
        rate = inspect.signature(init).parameters["learning_rate"].default
    new["learning_rate"], spelled = _decayed(name, rate, old.get("decay") or 0.0)
    words = [f"{key}={_spelled(value)}" for key, value in old.items()]
    _report(_renamed(name, words, f"{name}(learning_rate={spelled})"))
    return args[1:], new


def _decayed(name: str, rate: Any, decay: float) -> tuple[Any, str]:
    """A learning rate that decays as in Keras 2, and how to write it in Keras 3."""
    import keras  # noqa: PLC0415 - heavy, and not needed for old_spellings

    if not decay:
        return rate, _spelled(rate)
    if not isinstance(rate, int | float):
        raise TypeError(
            f"{name}: got decay={decay} with learning_rate={_spelled(rate)}; expected a number "
            "as the learning rate"
        )
    schedule = keras.optimizers.schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=decay)
    spelled = (
        f"keras.optimizers.schedules.InverseTimeDecay({rate}, decay_steps=1, decay_rate={decay})"
    )
    return schedule, spelled


def _spelled(value: Any) -> str:
    return repr(value) if isinstance(value, int | float | str | None) else type(value).__name__


def _renamed(name: str, words: list[str], new: str) -> str:
    return f"{name}({', '.join(words)}) is the Keras 2 spelling; in Keras 3: {new}"


def _moved(old: str, new: str, names: str) -> str:
    return f"{old} does not exist in Keras 3; write: from {new} import {names}"


class _Moved(types.ModuleType):
    """Stands in for a module of Keras 2; takes its names from the module that holds them now."""

    def __init__(self, name: str, new: types.ModuleType) -> None:
        super().__init__(name, f"Keras 2's name for a part of {new.__name__}.")
        self._new = new

    def __getattr__(self, name: str) -> Any:
        # The import system asks for dunders.
        if name.startswith("__") or not hasattr(self._new, name):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        _report(_moved(self.__name__, self._new.__name__, name))
        return getattr(self._new, name)


def _report(text: str) -> None:
    """Prints one line on standard error, with the file and line of the script that it concerns."""
    here = Path(__file__).name
    frame = sys._getframe(1)
    while frame.f_back and (
        Path(frame.f_code.co_filename).name == here or "importlib" in frame.f_code.co_filename
    ):
        frame = frame.f_back
    place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
    print(f"{place}: {text}", file=sys.stderr)
