"""Checks what an objective returned, and converts it to plain numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np

#: Keys of the returned dictionary that are not tasks.
RESERVED = ("measurements", "reason")


class UnusableValueError(Exception):
    """The objective returned something else than the numbers that its tasks need."""

    user_message = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of a job.

    Attributes:
        values: One number per task; NaN if it could not be determined.
        measurements: Everything else that is to be stored, as JSON values.
        reason: Why values are missing, or another remark about this job.
    """

    values: dict[str, float]
    measurements: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None


def outcome(returned: Any, tasks: Sequence[str]) -> Outcome:
    """Reads the return value of an objective.

    Args:
        returned: A dictionary with a number for every task, NaN for a value that could not be
            determined, and optionally `measurements` (a dictionary) and `reason` (a string). If
            there is one task, its number alone; if there are several, NaN alone means NaN for each
            of them. A number may be of Python, of NumPy, or an array of one element.
        tasks: Names of the tasks.

    Raises:
        UnusableValueError: The return value is none of these.
    """
    wanted = f"expected a number for each of {', '.join(tasks)}"
    if not isinstance(returned, Mapping):
        value = one_number(returned, f"main returned {_shown(returned)}", wanted)
        if len(tasks) > 1 and not isnan(value):
            raise UnusableValueError(
                f"main returned one number, {value:g}; expected a dictionary with the tasks "
                f"{', '.join(tasks)}"
            )
        return Outcome(dict.fromkeys(tasks, value))
    extra = [str(key) for key in returned if key not in tasks and key not in RESERVED]
    missing = [task for task in tasks if task not in returned]
    if missing or extra:
        faults = [f"no value for {', '.join(missing)}"] if missing else []
        faults += [f"a value for {', '.join(extra)}, which is not a task"] if extra else []
        raise UnusableValueError(f"main returned {' and '.join(faults)}; {wanted}")
    values = {
        task: one_number(
            returned[task],
            f"main returned {_shown(returned[task])} for {task}",
            "expected a number",
        )
        for task in tasks
    }
    reason = returned.get("reason")
    reasons = [] if reason is None else [str(reason)]
    measurements: dict[str, Any] = {}
    try:
        measurements = _measurements(returned)
    except (TypeError, ValueError, RecursionError) as error:  # the values have taken hours
        reasons.append(f"its measurements were not stored: they are not JSON: {error}")
    return Outcome(values, measurements, "; ".join(reasons) if reasons else None)


def merge(outcomes: Sequence[Outcome]) -> Outcome:
    """Combines the outcomes of several main-files into one."""
    values: dict[str, float] = {}
    measurements: dict[str, Any] = {}
    for one in outcomes:
        values.update(one.values)
        measurements.update(one.measurements)
    reasons = [one.reason for one in outcomes if one.reason]
    return Outcome(values, measurements, "; ".join(reasons) or None)


def one_number(value: Any, got: str, expected: str) -> float:
    """A number of Python or of NumPy, or the only element of an array.

    Args:
        value: What was returned.
        got: What the message calls it.
        expected: What the message says is right.

    Raises:
        UnusableValueError: It is no such number.
    """
    if isinstance(value, str | bytes) or value is None:
        raise UnusableValueError(f"{got}; {expected}")
    try:
        array = np.asarray(value)
    except Exception as error:
        raise UnusableValueError(f"{got}, which NumPy cannot read ({error}); {expected}") from None
    if array.dtype == object and array.size == 1:
        try:  # integers beyond 64 bits, Fraction, Decimal
            return float(array.item())
        except (TypeError, ValueError):
            pass
        except OverflowError:
            return np.inf if array.item() > 0 else -np.inf
    if array.dtype.kind not in "bfiu":
        raise UnusableValueError(f"{got}; {expected}")
    if array.size != 1:
        raise UnusableValueError(f"{got}, with {array.size} numbers; {expected}")
    return float(array.reshape(-1)[0])


def _measurements(returned: Mapping[str, Any]) -> dict[str, Any]:
    """The measurements as JSON values; objects that JSON cannot represent become strings.

    Raises:
        UnusableValueError: They are not a dictionary.
        TypeError, ValueError, RecursionError: They contain keys that JSON cannot represent, or
            themselves, or are nested too deep.
    """
    given = returned.get("measurements")
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise UnusableValueError(
            f"main returned {_shown(given)} as measurements; expected a dictionary"
        )
    text = json.dumps({str(key): item for key, item in given.items()}, default=_jsonable)
    found: dict[str, Any] = json.loads(text)
    return found


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _shown(value: Any) -> str:
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = f"a {type(value).__name__} without repr"
    return text if len(text) <= 80 else text[:77] + "..."
