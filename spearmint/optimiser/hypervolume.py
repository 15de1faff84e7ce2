"""The gain of several objectives: expected hypervolume improvement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser.acquisition import Improvement, ObjectiveImprovement, log_ei
from spearmint.optimiser.front import crowding, non_dominated, undominated_boxes
from spearmint.optimiser.space import Array

#: Largest number of points of a front that are considered, by the number of objectives: the number
#: of boxes grows with its power K - 1.
MOST = {1: 1, 2: 64, 3: 24}
#: How far the reference point lies beyond the worst values of the front, in standard deviations of
#: the observed values. With a tenth of the front's range, as is usual, a search that has seen one
#: end of the front stays there: on the problem TNK, half of the front was never found.
MARGIN = 1.0
#: Boxes that are thinner than this are left out.
_THIN = 1e-9


class HypervolumeImprovement:
    """Expected hypervolume improvement of K independent objectives, as a sum over boxes.

    In a box between low and high, the expected gain is Π_k (EI_k(high_k) - EI_k(low_k)), where
    EI_k(t) = E[max(t - f_k, 0)]: Yang et al. 2019, "Efficient computation of expected hypervolume
    improvement using box decomposition algorithms", eq. 13 to 18, here as logarithms
    (Ament et al. 2023, "Unexpected Improvements to Expected Improvement", sec. 4).

    The values are those of the models: warped, with a standard deviation of about 1. The reference
    point of each sample lies `MARGIN` beyond the worst values of its front.

    Args:
        values: The objectives of the feasible points of each of S samples, shape (n_s, K) each.
    """

    def __init__(self, values: Sequence[Array]) -> None:
        self.objectives = values[0].shape[1]
        self.feasible: NDArray[np.bool_] = np.array([len(v) > 0 for v in values])
        boxes = [self._boxes(v) if len(v) else _no_boxes(self.objectives) for v in values]
        most = max(len(low) for low, _ in boxes)
        shape = (self.objectives, most, 1, len(values))
        # Padding: boxes whose gain counts for nothing.
        self.low, self.high = np.full(shape, -np.inf), np.zeros(shape)
        self.counts = np.full((most, 1, len(values)), -np.inf)
        for s, (low, high) in enumerate(boxes):
            self.low[:, : len(low), 0, s], self.high[:, : len(low), 0, s] = low.T, high.T
            self.counts[: len(low), 0, s] = 0.0
        self.bounded = np.isfinite(self.low)

    def _boxes(self, values: Array) -> tuple[Array, Array]:
        front = np.unique(values[non_dominated(values)], axis=0)
        if len(front) > MOST[self.objectives]:
            kept = np.argsort(-crowding(front), kind="stable")[: MOST[self.objectives]]
            front = front[kept]
        low, high = undominated_boxes(front, front.max(axis=0) + MARGIN)
        thick = np.all(high - low > _THIN, axis=1)
        return low[thick], high[thick]

    def __call__(self, mean: Array, variance: Array) -> tuple[Array, Array, Array]:
        """See `spearmint.optimiser.acquisition.Improvement`."""
        mean, variance = mean[:, None], variance[:, None]  # (K, 1, m, S)
        log_high, by_mean, by_variance = log_ei(mean, variance, self.high)
        low = np.where(self.bounded, self.low, 0.0)
        log_low, low_by_mean, low_by_variance = log_ei(mean, variance, low)
        # log(e^a - e^b) = a + log(1 - e^(b - a)); the gains up to -inf are 0.
        ratio = np.where(self.bounded, np.exp(np.minimum(log_low - log_high, 0.0)), 0.0)
        ratio = np.minimum(ratio, 1.0 - 1e-12)
        gain = np.sum(log_high + np.log1p(-ratio), axis=0) + self.counts  # (B, m, S)
        top = gain.max(axis=0)
        top = np.where(np.isfinite(top), top, 0.0)  # samples without a feasible point
        share = np.exp(gain - top)
        total = share.sum(axis=0)
        share /= np.where(total > 0, total, 1.0)
        slope = share * (by_mean - ratio * low_by_mean) / (1.0 - ratio)
        bend = share * (by_variance - ratio * low_by_variance) / (1.0 - ratio)
        value = top + np.log(np.where(total > 0, total, 1.0))
        return value, slope.sum(axis=1), bend.sum(axis=1)


def _no_boxes(objectives: int) -> tuple[Array, Array]:
    return np.empty((0, objectives)), np.empty((0, objectives))


def improvement_on(objectives: Array) -> Improvement:
    """The gain over points with these objectives, shape (K, n, S), inf where not feasible."""
    if len(objectives) == 1:
        return ObjectiveImprovement(np.min(objectives[0], axis=0, initial=np.inf))
    samples = np.moveaxis(objectives, 2, 0)
    return HypervolumeImprovement([v[:, np.isfinite(v).all(axis=0)].T for v in samples])
