"""How far a running job is, from the lines that its evaluation prints into its output file.

The file is written anyway, by workers on other machines too, and only what is new in it is read.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from hwsearch.metrics import units

#: At most so much of a file is read at once, in bytes: a script may print a lot.
MOST = 1 << 16
_ATTEMPT = re.compile(r"^--- job \d+, attempt \d+")
_EPOCH = re.compile(r"^epoch (\d+)/(\d+): loss (\S+?)((?:, [^,]+?)*), [\d.]+ s$")
_MEASURING = re.compile(r"^measuring: (\d+(?:\.\d+)?) s of at most (\d+(?:\.\d+)?) s$")
_COST = re.compile(r"^(\w+): ([\d.,]+(?:e[+-]?\d+)?)(?: ± [\d.,e+-]+)?(?: ([^\s(;]+))?(?: \(|;)")


@dataclass(slots=True)
class JobOutput:
    """What a job has reported so far.

    Args:
        path: Its output file, which may not be there yet.
        metrics: The metrics that have a budget.

    Attributes:
        phase: What it does: "starting", "building", "measuring", "training" or "ending".
        measured_s: How long the measurement has taken, in seconds.
        limit_s: How long it may take; 0 before it begins.
        costs: What was measured, by metric, in the metric's unit.
        epoch: The number of the last epoch that has ended; 0 before.
        epochs: How many are planned; 0 if that is unknown.
        curve: The error, another metric or the loss after each epoch.
        shown: The last of them as it was printed: "error 2.8 %".
    """

    path: Path
    metrics: Collection[str] = ()
    phase: str = field(default="starting", init=False)
    measured_s: float = field(default=0.0, init=False)
    limit_s: float = field(default=0.0, init=False)
    costs: dict[str, float] = field(default_factory=dict, init=False)
    epoch: int = field(default=0, init=False)
    epochs: int = field(default=0, init=False)
    curve: list[float] = field(default_factory=list, init=False)
    shown: str = field(default="", init=False)
    _offset: int = field(default=0, init=False)
    _rest: str = field(default="", init=False)

    def poll(self) -> bool:
        """Reads what is new; returns whether there was anything."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, 2)
                if size == self._offset:
                    return False
                if size < self._offset or size - self._offset > MOST:
                    self._rest = ""
                self._offset = max(min(self._offset, size), size - MOST)
                file.seek(self._offset)
                read = file.read(MOST)
        except OSError:
            return False
        self._offset += len(read)
        *lines, self._rest = (self._rest + read.decode("utf-8", "replace")).split("\n")
        for line in lines:
            self._take(line)
        return True

    def _take(self, line: str) -> None:
        if _ATTEMPT.match(line):
            self.phase, self.epoch, self.epochs, self.shown = "building", 0, 0, ""
            self.costs, self.curve, self.limit_s = {}, [], 0.0
        elif line.startswith("training: "):
            self.phase = "training"
        elif found := _EPOCH.match(line):
            self._take_epoch(found)
        elif found := _MEASURING.match(line):
            self.phase = "measuring"
            self.measured_s, self.limit_s = float(found[1]), float(found[2])
        elif found := _COST.match(line):
            self.phase = "measuring" if self.phase == "building" else self.phase
            if found[1] in self.metrics:
                self._take_cost(found[1], found[2].replace(",", ""), found[3] or "")

    def _take_epoch(self, found: re.Match[str]) -> None:
        self.epoch, self.epochs = int(found[1]), int(found[2])
        self.phase = "training" if self.epoch < self.epochs else "ending"
        parts = [part for part in found[4].split(", ") if part] or [f"loss {found[3]}"]
        self.shown = parts[-1]
        try:
            self.curve.append(float(parts[-1].split()[1]))
        except (IndexError, ValueError):
            self.curve.append(float("nan"))

    def _take_cost(self, name: str, number: str, unit: str) -> None:
        if unit.startswith(("parameter", "MACs")):
            unit = ""
        value = units.read(name, f"{number}{unit}")
        if value is not None:
            self.costs[name] = value
