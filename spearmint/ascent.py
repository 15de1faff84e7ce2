"""Gradient ascent in a box from many starts at once, as arrays: projected BFGS.

Nocedal & Wright 2006, "Numerical Optimization", eq. 6.17 (update of the inverse Hessian) and 3.4
(sufficient increase), on the variables that are free to move (Bertsekas 1982, "Projected Newton
Methods"). Each start has its own matrix and step; every round evaluates one trial point of each
start that is not done, so that a slow line search of one does not hold up the others.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from spearmint.space import Array

#: f(points (k, D), which starts they belong to (k,)) -> values (k,), gradients (k, D).
Function = Callable[[Array, NDArray[np.intp]], tuple[Array, Array]]

_SUFFICIENT = 1e-4
_SHRINK = 0.25
_SHORTEST = 1e-8


class _Paths:
    """The state of the starts that are under way; arrays with one row a start."""

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

    def aim(self, rows: NDArray[np.intp]) -> None:
        """New directions, by quasi-Newton where they rise, else by the gradient."""
        x, g = self.x[rows], self.gradient[rows]
        low, high = self.low[rows], self.high[rows]
        free = ~(((x <= low) & (g < 0)) | ((x >= high) & (g > 0)))
        g = np.where(free, g, 0.0)
        towards = np.where(free, (self.inverse[rows] @ g[:, :, None])[:, :, 0], 0.0)
        weak = ~(np.sum(towards * g, axis=1) > 0) | self.fresh[rows]
        if weak.any():
            again = rows[weak]
            size = np.maximum(np.max(np.abs(g[weak]), axis=1, keepdims=True), 1e-300)
            towards[weak] = g[weak] * (self.first / size)
            self.fresh[again] = True
            self.inverse[again] = np.eye(x.shape[1])
        self.direction[rows], self.t[rows] = towards, 1.0

    def learn(self, rows: NDArray[np.intp], s: Array, y: Array) -> None:
        """BFGS update with steps s and falls of the gradient y, shapes (k, D)."""
        sy = np.sum(s * y, axis=1)
        good = sy > 1e-10 * np.sum(y * y, axis=1)
        rows, s, y, sy = rows[good], s[good], y[good], sy[good]
        if not len(rows):
            return
        h = self.inverse[rows]
        new = self.fresh[rows]
        if new.any():
            scale = sy[new] / np.sum(y[new] ** 2, axis=1)
            h[new] = scale[:, None, None] * np.eye(s.shape[1])
            self.fresh[rows[new]] = False
        rho = 1.0 / sy
        hy = (h @ y[:, :, None])[:, :, 0]
        outer = s[:, :, None] * hy[:, None, :]
        grow = rho + rho**2 * np.sum(y * hy, axis=1)
        h -= rho[:, None, None] * (outer + outer.transpose(0, 2, 1))
        h += grow[:, None, None] * (s[:, :, None] * s[:, None, :])
        self.inverse[rows] = h

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Forgets the other starts."""
        for name in vars(self).keys() - {"first"}:
            setattr(self, name, getattr(self, name)[rows])


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
        rounds: Largest number of evaluations of a start.
        box: Lower and upper ends, broadcast to (m, D).
        tolerance: A start is done when an accepted step gains less than this.
        first: Largest change of a variable in a first step.

    Returns:
        Points, shape (m, D), and their values, shape (m,): never below those of the starts.
    """
    low, high = (np.broadcast_to(np.asarray(end, dtype=float), starts.shape) for end in box)
    value, gradient = function(starts, np.arange(len(starts)))
    points, values = starts.copy(), value.copy()
    paths = _Paths(starts, value.copy(), gradient.copy(), first, (low, high))
    paths.keep(np.isfinite(value))
    paths.aim(np.arange(len(paths.x)))
    for _ in range(rounds):
        if not len(paths.x):
            break
        trial = np.clip(paths.x + paths.t[:, None] * paths.direction, paths.low, paths.high)
        value, gradient = function(trial, paths.which)
        step = trial - paths.x
        promised = np.sum(step * paths.gradient, axis=1)
        rise = value - paths.value
        up = (rise >= _SUFFICIENT * promised) & (rise >= 0) & (promised > 0)
        done = np.zeros(len(up), dtype=bool)
        if up.any():
            rows = np.flatnonzero(up)
            paths.learn(rows, step[rows], paths.gradient[rows] - gradient[rows])
            paths.x[rows], paths.value[rows] = trial[rows], value[rows]
            paths.gradient[rows] = gradient[rows]
            points[paths.which[rows]], values[paths.which[rows]] = trial[rows], value[rows]
            paths.aim(rows)
            done[rows] = rise[rows] < tolerance
        if not up.all():
            rows = np.flatnonzero(~up)
            paths.t[rows] *= _SHRINK
            short = paths.t[rows] < _SHORTEST
            flat = ~(promised[rows] > 0) & paths.fresh[rows]
            # A quasi-Newton direction that leads nowhere is tried once more along the gradient.
            again = rows[(short | ~(promised[rows] > 0)) & ~paths.fresh[rows]]
            if len(again):
                paths.fresh[again] = True
                paths.aim(again)
            done[rows[flat | (short & paths.fresh[rows] & (paths.t[rows] < _SHORTEST))]] = True
        if done.any():
            paths.keep(~done)
    return points, values
