"""The tables of live searches: what each has found after parts of its time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

from benchmarks.paper.peers_report import LABELS, quartiles

#: Searches by method, level and seed.
Runs = Mapping[tuple[str, str, int], Mapping[str, Any]]
#: The paper's methods, and the level at which they ignore the budget.
PAPER, UNAWARE = ("hw_ieci", "hw_cwei", "random_search", "random_walk"), "unaware"
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
        if not method.startswith("hyperpower") and method not in PAPER:
            found.setdefault((method, level), []).append(best(run, run["seconds"]))
    return min((quartiles(errors)[1] for errors in found.values()), default=inf)


def tables(runs: Runs) -> Iterator[str]:
    """Lines in Markdown: HyperPower beside its peers, and the paper's methods."""
    if not runs:
        return
    first = next(iter(runs.values()))
    bounds = sorted({round(1e6 * run["bound"], 2) for run in runs.values()})
    budgets = f"budget {bounds[0]:.2f}"
    if len(bounds) > 1:
        budgets = f"budgets of {bounds[0]:.2f} to {bounds[-1]:.2f}"
    yield f"{first['seconds']:g} s each; {budgets} µs per image."
    for part in (table, paper_table):
        if lines := list(part(runs)):
            yield from ("", *lines)


def table(runs: Runs) -> Iterator[str]:
    """Lines about HyperPower and its peers: medians, and lower and upper quartiles."""
    error = goal(runs)
    rows = [(method, level) for method, level, _ in runs if method not in PAPER]
    if rows:
        yield (
            f"| method | seeds | {_parts()} | seconds until {error:.2f} % | not reached | "
            "networks | trained | of these over the budget |"
        )
        yield "| --- " * (7 + len(PARTS)) + "|"
    for method, level in dict.fromkeys(rows):
        mine = [run for key, run in runs.items() if key[:2] == (method, level)]
        times = [time_to(run, error) for run in mine]
        cells = [
            _label(method, level),
            str(len(mine)),
            *_errors(mine),
            _shown(times, 0),
            f"{times.count(inf)} of {len(mine)}",
            *_counts(mine),
        ]
        yield f"| {' | '.join(cells)} |"


def paper_table(runs: Runs) -> Iterator[str]:
    """Lines about the paper's methods, with and without knowledge of the budget.

    Each search is compared with the unaware one of the same method and seed: by their errors at the
    end, and by the time until the error of the unaware one, if that one has a result.
    """
    rows = [(method, level) for method, level, _ in runs if method in PAPER]
    if rows:
        yield (
            "| method | level | seeds | networks | trained | of these over the budget "
            f"| {_parts()} | ends lower, equal, higher | seconds until the unaware one's error "
            "| not reached |"
        )
        yield "| --- " * (9 + len(PARTS)) + "|"
    for method, level in dict.fromkeys(rows):
        mine = {seed: run for (*row, seed), run in runs.items() if row == [method, level]}
        pairs = [(run, runs.get((method, UNAWARE, seed))) for seed, run in mine.items()]
        ends = [(_end(run), _end(unaware)) for run, unaware in pairs if unaware is not None]
        times = [time_to(run, _end(other)) for run, other in pairs if other and _end(other) < inf]
        several = list(mine.values())
        cells = [
            method,
            UNAWARE if level == UNAWARE else "HyperPower",
            str(len(mine)),
            *_counts(several),
            *_errors(several),
            "-" if level == UNAWARE else _compared(ends),
            _shown(times, 0) if times else "none",
            f"{times.count(inf)} of {len(times)}",
        ]
        yield f"| {' | '.join(cells)} |"


def _end(run: Mapping[str, Any]) -> float:
    """The lowest error (%) that a search ends with; inf if none."""
    return best(run, run["seconds"])


def _compared(ends: Sequence[tuple[float, float]]) -> str:
    """How many errors are lower than, equal to and higher than the other of their pair."""
    signs = [(one > other) - (one < other) for one, other in ends]
    return ", ".join(str(signs.count(sign)) for sign in (-1, 0, 1))


def _parts() -> str:
    return " | ".join(f"error after {part:g} of the time, %" for part in PARTS)


def _errors(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lowest errors after parts of the time."""
    return [_shown([best(run, part * run["seconds"]) for run in runs], 2) for part in PARTS]


def _counts(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Networks that were tried, those of them trained, and of these the share over the budget."""
    trained = [[one for one in run["trials"] if one["error"] is not None] for run in runs]
    total = sum(map(len, trained))
    over = sum(not one["within"] for each in trained for one in each)
    return [
        _shown([len(run["trials"]) for run in runs], 0),
        _shown([len(each) for each in trained], 0),
        f"{100 * over / total:.0f} %" if total else "-",
    ]


def _label(method: str, level: str) -> str:
    if method.startswith("hyperpower"):
        return LABELS[method]
    return f"{LABELS.get(method, method)}, {'gate' if level == 'gate' else 'trains all'}"


def _shown(values: list[float], digits: int) -> str:
    low, middle, high = (f"{value:.{digits}f}" for value in quartiles(values))
    return middle if low == high else f"{middle} ({low} to {high})"
