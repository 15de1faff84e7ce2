"""Tables of HyperPower beside Optuna and Ax: seconds until an error, by a virtual clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf, isinf
from typing import Any

import numpy as np

from benchmarks.paper import learning, replay
from benchmarks.paper.references import NO_BUDGET

#: Searches by method, level, share and seed.
Runs = Mapping[tuple[str, str, int, int], Mapping[str, Any]]
#: Seconds by seed, of each method, level (of the peers) and share.
Times = Mapping[tuple[str, str, int], Mapping[int, float]]
#: How much longer than the table's a training takes.
CLOCKS = (1, 100)
LABELS = {
    "hyperpower": "HyperPower",
    "hyperpower_freeze_thaw": "HyperPower, freeze-thaw",
    "hyperpower_12": "HyperPower, predictions of 12 %",
    "hyperpower_12_freeze_thaw": "HyperPower, predictions of 12 %, freeze-thaw",
    "hyperpower_6": "HyperPower, predictions of 6 %",
    "hyperpower_6_freeze_thaw": "HyperPower, predictions of 6 %, freeze-thaw",
    "optuna_gp": "Optuna GP",
    "optuna_tpe": "Optuna TPE",
    "optuna_tpe_median": "Optuna TPE, MedianPruner",
    "optuna_tpe_hyperband": "Optuna TPE, HyperbandPruner",
    "ax": "Ax",
    "hyperpower_exact": "all costs known: HyperPower",
    "hyperpower_exact_freeze_thaw": "all costs known: HyperPower, freeze-thaw",
    "reference_random": "all costs known: at random",
    "reference_twin": "all costs known: in the order of another training's errors",
}
#: Methods that predict costs; the first four from profiles of earlier runs.
PROFILED = tuple(f"hyperpower_{error}{also}" for error in (12, 6) for also in ("", "_freeze_thaw"))
PREDICT = (*PROFILED, "hyperpower_exact", "hyperpower_exact_freeze_thaw")
#: Beginnings of the names of searches that are not the peers'.
OWN = ("hyperpower", "reference")
#: The peers of the aim.
AIMED = ("optuna_gp", "optuna_tpe")
#: Seconds of so many profiles, from which a template's costs are predicted.
PROFILES = 16
PROFILES_S = PROFILES * (replay.BUILD_S + replay.PROFILE_S)
#: Percentage points above the best peer's error: one image of the table's test set is 0.25.
ABOVE = (0.0, 0.5)


def curve(run: Mapping[str, Any], slower: int) -> tuple[list[float], list[float]]:
    """Seconds at which each step ended, and the lowest error (%) within the budget by then.

    A step is one network, or a part of its training. A structure is measured once, whoever
    searches, and what is known of a network that is suggested again is looked up: both favour the
    peers, of which some suggest a network many times. Candidates are built for their predictions
    while nothing is trained, and once more if they become jobs. Searches that know all costs
    beforehand (`known`) measure nothing.
    """
    suggested = run["suggested"]
    built = run.get("built") or [0] * len(suggested)
    is_known = bool(run.get("known"))
    done: dict[int, int] = {}
    measured: set[tuple[Any, ...]] = set()
    seconds = builds = 0.0
    best = inf
    ends, errors = [], []
    for row, count, epochs in zip(suggested, built, _epochs(run), strict=True):
        network, training = replay.networks()[row], learning.of_table()[row]
        if row not in done or epochs > done[row]:
            seconds += replay.CONTINUE_S if done.get(row) else replay.BUILD_S
            if "built" in run and not is_known:
                seconds += replay.BUILD_S * (count - builds)
            # Networks that differ in their learning rate alone cost the same.
            is_measured = is_known or network.values[:-1] in measured
            if run["share"] != NO_BUDGET and not is_measured:
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
    return share == NO_BUDGET or replay.networks()[row].latency_s <= replay.bound(share)


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
    """The lowest of the median errors (%) that the peers end with after so many trainings.

    A peer with fewer seeds than others is left out: its median is not comparable.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for (method, level, at, _), run in runs.items():
        if at == share and not method.startswith(OWN):
            found.setdefault((method, level), []).append(final(run, trainings))
    most = max(map(len, found.values()), default=0)
    return min((quartiles(one)[1] for one in found.values() if len(one) == most), default=inf)


def tables(runs: Runs, trainings: int) -> Iterator[str]:
    """Lines in Markdown: seconds until the goals, and ratios of them, by either clock."""
    shares = sorted({share for _, _, share, _ in runs})
    goals = {share: target(runs, share, trainings) for share in shares}
    heads = " | ".join(f"{_budget(share)}: {goals[share]:.2f} %" for share in shares)
    line = "| --- " * (1 + len(shares)) + "|"
    for slower in CLOCKS:
        times = _times(runs, slower, goals)
        yield from (f"\n### Seconds, {_named(slower)}\n", f"| method | {heads} |", line)
        for method, level in _searches(runs):
            for extra in _extras(method):
                found = [times.get((method, level, share), {}) for share in shares]
                cells = " | ".join(_seconds([s + extra for s in each.values()]) for each in found)
                yield f"| {_label(method, level)}{_also(extra)} | {cells} |"
        yield f"\n### Optuna's seconds divided by those of each search, {_named(slower)}\n"
        yield from (f"| method | {heads} |", line)
        for method, level in _searches(runs):
            for extra in _extras(method) if not level else ():
                cells = " | ".join(_beside(times, method, share, extra) for share in shares)
                yield f"| {_label(method, level)}{_also(extra)} | {cells} |"
    yield from ("\n### Seconds of these for candidates\n", f"| method | {heads} |", line)
    for method in PROFILED:
        cells = " | ".join(_for_candidates(runs, method, share, goals[share]) for share in shares)
        yield f"| {_label(method, '')} | {cells} |"


def _searches(runs: Runs) -> list[tuple[str, str]]:
    """Methods and, of the peers, whether everything is trained; each is a row."""
    known = {method for method, _, _, _ in runs}
    found: list[tuple[str, str]] = []
    for method in [*LABELS, *sorted(known - set(LABELS))]:
        levels = [""] if method.startswith(OWN) else ["gate", "all"]
        found += [(method, level) for level in levels if method in known]
    return found


def _extras(method: str) -> tuple[float, ...]:
    """Seconds before a search that are counted, without and with what predictions need."""
    return (0.0, PROFILES_S) if method in PROFILED else (0.0,)


def _also(extra: float) -> str:
    return f", and {PROFILES} profiles first" if extra else ""


def _times(runs: Runs, slower: int, goals: Mapping[int, float]) -> Times:
    """Seconds until the goals."""
    found: dict[tuple[str, str, int], dict[int, float]] = {}
    for (method, level, share, seed), run in runs.items():
        row = method, "" if method.startswith(OWN) else level, share
        found.setdefault(row, {})[seed] = time_to(run, slower, goals[share])
    return found


def _seconds(times: list[float]) -> str:
    """Median and quartiles, and how many searches missed the goal."""
    lost = sum(map(isinf, times))
    return (_shown(times, 0) + (f", {lost} of {len(times)} missed" if lost else "")) * bool(times)


def _beside(times: Times, method: str, share: int, extra: float) -> str:
    """How many times as long the peers of the aim take as a search of ours."""
    ours = {seed: s + extra for seed, s in times.get((method, "", share), {}).items()}
    peers = [times.get((peer, level, share), {}) for peer in AIMED for level in ("gate", "all")]
    return ", ".join(_median(_ratios(each, ours)) for each in peers if each and ours)


def _for_candidates(runs: Runs, method: str, share: int, error: float) -> str:
    """How long candidates were built for, of searches that reach the goal."""
    found = []
    for key, run in runs.items():
        if (key[0], key[2]) == (method, share):
            reached = [best <= error for best in curve(run, 1)[1]]
            count = next((n for n, ok in zip(run["built"], reached, strict=True) if ok), None)
            found += [] if count is None else [replay.BUILD_S * count]
    return _shown(found, 0) if found else ""


def details(runs: Runs, trainings: int) -> Iterator[str]:
    """Lines in Markdown, a row per method and budget: for the goals, and for half a point more."""
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


def _budget(share: int) -> str:
    return "no budget" if share == NO_BUDGET else f"{share} %"


def _named(slower: int) -> str:
    return "trainings as they are" if slower == 1 else f"trainings {slower} times as long"


def _rows(runs: Runs, share: int, error: float, trainings: int) -> Iterator[str]:
    here = {key: run for key, run in runs.items() if key[2] == share}
    clocks = [_times(here, slower, {share: error}) for slower in CLOCKS]
    for method, level in _searches(here):
        row = method, level, share
        if row not in clocks[0]:
            continue
        mine = [run for key, run in here.items() if key[0] == method and level in ("", key[1])]
        cells = []
        for times in clocks:
            ratios = _ratios(times[row], times.get(("hyperpower", "", share), {}))
            cells += [_shown(list(times[row].values()), 0), _median(ratios)]
        missed = sum(map(isinf, clocks[0][row].values()))
        yield (
            f"| {_budget(share)} | {error:.2f} "
            f"| {_label(method, '' if share == NO_BUDGET else level)} | {len(mine)} "
            f"| {' | '.join(cells)} | {missed} of {len(mine)} "
            f"| {_shown([final(run, trainings) for run in mine], 2)} "
            f"| {np.median([run['cpu_s'] for run in mine]):.1f} |"
        )


def _ratios(times: Mapping[int, float], ours: Mapping[int, float]) -> list[float]:
    """Per seed; 0 where only HyperPower has not reached the error, left out where nobody has."""
    pairs = [(times[seed], ours[seed]) for seed in times if seed in ours]
    return [time / our for time, our in pairs if not (isinf(time) and isinf(our))]


def _label(method: str, level: str) -> str:
    name = LABELS.get(method, method)
    if method.startswith(OWN) or not level:
        return name
    return f"{name}, {'gate' if level == 'gate' else 'trains all'}"


def _median(values: list[float]) -> str:
    return f"{quartiles(values)[1]:.1f}" if values else "none"


def _shown(values: list[float], digits: int) -> str:
    """Median and quartiles."""
    if not values:
        return "none"
    low, middle, high = (f"{value:,.{digits}f}" for value in quartiles(values))
    return f"{middle} ({low} to {high})"
