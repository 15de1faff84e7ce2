"""The observations that models are fitted to when there are very many.

The time and the memory of a model grow with the square and the cube of the number of observations.
With more than `MOST`, these are kept: those nearest to the best ones, the latest ones, and for the
rest of the space those nearest to points of a Sobol sequence. The others still count as tried.
(Not simply the best ones: of noisy values, these are the luckiest, and a model without their
neighbours would believe them.)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from spearmint.optimiser.candidates import design
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.observations import Observations
from spearmint.optimiser.space import Space

#: Largest number of observations that are kept.
MOST = 1000
#: How many of them are nearest to the best `CENTRES` ones, and how many are the latest.
NEAR, LATEST = 250, 250
CENTRES = 5


def thinned(space: Space, known: Observations, most: int = MOST) -> Observations:
    """The observations, at most `most` of them; the same object if there are no more.

    Args:
        space: The searched space.
        known: All observations.
        most: Largest number of observations.
    """
    n = len(known.codes)
    if n <= most:
        return known
    keep = np.zeros(n, dtype=np.bool_)
    keep[_nearest_to_best(space, known)[: NEAR * most // MOST]] = True
    keep[n - LATEST * most // MOST :] = True
    keep[_spread(space, known, keep, most)] = True
    # Several points of the sequence may have the same nearest observation. Observations at equal
    # distances in time replace those that are missing then.
    rows = np.flatnonzero(~keep)
    keep[rows[np.linspace(0, len(rows) - 1, most - int(keep.sum())).astype(np.intp)]] = True
    return replace(
        known,
        codes=known.codes[keep],
        values=known.values[keep],
        failed=known.failed[keep],
        met=known.met[keep],
        inside=known.inside[keep],
        interval=None if known.interval is None else known.interval[keep],
        left_out=known.codes[~keep & known.inside],
        predicted=known.predicted[keep],
        seconds=known.seconds[keep],
    )


def _nearest_to_best(space: Space, known: Observations) -> NDArray[np.intp]:
    """Rows in the searched space by their distance to the best ones, which come first."""
    rows = known.order
    features = Features(space, known.wide).of(known.codes[rows])
    if not len(rows):
        return rows
    distance, _ = KDTree(features[:CENTRES]).query(features)
    distance[:CENTRES] = -1.0
    nearest: NDArray[np.intp] = rows[np.argsort(distance, kind="stable")]
    return nearest


def _spread(
    space: Space, known: Observations, keep: NDArray[np.bool_], most: int
) -> NDArray[np.intp]:
    """Other rows than those that are kept, one near each point of a Sobol sequence."""
    features = Features(space, known.wide)
    rows = np.flatnonzero(~keep)
    tree = KDTree(features.of(known.codes[rows]), balanced_tree=False, compact_nodes=False)
    room = most - int(keep.sum())
    _, nearest = tree.query(features.of(design(space, room, 0)))
    spread: NDArray[np.intp] = rows[np.unique(nearest)]
    return spread
