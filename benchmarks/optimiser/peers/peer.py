"""What the benchmark asks of an optimiser."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, ClassVar

from benchmarks.optimiser.problems import Definition


class Peer(abc.ABC):
    """An optimiser of one problem, with a seed of its own.

    Points are flat lists of values in the order of `problem.axes`. Several may be asked for
    before the first is told.
    """

    #: Distributions whose versions are kept with the results.
    packages: ClassVar[tuple[str, ...]] = ("numpy", "scipy")

    def __init__(self, problem: Definition, seed: int):
        self.problem = problem
        self.seed = seed

    @abc.abstractmethod
    def ask(self) -> tuple[Any, list[Any]]:
        """A token, to be handed back to `tell`, and the next point."""

    @abc.abstractmethod
    def tell(self, token: Any, results: Mapping[str, float]) -> None:
        """What the evaluation of a point gave: a value a task, constraints met when >= 0."""

    def versions(self) -> dict[str, str]:
        """What ran: versions of the packages that do the work."""
        return {name: version(name) for name in self.packages}

    def constraints(self, results: Mapping[str, float]) -> list[float]:
        """Constraint values with the sign most peers want: met when <= 0."""
        return [-results[name] for name in self.problem.constraints]


class PruningPeer(Peer):
    """An optimiser that may end trials early, by their values after each epoch."""

    @abc.abstractmethod
    def report(self, token: Any, epoch: int, value: float) -> bool:
        """Whether the trial that has this value after so many epochs is to end."""

    @abc.abstractmethod
    def prune(self, token: Any, results: Mapping[str, float]) -> None:
        """Ends a trial, of which the constraints are known."""
