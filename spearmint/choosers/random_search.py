"""Random search: uniform over the space, no point twice.

`chooser-args`:

- `aware`: true leaves out points that probably violate a constraint, by its model (default: false)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spearmint.choosers._drawing import DrawingChooser, uniform
from spearmint.choosers.chooser import Argument
from spearmint.config import Problem
from spearmint.optimiser.observations import Observations
from spearmint.optimiser.space import Array

ARGUMENTS = {"aware": Argument(False)}


class RandomSearch(DrawingChooser):
    """Draws every point from the uniform distribution."""

    def __init__(self, problem: Problem, seed: int, *, aware: bool = False) -> None:
        super().__init__(problem, seed, aware=aware)

    def draw(self, known: Observations, count: int, rng: np.random.Generator) -> Array:
        """Points anywhere in the space; see `DrawingChooser`."""
        return uniform(self.space, known.tried, count, rng)


def init(problem: Problem, seed: int, arguments: Mapping[str, Any]) -> RandomSearch:
    """The chooser of a problem."""
    return RandomSearch(problem, seed, aware=arguments["aware"])
