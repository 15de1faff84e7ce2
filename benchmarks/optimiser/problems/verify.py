"""Finds each problem's best feasible value and the scale of its regrets; writes known.json.

    python benchmarks/optimiser/problems/verify.py [NAME ...]

Differential evolution with the feasibility rules of Deb (2000) over all axes, then SLSQP from its
best points and from random ones over the continuous axes, for every neighbouring choice of the
discrete ones. A value already in known.json is only ever replaced by a better one.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from benchmarks.optimiser.problems import KNOWN_FILE, Definition, definitions  # noqa: E402

RANDOM_POINTS = 200_000
#: With fewer feasible random points than this a random walk through the feasible set takes over.
FEW = 1000


def decode(definition: Definition, unit: np.ndarray) -> list:
    """Flat values of a point of the unit cube."""
    values = []
    for axis, u in zip(definition.axes, unit, strict=True):
        if axis.type == "ENUM":
            values.append(axis.options[min(int(u * len(axis.options)), len(axis.options) - 1)])
        elif axis.type == "INT":
            count = int(axis.high - axis.low) + 1
            values.append(int(axis.low) + min(int(u * count), count - 1))
        else:
            values.append(axis.low + u * (axis.high - axis.low))
    return values


def score(definition: Definition, values: list, scales: np.ndarray) -> tuple[float, float]:
    """Deb's order: sum of scaled violations first, then the objective."""
    objective, constraints = definition.function(values)
    violation = float((np.maximum(-np.asarray(constraints), 0) / scales).sum())
    return violation, float(objective)


def evolve(
    definition: Definition, scales: np.ndarray, seed: int, generations: int = 1500
) -> list[np.ndarray]:
    """Differential evolution (rand/1/bin and best/1/bin): the final population, best first."""
    rng = np.random.default_rng(seed)
    dims = len(definition.axes)
    size = max(30, 6 * dims)
    population = rng.random((size, dims))
    scores = [score(definition, decode(definition, p), scales) for p in population]
    for generation in range(generations):
        best = population[min(range(size), key=scores.__getitem__)]
        for i in range(size):
            a, b, c = population[rng.choice(size, 3, replace=False)]
            base = best if generation % 3 == 2 else a
            trial = base + rng.uniform(0.4, 0.9) * (b - c)
            outside = (trial < 0) | (trial > 1)
            trial = np.where(outside, rng.random(dims), trial)
            keep = rng.random(dims) > 0.9
            keep[rng.integers(dims)] = False
            trial = np.where(keep, population[i], trial)
            value = score(definition, decode(definition, trial), scales)
            if value <= scores[i]:
                population[i], scores[i] = trial, value
    return [population[i] for i in sorted(range(size), key=scores.__getitem__)]


def polish(definition: Definition, start: list, scales: np.ndarray) -> list:
    """SLSQP over the continuous axes, pulled back until it is feasible to the last digit."""
    axes = definition.axes
    free = [i for i, axis in enumerate(axes) if axis.type == "FLOAT"]
    if not free:
        return start
    low = np.array([axes[i].low for i in free])
    span = np.array([axes[i].high - axes[i].low for i in free])

    def full(unit: np.ndarray) -> list:
        values = list(start)
        for i, value in zip(free, low + np.clip(unit, 0, 1) * span, strict=True):
            values[i] = float(value)
        return values

    size = max(abs(definition.function(start)[0]), 1e-3)
    unit = np.clip((np.array([start[i] for i in free]) - low) / span, 0, 1)
    best, best_score = start, score(definition, start, scales)
    # Ever smaller margins: SLSQP ends some 1e-9 outside, which a strict comparison rejects.
    for margin in (1e-6, 1e-8, 1e-10, 1e-12):
        result = minimize(
            lambda u: definition.function(full(u))[0] / size,
            unit,
            method="SLSQP",
            bounds=[(0, 1)] * len(free),
            constraints={
                "type": "ineq",
                "fun": lambda u, m=margin: np.asarray(definition.function(full(u))[1]) / scales - m,
            },
            options={"maxiter": 300, "ftol": 1e-14},
        )
        found = full(result.x)
        found_score = score(definition, found, scales)
        if found_score < best_score:
            best, best_score, unit = found, found_score, np.clip(result.x, 0, 1)
    return best


def neighbours(definition: Definition, values: list) -> list[list]:
    """The point with its integers moved by -1, 0, 1 and every choice of its options."""
    choices = []
    for axis, value in zip(definition.axes, values, strict=True):
        if axis.type == "ENUM":
            choices.append(list(axis.options))
        elif axis.type == "INT":
            choices.append([v for v in (value - 1, value, value + 1) if axis.low <= v <= axis.high])
        else:
            choices.append([value])
    return [list(choice) for choice in itertools.product(*choices)]


def wander(definition: Definition, start: list, steps: int = 200_000) -> np.ndarray:
    """Objective along a random walk that is uniform over the feasible set (Metropolis)."""
    rng = np.random.default_rng(1)
    axes = definition.axes
    values, objective = start, definition.function(start)[0]
    found = []
    for _ in range(steps):
        trial = list(values)
        width = 10 ** rng.uniform(-3, 0)
        for i in np.flatnonzero(rng.random(len(axes)) < rng.uniform(0.1, 1)):
            axis = axes[i]
            if axis.type == "ENUM":
                trial[i] = axis.options[rng.integers(len(axis.options))]
                continue
            step = width * rng.standard_normal() * (axis.high - axis.low)
            moved = values[i] + (step if axis.type == "FLOAT" else round(step))
            trial[i] = moved if axis.low <= moved <= axis.high else values[i]
        trial_objective, constraints = definition.function(trial)
        if min(constraints) >= 0:
            values, objective = trial, trial_objective
        found.append(objective)
    return np.array(found)


def enumerated(definition: Definition) -> list[list] | None:
    """Every point of a small finite space."""
    choices: list[list] = []
    for axis in definition.axes:
        if axis.type == "FLOAT":
            return None
        numbers = range(int(axis.low), int(axis.high) + 1)
        choices.append(list(axis.options) if axis.type == "ENUM" else list(numbers))
    if np.prod([len(choice) for choice in choices]) > RANDOM_POINTS:
        return None
    return [list(point) for point in itertools.product(*choices)]


def examine(definition: Definition, known: dict | None) -> dict:
    """Best value, solution and scale of one problem."""
    rng = np.random.default_rng(0)
    every = enumerated(definition)
    points = every or [definition.sample(rng) for _ in range(RANDOM_POINTS)]
    answers = [definition.function(point) for point in points]
    constraints = np.array([answer[1] for answer in answers])
    scales = np.maximum(np.median(np.abs(constraints), axis=0), 1e-12)
    feasible = (constraints >= 0).all(axis=1)
    objectives = np.array([answer[0] for answer in answers])[feasible]

    starts: list[list] = every or ([known["solution"]] if known else [])
    for seed in range(0 if every else 3):
        population = evolve(definition, scales, seed)
        starts += [decode(definition, p) for p in population[:3]]
    starts += [] if every else points[:30]
    best = min(
        (polish(definition, start, scales) for start in starts),
        key=lambda values: score(definition, values, scales),
    )
    best = min(
        (polish(definition, values, scales) for values in neighbours(definition, best)),
        key=lambda values: score(definition, values, scales),
    )
    violation, value = score(definition, best, scales)
    if violation:
        raise SystemExit(f"{definition.name}: no feasible point found")
    if len(objectives) < FEW and not every:
        objectives = wander(definition, best)
    if known and known["best"] <= value:
        best, value = known["solution"], known["best"]
    print(
        f"{definition.name}: {len(best)} axes, {constraints.shape[1]} constraints,"
        f" best {value:.10g}, feasible {feasible.mean():.2e},"
        f" regret median {np.median(objectives) - value:.4g} worst {objectives.max() - value:.4g}",
        flush=True,
    )
    return {
        "best": value,
        "solution": best,
        "nothing": float(objectives.max() - value),
        "typical": float(np.median(objectives) - value),
    }


def main() -> int:
    """Examine the named problems, or all, and write known.json."""
    every = definitions()
    known = json.loads(KNOWN_FILE.read_text()) if KNOWN_FILE.exists() else {}
    for name in sys.argv[1:] or list(every):
        known[name] = examine(every[name], known.get(name))
        KNOWN_FILE.write_text(json.dumps(known, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
