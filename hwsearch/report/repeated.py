"""The networks that were trained again with other seeds, ranked by their means."""

from __future__ import annotations

import math
import statistics
import warnings
from collections.abc import Sequence

from hwsearch.experiment.settings import Settings
from hwsearch.formatting import cost, counted
from hwsearch.measurements.repeat import Repeat
from hwsearch.report.result import Result

#: A difference counts if networks without one would show it more rarely than this.
LEVEL = 0.05


def repeated(settings: Settings, results: Sequence[Result]) -> list[str]:
    """The networks that were trained again, the best mean first.

    The search's own training is left out: it was one of the reasons to choose the network, so its
    objective is too good. Means of equal seeds are compared by Welch's t-test.

    Args:
        settings: Of the run.
        results: All results.

    Returns:
        A heading and a line per network; [] if none was trained again.
    """
    name, mode = settings.monitor
    sign = -1.0 if mode == "max" else 1.0
    trained = [(one, values_of(one.measurements.repeats, name)) for one in results]
    ranked = sorted(
        ((one, values) for one, values in trained if values),
        key=lambda pair: sign * statistics.fmean(pair[1]),
    )
    if not ranked:
        return []
    first, best = ranked[0]
    rows = []
    for one, values in ranked:
        notes = [f"{one.cost(name)} in the search"]
        count = len(one.measurements.repeats)
        if len(values) < count:
            notes.append(f"{count - len(values)} of {count} trainings diverged")
        if one is not first:
            notes.append(_difference(first, best, values))
        rows.append((f"job {one.job}", cost(name, *mean(values)), "; ".join(notes)))
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    count = max(len(one.measurements.repeats) for one, _ in ranked)
    return [
        f"{name} of {counted(count, 'more training')} with other seeds (mean ± standard "
        "error of the mean)",
        *(f"  {row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]}" for row in rows),
    ]


def values_of(repeats: Sequence[Repeat], name: str) -> list[float]:
    """The known values of a metric."""
    return [value for one in repeats if math.isfinite(value := one.value(name))]


def mean(values: Sequence[float]) -> tuple[float, float]:
    """Mean and its standard error; NaN for what too few finite values cannot tell."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return math.nan, math.nan
    error = statistics.stdev(known) / math.sqrt(len(known)) if len(known) > 1 else math.nan
    return statistics.fmean(known), error


def differ(one: Sequence[float], other: Sequence[float]) -> bool | None:
    """Whether two means differ by more than chance explains; None if there are too few values."""
    if min(len(one), len(other)) < 2:
        return None
    if statistics.pvariance(one) == statistics.pvariance(other) == 0:
        return statistics.fmean(one) != statistics.fmean(other)
    from scipy import stats  # noqa: PLC0415 - heavy, and only few reports need it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about values that are nearly equal
        return bool(stats.ttest_ind(one, other, equal_var=False).pvalue < LEVEL)


def _difference(first: Result, best: Sequence[float], values: Sequence[float]) -> str:
    found = differ(best, values)
    if found is None:
        return f"too few trainings for a comparison with job {first.job}"
    return f"{'worse than' if found else 'no certain difference to'} job {first.job}"
