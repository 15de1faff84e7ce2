"""Optimisers that the benchmark compares, each behind ask and tell.

A peer's module is imported only by the worker process that runs it, in the environment it needs.
"""

from __future__ import annotations

import importlib

from benchmarks.optimiser.peers.peer import Peer
from benchmarks.optimiser.problems import Definition

#: Name -> (module, class, whether it runs in the peers' own environment).
PEERS: dict[str, tuple[str, str, bool]] = {
    "ours": ("ours", "Ours", False),
    "random": ("random_search", "RandomSearch", False),
    "optuna_tpe": ("optuna_samplers", "OptunaTpe", True),
    "optuna_gp": ("optuna_samplers", "OptunaGp", True),
    "botorch": ("botorch_qlognei", "BotorchNoisyEi", True),
    "scbo": ("botorch_scbo", "BotorchScbo", True),
    "ax": ("ax_client", "AxClient", True),
}
#: Further ones, each made to answer a question; run only when asked for by name.
VARIANTS: dict[str, tuple[str, str, bool]] = {
    "ours_mcmc": ("ours_integrated", "OursIntegrated", False),
    "optuna_tpe_median": ("optuna_samplers", "OptunaTpeMedian", True),
    "optuna_tpe_hyperband": ("optuna_samplers", "OptunaTpeHyperband", True),
    "optuna_nsga2": ("optuna_samplers", "OptunaNsga2", True),
}
ALL = PEERS | VARIANTS


def create(name: str, problem: Definition, seed: int) -> Peer:
    """The peer of that name, ready for its first `ask`."""
    module, kind, _ = ALL[name]
    return getattr(importlib.import_module(f"{__name__}.{module}"), kind)(problem, seed)
