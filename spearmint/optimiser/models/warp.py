"""Output warps: monotone maps of a task's values to values that a Gaussian process can model.

z = (g((y - shift) / scale) - mean) / deviation. The function g is chosen by evidence, the density
of the data including Σ log |dz/dy| (Snelson, Rasmussen & Ghahramani 2004, "Warped Gaussian
Processes", NIPS):

- plain: g(v) = v
- above: g(v) = v for v <= 0, log(1 + v) above. Compresses values worse than a low quantile, so that
  a cliff (a training that diverged) does not flatten the model among the good values
- bilog: g(v) = sign(v) log(1 + |v|), shift 0, for constraints. Keeps the resolution around the
  bound (Eriksson & Poloczek 2021, "Scalable Constrained Bayesian Optimization", AISTATS)
- power: Yeo & Johnson 2000, with the λ of highest likelihood under a normal distribution
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from spearmint.optimiser.space import Array

#: Squares of larger values overflow.
LARGEST = 1e100

PLAIN, ABOVE, BILOG, POWER = "plain", "above", "bilog", "power"


@dataclass(frozen=True, slots=True)
class Warp:
    """One monotone map, with its inverse; the attributes are those of the formula above."""

    kind: str
    shift: float = 0.0
    scale: float = 1.0
    power: float = 1.0
    mean: float = 0.0
    deviation: float = 1.0

    def __call__(self, y: Array) -> Array:
        """The z of finite y, same shape."""
        return (self._bend((y - self.shift) / self.scale) - self.mean) / self.deviation

    def inverse(self, z: Array) -> Array:
        """The y of z, same shape; maps the median of z to the median of y."""
        return self.shift + self.scale * self._unbend(self.mean + self.deviation * z)

    def log_slope(self, y: Array) -> float:
        """Σ log dz/dy."""
        v = (y - self.shift) / self.scale
        if self.kind == ABOVE:
            slopes = -np.log1p(np.maximum(v, 0.0))
        elif self.kind == BILOG:
            slopes = -np.log1p(np.abs(v))
        elif self.kind == POWER:
            slopes = np.sign(v) * (self.power - 1.0) * np.log1p(np.abs(v))
        else:
            slopes = np.zeros_like(v)
        return float(np.sum(slopes)) - len(y) * float(np.log(self.scale) + np.log(self.deviation))

    def _bend(self, v: Array) -> Array:
        if self.kind == ABOVE:
            return np.where(v > 0, np.log1p(np.maximum(v, 0.0)), v)
        if self.kind == BILOG:
            return np.sign(v) * np.log1p(np.abs(v))
        return yeo_johnson(v, self.power) if self.kind == POWER else v

    def _unbend(self, w: Array) -> Array:
        if self.kind == ABOVE:
            return np.where(w > 0, np.expm1(np.clip(w, 0.0, 500.0)), w)
        if self.kind == BILOG:
            return np.sign(w) * np.expm1(np.minimum(np.abs(w), 500.0))
        return _yeo_johnson_inverse(w, self.power) if self.kind == POWER else w


def yeo_johnson(v: Array, power: float) -> Array:
    """Yeo & Johnson 2000, "A new family of power transformations", eq. 2.1; same shape."""
    up, down = np.maximum(v, 0.0), np.minimum(v, 0.0)
    return _box_cox(up, power) - _box_cox(-down, 2.0 - power)


def _box_cox(v: Array, power: float) -> Array:
    """((1 + v)^power - 1) / power for v >= 0; log(1 + v) for power 0."""
    logs = np.log1p(v)
    return logs if abs(power) < 1e-6 else np.expm1(np.minimum(power * logs, 500.0)) / power


def _yeo_johnson_inverse(w: Array, power: float) -> Array:
    up, down = np.maximum(w, 0.0), np.minimum(w, 0.0)
    return _box_cox_inverse(up, power) - _box_cox_inverse(-down, 2.0 - power)


def _box_cox_inverse(w: Array, power: float) -> Array:
    if abs(power) < 1e-6:
        return np.expm1(np.minimum(w, 500.0))
    # With power < 0 the map is bounded: values beyond its range come from infinity.
    inside = np.maximum(power * w, -1.0 + 1e-12)
    return np.expm1(np.clip(np.log1p(inside) / power, -500.0, 500.0))


def finite(y: Array) -> Array:
    """Values y, shape (n,), with infinities (from 1e100 on) replaced by the nearest finite one."""
    y = np.clip(y, -LARGEST, LARGEST)
    known = y[np.abs(y) < LARGEST]
    low, high = (known.min(), known.max()) if len(known) else (-1.0, 1.0)
    return np.clip(y, low, high)


def standardised(kind: str, y: Array, shift: float, scale: float, power: float = 1.0) -> Warp:
    """The warp that gives y, shape (n,), mean 0 and deviation 1 (unless it is constant)."""
    bent = Warp(kind, shift, scale, power)(y)
    mean, deviation = float(np.mean(bent)), float(np.std(bent))
    if not deviation > 1e-9 * max(1.0, abs(mean)):
        deviation = 1.0
    return Warp(kind, shift, scale, power, mean, deviation)


def candidates(y: Array, objective: bool) -> list[Warp]:
    """The warps to try for finite values y, shape (n,); the first is the plain one."""
    centre = float(np.mean(y))
    spread = float(np.std(y))
    if not spread > 1e-12 * max(abs(centre), 1e-300):
        # A constant: there is nothing to learn but its value.
        return [Warp(PLAIN, centre if objective else 0.0, abs(centre) or 1.0)]
    if not objective:
        scale = max(float(np.median(np.abs(y))), 1e-6 * spread)
        return [standardised(PLAIN, y, 0.0, spread), standardised(BILOG, y, 0.0, scale)]
    warps = [standardised(PLAIN, y, centre, spread)]
    low = float(np.min(y))
    for quantile in (0.5, 0.25):
        shift = float(np.quantile(y, quantile))
        if shift - low > 1e-6 * spread:
            warps.append(standardised(ABOVE, y, shift, shift - low))
    v = (y - centre) / spread
    power = _normal_power(v)
    warps.append(standardised(POWER, y, centre, spread, power))
    return warps


def _normal_power(v: Array) -> float:
    """The λ in [-2, 2] for which v, shape (n,), is most likely normally distributed."""
    logs = float(np.sum(np.sign(v) * np.log1p(np.abs(v))))

    def cost(power: float) -> float:
        variance = float(np.var(yeo_johnson(v, power)))
        return 0.5 * len(v) * float(np.log(max(variance, 1e-300))) - (power - 1.0) * logs

    return float(minimize_scalar(cost, bounds=(-2.0, 2.0), method="bounded").x)
