"""Continuous synthetic problems, two of them also with noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.optimiser.problems.problem import Answer, Definition


def _box(size: int, low: float, high: float) -> dict[str, dict]:
    return {"x": {"type": "FLOAT", "size": size, "min": low, "max": high}}


def _gardner1(x: Sequence[float]) -> Answer:
    a, b = x
    objective = np.cos(2 * a) * np.cos(b) + np.sin(a)
    return objective, [0.5 - (np.cos(a) * np.cos(b) - np.sin(a) * np.sin(b))]


def _gardner2(x: Sequence[float]) -> Answer:
    a, b = x
    return np.sin(a) + b, [-0.95 - np.sin(a) * np.sin(b)]


def _gramacy(x: Sequence[float]) -> Answer:
    a, b = x
    wave = a + 2 * b + 0.5 * np.sin(2 * np.pi * (a**2 - 2 * b)) - 1.5
    return a + b, [wave, 1.5 - a**2 - b**2]


_HARTMANN_ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
_HARTMANN_A = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def _hartmann6(x: Sequence[float]) -> Answer:
    point = np.asarray(x)
    distances = (_HARTMANN_A * (point - _HARTMANN_P) ** 2).sum(axis=1)
    return -float(_HARTMANN_ALPHA @ np.exp(-distances)), [1.0 - float(np.linalg.norm(point))]


def _ackley(x: Sequence[float]) -> Answer:
    point = np.asarray(x)
    objective = (
        -20 * np.exp(-0.2 * np.sqrt(np.mean(point**2)))
        - np.exp(np.mean(np.cos(2 * np.pi * point)))
        + 20
        + np.e
    )
    return objective, [-point.sum(), 5.0 - np.linalg.norm(point)]


def _keane(x: Sequence[float]) -> Answer:
    point = np.asarray(x)
    cosines = np.cos(point) ** 2
    weights = np.arange(1, len(point) + 1)
    # The formula is 0/0 at the origin, which the product constraint excludes.
    norm = max(np.sqrt(weights @ point**2), 1e-12)
    objective = -abs((cosines**2).sum() - 2 * cosines.prod()) / norm
    return objective, [point.prod() - 0.75, 7.5 * len(point) - point.sum()]


def _rosenbrock_disk(x: Sequence[float]) -> Answer:
    a, b = x
    return (1 - a) ** 2 + 100 * (b - a**2) ** 2, [2 - a**2 - b**2]


def _g07(x: Sequence[float]) -> Answer:
    a, b, c, d, e, f, g, h, i, j = x
    objective = (
        a**2 + b**2 + a * b - 14 * a - 16 * b + (c - 10) ** 2 + 4 * (d - 5) ** 2 + (e - 3) ** 2
    ) + (2 * (f - 1) ** 2 + 5 * g**2 + 7 * (h - 11) ** 2 + 2 * (i - 10) ** 2 + (j - 7) ** 2 + 45)
    return objective, [
        105 - 4 * a - 5 * b + 3 * g - 9 * h,
        -(10 * a - 8 * b - 17 * g + 2 * h),
        8 * a - 2 * b - 5 * i + 2 * j + 12,
        -(3 * (a - 2) ** 2 + 4 * (b - 3) ** 2 + 2 * c**2 - 7 * d - 120),
        -(5 * a**2 + 8 * b + (c - 6) ** 2 - 2 * d - 40),
        -(a**2 + 2 * (b - 2) ** 2 - 2 * a * b + 14 * e - 6 * f),
        -(0.5 * (a - 8) ** 2 + 2 * (b - 4) ** 2 + 3 * e**2 - f - 30),
        3 * a - 6 * b - 12 * (i - 8) ** 2 + 7 * j,
    ]


_GARDNER = "Gardner et al. (2014), Bayesian optimization with inequality constraints"
_LETHAM = "Letham et al. (2019), Constrained Bayesian optimization with noisy experiments"
_GRAMACY = (
    "Gramacy et al. (2016), Modeling an augmented Lagrangian for blackbox constrained optimization"
)
_SCBO = "Eriksson & Poloczek (2021), Scalable constrained Bayesian optimization"

DEFINITIONS = [
    Definition("gardner1", _box(2, 0, 6), _gardner1, ("c1",), f"{_GARDNER}, simulation 1"),
    Definition("gardner2", _box(2, 0, 6), _gardner2, ("c1",), f"{_GARDNER}, simulation 2"),
    Definition("gramacy", _box(2, 0, 1), _gramacy, ("c1", "c2"), _GRAMACY),
    Definition(
        "rosenbrock_disk",
        _box(2, -1.5, 1.5),
        _rosenbrock_disk,
        ("c1",),
        "Rosenbrock's function on a disk of radius sqrt(2), in many test sets",
    ),
    Definition("hartmann6", _box(6, 0, 1), _hartmann6, ("norm",), f"After {_LETHAM}; no noise"),
    Definition(
        "hartmann6_noisy",
        _box(6, 0, 1),
        _hartmann6,
        ("norm",),
        f"After {_LETHAM}",
        {"objective": 0.1, "norm": 0.1},
    ),
    Definition(
        "gramacy_noisy",
        _box(2, 0, 1),
        _gramacy,
        ("c1", "c2"),
        f"{_GRAMACY}, with noise added here",
        {"objective": 0.1, "c1": 0.1, "c2": 0.1},
    ),
    Definition("ackley10", _box(10, -5, 10), _ackley, ("sum", "norm"), _SCBO),
    Definition(
        "g07",
        _box(10, -10, 10),
        _g07,
        tuple(f"c{i}" for i in range(1, 9)),
        "Problem g07 of Liang et al. (2006), CEC 2006 constrained real-parameter optimization",
    ),
    Definition(
        "keane15",
        _box(15, 0, 10),
        _keane,
        ("product", "sum"),
        f"Keane (1994), Experiences with optimizers in structural design; 30 dimensions: {_SCBO}",
    ),
]
