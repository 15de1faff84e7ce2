"""Checks what an objective returned, and converts it to plain numbers."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf, isnan, nan
from typing import Any

import numpy as np

#: Keys of the returned dictionary that are not tasks.
RESERVED = ("measurements", "reason")


#: The key of the dictionary that says that a training was paused.
PAUSED = "paused"
#: The keys of what a segment took.
TOOK = ("share", "training", "once")


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
        unmeasured: The tasks that the objective left open: their values are NaN, and that is no
            failure.
    """

    values: dict[str, float]
    measurements: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    unmeasured: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """What is known of a training that has come to the end of a segment.

    Attributes:
        progress: The share of the training that has been done, between 0 and 1.
        curve: Shares and the values of the objective after them, NaN if it diverged.
        values: Those of the constraints that are known.
        measurements: Everything else that is to be stored, as JSON values.
        took: Of this segment, the `share` of the training that it has done, the seconds of this
            `training` alone, and the seconds `once` of what no later segment repeats; {} if these
            are unknown.
    """

    progress: float
    curve: tuple[tuple[float, float], ...]
    values: dict[str, float]
    measurements: dict[str, Any] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)


def pause(returned: Any, tasks: Sequence[str]) -> Pause | None:
    """What an objective returned that has paused its training; None if it has not.

    Args:
        returned: A dictionary with `paused`, a dictionary of `progress`, `curve` and optionally
            `took`; optionally with values of tasks that are known already, and with
            `measurements`.
        tasks: Names of the tasks.

    Raises:
        UnusableValueError: `paused` is not as described, or there is a value of no task.
    """
    if not isinstance(returned, Mapping) or PAUSED not in returned or PAUSED in tasks:
        return None
    given = returned[PAUSED]
    what = '{"progress": 0.25, "curve": [[0.125, 31.5], [0.25, 24]]}'
    if not isinstance(given, Mapping) or not {"progress", "curve"} <= set(given):
        raise UnusableValueError(f"main returned {_shown(given)} as paused; expected {what}")
    extra = [str(k) for k in returned if k not in {*tasks, *RESERVED, PAUSED}]
    if extra:
        raise UnusableValueError(f"main returned a value for {', '.join(extra)}, which is no task")
    progress = one_number(
        given["progress"],
        f"main returned {_shown(given['progress'])} as progress",
        "expected the share of the training that is done",
    )
    try:
        curve = tuple((float(share), float(value)) for share, value in given["curve"])
    except (TypeError, ValueError):
        curve = ()
    if not curve or not 0 < progress < 1 or not all(0 < share <= 1 for share, _ in curve):
        raise UnusableValueError(
            f"main returned {_shown(given)} as paused; expected shares between 0 and 1 and their "
            f"values, such as {what}"
        )
    values = {
        task: one_number(
            returned[task],
            f"main returned {_shown(returned[task])} for {task}",
            "expected a number",
        )
        for task in tasks
        if returned.get(task) is not None
    }
    took = _took(given.get("took"))
    measurements: dict[str, Any] = {}
    with suppress(TypeError, ValueError, RecursionError):  # the end of the training says why
        measurements = _measurements(returned)
    return Pause(progress, tuple(sorted(curve)), values, measurements, took)


def _took(given: Any) -> dict[str, float]:
    """The durations that an objective states of a segment; {} if it states none.

    Raises:
        UnusableValueError: They are none.
    """
    if given is None:
        return {}
    wanted = 'expected {"share": 0.125, "training": 4.5, "once": 2.0}, in seconds but for the share'
    got = f"main returned {_shown(given)} as what a pause took"
    if not isinstance(given, Mapping) or set(given) != set(TOOK):
        raise UnusableValueError(f"{got}; {wanted}")
    found = {name: one_number(given[name], got, wanted) for name in TOOK}
    if not 0 < found["share"] <= 1 or not all(0 <= one < inf for one in found.values()):
        raise UnusableValueError(f"{got}; {wanted}")
    return found


def outcome(returned: Any, tasks: Sequence[str], told: Collection[str] = ()) -> Outcome:
    """Reads the return value of an objective.

    Args:
        returned: A dictionary with a number for every task, NaN for a value that could not be
            determined, and optionally `measurements` (a dictionary) and `reason` (a string). If
            there is one task, its number alone; if there are several, NaN alone means NaN for each
            of them. A number may be of Python, of NumPy, or an array of one element.
        tasks: Names of the tasks.
        told: Those of which the objective was told what is expected. It may return None for such
            a task: its value could be had, but is not worth the time.

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
    unmeasured = tuple(task for task in tasks if returned[task] is None and task in told)
    values = {
        task: one_number(
            nan if task in unmeasured else returned[task],
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
    return Outcome(values, measurements, "; ".join(reasons) if reasons else None, unmeasured)


def merge(outcomes: Sequence[Outcome]) -> Outcome:
    """Combines the outcomes of several main-files into one."""
    values: dict[str, float] = {}
    measurements: dict[str, Any] = {}
    for one in outcomes:
        values.update(one.values)
        measurements.update(one.measurements)
    reasons = [one.reason for one in outcomes if one.reason]
    unmeasured = tuple(task for one in outcomes for task in one.unmeasured)
    return Outcome(values, measurements, "; ".join(reasons) or None, unmeasured)


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
