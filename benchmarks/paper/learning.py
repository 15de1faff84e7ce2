"""The table of networks with their learning curves: errors and seconds after each epoch.

The errors are those of `digits_table/curves.csv`, for which each network was trained again. The
seconds are those of the table's own training, shared among its epochs as curves.csv says: they
were measured with the other costs of the table.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.optimiser.digits_table import curves
from benchmarks.optimiser.digits_table.table_file import KEYS
from benchmarks.paper import replay

EPOCHS = curves.EPOCHS


@dataclass(frozen=True, slots=True)
class Curve:
    """One training.

    Attributes:
        errors: In % of the validation images, after each epoch.
        seconds: From its beginning to the end of so many epochs; `seconds[0]` is 0.
    """

    errors: tuple[float, ...]
    seconds: tuple[float, ...]

    @property
    def final(self) -> float:
        """The error, in %, after the last epoch."""
        return self.errors[-1]


@cache
def of_table(path: Path = curves.CURVES) -> tuple[Curve, ...]:
    """The curves, in the order of `replay.networks()`.

    Raises:
        KeyError: A network has none.
    """
    with path.open(newline="") as lines:
        known = {tuple(row[name] for name in KEYS): row for row in csv.DictReader(lines)}
    found = []
    for network in replay.networks():
        row = known[tuple(map(str, network.values))]
        ends = [0.0]
        for name in curves.SECONDS:
            ends.append(ends[-1] + float(row[name]))
        seconds = tuple(network.train_s * end / ends[-1] for end in ends)
        found.append(Curve(tuple(float(row[name]) for name in curves.ERRORS), seconds))
    return tuple(found)


def errors() -> dict[tuple[object, ...], float]:
    """The error, in %, of each network after its last epoch, by its values."""
    pairs = zip(replay.networks(), of_table(), strict=True)
    return {network.values: curve.final for network, curve in pairs}
