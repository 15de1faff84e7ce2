"""HyperPower's own chooser, through its public interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.optimiser import fingerprint
from benchmarks.optimiser.peers.peer import Peer
from benchmarks.optimiser.problems import Definition
from spearmint import choosers


class Ours(Peer):
    """`spearmint.choosers.create(config, seed).suggest(jobs)`."""

    def __init__(self, problem: Definition, seed: int):
        super().__init__(problem, seed)
        self.chooser = choosers.create(problem.config(), seed)
        self.jobs: list[dict[str, Any]] = []

    def ask(self) -> tuple[int, list[Any]]:
        params = self.chooser.suggest(self.jobs)
        number = len(self.jobs) + 1
        job = {
            "id": number,
            "params": params,
            "status": "pending",
            "attempt": 1,
            "tasks": [*self.problem.objectives, *self.problem.constraints],
        }
        self.jobs.append(job)
        return number, self.problem.flat(params)

    def tell(self, token: int, results: Mapping[str, float]) -> None:
        self.jobs[token - 1] |= {"status": "complete", "values": dict(results)}

    def versions(self) -> dict[str, str]:
        """Adds a fingerprint of the optimiser's source, which has no version between releases."""
        return {"spearmint": fingerprint.of_optimiser()} | super().versions()
