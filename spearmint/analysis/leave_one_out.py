"""How well a model predicts: each observation from all others, in values of the task."""

from __future__ import annotations

from typing import Any

from spearmint.analysis.fitted import Fitted
from spearmint.optimiser.models.leave_one_out import explained, predictions
from spearmint.optimiser.models.task_model import TaskModel

#: Standard deviations from the median to the ends of a 90 % interval.
WIDTH = 1.6449


def leave_one_out(fitted: Fitted, model: TaskModel) -> dict[str, Any]:
    """The prediction of each observation from all others, in values of the task.

    Returns:
        Lists with one entry per observation: `jobs` (ids), `measured`, `predicted` (the median),
        and `low` and `high`, the ends of an interval that holds a new measurement with 90 %; and
        `explained`: 1 - (squared errors) / (those of the mean of the others), of the warped values
        z; None if all are the same.
    """
    assert model.warp is not None  # noqa: S101 - `Fitted` has no models of outcomes
    mean, deviation = predictions(fitted.features, model)
    spread = WIDTH * deviation
    column = fitted.known.tasks.index(model.task)
    return {
        "jobs": [fitted.jobs[i] for i in model.index.tolist()],
        "measured": fitted.known.values[model.index, column].tolist(),
        "predicted": model.warp.inverse(mean).tolist(),
        "low": model.warp.inverse(mean - spread).tolist(),
        "high": model.warp.inverse(mean + spread).tolist(),
        "explained": explained(model.z, mean),
    }
