"""The table of live searches: what each has found after parts of its time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import inf
from pathlib import Path
from typing import Any

from benchmarks.paper.peers_report import LABELS, quartiles

#: Searches by method, level and seed.
Runs = Mapping[tuple[str, str, int], Mapping[str, Any]]
#: Parts of the time at which searches are compared.
PARTS = (0.25, 0.5, 1.0)


def read(path: Path) -> dict[tuple[str, str, int], dict[str, Any]]:
    """The searches in a file."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    runs = [json.loads(line) for line in text.splitlines()]
    return {(run["method"], run["level"], run["seed"]): run for run in runs}


def best(run: Mapping[str, Any], seconds: float) -> float:
    """The lowest error (%) of a trained network within the budget by then; inf if none."""
    return min(
        (
            one["error"]
            for one in run["trials"]
            if one["within"] and one["error"] is not None and one["end_s"] <= seconds
        ),
        default=inf,
    )


def time_to(run: Mapping[str, Any], error: float) -> float:
    """Seconds until a trained network within the budget has this error; inf if none has."""
    ends = [
        one["end_s"]
        for one in run["trials"]
        if one["within"] and one["error"] is not None and one["error"] <= error
    ]
    return min(ends, default=inf)


def goal(runs: Runs) -> float:
    """The lowest of the median errors (%) that the peers end with; inf without a peer."""
    found: dict[tuple[str, str], list[float]] = {}
    for (method, level, _), run in runs.items():
        if not method.startswith("hyperpower"):
            found.setdefault((method, level), []).append(best(run, run["seconds"]))
    return min((quartiles(errors)[1] for errors in found.values()), default=inf)


def table(runs: Runs) -> Iterator[str]:
    """Lines in Markdown: medians, and lower and upper quartiles."""
    if not runs:
        return
    error = goal(runs)
    first = next(iter(runs.values()))
    yield f"{first['seconds']:g} s each; budget {1e6 * first['bound']:.2f} µs per image."
    yield ""
    parts = " | ".join(f"error after {part:g} of the time, %" for part in PARTS)
    yield (
        f"| method | seeds | {parts} | seconds until {error:.2f} % | not reached | networks | "
        "trained | of these over the budget |"
    )
    yield "| --- " * (7 + len(PARTS)) + "|"
    for method, level in dict.fromkeys((method, level) for method, level, _ in runs):
        mine = [run for key, run in runs.items() if key[:2] == (method, level)]
        times = [time_to(run, error) for run in mine]
        trained = [[o for o in run["trials"] if o["error"] is not None] for run in mine]
        total = sum(map(len, trained))
        over = sum(not one["within"] for run in trained for one in run)
        cells = [
            _label(method, level),
            str(len(mine)),
            *(_shown([best(run, part * run["seconds"]) for run in mine], 2) for part in PARTS),
            _shown(times, 0),
            f"{times.count(inf)} of {len(mine)}",
            _shown([len(run["trials"]) for run in mine], 0),
            _shown([len(run) for run in trained], 0),
            f"{100 * over / total:.0f} %" if total else "-",
        ]
        yield f"| {' | '.join(cells)} |"


def _label(method: str, level: str) -> str:
    if method.startswith("hyperpower"):
        return LABELS[method]
    return f"{LABELS.get(method, method)}, {'gate' if level == 'gate' else 'trains all'}"


def _shown(values: list[float], digits: int) -> str:
    low, middle, high = (f"{value:.{digits}f}" for value in quartiles(values))
    return middle if low == high else f"{middle} ({low} to {high})"
