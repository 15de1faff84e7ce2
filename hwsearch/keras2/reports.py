"""Notes about old spellings that a running script uses, and how they are worded."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import FrameType
from typing import Any

METRICS_THIRD = (
    "model.compile(optimizer, loss, [...]) is the Keras 2 spelling; in Keras 3: "
    "model.compile(optimizer, loss, metrics=[...])"
)
BACKEND = (
    "functions of keras.backend, such as K.sum, are Keras 2's; in Keras 3: keras.ops.sum and so on"
)
_HERE = str(Path(__file__).parent)
_reported: set[str] = set()


def report(text: str, at: str = "") -> None:
    """Prints one line on standard error, with the place in the script; the same line only once.

    Args:
        text: The note.
        at: The place; "" = the line that runs now.
    """
    line = f"{at or place()}: {text}"
    if line not in _reported:
        _reported.add(line)
        print(line, file=sys.stderr)


def place() -> str:
    """The line of the script that runs now: "net.py:12"."""
    frame = script_frame()
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def script_frame() -> FrameType:
    """The innermost frame that belongs neither to this package nor to Keras."""
    frame = sys._getframe(1)
    while frame.f_back and _is_library(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def script_text() -> str:
    """The text of the script that is running; "" if it is not in a file."""
    return "".join(linecache.getlines(script_frame().f_code.co_filename))


def renamed(name: str, words: list[str], new: str) -> str:
    """Old arguments of a class or function, and its new spelling."""
    return f"{name}({', '.join(words)}) is the Keras 2 spelling; in Keras 3: {new}"


def moved(old: str, new: str, names: str) -> str:
    """Names that are in another module now."""
    if old.endswith(".legacy"):
        return f"{old} is Keras 2's; in Keras 3: from {new} import {names}"
    return f"{old} does not exist in Keras 3; write: from {new} import {names}"


def changed_rate(call: str, name: str, old: float, new: float) -> str:
    """The default learning rate of an optimiser that has changed.

    Args:
        call: As the script has it: "Adadelta()" or "'adadelta'".
        name: The class.
        old: Keras 2's rate.
        new: Keras 3's.
    """
    return (
        f"{call} trains at Keras 3's default learning rate of {new:g}; Keras 2's was {old:g}: "
        f"write {name}(learning_rate={old}) for that, or state the rate that you want"
    )


def spelled(value: Any) -> str:
    """A value of a call, for messages."""
    return repr(value) if isinstance(value, int | float | str | None) else type(value).__name__


def _is_library(path: str) -> bool:
    return (
        path.startswith(_HERE)
        or "importlib" in path
        or "/keras/src/" in path.replace("\\", "/")
        or "/tensorflow/python/" in path.replace("\\", "/")
        or "/keras/optimizers/" in path.replace("\\", "/")
    )
