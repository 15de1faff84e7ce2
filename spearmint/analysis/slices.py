"""A model along each variable, through one point."""

from __future__ import annotations

from typing import Any

import numpy as np

from spearmint.analysis.fitted import Fitted
from spearmint.analysis.leave_one_out import WIDTH
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.space import Array, Axis

#: Largest number of values of a variable.
MOST = 33


def slices(
    fitted: Fitted, model: TaskModel, point: Array, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """The expected value of a task along each axis that matters at a point.

    Args:
        fitted: The models' data.
        model: One of its models.
        point: Codes, shape (A,).
        rng: Random numbers.

    Returns:
        One entry per axis: its `variable`, its `element` in a vector (None if the variable has one
        value), the optimiser's `values`, and at each of them the `median` of the task's noise-free
        value and the ends of its 90 % interval, `low` and `high`.
    """
    assert model.warp is not None  # noqa: S101 - `Fitted` has no models of outcomes
    nothing = fitted.features.of(fitted.known.pending[:0])
    surrogate, _ = condition(fitted.features, [model], nothing, 1, rng, noise_free=False)
    active = fitted.space.conditions.active(point[None])[0]
    found, elements = [], dict.fromkeys(fitted.space.names, 0)
    for i, axis in enumerate(fitted.space.axes):
        element = elements[axis.variable]
        elements[axis.variable] += 1
        if not active[i]:
            continue
        codes = _codes(axis, point[i])
        rows = np.repeat(point[None], len(codes), axis=0)
        rows[:, i] = codes
        rows = fitted.space.conditions.canonical(rows)
        mean, variance = surrogate.predict(fitted.features.of(rows))
        middle, spread = mean[0, :, 0], WIDTH * np.sqrt(variance[0])
        found.append(
            {
                "variable": axis.variable,
                "element": element if fitted.space.sizes[axis.variable] > 1 else None,
                "values": [axis.decode(code) for code in codes.tolist()],
                "median": model.warp.inverse(middle).tolist(),
                "low": model.warp.inverse(middle - spread).tolist(),
                "high": model.warp.inverse(middle + spread).tolist(),
            }
        )
    return found


def _codes(axis: Axis, own: float) -> Array:
    """Codes of at most `MOST` values of an axis and of the point's own value, in order."""
    if axis.kind == "ENUM":
        codes = np.rint(np.linspace(0.0, axis.levels - 1, min(int(axis.levels), MOST)))
    elif axis.levels > MOST:
        codes = np.linspace(0.0, 1.0, MOST)
        if axis.levels != np.inf:
            codes = axis.code(axis.level(codes))
    else:
        codes = axis.code(np.arange(axis.levels))
    return np.unique(np.append(codes, own))
