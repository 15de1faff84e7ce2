"""Gradient ascent in a box from many starts at once, as arrays: projected BFGS.

Nocedal & Wright 2006, "Numerical Optimization", eq. 6.17 (update of the inverse Hessian) and 3.4
(sufficient increase), on the variables that are free to move (Bertsekas 1982, "Projected Newton
Methods"). Each start has its own matrix and step size. Every round evaluates one trial point of
each start that has not converged, so a slow line search from one start does not delay the others.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from spearmint.optimiser.space import Array

#: f(points (k, D), which starts they belong to (k,)) -> values (k,), gradients (k, D).
Function = Callable[[Array, NDArray[np.intp]], tuple[Array, Array]]
#: All rows (a slice: no copy) or some.
Rows = slice | NDArray[np.intp]

#: Share of the increase promised by the gradient that a step must reach.
_SUFFICIENT = 1e-4
#: Factor for a step that did not reach it, and the shortest step that is tried.
_SHRINK = 0.25
_SHORTEST = 1e-8


class _Paths:
    """The state of the starts that have not converged; arrays with one row per start.

    Attributes:
        which: Number of the start, shape (m,).
        x, value, gradient: The current point, shape (m, D), and the function there.
        inverse: Approximate inverse of minus the Hessian, shape (m, D, D).
        fresh: Whether `inverse` is still the identity, shape (m,).
        t: Step size along `direction`, shape (m,).
        direction: Shape (m, D).
        low, high: The box, shape (m, D).
        first: Largest change of a variable in a first step.
    """

    def __init__(
        self,
        starts: Array,
        value: Array,
        gradient: Array,
        first: float,
        box: tuple[Array, Array],
    ) -> None:
        m, d = starts.shape
        self.which = np.arange(m)
        self.x, self.value, self.gradient = starts.copy(), value, gradient
        self.inverse = np.broadcast_to(np.eye(d), (m, d, d)).copy()
        self.fresh = np.ones(m, dtype=bool)
        self.t = np.ones(m)
        self.direction = np.zeros((m, d))
        self.first = first
        self.low, self.high = box

    def aim(self, rows: Rows) -> None:
        """Sets new directions: quasi-Newton if the function rises that way, else the gradient."""
        x, g = self.x[rows], self.gradient[rows]
        fixed = ((x <= self.low[rows]) & (g < 0)) | ((x >= self.high[rows]) & (g > 0))
        g = np.where(fixed, 0.0, g)
        towards = (self.inverse[rows] @ g[:, :, None])[:, :, 0]
        towards[fixed] = 0.0
        weak = ~((towards * g).sum(axis=1) > 0) | self.fresh[rows]
        if weak.any():
            again = np.arange(len(self.x))[rows][weak]
            size = np.maximum(np.abs(g[weak]).max(axis=1, keepdims=True), 1e-300)
            towards[weak] = g[weak] * (self.first / size)
            self.fresh[again] = True
            self.inverse[again] = np.eye(x.shape[1])
        self.direction[rows], self.t[rows] = towards, 1.0

    def learn(self, rows: Rows, s: Array, y: Array) -> None:
        """BFGS update with steps s and decreases y of the gradient, shapes (k, D)."""
        sy, yy = (s * y).sum(axis=1), (y * y).sum(axis=1)
        good = sy > 1e-10 * yy
        if not good.all():
            if not good.any():
                return
            rows = np.arange(len(self.x))[rows][good]
            s, y, sy, yy = s[good], y[good], sy[good], yy[good]
        h = self.inverse[rows]
        new = self.fresh[rows]
        if new.any():
            h[new] = (sy[new] / yy[new])[:, None, None] * np.eye(s.shape[1])
            self.fresh[rows] = False
        rho = 1.0 / sy
        hy = (h @ y[:, :, None])[:, :, 0]
        grow = rho + rho**2 * (y * hy).sum(axis=1)
        # h - ρ (s hyᵀ + hy sᵀ) + (ρ + ρ² yᵀhy) s sᵀ is h + s aᵀ + a sᵀ.
        a = (0.5 * grow)[:, None] * s - rho[:, None] * hy
        outer = s[:, :, None] * a[:, None, :]
        h += outer
        h += outer.transpose(0, 2, 1)
        self.inverse[rows] = h

    def accept(self, rows: Rows, trial: Array, value: Array, gradient: Array) -> None:
        """Moves some starts to their trial points and sets new directions.

        Args:
            rows: The starts that move.
            trial: Trial points of all starts, shape (m, D).
            value: The function there, shape (m,).
            gradient: Its gradients, shape (m, D).
        """
        self.learn(rows, trial[rows] - self.x[rows], self.gradient[rows] - gradient[rows])
        self.x[rows], self.value[rows] = trial[rows], value[rows]
        self.gradient[rows] = gradient[rows]
        self.aim(rows)

    def shorten(self, rows: NDArray[np.intp], flat: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Shortens the steps of some starts; returns which of them have converged, shape (k,).

        Args:
            rows: The k starts whose trial point was not accepted.
            flat: Whether their direction promises no increase, shape (k,).
        """
        self.t[rows] *= _SHRINK
        short = self.t[rows] < _SHORTEST
        done = flat & self.fresh[rows]
        # If a quasi-Newton direction gives no increase, the gradient is tried once.
        again = rows[(short | flat) & ~self.fresh[rows]]
        if len(again):
            self.fresh[again] = True
            self.aim(again)
        return done | (short & self.fresh[rows] & (self.t[rows] < _SHORTEST))

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Drops the other starts."""
        self.which = self.which[rows]
        self.x, self.value, self.gradient = self.x[rows], self.value[rows], self.gradient[rows]
        self.inverse, self.fresh = self.inverse[rows], self.fresh[rows]
        self.t, self.direction = self.t[rows], self.direction[rows]
        self.low, self.high = self.low[rows], self.high[rows]


def ascend(
    function: Function,
    starts: Array,
    rounds: int,
    box: tuple[Array | float, Array | float] = (0.0, 1.0),
    tolerance: float = 1e-5,
    first: float = 0.05,
) -> tuple[Array, Array]:
    """Local maxima of a function in a box.

    Args:
        function: Values and gradients of many points; values of -inf are never accepted.
        starts: Shape (m, D), inside the box.
        rounds: Largest number of evaluations per start.
        box: Lower and upper bounds, broadcast to (m, D).
        tolerance: A start has converged when an accepted step gains less than this.
        first: Largest change of a variable in a first step.

    Returns:
        Points, shape (m, D), and their values, shape (m,): never below those of the starts.
    """
    low, high = (np.broadcast_to(np.asarray(end, dtype=float), starts.shape) for end in box)
    value, gradient = function(starts, np.arange(len(starts)))
    points, values = starts.copy(), value.copy()
    paths = _Paths(starts, value.copy(), gradient.copy(), first, (low, high))
    paths.keep(np.isfinite(value))
    paths.aim(slice(None))
    for _ in range(rounds):
        if not len(paths.x):
            break
        trial = paths.x + paths.t[:, None] * paths.direction
        trial = np.minimum(np.maximum(trial, paths.low), paths.high)
        value, gradient = function(trial, paths.which)
        step = trial - paths.x
        promised = (step * paths.gradient).sum(axis=1)
        rise = value - paths.value
        up = (rise >= _SUFFICIENT * promised) & (rise >= 0) & (promised > 0)
        done = up & (rise < tolerance)
        if up.all():
            paths.accept(slice(None), trial, value, gradient)
        else:
            if up.any():
                paths.accept(np.flatnonzero(up), trial, value, gradient)
            rows = np.flatnonzero(~up)
            done[rows[paths.shorten(rows, ~(promised[rows] > 0))]] = True
        if done.any():
            points[paths.which[done]], values[paths.which[done]] = paths.x[done], paths.value[done]
            paths.keep(~done)
    points[paths.which], values[paths.which] = paths.x, paths.value
    return points, values
