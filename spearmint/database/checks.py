"""Whether the fields of a job's document have the types that they must have.

Somebody may have edited a document, or another program may have written it. The first fault is an
error that names the experiment, the job and the field, so that nothing is computed from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from spearmint.console.printing import one_line
from spearmint.database.contract import STATUSES, DatabaseError, Document

_LARGEST = 2**53
_KINDS = ("float", "int", "enum")
REMEDY = "correct or delete this document"


def sound(experiment: str, job: Document) -> Document:
    """The job, if its fields have the right types; whole numbers that are floats become ints.

    Args:
        experiment: The name of its experiment, for the message.
        job: The document as a database returned it.

    Raises:
        DatabaseError: A field has the wrong type; the text names the experiment, job and field.
    """
    for field, (is_sound, expected) in _FIELDS.items():
        value = job.get(field)
        if not is_sound(value):
            raise DatabaseError(
                f"experiment {one_line(experiment, 200)}: job {one_line(job.get('id'), 40)}: "
                f"{field}: got {_shown(value)}; expected {expected}; {REMEDY}"
            )
        if field in _NUMBERS and field in job and not isinstance(value, int):
            # A shell of MongoDB writes each number as a float; null stands for 0.
            job[field] = int(value or 0)
    return job


def _is_number(value: Any) -> bool:
    # JSON allows integers that no float can hold.
    if isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < 2**63
    return isinstance(value, float)


def _is_time(value: Any) -> bool:
    return value is None or (_is_number(value) and isfinite(value))


def _is_whole(low: int) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        if not _is_number(value) or not isfinite(value):
            return False
        return bool(value == int(value) and low <= value <= _LARGEST)

    return check


def _is_count(value: Any) -> bool:
    return value is None or _is_whole(0)(value)


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_process(value: Any) -> bool:
    return _is_text(value) or _is_whole(0)(value)


def _is_status(value: Any) -> bool:
    return isinstance(value, str) and value in STATUSES


def _are_texts(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def _are_values(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return value is None or _is_number(value)
    return all(v is None or isinstance(v, bool) or _is_number(v) for v in value.values())


def _are_params(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_param, value.values()))


def _is_param(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    kind, values = value.get("type"), value.get("values")
    if not isinstance(kind, str) or kind.lower() not in _KINDS or not isinstance(values, list):
        return False
    # An option of an ENUM is any JSON value.
    return kind.lower() == "enum" or all(isinstance(v, str | int | float) for v in values)


_TIME = (_is_time, "seconds since the epoch")
_IDENTITY = (_is_text, "the identity of a process, a text")
#: Per field: whether a value is sound, and what a message says that it should be.
_FIELDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "id": (_is_whole(1), "a whole number from 1"),
    "status": (_is_status, f"one of {', '.join(STATUSES)}"),
    "attempt": (_is_count, "a whole number from 0"),
    "lost": (_is_count, "a whole number from 0"),
    "lease": _TIME,
    "submit time": _TIME,
    "start time": _TIME,
    "end time": _TIME,
    "worker": _IDENTITY,
    "controller": _IDENTITY,
    "proc_id": (_is_process, "the number of a process or of a batch system's job"),
    "resource": (_is_text, "the name of a resource, a text"),
    "tasks": (_are_texts, "a list of names"),
    "params": (_are_params, 'an object {name: {"type": "float", "values": [0.5]}}'),
    "values": (_are_values, "an object {task: number}"),
}
_NUMBERS = ("id", "attempt", "lost")


def _shown(value: Any) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return one_line(text, 80)
