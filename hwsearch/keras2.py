"""Scripts written for Keras 2 on Keras 3: `lr=`, `decay=` and a few modules that are gone.

`SGD(lr=0.01, decay=0.001, momentum=0.9)` becomes a learning rate of lr / (1 + decay * iterations),
which is what Keras 2's optimisers did (`keras.optimizers.SGD`, Keras 2.2). Each old spelling is
named once on standard error, with the new one. What cannot be kept is explained by `remedy`.
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

# Arguments that Keras 2's optimisers took and Keras 3's do not.
OLD_ARGUMENTS = ("lr", "decay", "schedule_decay")

# The optimisers of Keras 2.
OPTIMIZERS = ("SGD", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adamax", "Nadam")

# Modules of Keras 2 whose names have moved.
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

# What Keras 1 and 2 called something -> what to write instead.
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
    """Whether a script may rest on `install`: it contains one of the old names."""
    return _OLD_NAMES.search(script) is not None


def old_spellings(script: str) -> list[tuple[int, str]]:
    """Where a script is written for Keras 2, and what to write instead; nothing is imported.

    Only what stands there in so many words is found; `install` names what it meets when it runs.

    Args:
        script: Valid Python.

    Returns:
        (line, what to say) each, in the order of the script.
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
                was = ", ".join(f"{word}=" for word in old)
                found.append(
                    (node.lineno, f"{name}({was}) is Keras 2's spelling; on Keras 3: {new}")
                )
        elif isinstance(node, ast.ImportFrom) and node.module in MOVED_MODULES:
            names = ", ".join(alias.name for alias in node.names)
            new = MOVED_MODULES[node.module]
            found.append(
                (node.lineno, f"{node.module} is gone in Keras 3: from {new} import {names}")
            )
    return sorted(found)


def install() -> None:
    """Makes the old spellings work in this process. Again: does nothing."""
    import keras  # noqa: PLC0415 - heavy

    for optimizer in vars(keras.optimizers).values():
        if inspect.isclass(optimizer) and issubclass(optimizer, keras.optimizers.Optimizer):
            _accept_old_arguments(optimizer)
    for old, new in MOVED_MODULES.items():
        sys.modules.setdefault(old, _Moved(old, sys.modules[new]))


def remedy(message: str) -> str:
    """What to write instead of the old name that an error message quotes; "" if there is none."""
    for old, new in RENAMED.items():
        if re.search(rf"['\"]{re.escape(old)}['\"]", message):
            return f"{old} is Keras 1's or 2's; on Keras 3: {new}"
    return ""


def _accept_old_arguments(optimizer: type) -> None:
    """Wraps the class's `__init__`, also for subclasses that hand their arguments on to it."""
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
    """The arguments for Keras 3, with a line about those that were old.

    Raises:
        TypeError: `lr` and `learning_rate` together, or `decay` with a schedule.
    """
    import keras  # noqa: PLC0415 - heavy

    new = dict(kwargs)
    old = {key: new.pop(key) for key in OLD_ARGUMENTS if key in new}
    if "epsilon" in new and new["epsilon"] is None:
        old["epsilon"] = new.pop("epsilon")
    given = args[0] if args else new.get("learning_rate")
    if "lr" in old and given is not None:
        raise TypeError(f"{name}: lr={old['lr']} is the old name of learning_rate; give one")
    rate = old.get("lr", given)
    if rate is None:
        rate = inspect.signature(init).parameters["learning_rate"].default
    spelled = _spelled(rate)
    decay = old.get("decay") or 0.0
    if decay:
        if not isinstance(rate, int | float):
            raise TypeError(f"{name}: decay={decay} needs a number as the learning rate")
        spelled = (
            "keras.optimizers.schedules.InverseTimeDecay("
            f"{rate}, decay_steps=1, decay_rate={decay})"
        )
        rate = keras.optimizers.schedules.InverseTimeDecay(rate, decay_steps=1, decay_rate=decay)
    new["learning_rate"] = rate
    was = ", ".join(f"{key}={_spelled(value)}" for key, value in old.items())
    _say(f"{name}({was}) is Keras 2's spelling; on Keras 3: {name}(learning_rate={spelled})")
    return args[1:], new


def _spelled(value: Any) -> str:
    return repr(value) if isinstance(value, int | float | str | None) else type(value).__name__


class _Moved(types.ModuleType):
    """Stands for a module that is gone; its names are those of another."""

    def __init__(self, name: str, new: types.ModuleType) -> None:
        super().__init__(name, f"Keras 2's name for a part of {new.__name__}.")
        self._new = new

    def __getattr__(self, name: str) -> Any:
        # Dunders are the import system asking around.
        if name.startswith("__") or not hasattr(self._new, name):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        _say(f"{self.__name__} is gone in Keras 3: from {self._new.__name__} import {name}")
        return getattr(self._new, name)


def _say(text: str) -> None:
    """One line on standard error, with the script's line that it is about."""
    here = Path(__file__).name
    frame = sys._getframe(1)
    while frame.f_back and (
        Path(frame.f_code.co_filename).name == here or "importlib" in frame.f_code.co_filename
    ):
        frame = frame.f_back
    place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
    print(f"{place}: {text}", file=sys.stderr)
