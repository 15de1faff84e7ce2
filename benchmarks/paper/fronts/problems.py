"""Problems with two objectives and constraints: `load(name)` gives one with its best known front.

TNK, OSY, SRN and the welded beam are as in Deb (2001), Multi-Objective Optimization using
Evolutionary Algorithms; C2-DTLZ2 as in Jain & Deb (2014), with two objectives. `digits` looks up
networks that were trained and measured (benchmarks/optimiser/digits_table): error and memory under
a bound on the latency. Its front has seven points; that of error and time would have two to four.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from math import atan2, cos, pi, sin, sqrt
from pathlib import Path
from typing import Any

from benchmarks.optimiser.problems import Definition, digits
from hwsearch.report.hypervolume import hypervolume

#: Reference points and hypervolumes of the best known fronts, written by `known.py`.
KNOWN_FILE = Path(__file__).with_name("known.json")
OBJECTIVES = ("f1", "f2")
#: Both objectives, and the constraints' values, each met when >= 0.
Answer = tuple[tuple[float, float], tuple[float, ...]]


@dataclasses.dataclass(frozen=True)
class TwoObjectives(Definition):
    """A problem whose two objectives are both minimised.

    Attributes:
        answer: Objectives and constraint values of the flat list of values.
        reference: The reference point: a tenth of the best known front's range beyond its worst
            values.
        volume: The hypervolume that this front dominates.
    """

    answer: Callable[[Sequence[Any]], Answer] = lambda _: ((0.0, 0.0), ())
    reference: tuple[float, float] = (0.0, 0.0)
    volume: float = 1.0

    @property
    def objectives(self) -> tuple[str, ...]:
        return OBJECTIVES

    def config(self) -> dict[str, Any]:
        document = super().config()
        del document["tasks"][self.objective]
        tasks = {name: {"type": "OBJECTIVE", "likelihood": "NOISELESS"} for name in OBJECTIVES}
        return document | {"tasks": tasks | document["tasks"]}

    def tasks_of(self, values: Sequence[Any]) -> dict[str, float]:
        objectives, constraints = self.answer(values)
        names = (*OBJECTIVES, *self.constraints)
        numbers = (*objectives, *constraints)
        return {name: float(value) for name, value in zip(names, numbers, strict=True)}

    def share(self, truths: Sequence[dict[str, float]]) -> float:
        """The share of the best known hypervolume that evaluations dominate."""
        points = [tuple(t[name] for name in OBJECTIVES) for t in truths if self.feasible(t)]
        return hypervolume(points, self.reference) / self.volume


def _tnk(x: Sequence[Any]) -> Answer:
    a, b = x
    ripple = a * a + b * b - 1 - 0.1 * cos(16 * atan2(a, b))
    return (a, b), (ripple, 0.5 - (a - 0.5) ** 2 - (b - 0.5) ** 2)


def _srn(x: Sequence[Any]) -> Answer:
    a, b = x
    objectives = 2 + (a - 2) ** 2 + (b - 1) ** 2, 9 * a - (b - 1) ** 2
    return objectives, (225 - a * a - b * b, -(a - 3 * b + 10))


def _osy(x: Sequence[Any]) -> Answer:
    x1, x2, x3, x4, x5, x6 = x
    first = 25 * (x1 - 2) ** 2 + (x2 - 2) ** 2 + (x3 - 1) ** 2 + (x4 - 4) ** 2 + (x5 - 1) ** 2
    constraints = (
        x1 + x2 - 2,
        6 - x1 - x2,
        2 - x2 + x1,
        2 - x1 + 3 * x2,
        4 - (x3 - 3) ** 2 - x4,
        (x5 - 3) ** 2 + x6 - 4,
    )
    return (-first, sum(value * value for value in x)), constraints


def _c2dtlz2(x: Sequence[Any]) -> Answer:
    distance = 1 + sum((value - 0.5) ** 2 for value in x[1:])
    a, b = distance * cos(x[0] * pi / 2), distance * sin(x[0] * pi / 2)
    radius = 0.2**2
    ends = min((a - 1) ** 2 + b**2 - radius, (b - 1) ** 2 + a**2 - radius)
    middle = (a - 1 / sqrt(2)) ** 2 + (b - 1 / sqrt(2)) ** 2 - radius
    return (a, b), (-min(ends, middle),)


def _welded_beam(x: Sequence[Any]) -> Answer:
    h, length, t, b = x
    cost = 1.10471 * h * h * length + 0.04811 * t * b * (14 + length)
    direct = 6000 / (sqrt(2) * h * length)
    arm = sqrt(0.25 * (length**2 + (h + t) ** 2))
    inertia = 2 * 0.707 * h * length * (length**2 / 12 + 0.25 * (h + t) ** 2)
    torsion = 6000 * (14 + 0.5 * length) * arm / inertia
    shear = sqrt(direct**2 + torsion**2 + length * direct * torsion / arm)
    bending = 504000 / (t * t * b)
    buckling = 64746.022 * (1 - 0.0282346 * t) * t * b**3
    constraints = (1 - shear / 13600, 1 - bending / 30000, b - h, buckling / 6000 - 1)
    return (cost, 2.1952 / (t**3 * b)), constraints


def _digits(x: Sequence[Any]) -> Answer:
    row = digits.rows()[tuple(x)]
    return (row["error"], row["memory_bytes"]), (digits.LATENCY_S - row["latency_s"],)


def _box(*bounds: tuple[float, float]) -> dict[str, dict[str, Any]]:
    return {f"x{i}": {"type": "FLOAT", "min": a, "max": b} for i, (a, b) in enumerate(bounds, 1)}


def _problem(
    name: str, variables: dict[str, Any], answer: Callable[[Sequence[Any]], Answer], count: int
) -> TwoObjectives:
    constraints = tuple(f"c{number}" for number in range(1, count + 1))
    return TwoObjectives(
        name, variables, lambda _: (0.0, ()), constraints, (__doc__ or ""), answer=answer
    )


DEFINITIONS = {
    problem.name: problem
    for problem in (
        _problem("tnk", _box((0.001, pi), (0.001, pi)), _tnk, 2),
        _problem("osy", _box((0, 10), (0, 10), (1, 5), (0, 6), (1, 5), (0, 10)), _osy, 6),
        _problem("c2dtlz2", _box(*[(0, 1)] * 4), _c2dtlz2, 1),
        _problem("srn", _box((-20, 20), (-20, 20)), _srn, 2),
        _problem("beam", _box((0.125, 5), (0.1, 10), (0.1, 10), (0.125, 5)), _welded_beam, 4),
        _problem("digits", digits.VARIABLES, _digits, 1),
    )
}


def load(name: str) -> TwoObjectives:
    """The problem of that name, with its best known front."""
    known = json.loads(KNOWN_FILE.read_text())[name]
    return dataclasses.replace(
        DEFINITIONS[name], reference=tuple(known["reference"]), volume=known["volume"]
    )
