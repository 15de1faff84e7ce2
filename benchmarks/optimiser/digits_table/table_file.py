"""Files with a row for each network of the table; rows are added as networks are trained."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

#: The columns that say which network it is.
KEYS = ("blocks", "features_log2", "kernel", "activation", "units_log4", "rate")


def present(path: Path) -> set[tuple[str, ...]]:
    """The networks that have a row."""
    if not path.exists():
        return set()
    with path.open(newline="") as lines:
        return {tuple(row[name] for name in KEYS) for row in csv.DictReader(lines)}


def append(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Adds rows to the file, with its header if it is new."""
    new = not path.exists()
    with path.open("a", newline="") as lines:
        writer = csv.DictWriter(lines, columns, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(rows)
