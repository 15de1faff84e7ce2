"""The user's main(job_id, params): found, and called as the original tool did."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spearmint.errors import UserError

Main = Callable[[int, dict[str, Any]], Any]


def arguments(params: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A job's params as main gets them: FLOAT and INT as arrays of their size, ENUM as lists."""
    types = {"float": np.float64, "int": np.int64}
    found: dict[str, Any] = {}
    for name, param in params.items():
        kind = str(param["type"]).lower()
        values = list(param["values"])
        found[name] = np.array(values, dtype=types[kind]) if kind in types else values
    return found


def find(folder: Path, main_file: str) -> Main:
    """The function `main` of a file in an experiment's folder.

    Raises:
        UserError: There is no such file, or no function `main` in it.
        Exception: Whatever the file raises.
    """
    path = folder / main_file
    if not path.is_file():
        raise UserError(f"main-file: got {main_file!r}; there is no such file in {folder}")
    name = path.stem
    if name in sys.modules:  # a main-file called random.py must not replace Python's
        name = f"main_file_{len(sys.modules)}"
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UserError(f"main-file: got {main_file!r}; expected a Python file, NAME.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    main = getattr(module, "main", None)
    if not callable(main):
        raise UserError(f"main-file: {path} defines no main(job_id, params)")
    found: Main = main
    return found


def why(error: BaseException) -> str:
    """The reason that a job keeps: the type and message, or the message where it says enough."""
    if isinstance(error, SystemExit):
        return f"SystemExit: the objective ended its process with {error.code!r}"
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = ""
    if isinstance(error, UserError) or getattr(type(error), "user_message", False):
        return message or type(error).__name__
    name = type(error).__name__
    if isinstance(error, SyntaxError):
        message = f"{message or error.msg}"
    return f"{name}: {message}" if message else f"{name} at {_place(error)}"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
