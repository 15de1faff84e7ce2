"""Tables and the plot of the paper's comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isinf
from pathlib import Path

import numpy as np

from benchmarks.paper.replay import HYPERPOWER, LEVELS, METHODS, UNAWARE, Replay

#: Searches by method, level, share and seed: the rows of the table that they suggested.
Runs = Mapping[tuple[str, str, int, int], Sequence[int]]

#: Clocks: how much longer than the table's a training takes.
CLOCKS = (1, 100)
#: Okabe & Ito's colours, which most colour-blind people tell apart; ours is black.
COLOURS = dict(zip(METHODS, ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "black"), strict=True))


@dataclass(frozen=True)
class Searches:
    """All searches with one clock."""

    runs: Runs
    slower: int

    @property
    def shares(self) -> list[int]:
        """The budgets, as percentages of all networks."""
        return sorted({share for _, _, share, _ in self.runs})

    def seeds(self, method: str, share: int) -> list[int]:
        """The seeds for which a method has run at all levels."""
        having = [
            {s for m, a, p, s in self.runs if (m, a, p) == (method, x, share)} for x in LEVELS
        ]
        return sorted(set.intersection(*having))

    def of(self, method: str, level: str, share: int) -> list[Replay]:
        """A method's searches, one per seed."""
        return [
            Replay(self.runs[method, level, share, seed], level, share, self.slower)
            for seed in self.seeds(method, share)
        ]

    def limits(self, method: str, share: int) -> list[float]:
        """Seconds that the unaware searches of a method took, one per seed."""
        return [one.clock_s[-1] for one in self.of(method, UNAWARE, share)]


def tables(runs: Runs) -> Iterator[str]:
    """Lines in Markdown: results in equal time, and how much faster HyperPower is."""
    for slower in CLOCKS:
        yield f"\n### {_named(slower)}: results in the time of the unaware method\n"
        yield from _results(Searches(runs, slower))
    for slower in CLOCKS:
        yield f"\n### {_named(slower)}: HyperPower divided by the unaware method\n"
        yield from _ratios(Searches(runs, slower))


def _named(slower: int) -> str:
    return "Trainings as in the table" if slower == 1 else f"Trainings {slower} times as long"


def _results(searches: Searches) -> Iterator[str]:
    yield (
        "| budget | method | level | seeds | networks tried | trained | of these over the budget "
        "| searches without result | error, %: median (quartiles) |"
    )
    yield "| --- " * 9 + "|"
    for share in searches.shares:
        for method in METHODS:
            limits = searches.limits(method, share)
            for level in LEVELS if limits else ():
                ended = [
                    one.until(limit)
                    for one, limit in zip(searches.of(method, level, share), limits, strict=True)
                ]
                trained = sum(sum(one.trained) for one in ended)
                over = sum(one.over for one in ended)
                errors = [one.found for one in ended]
                yield (
                    f"| {share} % | {method} | {level} | {len(ended)} "
                    f"| {np.mean([len(one.suggested) for one in ended]):.0f} "
                    f"| {trained / len(ended):.0f} | {100 * over / max(trained, 1):.0f} % "
                    f"| {sum(map(isinf, errors))} | {_quartiles(errors)} |"
                )


def _quartiles(errors: Sequence[float]) -> str:
    """The median and quartiles of errors; a search without a result is the worst."""
    low, middle, high = np.quantile(errors, [0.25, 0.5, 0.75], method="inverted_cdf")
    middle, low, high = (
        "none" if isinf(value) else f"{value:.2f}" for value in (middle, low, high)
    )
    return f"{middle} ({low} to {high})"


def _ratios(searches: Searches) -> Iterator[str]:
    yield (
        "| budget | method | networks tried in the same time | time to the same number of them "
        "| time to the same error | searches compared by error |"
    )
    yield "| --- " * 6 + "|"
    for share in searches.shares:
        for method in METHODS:
            pairs = list(
                zip(
                    searches.of(method, UNAWARE, share),
                    searches.of(method, HYPERPOWER, share),
                    strict=True,
                )
            )
            if not pairs:
                continue
            more = [
                len(new.until(old.clock_s[-1]).suggested) / len(old.suggested) for old, new in pairs
            ]
            count = [old.clock_s[-1] / _seconds_of(new, len(old.suggested)) for old, new in pairs]
            error = [
                old.time_to(old.found) / new.time_to(old.found)
                for old, new in pairs
                if not isinf(old.found)
            ]
            yield (
                f"| {share} % | {method} | {_times(more)} | {_times(count)} "
                f"| {_times(error)} | {len(error)} of {len(pairs)} |"
            )


def _seconds_of(search: Replay, count: int) -> float:
    """Seconds until so many networks were tried; inf if the search ended before."""
    return search.clock_s[count - 1] if len(search.clock_s) >= count else inf


def _times(ratios: Sequence[float]) -> str:
    """The median of ratios and their range."""
    if not ratios:
        return "-"
    return f"{np.median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})"


def draw(path: Path, runs: Runs) -> None:
    """Draws the best error against the time: a row per clock, a column per budget."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    shares = Searches(runs, 1).shares
    figure, grid = plt.subplots(
        len(CLOCKS), len(shares), figsize=(4 * len(shares), 6), squeeze=False, sharey="col"
    )
    for axes_row, slower in zip(grid, CLOCKS, strict=True):
        searches = Searches(runs, slower)
        for axes, share in zip(axes_row, shares, strict=True):
            for method, colour in COLOURS.items():
                for level, style in ((UNAWARE, "--"), (HYPERPOWER, "-")):
                    found = searches.of(method, level, share)
                    if not found:
                        continue
                    ends = [at for one in found for at in (one.clock_s[0], one.clock_s[-1])]
                    times = np.geomspace(min(ends), max(searches.limits(method, share)), 200)
                    middle = [np.median([one.until(t).found for one in found]) for t in times]
                    shown = np.where(np.isfinite(middle), middle, np.nan)
                    axes.plot(times, shown, style, color=colour, lw=1.4, label=f"{method} {level}")
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.set_title(f"{share} % of networks meet the budget\n{_named(slower)}", fontsize=9)
            axes.xaxis.set_minor_formatter(mpl.ticker.NullFormatter())
            axes.grid(alpha=0.3, which="both")
    figure.supxlabel("seconds on the virtual clock", fontsize=9, y=0.085)
    figure.supylabel("error of the best network within the budget, %: median", fontsize=9)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=5, fontsize=8)
    figure.tight_layout(rect=(0.01, 0.1, 1, 1))
    figure.savefig(path, dpi=110)
    plt.close(figure)
