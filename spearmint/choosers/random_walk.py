"""Random walk: normal steps around the best feasible point so far, no point twice.

The random walk that HyperPower is compared with (Stamoulis et al. 2018, "HyperPower", DATE). As
long as no feasible point is known, points are uniformly random.

`chooser-args`:

- `step`: standard deviation of a step as a share of each variable's range, of the range of its
  logarithm if it has `log`; an ENUM changes to a random option with this probability (default: 0.1)
- `aware`: true leaves out points that probably violate a constraint, by its model; false ignores
  the constraints, also in what the best point is (default: true)

If all points that are drawn have a job already, the step is doubled, up to the whole range.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spearmint.choosers._drawing import DrawingChooser, uniform
from spearmint.choosers.chooser import Argument
from spearmint.config import Problem
from spearmint.optimiser.observations import Observations
from spearmint.optimiser.space import Array, Space
from spearmint.optimiser.tried import Tried

ARGUMENTS = {"step": Argument(0.1, 0.001, 1.0), "aware": Argument(True)}

#: Steps that are drawn at once: on a coarse lattice, most of them lead nowhere.
STEPS = 256


class RandomWalk(DrawingChooser):
    """Draws every point from a normal distribution around the best feasible one; see the module."""

    def __init__(self, problem: Problem, seed: int, *, step: float, aware: bool) -> None:
        super().__init__(problem, seed, aware=aware)
        self.step = step

    def draw(self, known: Observations, count: int, rng: np.random.Generator) -> Array:
        """Points around the best feasible one; see `DrawingChooser`."""
        usable = known.feasible & np.isfinite(known.values[:, : known.objectives]).all(axis=1)
        rows = known.order[usable[known.order]]
        width = self.step
        tried = Tried(self.space, known.tried)
        while len(rows):
            points = steps(self.space, known.codes[rows[0]], width, STEPS, rng)
            fresh: Array = points[~tried.has(points)]
            if len(fresh):
                return fresh[:count]
            if width >= 1.0:
                break
            width *= 2
        return uniform(self.space, known.tried, count, rng)


def steps(space: Space, centre: Array, width: float, count: int, rng: np.random.Generator) -> Array:
    """Random points around a point, shape (A,) -> (count, A).

    Args:
        space: The space; steps over its bounds are reflected.
        centre: The codes of a point of it.
        width: Standard deviation in each FLOAT and INT axis, whose codes are in [0, 1];
            probability of another draw in an ENUM. An axis that matters only after the step has
            any value.
        count: Number of points.
        rng: Random numbers.
    """
    moved = centre + width * rng.standard_normal((count, space.dimension))
    moved = np.abs(np.mod(moved + 1.0, 2.0) - 1.0)
    redraw = rng.random((count, space.dimension)) < width
    for i, axis in enumerate(space.axes):
        if axis.kind == "ENUM":
            moved[:, i] = np.where(
                redraw[:, i], rng.integers(len(axis.options), size=count), centre[i]
            )
    points = space.round(moved)
    mattered = space.conditions.active(centre[None])[0]
    for i in space.conditions.when:  # parents, whose new values count, come before
        new = space.conditions.active(points)[:, i] & ~mattered[i]
        points[new, i] = space.axes[i].spread(rng.random(int(new.sum())))
    return space.conditions.canonical(points)


def init(problem: Problem, seed: int, arguments: Mapping[str, Any]) -> RandomWalk:
    """The chooser of a problem."""
    return RandomWalk(problem, seed, step=arguments["step"], aware=arguments["aware"])
