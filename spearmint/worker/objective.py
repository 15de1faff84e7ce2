"""The user's objective: `main(job_id, params)` in the main-file.

If config.json has `stopping`, it is `main(job_id, params, until)`: `until`, above 0 and up to 1, is
the share of the whole training after which it returns what `outcome.pause` describes; called again
with the same `job_id` and a larger `until`, it continues.

If `candidate-check` has `"tell-main": true`, a job at a point where constraints are predicted calls
`main(job_id, params, expected=...)`, and may leave these constraints open: see `outcome`.

If it has `"check-ahead": true`, a `main` with a parameter `ahead` gets a function for it. After
`ahead(True)`, candidates of the next job may be checked while this job runs, until `ahead(False)`.

It runs in the experiment's folder. `params` has the form that `arguments` returns; what main may
return is described by `outcome`. If it raises an exception, the job is broken, and the job's
`reason` becomes `TYPE: message`. An exception class with the attribute `user_message = True` has
messages that are complete sentences for the user: then `reason` is the message alone. Any package
can define such a class without importing this one, as `hwsearch` does. With the attribute
`machine_fault = True`, an exception says that the machine did not allow the job to begin, for
example since its disk is full: the job is put back, and the search stops if that happens again and
again. With `experiment_fault = True`, it says that all jobs would fail: the search stops.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from spearmint.config.tasks import is_inside
from spearmint.errors import UserError

Main = Callable[[int, dict[str, Any]], Any]


def find(folder: Path, main_file: str) -> Main:
    """Imports a file of the experiment's folder and returns its function `main`.

    Raises:
        UserError: The file is outside the folder, does not exist, or defines no function `main`.
        Exception: Whatever the file raises.
    """
    main = getattr(imported(folder, main_file), "main", None)
    if not callable(main):
        raise UserError(f"main-file: {folder / main_file} defines no main(job_id, params)")
    found: Main = main
    return found


class NotTellableError(UserError):
    """The objective does not take what it is to be told, so that no job can run."""

    experiment_fault = True
    user_message = True


def tellable(main: Callable[..., Any], file: Path) -> Callable[..., Any]:
    """The objective, which takes `expected`.

    Raises:
        NotTellableError: It takes no such argument.
    """
    if not _takes(main, expected={}):
        raise NotTellableError(
            f"{file}: got main(job_id, params) with tell-main in config.json; expected "
            "main(job_id, params, expected=None)"
        )
    return main


def with_ahead(main: Callable[..., Any], allow: Callable[[bool], None]) -> Callable[..., Any]:
    """The objective, which gets a function as `ahead` if it takes that; else as it is."""
    if not _takes(main, ahead=allow):
        return main
    return functools.partial(main, ahead=allow)


def _takes(main: Callable[..., Any], *further: Any, **named: Any) -> bool:
    """Whether a function takes further arguments, as far as its signature says."""
    try:
        inspect.signature(main).bind(0, {}, *further, **named)
    except TypeError:
        return False
    except ValueError:  # a function without a signature
        pass
    return True


class NotPausableError(UserError):
    """The objective cannot be paused, so that no job can run."""

    experiment_fault = True
    user_message = True


def pausable(main: Callable[..., Any], file: Path) -> Callable[[int, dict[str, Any], float], Any]:
    """The objective, which takes `until` as its third parameter.

    Raises:
        NotPausableError: It takes no third parameter.
    """
    if not _takes(main, 1.0):
        raise NotPausableError(
            f"{file}: got main(job_id, params) with `stopping` in config.json; expected "
            "main(job_id, params, until), which can pause a training"
        )
    return main


def imported(folder: Path, main_file: str) -> ModuleType:
    """Imports a file of the experiment's folder.

    No other file is run, whatever a job's document or spec says.

    Raises:
        UserError: The file is outside the folder or does not exist.
        Exception: Whatever the file raises.
    """
    path = folder / main_file
    if not is_inside(main_file):
        raise UserError(f"main-file: got {main_file!r}; expected a file inside {folder}")
    if not path.is_file():
        raise UserError(f"main-file: got {main_file!r}; expected a file in {folder}")
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
    return module


def is_machines_fault(error: BaseException) -> bool:
    """Whether an exception says that the machine, not the job, is at fault."""
    return getattr(type(error), "machine_fault", False) is True


def is_experiments_fault(error: BaseException) -> bool:
    """Whether an exception says that all jobs of the experiment would fail."""
    return getattr(type(error), "experiment_fault", False) is True


def reason(error: BaseException) -> str:
    """The `reason` of a job that an exception broke, in one line."""
    if isinstance(error, SystemExit):
        return f"SystemExit: the objective ended its process with {error.code!r}"
    try:
        message = " ".join(str(error).split())
    except Exception:
        message = ""
    if getattr(type(error), "user_message", False):
        return message or type(error).__name__
    name = type(error).__name__
    return f"{name}: {message}" if message else f"{name} at {_place(error)}"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
