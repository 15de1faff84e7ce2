"""What a test problem is: a space, a function of it, its constraints, its best known value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Value = float | int | str | bool
#: Objective (to minimise) and constraint values (each met when >= 0).
Answer = tuple[float, Sequence[float]]
#: A function of the flat list of values.
Function = Callable[[Sequence[Any]], Answer]


@dataclass(frozen=True)
class Axis:
    """One number or option of the space; a variable of size k is k axes."""

    variable: str
    index: int
    type: str
    low: float = 0.0
    high: float = 0.0
    options: tuple[Value, ...] = ()

    @property
    def name(self) -> str:
        """A name of its own for peers that know no vectors."""
        return f"{self.variable}_{self.index}"


@dataclass(frozen=True)
class Definition:
    """A constrained minimisation problem.

    Attributes:
        name: Short name, as `run.py --problems` takes it.
        variables: The space, as config.json's `variables`.
        function: Noise-free objective and constraint values of the flat list of values.
        constraints: Names of the constraint tasks, in the function's order.
        source: Where the problem comes from.
        noise: Standard deviation of the noise of each task; tasks left out have none.
    """

    name: str
    variables: Mapping[str, Mapping[str, Any]]
    function: Function
    constraints: tuple[str, ...]
    source: str
    noise: Mapping[str, float] = field(default_factory=dict)

    @property
    def objective(self) -> str:
        """Name of the objective's task."""
        return "objective"

    @property
    def objectives(self) -> tuple[str, ...]:
        """Names of the tasks that are minimised."""
        return (self.objective,)

    @property
    def axes(self) -> list[Axis]:
        """The flat axes in the order of `variables`."""
        axes = []
        for name, spec in self.variables.items():
            for index in range(spec.get("size", 1)):
                low, high = spec.get("min", 0), spec.get("max", 0)
                options = tuple(spec.get("options", ()))
                axes.append(Axis(name, index, spec["type"], low, high, options))
        return axes

    def config(self) -> dict[str, Any]:
        """The problem as the dictionary of a config.json."""
        tasks = {self.objective: {"type": "OBJECTIVE"}} | {
            name: {"type": "CONSTRAINT"} for name in self.constraints
        }
        for name, task in tasks.items():
            task["likelihood"] = "GAUSSIAN" if self.noise.get(name) else "NOISELESS"
        return {
            "language": "PYTHON",
            "main-file": "main.py",
            "experiment-name": self.name,
            "variables": {name: {"size": 1, **spec} for name, spec in self.variables.items()},
            "tasks": tasks,
        }

    def flat(self, params: Mapping[str, Any]) -> list[Any]:
        """The flat values of a job's `params`: `{name: {"values": [...]}}`, or values alone."""
        values: list[Any] = []
        for name in self.variables:
            value = params[name]
            value = value["values"] if isinstance(value, Mapping) else value
            values.extend([value] if np.isscalar(value) else list(value))
        return values

    def params(self, values: Sequence[Any]) -> dict[str, dict[str, Any]]:
        """A job's `params` of flat values; the inverse of `flat`."""
        params: dict[str, dict[str, Any]] = {}
        plain: dict[str, Callable[[Any], Any]] = {
            "INT": int,
            "FLOAT": float,
            "ENUM": lambda option: option,
        }
        for axis, value in zip(self.axes, values, strict=True):
            entry = params.setdefault(axis.variable, {"type": axis.type.lower(), "values": []})
            entry["values"].append(plain[axis.type](value))
        return params

    def truth(self, params: Mapping[str, Any]) -> dict[str, float]:
        """The noise-free value of every task."""
        return self.tasks_of(self.flat(params))

    def tasks_of(self, values: Sequence[Any]) -> dict[str, float]:
        """The noise-free value of every task at flat values."""
        objective, constraints = self.function(values)
        names = (self.objective, *self.constraints)
        numbers = (objective, *constraints)
        return {name: float(value) for name, value in zip(names, numbers, strict=True)}

    def evaluate(self, params: Mapping[str, Any], rng: np.random.Generator) -> dict[str, float]:
        """What one evaluation of a job's `params` returns, noise included."""
        return {
            task: value + self.noise.get(task, 0.0) * rng.standard_normal()
            for task, value in self.truth(params).items()
        }

    def feasible(self, truth: Mapping[str, float]) -> bool:
        """Whether every constraint is met (value >= 0)."""
        return all(truth[name] >= 0 for name in self.constraints)

    def sample(self, rng: np.random.Generator) -> list[Any]:
        """Flat values of a uniformly random point."""
        values: list[Any] = []
        for axis in self.axes:
            if axis.type == "ENUM":
                values.append(axis.options[rng.integers(len(axis.options))])
            elif axis.type == "INT":
                values.append(int(rng.integers(int(axis.low), int(axis.high) + 1)))
            else:
                values.append(float(rng.uniform(axis.low, axis.high)))
        return values


@dataclass(frozen=True)
class Problem(Definition):
    """A problem whose answer is known.

    Attributes:
        best: Best known feasible objective value.
        solution: Flat values that reach `best`.
        nothing: Regret of a run without a feasible point, and cap of every regret: that of
            the worst feasible one of many random points.
        typical: Regret of the median feasible random point; sets the scale of regrets.
    """

    best: float = 0.0
    solution: tuple[Value, ...] = ()
    nothing: float = 1.0
    typical: float = 1.0

    def regret(self, truths: Sequence[Mapping[str, float]]) -> float:
        """Best true objective among truly feasible evaluations, above the best known value.

        At least 0, at most `nothing`, which also stands for no feasible point at all.
        """
        found = [t[self.objective] - self.best for t in truths if self.feasible(t)]
        return float(min(max(min(found), 0.0), self.nothing)) if found else self.nothing
