"""One job as reports see it: its values, and what became of it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hwsearch import budget
from hwsearch.budget import Bound
from hwsearch.experiment.objectives import non_dominated
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import cost, not_measured
from hwsearch.measurements import Measurements, Outcome
from hwsearch.measurements.reading import mapping, number
from hwsearch.metrics import is_metric
from hwsearch.printing import one_line
from hwsearch.report.rejections import Rejection, rejections_of, seconds_of


class Fate(StrEnum):
    """What became of a job."""

    TRAINED = "trained"
    STOPPED = "stopped"  # training ended early with a usable error
    UNMEASURED = "unmeasured"  # trained; its costs are only predicted, so that it is no result
    MEASURED = "measured"  # no metric of the search needs a training
    REJECTED = "rejected"  # before training
    NO_VALUE = "no value"  # for a task of the optimiser
    BROKEN = "broken"
    ENDED = "ended"  # its training was paused and is not continued: it has no result
    PAUSED = "paused"  # its training can be continued
    RUNNING = "running"  # or not started yet


#: What became of a complete job; the other outcomes are those of trained networks.
_OUTCOMES: dict[Outcome | None, Fate] = {
    Outcome.REJECTED: Fate.REJECTED,
    Outcome.MEASURED: Fate.MEASURED,
    Outcome.STOPPED: Fate.STOPPED,
}
#: Fates of jobs that have no result, or none yet; they do not count as finished.
UNFINISHED = (Fate.ENDED, Fate.PAUSED, Fate.RUNNING)


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of a job.

    Attributes:
        job: The job's id.
        fate: What became of it.
        values: By metric, NaN if unknown; costs as measured, not as margins.
        feasible: Whether it has all values and every budget is known to be met.
        reason: Why it has no value, what was not measured, or how far a paused training is; "" if
            that is unknown.
        measurements: The measurements of its document.
        params: The optimiser's values by token, as in the document.
        start_s: When it started, seconds since the epoch; NaN if unknown.
        end_s: When it ended, likewise.
        earlier_s: How long it ran before its training was paused, seconds.
        rejections: Its earlier evaluations, under former bounds.
        is_cut_short: Whether an evaluation of it has no result: it runs, or was interrupted.
    """

    job: Any
    fate: Fate
    values: Mapping[str, float]
    feasible: bool = False
    reason: str = ""
    measurements: Measurements = field(default_factory=Measurements)
    params: Mapping[str, Any] = field(default_factory=dict)
    start_s: float = math.nan
    end_s: float = math.nan
    earlier_s: float = 0.0
    rejections: tuple[Rejection, ...] = ()
    is_cut_short: bool = False

    @classmethod
    def of(cls, job: Mapping[str, Any], settings: Settings) -> Result:
        """Reads a job document; those of older versions may lack anything but `id` and `status`."""
        measurements = Measurements.of_job(job)
        stored = mapping(job.get("values"))
        margins = {name: number(stored.get(name)) for name in settings.constraints}
        for name, bound in settings.constraints.items():
            # The bounds may have been others when the job ended.
            measured = measurements.metrics.get(name)
            if measured is not None and math.isfinite(measured.value):
                margins[name] = budget.margin(bound, measured.value)
        values = {
            one.name: one.minimised(number(stored.get(one.name))) for one in settings.objectives
        }
        objectives = tuple(values.values())
        for name, bound in settings.constraints.items():
            values[name] = budget.measured(bound, margins[name])
        for name, quantity in measurements.metrics.items():
            if is_metric(name):
                values[name] = quantity.value
        missing = {name for name, margin in margins.items() if not math.isfinite(margin)}
        known = all(map(math.isfinite, objectives)) and missing <= set(measurements.unmeasured)
        fate = _fate(job, measurements.outcome, known)
        if missing and fate in (Fate.TRAINED, Fate.STOPPED):
            fate = Fate.UNMEASURED
        broken = any(margin < 0 for margin in margins.values())
        finished = fate in (Fate.TRAINED, Fate.STOPPED, Fate.MEASURED)
        return cls(
            job=job.get("id", "?"),
            fate=fate,
            values=values,
            feasible=finished and budget.all_met(margins, settings.constraints),
            reason=_reason(job, settings, measurements, fate, broken),
            measurements=measurements,
            params=mapping(job.get("params")),
            start_s=number(job.get("start time")),
            end_s=number(job.get("end time")),
            earlier_s=earlier_seconds(job),
            rejections=rejections_of(job),
            is_cut_short=is_cut_short(job),
        )

    def cost(self, name: str) -> str:
        """A metric with its standard error and unit; what is predicted if it was not measured."""
        if name in self.measurements.unmeasured:
            return predicted_cost(self.measurements, name)
        return cost(name, self.values.get(name), self.std_error(name))

    def seconds_of(self, part: str) -> float:
        """How long a part of its evaluations took, in seconds; NaN if unknown."""
        return seconds_of(part, self.measurements, self.rejections)

    def std_error(self, name: str) -> float:
        """A metric's standard error; NaN if it is unknown."""
        quantity = self.measurements.metrics.get(name)
        return math.nan if quantity is None else quantity.std_error

    def uncertain(self, name: str, bound: Bound) -> bool:
        """Whether a cost is so close to its bound that it may be on the other side."""
        error = self.std_error(name)
        return error > 0 and budget.uncertain(self.values[name], error, bound)

    def excess(self, settings: Settings) -> float | None:
        """The largest excess over a bound, as a share of it; None if no metric is known."""
        shares = [
            budget.excess(bound, self.values[name])
            for name, bound in settings.constraints.items()
            if math.isfinite(self.values.get(name, math.nan))
        ]
        return max(0.0, *shares) if shares else None


def is_cut_short(job: Mapping[str, Any]) -> bool:
    """Whether a job began more often than it was evaluated; False for one that was paused."""
    earlier = job.get("earlier")
    evaluations = len(earlier) if isinstance(earlier, list) else 0
    evaluations += job.get("status") in ("complete", "broken")
    return number(job.get("attempt")) > evaluations and not earlier_seconds(job)


def earlier_seconds(job: Mapping[str, Any]) -> float:
    """How long a job ran before its training was paused, in seconds; 0 if it never was."""
    found = number(job.get("earlier seconds"))
    return found if found > 0 else 0.0


def _reason(
    job: Mapping[str, Any], settings: Settings, measured: Measurements, fate: Fate, broken: bool
) -> str:
    """One line about a job that is no full result; "" if nothing is known."""
    reason = _progress(job, settings) or one_line(" ".join(str(job.get("reason") or "").split()))
    parts = [reason] if reason else []
    if fate is Fate.UNMEASURED:
        parts += [f"{name} {predicted_cost(measured, name)}" for name in measured.unmeasured]
    elif measured.predicted and broken:
        parts.append("trained before it was measured")
    return "; ".join(parts)


def predicted_cost(measured: Measurements, name: str) -> str:
    """A cost that is predicted and was not measured, for people."""
    quantity = measured.predicted[name]
    return not_measured(name, quantity.value, quantity.std_error)


def _progress(job: Mapping[str, Any], settings: Settings) -> str:
    """How far the training of a paused job is, what it has come to, and why it does not continue.

    "" for another job.
    """
    share = number(job.get("progress"))
    if job.get("status") != "paused" or not math.isfinite(share):
        return ""
    epochs = Measurements.of_job(job).epochs
    after = "" if epochs is None else f" after epoch {epochs},"
    ended = one_line(" ".join(str(job.get("ended") or "").split()))
    text = f"{'stopped' if ended else 'paused'}{after} {100 * share:.3g} % of its training"
    curve = job.get("curve")
    value = number(curve[-1][1]) if isinstance(curve, list) and curve else math.nan
    if math.isfinite(value):
        value = budget.minimised(value, settings.maximize)
        text += f": {settings.optimize} {cost(settings.optimize, value)}"
    return f"{text}; {ended}" if ended else text


def best_of(results: Iterable[Result], settings: Settings) -> Result | None:
    """The result with the best objective; None if none is known.

    Of several objectives, it is the one of the Pareto front that has the best first objective.
    """
    return min(_valued(results, settings), key=lambda one: settings.order(one.values), default=None)


def front_of(results: Iterable[Result], settings: Settings) -> list[Result]:
    """The Pareto front of those that meet every bound, the best first objective first."""
    known = [result for result in _valued(results, settings) if result.feasible]
    return [known[place] for place in non_dominated([settings.rank(one.values) for one in known])]


def _valued(results: Iterable[Result], settings: Settings) -> list[Result]:
    """The results whose objectives are all known."""
    return [
        result
        for result in results
        if result.fate in (Fate.TRAINED, Fate.STOPPED, Fate.MEASURED, Fate.REJECTED)
        and all(map(math.isfinite, settings.rank(result.values)))
    ]


def labelled(fates: Mapping[Fate, int], labels: Mapping[Fate, str]) -> dict[str, int]:
    """How many jobs there are of each label, in their order; several fates may share one."""
    counts: Counter[str] = Counter()
    for fate, label in labels.items():
        counts[label] += fates.get(fate, 0)
    return dict(counts)


def _fate(job: Mapping[str, Any], outcome: Outcome | None, known: bool) -> Fate:
    status = job.get("status")
    if status == "paused":
        return Fate.ENDED if job.get("ended") else Fate.PAUSED
    if status != "complete":
        return Fate.BROKEN if status == "broken" else Fate.RUNNING
    if outcome is not Outcome.REJECTED and not known:
        return Fate.NO_VALUE
    return _OUTCOMES.get(outcome, Fate.TRAINED)
