"""Gradient ascent in a box from many starts at once, as arrays: projected L-BFGS.

Nocedal & Wright 2006, "Numerical Optimization", algorithm 7.4 (two-loop recursion), restricted to
the variables that are free to move (Bertsekas 1982), with Armijo backtracking on the projected
step. Each start has its own memory and step; those that are done are left out.
"""

from collections.abc import Callable

import numpy as np

from spearmint.space import Array

#: f(points (k, D), which starts they belong to (k,)) -> values (k,), gradients (k, D).
Function = Callable[[Array, Array], tuple[Array, Array]]

_MEMORY = 8
_ARMIJO = 1e-4
_SHRINK = 0.3
_BACKTRACKS = 12
_FIRST_STEP = 0.1


def ascend(
    function: Function,
    starts: Array,
    iterations: int,
    tolerance: float = 1e-6,
) -> tuple[Array, Array]:
    """Local maxima of a function on [0, 1]^D.

    Args:
        function: Values and gradients of many points.
        starts: Shape (m, D), inside the box.
        iterations: Largest number of steps of a start.
        tolerance: A start is done when a step gains less than this.

    Returns:
        Points, shape (m, D), and their values, shape (m,): never below those of the starts.
    """
    m, d = starts.shape
    x = starts.copy()
    value, gradient = function(x, np.arange(m))
    active = np.isfinite(value)
    steps = np.zeros((_MEMORY, m, d))
    turns = np.zeros((_MEMORY, m, d))
    for _ in range(iterations):
        if not active.any():
            break
        k = np.flatnonzero(active)
        g = _free(x[k], gradient[k])
        direction = _free(x[k], _two_loops(g, steps[:, k], turns[:, k]))
        rise = np.sum(direction * g, axis=1)
        weak = ~(rise > 1e-12 * np.sum(g**2, axis=1))
        direction[weak] = g[weak]
        fresh = weak | ~turns[:, k].any(axis=(0, 2))
        length = np.max(np.abs(direction), axis=1)
        limit = np.where(fresh, _FIRST_STEP, 1.0) / np.maximum(length, 1e-300)
        first = np.where(fresh, limit, np.minimum(1.0, limit))
        moved, values, gradients = _line_search(function, k, x, value, g, direction, first)
        better = values > value[k]
        s, y = moved - x[k], gradient[k] - gradients
        curved = better & (np.sum(s * y, axis=1) > 1e-12 * np.sum(y**2, axis=1))
        keep = k[curved]
        steps[:, keep] = np.roll(steps[:, keep], -1, axis=0)
        turns[:, keep] = np.roll(turns[:, keep], -1, axis=0)
        steps[-1, keep], turns[-1, keep] = s[curved], y[curved]
        gain = np.where(better, values - value[k], 0.0)
        up = k[better]
        x[up], value[up], gradient[up] = moved[better], values[better], gradients[better]
        # A failed quasi-Newton step is tried once more along the gradient.
        retry = ~better & ~fresh
        steps[:, k[retry]] = 0.0
        turns[:, k[retry]] = 0.0
        active[k[(gain < tolerance) & ~retry]] = False
    return x, value


def _free(x: Array, direction: Array) -> Array:
    """The direction without components that point out of the box."""
    stuck = ((x <= 0.0) & (direction < 0)) | ((x >= 1.0) & (direction > 0))
    return np.where(stuck, 0.0, direction)


def _two_loops(gradient: Array, steps: Array, turns: Array) -> Array:
    """H g of each start; steps and turns have shape (memory, k, D), newest last, 0 = unused."""
    curvature = np.sum(steps * turns, axis=2)
    used = curvature > 0
    rho = np.where(used, 1.0 / np.where(used, curvature, 1.0), 0.0)
    q = gradient.copy()
    shares = np.zeros(rho.shape)
    for i in reversed(range(len(steps))):
        shares[i] = rho[i] * np.sum(steps[i] * q, axis=1)
        q -= shares[i][:, None] * turns[i]
    newest = np.sum(turns[-1] ** 2, axis=1)
    scale = np.where(used[-1], curvature[-1] / np.where(newest > 0, newest, 1.0), 1.0)
    q *= scale[:, None]
    for i in range(len(steps)):
        back = rho[i] * np.sum(turns[i] * q, axis=1)
        q += (shares[i] - back)[:, None] * steps[i]
    return q


def _line_search(
    function: Function,
    k: Array,
    x: Array,
    value: Array,
    gradient: Array,
    direction: Array,
    first: Array,
) -> tuple[Array, Array, Array]:
    """Points x[k] + t direction, clipped, that rise enough; x[k] itself where none does."""
    moved, values, gradients = x[k].copy(), value[k].copy(), np.zeros_like(gradient)
    left, t = np.arange(len(k)), first.copy()
    for _ in range(_BACKTRACKS):
        trial = np.clip(x[k[left]] + t[left, None] * direction[left], 0.0, 1.0)
        f, g = function(trial, k[left])
        promised = np.sum((trial - x[k[left]]) * gradient[left], axis=1)
        enough = f >= value[k[left]] + _ARMIJO * np.maximum(promised, 0.0)
        done = left[enough]
        moved[done], values[done], gradients[done] = trial[enough], f[enough], g[enough]
        left = left[~enough]
        if not len(left):
            break
        t[left] *= _SHRINK
    return moved, values, gradients
