"""Optuna's TPE and Gaussian-process samplers, with their defaults and `constraints_func`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import optuna

from benchmarks.optimiser.digits_table.curves import EPOCHS
from benchmarks.optimiser.peers.peer import Peer, PruningPeer
from benchmarks.optimiser.problems import Definition

optuna.logging.set_verbosity(optuna.logging.ERROR)


class _Optuna(Peer):
    def __init__(self, problem: Definition, seed: int):
        super().__init__(problem, seed)
        self.study = optuna.create_study(
            directions=["minimize"] * len(problem.objectives),
            sampler=self.sampler(),
            pruner=self.pruner(),
            # Hyperband takes the bracket of a trial from it; it would be random.
            study_name=f"seed {seed}",
        )

    def sampler(self) -> optuna.samplers.BaseSampler:
        raise NotImplementedError

    def pruner(self) -> optuna.pruners.BasePruner:
        return optuna.pruners.NopPruner()

    @staticmethod
    def _constraints(trial: optuna.trial.FrozenTrial) -> Sequence[float]:
        return trial.user_attrs["constraints"]

    def ask(self) -> tuple[optuna.Trial, list[Any]]:
        trial = self.study.ask()
        values: list[Any] = []
        for axis in self.problem.axes:
            if axis.type == "ENUM":
                values.append(trial.suggest_categorical(axis.name, axis.options))
            elif axis.type == "INT":
                values.append(trial.suggest_int(axis.name, int(axis.low), int(axis.high)))
            else:
                values.append(trial.suggest_float(axis.name, axis.low, axis.high))
        return trial, values

    def tell(self, token: optuna.Trial, results: Mapping[str, float]) -> None:
        token.set_user_attr("constraints", self.constraints(results))
        self.study.tell(token, [results[name] for name in self.problem.objectives])


class OptunaTpe(_Optuna):
    """Tree-structured Parzen estimator."""

    packages: ClassVar[tuple[str, ...]] = ("optuna", "numpy", "scipy")

    def sampler(self) -> optuna.samplers.BaseSampler:
        return optuna.samplers.TPESampler(seed=self.seed, constraints_func=self._constraints)


class _PruningTpe(OptunaTpe, PruningPeer):
    def report(self, token: optuna.Trial, epoch: int, value: float) -> bool:
        token.report(value, epoch)
        return token.should_prune()

    def prune(self, token: optuna.Trial, results: Mapping[str, float]) -> None:
        token.set_user_attr("constraints", self.constraints(results))
        self.study.tell(token, state=optuna.trial.TrialState.PRUNED)


class OptunaTpeMedian(_PruningTpe):
    """Ends trials that are worse than the median of the others after as many epochs."""

    def pruner(self) -> optuna.pruners.BasePruner:
        return optuna.pruners.MedianPruner()


class OptunaTpeHyperband(_PruningTpe):
    """Successive halving in several brackets, with Optuna's defaults."""

    def pruner(self) -> optuna.pruners.BasePruner:
        return optuna.pruners.HyperbandPruner(max_resource=EPOCHS)


class OptunaGp(_Optuna):
    """Gaussian process with constrained log expected improvement; told where there is no noise."""

    packages: ClassVar[tuple[str, ...]] = ("optuna", "torch", "numpy", "scipy")

    def sampler(self) -> optuna.samplers.BaseSampler:
        return optuna.samplers.GPSampler(
            seed=self.seed,
            constraints_func=self._constraints,
            deterministic_objective=not self.problem.noise,
        )


class OptunaNsga2(_Optuna):
    """NSGA-II, an evolutionary algorithm for several objectives."""

    packages: ClassVar[tuple[str, ...]] = ("optuna", "numpy")

    def sampler(self) -> optuna.samplers.BaseSampler:
        return optuna.samplers.NSGAIISampler(seed=self.seed, constraints_func=self._constraints)
