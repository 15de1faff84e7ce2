"""HyperPower's default search on the table of networks, as a peer of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.optimiser.peers.ours import Ours
from benchmarks.optimiser.problems import Definition
from benchmarks.paper import replay
from spearmint import choosers


class Auto(Ours):
    """The default chooser, with the tasks that a search of networks has.

    Args:
        space: The problem.
        seed: Of the chooser.
        keys: Further keys of config.json.
    """

    def __init__(self, space: Definition, seed: int, keys: Mapping[str, Any] | None = None):
        super().__init__(space, seed)
        tasks = {space.objective: {"type": "OBJECTIVE"}}
        tasks |= {name: {"type": "CONSTRAINT"} for name in space.constraints}
        config = replay.config("auto", replay.HYPERPOWER) | {"tasks": tasks} | dict(keys or {})
        self.chooser = choosers.create(config, seed)
