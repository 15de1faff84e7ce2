"""Tables of results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Result = Mapping[str, Any]
COLUMNS = ("lost", "twice", "at_once", "repeated", "spoiled", "missing")


def trials(results: Sequence[Result]) -> str:
    """A row per kind and database, and a sum."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        groups.setdefault((result["kind"], result["database"]), []).append(result)
    rows = [[kind, database, *_cells(own)] for (kind, database), own in sorted(groups.items())]
    rows.append(["all", "", *_cells(results)])
    head = ["fault", "database", "trials", *(name.replace("_", " ") for name in COLUMNS)]
    return table([*head, "orphans", "not ended", "with a fault", "median s"], rows)


def rows(results: Sequence[Result]) -> str:
    """A row per result, with its fields as columns."""
    names = [name for name in results[0] if name != "faults"]
    return table(names, [[str(result[name]) for name in names] for result in results])


def _cells(results: Sequence[Result]) -> list[str]:
    sums = [sum(one.get("verdict", {}).get(name, 0) for one in results) for name in COLUMNS]
    orphans = sum(len(one.get("orphans", ())) for one in results)
    ends = [one.get("statuses", [None]) for one in results]
    not_ended = sum(None in statuses or statuses[-1] != 0 for statuses in ends)
    faulty = sum(bool(one["faults"]) for one in results)
    times = sorted(one.get("seconds", 0.0) for one in results) or [0.0]
    return [
        str(len(results)),
        *map(str, [*sums, orphans, not_ended, faulty]),
        f"{times[len(times) // 2]:.1f}",
    ]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown, with columns as wide as their widest cell."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in lines
    )
