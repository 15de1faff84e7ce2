"""The real table of networks: every look-up is a network that was trained and profiled.

`digits_table/make.py` made it; its README says on what machine. The space is the table's: each of
its combinations has a row, so nothing is interpolated.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.optimiser.problems.problem import Answer, Definition

TABLE = Path(__file__).resolve().parents[1] / "digits_table" / "digits.csv"

VARIABLES: dict[str, dict[str, Any]] = {
    "blocks": {"type": "INT", "min": 1, "max": 3},
    "features_log2": {"type": "INT", "min": 0, "max": 3},
    "kernel": {"type": "ENUM", "options": [3, 5]},
    "activation": {"type": "ENUM", "options": ["relu", "tanh"]},
    "units_log4": {"type": "INT", "min": 2, "max": 4},
    "rate": {"type": "INT", "min": 0, "max": 4},
}
#: Budgets for a batch of 64; about a third of the networks meet both.
LATENCY_S = 6.0e-4
MEMORY_BYTES = 200_000


@cache
def rows() -> dict[tuple[Any, ...], dict[str, float]]:
    """The table: numbers by configuration."""
    table = {}
    with TABLE.open(newline="") as lines:
        for row in csv.DictReader(lines):
            where = (
                int(row["blocks"]),
                int(row["features_log2"]),
                int(row["kernel"]),
                row["activation"],
                int(row["units_log4"]),
                int(row["rate"]),
            )
            numbers = ("error", "params", "macs", "memory_bytes", "latency_s", "train_s")
            table[where] = {name: float(row[name]) for name in numbers}
    return table


def _digits(x: Sequence[Any]) -> Answer:
    row = rows()[tuple(x)]
    return row["error"], [LATENCY_S - row["latency_s"], MEMORY_BYTES - row["memory_bytes"]]


DEFINITIONS = [
    Definition(
        "digits",
        VARIABLES,
        _digits,
        ("latency", "memory"),
        "Networks for scikit-learn's digits, trained and measured: digits_table/README.md",
    )
]
