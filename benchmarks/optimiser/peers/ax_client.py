"""Ax through its ask-and-tell client, with its default strategy and outcome constraints."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

from ax.api.client import Client
from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

from benchmarks.optimiser.peers.peer import Peer
from benchmarks.optimiser.problems import Definition

warnings.simplefilter("ignore")


class AxClient(Peer):
    """Sobol points first, then Ax's modular BoTorch model."""

    packages: ClassVar[tuple[str, ...]] = ("ax-platform", "botorch", "gpytorch", "torch", "numpy")

    def __init__(self, problem: Definition, seed: int):
        super().__init__(problem, seed)
        for name in ("ax", *(n for n in logging.root.manager.loggerDict if n.startswith("ax."))):
            logging.getLogger(name).setLevel(logging.ERROR)
        self.client = Client(random_seed=seed)
        parameters: list[Any] = []
        for axis in problem.axes:
            if axis.type == "ENUM":
                kind = "str" if isinstance(axis.options[0], str) else "float"
                parameters.append(
                    ChoiceParameterConfig(
                        name=axis.name,
                        values=list(axis.options),
                        parameter_type=kind,
                        is_ordered=False,
                    )
                )
            else:
                parameters.append(
                    RangeParameterConfig(
                        name=axis.name,
                        bounds=(axis.low, axis.high),
                        parameter_type="int" if axis.type == "INT" else "float",
                    )
                )
        self.client.configure_experiment(parameters=parameters)
        self.client.configure_optimization(
            objective=", ".join(f"-{name}" for name in problem.objectives),
            outcome_constraints=[f"{name} >= 0" for name in problem.constraints],
        )
        # The default in all else. Without it Ax gives out five points, and none before the first
        # of them has been told.
        self.client.configure_generation_strategy(allow_exceeding_initialization_budget=True)

    def ask(self) -> tuple[int, list[Any]]:
        ((index, parameters),) = self.client.get_next_trials(max_trials=1).items()
        return index, [parameters[axis.name] for axis in self.problem.axes]

    def tell(self, token: int, results: Mapping[str, float]) -> None:
        self.client.complete_trial(trial_index=token, raw_data=dict(results))
