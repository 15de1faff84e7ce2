"""The state of a search in a few lines that change while it runs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from hwsearch.budget import AtLeast, limit
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import beside, cost, counted, duration, rough_duration
from hwsearch.progress import lines
from hwsearch.progress.drawing import gauge, sparkline
from hwsearch.progress.job_output import JobOutput
from hwsearch.progress.search import Search
from hwsearch.report.result import UNFINISHED, Fate, Result, labelled

#: Columns of a curve and of a gauge.
CURVE, GAUGE = 20, 10
#: How the fates are counted, in this order; the others are "other".
COUNTED = {
    Fate.TRAINED: "trained",
    Fate.STOPPED: "stopped early",
    Fate.ENDED: "stopped early",
    Fate.UNMEASURED: "not measured",
    Fate.MEASURED: "measured",
    Fate.REJECTED: "rejected",
    Fate.NO_VALUE: "without a value",
    Fate.BROKEN: "broken",
    Fate.PAUSED: "paused",
}


def status(search: Search, running: Mapping[int, JobOutput], elapsed_s: float, ended: int) -> str:
    """All lines.

    Args:
        search: What is known.
        running: The jobs that run, by id.
        elapsed_s: Seconds since this start of the run, or of the present budget of a sweep.
        ended: Jobs that ended since then.
    """
    settings = search.settings
    parts = [counts(search.results.values(), len(running), settings)]
    left = time_left(search, elapsed_s, ended)
    parts.append(duration(elapsed_s).partition(".")[0] + (" s" if elapsed_s < 60 else ""))
    if left:
        parts.append(f"about {rough_duration(left)} left")
    found = [", ".join(parts), _best(search)]
    found += [_job(job_id, output, settings) for job_id, output in sorted(running.items())]
    return "\n".join(line for line in found if line)


def counts(results: Iterable[Result], running: int, settings: Settings) -> str:
    """How many networks there are of each kind."""
    fates: Counter[Fate] = Counter(result.fate for result in results)
    ended = fates.total() - sum(fates[fate] for fate in UNFINISHED)
    of = f" of {settings.max_finished_jobs}" if settings.max_finished_jobs else ""
    parts = [f"{number} {label}" for label, number in labelled(fates, COUNTED).items() if number]
    if running:
        parts.append(f"{running} running")
    return f"{ended}{of} networks" + (f": {', '.join(parts)}" if parts else "")


def time_left(search: Search, elapsed_s: float, ended: int) -> float | None:
    """An estimate in seconds; None as long as there is nothing to base it on.

    Networks are taken to need as long as those of this start did on average.
    """
    settings = search.settings
    known = []
    most_s = settings.max_time if search.seconds is None else search.seconds
    if most_s is not None:
        known.append(most_s - elapsed_s)
    fates: Counter[Fate] = Counter(result.fate for result in search.results.values())
    finished = fates.total() - sum(fates[fate] for fate in UNFINISHED)
    full = finished - fates[Fate.REJECTED] - fates[Fate.BROKEN]
    for most, done in ((settings.max_finished_jobs, finished), (settings.max_trained, full)):
        if most is not None and ended >= 2 and done:
            # Of those that count, this start has had a share like that of all.
            pace = elapsed_s / (ended * done / finished)
            known.append(max(most - done, 0) * pace)
    return max(min(known), 0.0) if known else None


def _best(search: Search) -> str:
    best = search.best
    if best is not None and search.settings.has_front:
        return _front(search)
    if best is None:
        return (
            "best: none under the budget yet" if search.settings.constraints else "best: none yet"
        )
    text = lines.values(best.values, {}, search.settings)
    curve = sparkline(history(search), CURVE)
    return (
        f"best: {curve} job {best.job}: {text}"
        if len(curve) > 1
        else f"best: job {best.job}: {text}"
    )


def _front(search: Search) -> str:
    """How many networks are on the Pareto front, and its ends."""
    front = search.front
    parts = []
    for one in search.settings.objectives:
        end = min(front, key=lambda result: one.minimised(result.values[one.name]))
        parts.append(f"{one.name} {cost(one.name, end.values[one.name])} (job {end.job})")
    return f"front: {counted(len(front), 'network')}: best {', best '.join(parts)}"


def history(search: Search) -> list[float]:
    """The best objective under the budget after each job that ended, in the order of their ends."""
    name, sign = search.settings.optimize, -1.0 if search.settings.maximize else 1.0
    ended = [result for result in search.results.values() if result.fate not in UNFINISHED]
    ended.sort(key=lambda result: result.end_s if math.isfinite(result.end_s) else math.inf)
    best, found = math.nan, []
    for result in ended:
        value = result.values.get(name, math.nan)
        if result.feasible and math.isfinite(value) and not sign * value >= sign * best:
            best = value
        if math.isfinite(best):
            found.append(best)
    return found


def _job(job_id: int, output: JobOutput, settings: Settings) -> str:
    """A running job: its learning curve, how far its measurement is, or what that has found."""
    head = f"job {job_id}: {output.phase}"
    if output.epoch:
        curve = sparkline(output.curve, CURVE)
        return f"{head}, epoch {output.epoch}/{output.epochs}: {curve} {output.shown}"
    if output.limit_s and not output.costs:
        share = min(output.measured_s / output.limit_s, 1.0)
        used, most = (f"{seconds:.0f} s" for seconds in (output.measured_s, output.limit_s))
        return f"{head} {gauge(share, GAUGE)} {used} of at most {most}"
    parts = []
    for name, value in output.costs.items():
        bound = settings.constraints[name]
        share = value / limit(bound) if limit(bound) > 0 else math.nan
        bar = "" if isinstance(bound, AtLeast) else gauge(share, GAUGE)
        parts.append(f"{name} {beside(name, value, math.nan, bound)} {bar}".rstrip())
    return ", ".join([head, *parts])
