"""What every chooser can do, and how its `chooser-args` are checked."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from spearmint.errors import UserError
from spearmint.optimiser.observations import Job, Observations, observe, tasks_of
from spearmint.optimiser.space import Params, Space


@dataclass(frozen=True, slots=True)
class Best:
    """What the model believes to be the best point.

    Attributes:
        params: The point, as a job's `params`.
        values: Expected value of every task there.
        probability: Probability that all constraints are met there.
        confident: Every constraint reaches its task's `min-confidence`.
    """

    params: Params
    values: dict[str, float]
    probability: float
    confident: bool


class Chooser(abc.ABC):
    """Decides on the next job from what is known of the others.

    Args:
        config: config.json's dictionary.
        seed: Makes two runs differ, or be the same.
    """

    def __init__(self, config: Mapping[str, Any], seed: int) -> None:
        self.config = config
        self.seed = seed
        self.space = Space(config.get("variables", {}))
        self.tasks = tasks_of(config)

    def observe(self, jobs: Sequence[Job]) -> Observations:
        """The jobs as arrays."""
        return observe(self.config, self.space, jobs)

    def rng(self, count: int) -> np.random.Generator:
        """The random numbers of the suggestion that follows `count` jobs."""
        return np.random.default_rng([abs(self.seed), int(self.seed < 0), count])

    @abc.abstractmethod
    def suggest(self, jobs: Sequence[Job]) -> Params:
        """The `params` of the next job: `{name: {"type": ..., "values": [...]}}`.

        Args:
            jobs: Every job so far, as the database gives them: complete, pending, new, broken.

        Raises:
            SpaceExhaustedError: Every point of a finite space has a job already.
            UserError: A job does not belong to this space.
        """

    @abc.abstractmethod
    def best(self, jobs: Sequence[Job]) -> Best | None:
        """What the model takes for the best point; None while it has nothing to say."""

    def hypers(self) -> dict[str, Any]:
        """The model's hyper-parameters, JSON-able: the start of the next fit."""
        return {}

    def load_hypers(self, hypers: Mapping[str, Any]) -> None:  # noqa: B027 - nothing to keep
        """Takes up what `hypers` gave, perhaps in another process. What does not fit is left."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One key of `chooser-args`: a whole number or number in a range, a boolean, or a choice."""

    default: Any
    meaning: str
    low: float = 0.0
    high: float = 1.0
    choices: tuple[str, ...] = ()

    def check(self, value: Any) -> str | None:
        """What would have been right, if `value` is not."""
        if isinstance(self.default, bool):
            return None if isinstance(value, bool) else "true or false"
        if self.choices:
            return None if value in self.choices else f"one of {list(self.choices)}"
        whole = isinstance(self.default, int)
        name = f"a {'whole ' if whole else ''}number from {self.low:g} to {self.high:g}"
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            return name
        return None if self.low <= value <= self.high else name


def arguments_of(chooser: str, table: Mapping[str, Argument], given: Any) -> dict[str, Any]:
    """`chooser-args` with defaults filled in; `-` and `_` in a key are the same.

    Raises:
        UserError: An unknown key or a value out of its range.
    """
    arguments = {key: argument.default for key, argument in table.items()}
    if given is None:
        return arguments
    if not isinstance(given, Mapping):
        raise UserError(f'config: "chooser-args": got {given!r}; expected an object')
    for key, value in given.items():
        known = str(key).replace("_", "-")
        if known not in table:
            raise UserError(
                f'config: "chooser-args": {chooser} has no {key!r}; it has {sorted(table)}'
            )
        wanted = table[known].check(value)
        if wanted:
            raise UserError(f'config: "chooser-args": {key!r}: got {value!r}; expected {wanted}')
        arguments[known] = value
    return arguments
