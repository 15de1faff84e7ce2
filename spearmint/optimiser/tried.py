"""Which points have a job already."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from spearmint.optimiser.space import Array, Space

#: With more points than this, a tree is faster than comparing with each of them.
MANY = 2000


class Tried:
    """The points that have a job.

    Args:
        space: The space.
        points: Their codes, shape (n, A).
    """

    def __init__(self, space: Space, points: Array) -> None:
        self.space = space
        self.points = points

    def has(self, codes: Array) -> NDArray[np.bool_]:
        """Which points, shape (m, A), have a job; shape (m,)."""
        if len(self.points) <= MANY or not len(codes):
            return self.space.same(codes, self.points)
        distance, _ = self._tree.query(codes / self._tolerances, p=np.inf, distance_upper_bound=1.0)
        has: NDArray[np.bool_] = np.isfinite(distance)
        return has

    @cached_property
    def _tolerances(self) -> Array:
        """How far apart two codes of the same value may be on each axis, as in `Space.same`."""
        return np.array([axis.tolerance for axis in self.space.axes])

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.points / self._tolerances, balanced_tree=False, compact_nodes=False)
