"""Searches the problems' best fronts with an evolutionary algorithm, and writes known.json.

    .venv/bin/python benchmarks/paper/fronts/known.py

The front of `digits` is that of its whole table. Differential evolution with
NSGA-II's selection (Deb et al. 2002), 200 points, three seeds of 150 generations.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from benchmarks.optimiser.problems import digits
from benchmarks.paper.fronts.problems import (
    DEFINITIONS,
    KNOWN_FILE,
    OBJECTIVES,
    TwoObjectives,
)
from hwsearch.report.hypervolume import hypervolume
from spearmint.optimiser.front import crowding, front_numbers, non_dominated


def evaluated(problem: TwoObjectives, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Objectives of points, shape (n, 2), and by how much they miss constraints, shape (n,)."""
    answers = [problem.answer(list(point)) for point in points]
    missed = [sum(min(value, 0.0) for value in constraints) for _, constraints in answers]
    return np.array([objectives for objectives, _ in answers]), np.array(missed)


def evolved(problem: TwoObjectives, seed: int, count: int, generations: int) -> np.ndarray:
    """Feasible objectives of the last generation, shape (n, 2)."""
    rng = np.random.default_rng(seed)
    low = np.array([axis.low for axis in problem.axes], float)
    high = np.array([axis.high for axis in problem.axes], float)
    points = rng.uniform(low, high, (count, len(low)))
    found, missed = evaluated(problem, points)
    for _ in range(generations):
        a, b, c = (points[rng.integers(count, size=count)] for _ in range(3))
        moved = rng.random(points.shape) < 0.7
        steps = rng.choice([0.1, 0.5, 1.0], size=(count, 1)) * (b - c)
        new = np.where(moved, a + steps, points)
        shifted = rng.random(points.shape) < 0.05
        shifts = rng.normal(size=points.shape) * 0.1 * (high - low)
        new += np.where(shifted, shifts, 0.0)
        new = np.clip(new, low, high)
        more, more_missed = evaluated(problem, new)
        points, found = np.vstack([points, new]), np.vstack([found, more])
        missed = np.concatenate([missed, more_missed])
        kept = selected(found, missed, count)
        points, found, missed = points[kept], found[kept], missed[kept]
    return found[missed >= 0]


def selected(found: np.ndarray, missed: np.ndarray, count: int) -> np.ndarray:
    """The best points: feasible before others, by front, in a front by crowding distance."""
    rank, distance = 1e6 - missed, np.zeros(len(found))
    feasible = np.flatnonzero(missed >= 0)
    rank[feasible] = front_numbers(found[feasible])
    for number in np.unique(rank[feasible])[:3]:  # the others are not kept for long
        front = feasible[rank[feasible] == number]
        distance[front] = crowding(found[front])
    return np.lexsort((-distance, rank))[:count]


def front_of(problem: TwoObjectives) -> np.ndarray:
    if problem.name == "digits":
        points = [problem.tasks_of(values) for values in digits.rows()]
        found = np.array([[t[n] for n in OBJECTIVES] for t in points if problem.feasible(t)])
    else:
        found = np.vstack([evolved(problem, seed, 200, 150) for seed in range(3)])
    return found[non_dominated(found)]


def main() -> int:
    known = {}
    for name, problem in DEFINITIONS.items():
        front = front_of(problem)
        worst, best = front.max(axis=0), front.min(axis=0)
        reference = worst + 0.1 * (worst - best)
        known[name] = {
            "reference": reference.tolist(),
            "volume": hypervolume(list(map(tuple, front)), reference),
        }
        print(name, known[name], flush=True)
    KNOWN_FILE.write_text(json.dumps(known, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
