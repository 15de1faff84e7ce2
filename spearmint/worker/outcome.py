"""What an objective returned: checked, and as plain numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np

#: Keys of the returned dictionary that are no tasks.
RESERVED = ("measurements", "reason")


class UnusableValueError(Exception):
    """The objective returned what cannot be used; the text says what and what would be right."""

    user_message = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """A job's results."""

    values: dict[str, float]
    measurements: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None


def outcome(returned: Any, tasks: Sequence[str]) -> Outcome:
    """The results that an objective's return value stands for.

    Args:
        returned: `{task: number}` for every task, NaN where this value could not be had, and
            perhaps `measurements` (a dictionary) and `reason` (a text); or one number where
            there is one task; or NaN for every task. A number may be Python's, NumPy's, or an array
            that holds one.
        tasks: Names of the tasks.

    Raises:
        UnusableValueError: It is none of these.
    """
    wanted = f"expected a number for each of {', '.join(tasks)}"
    if not isinstance(returned, Mapping):
        value = _number(returned, f"main returned {_shown(returned)}", wanted)
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
        faults += [f"a value for {', '.join(extra)}, which is no task"] if extra else []
        raise UnusableValueError(f"main returned {' and '.join(faults)}; {wanted}")
    values = {
        task: _number(
            returned[task],
            f"main returned {_shown(returned[task])} for {task}",
            "expected a number",
        )
        for task in tasks
    }
    reason = returned.get("reason")
    return Outcome(values, _measurements(returned), None if reason is None else str(reason))


def merge(outcomes: Sequence[Outcome]) -> Outcome:
    """One outcome of those of several main-files."""
    values: dict[str, float] = {}
    measurements: dict[str, Any] = {}
    for one in outcomes:
        values.update(one.values)
        measurements.update(one.measurements)
    reasons = [one.reason for one in outcomes if one.reason]
    return Outcome(values, measurements, "; ".join(reasons) or None)


def _number(value: Any, got: str, expected: str) -> float:
    if isinstance(value, str | bytes) or value is None:
        raise UnusableValueError(f"{got}; {expected}")
    try:
        array = np.asarray(value)
    except Exception as error:
        raise UnusableValueError(f"{got}, which NumPy cannot read ({error}); {expected}") from None
    if array.dtype == object and array.size == 1:
        try:  # whole numbers beyond 64 bits, fractions, decimals
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
    """The measurements as JSON has them; what it does not have becomes text."""
    given = returned.get("measurements")
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise UnusableValueError(
            f"main returned {_shown(given)} as measurements; expected a dictionary"
        )
    try:
        text = json.dumps({str(key): item for key, item in given.items()}, default=_jsonable)
    except (TypeError, ValueError, RecursionError) as error:
        raise UnusableValueError(f"main returned measurements that are no JSON: {error}") from None
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
