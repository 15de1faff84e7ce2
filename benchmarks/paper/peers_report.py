"""Tables of HyperPower beside Optuna and Ax: seconds until an error, by a virtual clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf, isinf
from typing import Any

import numpy as np

from benchmarks.paper import learning, replay

#: Searches by method, level, share and seed.
Runs = Mapping[tuple[str, str, int, int], Mapping[str, Any]]
#: How much longer than the table's a training takes.
CLOCKS = (1, 100)
LABELS = {
    "hyperpower": "HyperPower",
    "hyperpower_freeze_thaw": "HyperPower, freeze-thaw",
    "hyperpower_12": "HyperPower, predictions of 12 %",
    "hyperpower_6": "HyperPower, predictions of 6 %",
    "optuna_gp": "Optuna GP",
    "optuna_tpe": "Optuna TPE",
    "optuna_tpe_median": "Optuna TPE, MedianPruner",
    "optuna_tpe_hyperband": "Optuna TPE, HyperbandPruner",
    "ax": "Ax",
}
#: Without a budget.
NONE = 100
#: Percentage points above the best peer's error: one image of the table's test set is 0.25.
ABOVE = (0.0, 0.5)


def curve(run: Mapping[str, Any], slower: int) -> tuple[list[float], list[float]]:
    """Seconds at which each step ended, and the lowest error (%) within the budget by then.

    A step is one network, or a part of its training. A structure is measured once, whoever
    searches, and what is known of a network that is suggested again is looked up: both favour the
    peers, of which some suggest a network many times.
    """
    suggested = run["suggested"]
    built = run.get("built") or range(1, len(suggested) + 1)
    done: dict[int, int] = {}
    measured: set[tuple[Any, ...]] = set()
    seconds = builds = 0.0
    best = inf
    ends, errors = [], []
    for row, count, epochs in zip(suggested, built, _epochs(run), strict=True):
        network, training = replay.networks()[row], learning.of_table()[row]
        if row not in done or epochs > done[row]:
            seconds += replay.BUILD_S * (count - builds if "built" in run else 1)
            # Networks that differ in their learning rate alone cost the same.
            if run["share"] != NONE and network.values[:-1] not in measured:
                seconds += replay.PROFILE_S
            before = training.seconds[done.get(row, 0)]
            seconds += slower * max(training.seconds[epochs] - before, 0.0)
            done[row] = epochs
        builds = count
        measured.add(network.values[:-1])
        if epochs == learning.EPOCHS and _is_within(run, row):
            best = min(best, training.final)
        ends.append(seconds)
        errors.append(best)
    return ends, errors


def _is_within(run: Mapping[str, Any], row: int) -> bool:
    """Whether a network meets the budget of a search."""
    share = run["share"]
    return share == NONE or replay.networks()[row].latency_s <= replay.bound(share)


def _epochs(run: Mapping[str, Any]) -> list[int]:
    """The epochs up to which each suggested network was trained; 0 if the gate closed."""
    if "epochs" in run:
        return list(run["epochs"])
    is_gated = run["level"] == "gate"
    return [
        0 if is_gated and not _is_within(run, row) else learning.EPOCHS for row in run["suggested"]
    ]


def time_to(run: Mapping[str, Any], slower: int, error: float) -> float:
    """Seconds until a network within the budget has this error or less; inf if none has."""
    pairs = zip(*curve(run, slower), strict=True)
    return next((seconds for seconds, best in pairs if best <= error), inf)


def final(run: Mapping[str, Any], trainings: int) -> float:
    """The lowest error (%) within the budget after as many epochs as so many trainings have."""
    done: dict[int, int] = {}
    best = inf
    for row, epochs in zip(run["suggested"], _epochs(run), strict=True):
        if sum(done.values()) >= trainings * learning.EPOCHS:
            break
        done[row] = max(epochs, done.get(row, 0))
        if epochs == learning.EPOCHS and _is_within(run, row):
            best = min(best, learning.of_table()[row].final)
    return best


def quartiles(values: list[float]) -> list[float]:
    """Lower quartile, median, upper quartile; values may be inf."""
    return [float(v) for v in np.quantile(values, [0.25, 0.5, 0.75], method="inverted_cdf")]


def target(runs: Runs, share: int, trainings: int) -> float:
    """The lowest of the median errors (%) that the peers end with after so many trainings."""
    found: dict[tuple[str, str], list[float]] = {}
    for (method, level, at, _), run in runs.items():
        # Ax runs with few seeds: its median is not comparable.
        if at == share and not method.startswith("hyperpower") and method != "ax":
            found.setdefault((method, level), []).append(final(run, trainings))
    return min(quartiles(errors)[1] for errors in found.values())


def tables(runs: Runs, trainings: int) -> Iterator[str]:
    """Lines in Markdown: one table for the best peer's error, one for half a point above it."""
    shares = sorted({share for _, _, share, _ in runs})
    for above in ABOVE:
        name = f"{above:g} points above the best peer's error" if above else "the best peer's error"
        yield f"\n### Seconds until {name}\n"
        yield (
            "| budget: met by | goal: error, % | method | seeds "
            + "".join(f"| {_named(slower)} | divided by HyperPower's " for slower in CLOCKS)
            + f"| not reached | error after {trainings} trainings, % | chooser's CPU s |"
        )
        yield "| --- " * (7 + 2 * len(CLOCKS)) + "|"
        for share in shares:
            yield from _rows(runs, share, target(runs, share, trainings) + above, trainings)


def _named(slower: int) -> str:
    return "seconds" if slower == 1 else f"trainings {slower} times as long"


def _rows(runs: Runs, share: int, error: float, trainings: int) -> Iterator[str]:
    budget = "no budget" if share == NONE else f"{share} %"
    for method in [*LABELS, *sorted({key[0] for key in runs} - set(LABELS))]:
        for level in ("gate", "all"):
            mine = {key[3]: run for key, run in runs.items() if key[:3] == (method, level, share)}
            if not mine:
                continue
            cells = []
            for slower in CLOCKS:
                times = {seed: time_to(run, slower, error) for seed, run in mine.items()}
                ours = {
                    key[3]: time_to(run, slower, error)
                    for key, run in runs.items()
                    if (key[0], key[2]) == ("hyperpower", share)
                }
                ratio = "1" if method == "hyperpower" else _median(_ratios(times, ours))
                cells += [_shown(list(times.values()), 0), ratio]
            yield (
                f"| {budget} | {error:.2f} | {_label(method, level, share)} | {len(mine)} "
                f"| {' | '.join(cells)} | {sum(map(isinf, times.values()))} of {len(mine)} "
                f"| {_shown([final(run, trainings) for run in mine.values()], 2)} "
                f"| {np.median([run['cpu_s'] for run in mine.values()]):.1f} |"
            )


def _ratios(times: Mapping[int, float], ours: Mapping[int, float]) -> list[float]:
    """Per seed; 0 where only HyperPower has not reached the error, left out where nobody has."""
    pairs = [(times[seed], ours[seed]) for seed in times if seed in ours]
    return [time / our for time, our in pairs if not (isinf(time) and isinf(our))]


def _label(method: str, level: str, share: int) -> str:
    if method.startswith("hyperpower") or share == NONE:
        return LABELS.get(method, method)
    return f"{LABELS.get(method, method)}, {'gate' if level == 'gate' else 'trains all'}"


def _median(values: list[float]) -> str:
    return f"{quartiles(values)[1]:.1f}" if values else "none"


def _shown(values: list[float], digits: int) -> str:
    """Median and quartiles."""
    if not values:
        return "none"
    low, middle, high = (f"{value:,.{digits}f}" for value in quartiles(values))
    return f"{middle} ({low} to {high})"
