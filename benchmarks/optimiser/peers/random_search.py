"""Uniformly random points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.optimiser.peers.peer import Peer
from benchmarks.optimiser.problems import Definition


class RandomSearch(Peer):
    """Learns nothing."""

    def __init__(self, problem: Definition, seed: int):
        super().__init__(problem, seed)
        self.rng = np.random.default_rng(seed)

    def ask(self) -> tuple[None, list[Any]]:
        return None, self.problem.sample(self.rng)

    def tell(self, token: None, results: Mapping[str, float]) -> None:
        pass
