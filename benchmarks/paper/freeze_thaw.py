"""HyperPower's search with paused trainings (`--stop freeze-thaw`), on the table of curves."""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import nan
from typing import Any

from benchmarks.optimiser.problems import Definition
from benchmarks.paper import learning, replay
from benchmarks.paper.default_search import Auto
from benchmarks.paper.learning import EPOCHS
from spearmint.errors import SpaceExhaustedError
from spearmint.optimiser.curves import next_share, shares

RULE: Mapping[str, Any] = {"stopping": {"rule": "freeze-thaw"}}
#: The number of segments, if config.json does not say it.
SEGMENTS = 8


class Paused(Auto):
    """The default chooser, asked by `spearmint/control/pauses.py` and the controller.

    Attributes:
        steps: Rows of the table and the epochs up to which they were trained, 0 if over the budget.
    """

    def __init__(self, space: Definition, seed: int):
        super().__init__(space, seed, RULE)
        self.steps: list[tuple[int, int]] = []

    def step(self, most: int) -> bool:
        """Continues a training or begins one, of at most so many; False if nothing is left."""
        new = len(self.jobs) < most
        decision = self.chooser.pausing(self.jobs, new=new)
        if decision.job is not None:
            job = self.jobs[decision.job - 1]
            job["attempt"] += 1
            self._train(job, next_share(job["progress"], SEGMENTS))
            return True
        if not new:
            return False
        try:
            number, values = self.ask()
        except SpaceExhaustedError:
            return False
        known = self.problem.tasks_of(values)
        job = self.jobs[number - 1] | {"row": replay.rows()[tuple(values)]}
        self.jobs[number - 1] = job
        job["values"] = {name: known[name] for name in self.problem.constraints}
        if self.problem.feasible(known):
            self._train(job, shares(SEGMENTS)[0])
        else:
            self.steps.append((job["row"], 0))
            self.tell(number, known | {self.problem.objective: nan})
        return True

    def _train(self, job: dict[str, Any], share: float) -> None:
        """Trains up to whole epochs, as hwsearch does; the curve has each of them."""
        epochs = max(1, round(share * EPOCHS))
        curve = learning.of_table()[job["row"]]
        self.steps.append((job["row"], epochs))
        job["progress"] = epochs / EPOCHS
        job["curve"] = [[(e + 1) / EPOCHS, curve.errors[e]] for e in range(epochs)]
        if epochs == EPOCHS:
            self.tell(job["id"], job["values"] | {self.problem.objective: curve.final})
        else:
            job["status"] = "paused"


def search(space: Definition, seed: int, most: int) -> dict[str, Any]:
    """One search, until the chooser begins no further network and continues none."""
    peer = Paused(space, seed)
    start = time.process_time()
    while peer.step(most):
        pass
    cpu_s = round(time.process_time() - start, 2)
    rows, epochs = zip(*peer.steps, strict=True)
    return {
        "suggested": rows,
        "epochs": epochs,
        "cpu_s": cpu_s,
        "versions": peer.versions(),
    }
