"""Which variable matters for a task: Sobol indices of functions drawn from its model's posterior.

The first-order index of a variable is the share of the variance over the search space that the
variable explains alone; its total index also counts what it explains together with others (Saltelli
et al. 2010, "Variance based sensitivity analysis of model output", table 2: Jansen's estimators).
The variance is that of the model's values, the task's after its output warp. The points are uniform
in the search space, as the initial design is. Each drawn function gives one set of indices; their
spread is the uncertainty, which comes from too few data.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from spearmint.analysis.draws import Draws
from spearmint.analysis.fitted import Fitted
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.space import Array, Space

#: Number of functions, and of points of each of the two designs.
FUNCTIONS, POINTS = 64, 256
#: The shares of the functions below the lower end, the estimate and the upper end.
QUANTILES = (0.05, 0.5, 0.95)


def importance(
    fitted: Fitted, model: TaskModel, rng: np.random.Generator
) -> dict[str, dict[str, list[float]]]:
    """The indices of each variable.

    Args:
        fitted: The models' data.
        model: One of its models.
        rng: Random numbers.

    Returns:
        By variable: `first` and `total`, each [low, estimate, high] of a 90 % interval.
    """
    space = fitted.space
    draws = Draws(fitted.features, model, FUNCTIONS, rng)
    first, second = _designs(space, rng)
    at_first = draws(fitted.features.of(space.snap(first)))
    at_second = draws(fitted.features.of(space.snap(second)))
    variance = np.var(np.concatenate([at_first, at_second]), axis=0)
    variance = np.where(variance > 0, variance, np.inf)  # a constant: nothing matters
    indices: dict[str, dict[str, list[float]]] = {}
    for name, axes in _variables(space).items():
        mixed = first.copy()
        mixed[:, axes] = second[:, axes]
        at_mixed = draws(fitted.features.of(space.snap(mixed)))
        alone = 1.0 - 0.5 * np.mean((at_second - at_mixed) ** 2, axis=0) / variance
        total = 0.5 * np.mean((at_first - at_mixed) ** 2, axis=0) / variance
        indices[name] = {"first": _interval(alone), "total": _interval(total)}
    return indices


def _designs(space: Space, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two independent designs of the unit cube, shape (POINTS, A) each."""
    sobol = qmc.Sobol(2 * space.dimension, scramble=True, rng=rng)
    both = sobol.random_base2(int(np.log2(POINTS)))
    return both[:, : space.dimension], both[:, space.dimension :]


def _variables(space: Space) -> Mapping[str, NDArray[np.intp]]:
    """The axes of each variable."""
    names = np.array([axis.variable for axis in space.axes], dtype=object)
    return {name: np.flatnonzero(names == name) for name in space.names}


def _interval(indices: Array) -> list[float]:
    """Quantiles of the indices of all functions, within [0, 1] but for errors of the estimate."""
    return [float(q) for q in np.clip(np.quantile(indices, QUANTILES), 0.0, 1.0)]
