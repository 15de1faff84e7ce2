"""The covariance function, and the features of points that it is a function of.

k(x, x') = a κ(r²) + c²,  r² = Σ_g d_g(x, x') / ℓ_g²

There is one length scale ℓ_g per *group* of features. A FLOAT or INT axis is one group: d is the
squared difference of codes. An ENUM axis is one group: d is 1 for two different options, which is
half the squared distance of one-hot codes. If the options are numbers, their order is a second
group. An axis that does not matter at a point is in the middle there: a FLOAT or INT in that of its
range, an ENUM at the same distance from each option. c² is the variance of an unknown constant
mean, which is integrated out (Rasmussen & Williams 2006, eq. 2.40 with h = 1, b = 0).

κ is Matérn-5/2, (1 + √5 r + 5/3 r²) exp(-√5 r), or the squared exponential exp(-r²/2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser.space import Array, Space

#: Variance of the constant mean of standardised values.
MEAN_VARIANCE = 1.0

KERNELS = ("matern52", "gaussian")


def kappa(kernel: str, squared: Array) -> tuple[Array, Array]:
    """Values κ and dκ/dr² at squared distances r² of any shape."""
    if kernel == "gaussian":
        value = np.exp(-0.5 * squared)
        return value, -0.5 * value
    root = np.sqrt(5.0 * squared)
    decay = np.exp(-root)
    slope = (1.0 + root) * decay
    return slope + (5.0 / 3.0) * squared * decay, (-5.0 / 6.0) * slope


class Features:
    """Maps codes (n, A) to features (n, F), columns whose squared differences add up to d_g.

    Args:
        space: The space that is searched.
        wide: A widened space of the codes, if they are not all of `space`.

    Attributes:
        space: The space that is searched.
        group: Group of each column, shape (F,).
        groups: Number of groups G.
    """

    def __init__(self, space: Space, wide: Space | None = None) -> None:
        self.space = space
        self.axes = (wide or space).axes
        self.conditions = (wide or space).conditions
        group: list[int] = []
        self.columns: list[slice] = []
        self.ranks: list[Array | None] = []
        groups = 0
        for axis in self.axes:
            start, ranks = len(group), None
            if axis.kind == "ENUM":
                group.extend([groups] * len(axis.options))
                ranks = _ranks(axis.options)
                if ranks is not None:
                    groups += 1
                    group.append(groups)
            else:
                group.append(groups)
            groups += 1
            self.columns.append(slice(start, len(group)))
            self.ranks.append(ranks)
        self.group = np.array(group, dtype=np.intp)
        self.groups = groups

    @cached_property
    def first(self) -> NDArray[np.intp]:
        """The first column of each axis, shape (A,): the only one of a FLOAT or INT axis."""
        return np.array([columns.start for columns in self.columns], dtype=np.intp)

    def of(self, codes: Array) -> Array:
        """Features, shape (n, F), of codes, shape (n, A)."""
        features = np.zeros((len(codes), len(self.group)))
        for i, (axis, columns) in enumerate(zip(self.axes, self.columns, strict=True)):
            if axis.kind != "ENUM":
                features[:, columns.start] = codes[:, i]
                continue
            option = codes[:, i].astype(np.intp)
            features[np.arange(len(codes)), columns.start + option] = sqrt(0.5)
            ranks = self.ranks[i]
            if ranks is not None:
                features[:, columns.stop - 1] = ranks[option]
        for i, idle in self._idle(codes):
            axis, columns = self.axes[i], self.columns[i]
            features[idle, columns] = 0.0 if axis.kind == "ENUM" else 0.5
            if self.ranks[i] is not None:
                features[idle, columns.stop - 1] = 0.5
        return features

    def _idle(self, codes: Array) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """Generates the conditional axes, and at which points, shape (n,), they do not matter."""
        if self.conditions:
            active = self.conditions.active(codes)
            for i in self.conditions.when:
                yield i, ~active[:, i]

    def distances(self, features: Array, pairs: tuple[NDArray[Any], NDArray[Any]]) -> Array:
        """d_g of pairs of rows (i, j), shape (P, G)."""
        squared: Array = (features[pairs[0]] - features[pairs[1]]) ** 2
        if self.groups == len(self.group):
            return squared
        sums = np.zeros((len(squared), self.groups))
        for column, group in enumerate(self.group):
            sums[:, group] += squared[:, column]
        return sums


def _ranks(options: tuple[object, ...]) -> Array | None:
    """Ranks of options, scaled to [0, 1]; None unless they are three or more numbers."""
    numbers = [o for o in options if isinstance(o, int | float) and not isinstance(o, bool)]
    if len(numbers) < max(len(options), 3):
        return None
    return np.argsort(np.argsort(numbers)) / (len(numbers) - 1.0)


class Gram:
    """Covariance matrices of n points for B sets of hyper-parameters at once, with derivatives.

    Computes with the P = n (n - 1) / 2 pairs of points only.

    Args:
        features: Features of the space.
        rows: Features of the points, shape (n, F).
    """

    def __init__(self, features: Features, rows: Array) -> None:
        self.n = len(rows)
        self.pairs = np.triu_indices(self.n, 1)
        self.squares = features.distances(rows, self.pairs)
        # Positions of the pairs in a matrix stored by columns, as LAPACK requires.
        self.flat = self.pairs[0] + self.pairs[1] * self.n

    def upper(self, theta: Array, noise: Array, gaussian: NDArray[np.bool_]) -> GramValues:
        """The matrices plus noise I.

        Args:
            theta: Log ℓ of the G groups, then log a; shape (B, G + 1).
            noise: Variance on the diagonal, shape (B,).
            gaussian: Which sets use the second of `KERNELS`, shape (B,).
        """
        weights = np.exp(-2.0 * theta[:, :-1])
        amplitude = np.exp(theta[:, -1:])
        squared = weights @ self.squares.T
        value, slope = np.empty_like(squared), np.empty_like(squared)
        for kernel, which in zip(KERNELS, (~gaussian, gaussian), strict=True):
            if which.any():
                value[which], slope[which] = kappa(kernel, squared[which])
        value *= amplitude
        slope *= amplitude
        matrices = np.zeros((len(theta), self.n * self.n))
        matrices[:, self.flat] = value + MEAN_VARIANCE
        matrices[:, :: self.n + 1] = amplitude + MEAN_VARIANCE + noise[:, None]
        return GramValues(self, weights, amplitude[:, 0], value, slope, matrices)


@dataclass(frozen=True, slots=True)
class GramValues:
    """B covariance matrices, and the quantities from which their derivatives are computed.

    Attributes:
        gram: The points.
        weights: Squared inverse length scales, ℓ⁻², shape (B, G).
        amplitude: The amplitudes a, shape (B,).
        value: The products a κ of the pairs, shape (B, P).
        slope: The products a dκ/dr² of the pairs, shape (B, P).
        matrices: Upper triangles, stored by columns, shape (B, n²).
    """

    gram: Gram
    weights: Array
    amplitude: Array
    value: Array
    slope: Array
    matrices: Array

    def matrix(self, b: int) -> Array:
        """Matrix number b, upper triangle only, stored by columns: a view, shape (n, n)."""
        view: Array = self.matrices[b].reshape((self.gram.n, self.gram.n), order="F")
        return view

    def contract(self, pairs: Array, diagonal: Array) -> Array:
        """Σ_ij M_ij dK_ij/dθ for symmetric M, shape (B, G + 1).

        Args:
            pairs: M at the pairs, shape (B, P).
            diagonal: M's diagonal, shape (B, n).
        """
        by_scale = -4.0 * self.weights * ((pairs * self.slope) @ self.gram.squares)
        by_amplitude = 2.0 * (pairs * self.value).sum(axis=1)
        by_amplitude += self.amplitude * diagonal.sum(axis=1)
        return np.column_stack([by_scale, by_amplitude])
