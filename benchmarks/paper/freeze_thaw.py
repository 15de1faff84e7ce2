"""HyperPower's search with paused trainings (`--stop freeze-thaw`), on the table of curves.

Also with predicted costs: then the controller's own code asks the chooser, about both.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import inf, nan
from typing import Any, cast

from benchmarks.optimiser.problems import Definition
from benchmarks.paper import learning, replay
from benchmarks.paper.default_search import Auto
from benchmarks.paper.learning import EPOCHS
from benchmarks.paper.predicted_search import Predicted, Table, predicted
from spearmint.choosers import Chooser
from spearmint.errors import SpaceExhaustedError
from spearmint.optimiser.curves import next_share, shares

RULE: Mapping[str, Any] = {"stopping": {"rule": "freeze-thaw"}}
#: The number of segments, if config.json does not say it.
SEGMENTS = 8


class Paused(Auto):
    """The default chooser, asked by `spearmint/control/pauses.py` and the controller.

    Args:
        space: The problem.
        seed: Of the chooser.
        asked: A search with predictions and with `RULE`, instead of the chooser alone.

    Attributes:
        steps: Rows of the table, the epochs up to which they were trained, 0 if over the budget,
            and how many candidates had been predicted by then.
        best: The lowest error, in %, of a whole training.
    """

    def __init__(self, space: Definition, seed: int, asked: Predicted | None = None):
        super().__init__(space, seed, RULE)
        self.asked = asked
        if asked is not None:
            self.chooser = cast("Chooser", asked)  # as far as it is asked here
        self.steps: list[tuple[int, int, int]] = []
        self.best = inf

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
        if self.asked is not None:
            self.jobs[number - 1] |= self.asked.of_last
        known = self.problem.tasks_of(values)
        job = self.jobs[number - 1] | {"row": replay.rows()[tuple(values)]}
        self.jobs[number - 1] = job
        job["values"] = {name: known[name] for name in self.problem.constraints}
        if self.problem.feasible(known):
            self._train(job, shares(SEGMENTS)[0])
        else:
            self._add_step(job["row"], 0)
            self.tell(number, known | {self.problem.objective: nan})
        return True

    def _train(self, job: dict[str, Any], share: float) -> None:
        """Trains up to whole epochs, as hwsearch does; the curve has each of them."""
        epochs = max(1, round(share * EPOCHS))
        curve = learning.of_table()[job["row"]]
        self._add_step(job["row"], epochs)
        job["progress"] = epochs / EPOCHS
        job["curve"] = [[(e + 1) / EPOCHS, curve.errors[e]] for e in range(epochs)]
        if epochs == EPOCHS:
            self.best = min(self.best, curve.final)
            self.tell(job["id"], job["values"] | {self.problem.objective: curve.final})
        else:
            job["status"] = "paused"

    def _add_step(self, row: int, epochs: int) -> None:
        self.steps.append((row, epochs, 0 if self.asked is None else self.asked.checker.checks))


def search(space: Definition, seed: int, most: int, table: Table | None = None) -> dict[str, Any]:
    """One search, until the chooser begins no further network and continues none.

    Args:
        space: The problem.
        seed: Of the chooser.
        most: Networks at most.
        table: Predicts costs; such a search also ends with the lowest error within the budget,
            since candidates take their time.
    """
    if table is None:
        return _searched(Paused(space, seed), most, -inf)
    with predicted(table, seed, space.objective, RULE) as asked:
        return _searched(Paused(space, seed, asked), most, table.lowest)


def _searched(peer: Paused, most: int, enough: float) -> dict[str, Any]:
    start = time.process_time()
    while peer.best > enough and peer.step(most):
        pass
    cpu_s = round(time.process_time() - start, 2)
    rows, epochs, built = zip(*peer.steps, strict=True)
    found = {"suggested": rows, "epochs": epochs, "cpu_s": cpu_s, "versions": peer.versions()}
    return found if peer.asked is None else found | {"built": built}
