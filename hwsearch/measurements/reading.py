"""JSON that others may have written: each value as the expected kind, or as unknown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def mapping(value: Any) -> Mapping[str, Any]:
    """An object; {} for anything else."""
    return value if isinstance(value, Mapping) else {}


def number(value: Any) -> float:
    """A number; NaN for anything else, and for a whole number that no float can hold."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def whole(value: Any) -> int | None:
    """A whole number; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(value: Any) -> str:
    """A string; "" for anything else."""
    return value if isinstance(value, str) else ""


def flag(value: Any) -> bool | None:
    """A boolean; None for anything else."""
    return value if isinstance(value, bool) else None


def items(value: Any, read: Callable[[Any], T | None]) -> tuple[T, ...]:
    """The items of an array that `read` accepts; () for anything else."""
    found = map(read, value) if isinstance(value, list | tuple) else ()
    return tuple(item for item in found if item is not None)


def by_name(value: Any, read: Callable[[Any], T | None]) -> dict[str, T]:
    """The entries of an object that `read` accepts, by key; {} for anything else."""
    found = ((str(name), read(entry)) for name, entry in mapping(value).items())
    return {name: entry for name, entry in found if entry is not None}


def without_nan(value: Any) -> Any:
    """The same JSON with null for every number that is not finite, which JSON cannot hold."""
    if isinstance(value, Mapping):
        return {key: without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
