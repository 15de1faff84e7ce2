"""Operations of a trace in words: networks whose code makes the same operations cost the same.

Shapes, types and whole numbers, such as the size of a window or the number of rounds, change a
cost; real numbers, such as a slope, and the seeds of random numbers do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np


def described(kind: str, results: Iterable[tuple[Any, Any]], options: Mapping[str, Any]) -> str:
    """One operation as text.

    Args:
        kind: What the backend calls it.
        results: The shape and the type of each of its results, such as ((2, 3), "float32"); the
            shape may be None, if it is unknown.
        options: By name; those without whole numbers are left out.
    """
    kept = {
        name: numbers
        for name, value in options.items()
        if "seed" not in name and (numbers := whole_numbers(value)) is not None
    }
    sizes = [(None if shape is None else list(shape), str(dtype)) for shape, dtype in results]
    return f"{kind} {sizes} {sorted(kept.items())}"


def whole_numbers(value: Any) -> Any:
    """A whole number, or a list of such and of lists of such; None for anything else."""
    if isinstance(value, bool | int | np.integer):
        return int(value)
    if not isinstance(value, list | tuple) or not value:
        return None
    found = [whole_numbers(entry) for entry in value]
    return None if any(entry is None for entry in found) else found
