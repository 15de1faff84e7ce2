"""How well a model predicts: each observation from all others.

The hyper-parameters and the output warp are those of the fit to all observations (Rasmussen &
Williams 2006, eq. 5.12); that the observation took part in choosing them is not corrected.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spearmint.analysis.fitted import Fitted
from spearmint.optimiser.models.linalg import cholesky, inverse_lower
from spearmint.optimiser.models.surrogate import covariance
from spearmint.optimiser.models.task_model import TaskModel

#: Standard deviations from the median to the ends of a 90 % interval.
WIDTH = 1.6449
#: As in `draws`.
LEAST_NOISE = 1e-8


def leave_one_out(fitted: Fitted, model: TaskModel) -> dict[str, Any]:
    """The prediction of each observation from all others, in values of the task.

    Returns:
        Lists with one entry per observation: `jobs` (ids), `measured`, `predicted` (the median),
        and `low` and `high`, the ends of an interval that holds a new measurement with 90 %; and
        `explained`: 1 - (squared errors) / (those of the mean of the others), of the warped values
        z; None if all are the same.
    """
    assert model.warp is not None  # noqa: S101 - `Fitted` has no models of outcomes
    k = covariance(model.kernel, fitted.features.group, model.theta, model.rows, model.rows)
    noise = max(model.noise, LEAST_NOISE * float(np.exp(model.theta[-1])))
    root = inverse_lower(cholesky(k + noise * np.eye(len(k))))
    precision = np.sum(root**2, axis=0)
    mean = model.z - (root.T @ (root @ model.z)) / precision
    spread = WIDTH / np.sqrt(precision)
    count = len(model.z)
    others = (np.sum(model.z) - model.z) / max(count - 1, 1)
    total = float(np.sum((model.z - others) ** 2))
    column = fitted.known.tasks.index(model.task)
    return {
        "jobs": [fitted.jobs[i] for i in model.index.tolist()],
        "measured": fitted.known.values[model.index, column].tolist(),
        "predicted": model.warp.inverse(mean).tolist(),
        "low": model.warp.inverse(mean - spread).tolist(),
        "high": model.warp.inverse(mean + spread).tolist(),
        "explained": 1.0 - float(np.sum((model.z - mean) ** 2)) / total if total > 0 else None,
    }
