"""Other bounds for a run that has results: what stored jobs are worth under them.

Nothing is measured or trained for that: a job's document keeps what was measured. A network that
was rejected before training and is inside the new bounds becomes a new job again, at the same
point, and runs before new points are suggested. What a document said under former bounds stays in
its field `earlier`. A network that was trained and not measured runs again too, if it could be the
best one under the new bounds, and its predicted costs may be within them; it is measured then.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hwsearch import budget
from hwsearch.budget import Bound
from hwsearch.errors import UserError
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import violation
from hwsearch.launch.new_bounds.promise import ranked
from hwsearch.measurements import Measurements, Outcome
from hwsearch.measurements.reading import mapping, number
from hwsearch.metrics import metric
from hwsearch.report.result import Fate, Result, best_of, earlier_seconds

Job = Mapping[str, Any]
_EVALUATED = (Outcome.TRAINED, Outcome.STOPPED, Outcome.MEASURED)
_OPENS = "runs again: its network was not measured, but could be the best under the new bounds"
_FITS = "runs again: its network was rejected, but meets the new bounds"
#: A network that meets bounds with a lower probability is not worth its time, as in the search.
UNLIKELY = 0.01
#: Ids that a message names at most.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Revision:
    """Changes of a job's document, made only if its status and attempt are still the same."""

    job: Job
    changes: Mapping[str, Any]

    @property
    def runs_again(self) -> bool:
        """Whether the job becomes a new one."""
        return self.changes.get("status") == "new"


def revisions(jobs: Sequence[Job], settings: Settings) -> list[Revision]:
    """What to change in the documents of a run so that they are right under its bounds.

    Documents that are right already are left alone: after a crash, the same call completes what
    was begun.

    Args:
        jobs: All jobs of the run.
        settings: Those of the run, with its new and its former bounds.

    Raises:
        UserError: A metric that is bounded now was not measured in trained networks.
    """
    _check_measured(jobs, settings)
    best = _best(jobs, settings)
    changed = [Revision(job, _changes(job, settings, best)) for job in jobs]
    again = [entry.job for entry in changed if entry.runs_again]
    ranks = {job["id"]: rank for rank, job in enumerate(ranked(again, jobs, settings), -len(again))}
    return [
        Revision(entry.job, {**entry.changes, "rank": ranks[entry.job["id"]]})
        if entry.runs_again
        else entry
        for entry in changed
        if entry.changes
    ]


def _check_measured(jobs: Sequence[Job], settings: Settings) -> None:
    for name in settings.constraints:
        missing = [
            job["id"]
            for job in jobs
            if job.get("status") == "complete"
            and name not in (job.get("tasks") or ())  # else it could not be had
            and Measurements.of_job(job).outcome in _EVALUATED
            and math.isnan(_measured(job, name, settings))
        ]
        if missing:
            ids = ", ".join(str(job_id) for job_id in missing[:_SHOWN])
            more = ", ..." if len(missing) > _SHOWN else ""
            which = f"job{'s' * (len(missing) > 1)} {ids}{more}"
            raise UserError(
                f"--constraint: got {name!r}, which was not measured in {which} of "
                f"{settings.experiment_name}; expected a metric that all trained networks have, or "
                "a fresh run without --resume"
            )


def _best(jobs: Sequence[Job], settings: Settings) -> tuple[float, ...]:
    """The rank of the best network under the new bounds; that of an unknown one without it."""
    results = [Result.of(job, settings) for job in jobs]
    best = best_of([result for result in results if result.feasible], settings)
    return settings.rank({} if best is None else best.values)


def _changes(job: Job, settings: Settings, best: tuple[float, ...]) -> dict[str, Any]:
    """What to change in one document; {} if nothing.

    Args:
        job: The document.
        settings: Of the run.
        best: The rank of the best measured network.
    """
    tasks = list(settings.metrics)
    changes: dict[str, Any] = {}
    if job.get("tasks") and list(job["tasks"]) != tasks:
        changes["tasks"] = tasks
    if job.get("expected") and job.get("status") != "complete":
        changes["expected"] = None  # which may be of other bounds: it is measured first
    if job.get("status") not in ("complete", "paused"):
        return changes
    known = {name: _measured(job, name, settings) for name in settings.constraints}
    values = {
        name: budget.margin(bound, known[name]) for name, bound in settings.constraints.items()
    }
    if job.get("status") == "paused":
        return changes | _changes_of_paused(job, settings, known, values)
    stored = mapping(job.get("values"))
    values = {one.name: number(stored.get(one.name)) for one in settings.objectives} | values
    rejected = Measurements.of_job(job).outcome is Outcome.REJECTED
    reason = _rejection(job, known, settings) if rejected else job.get("reason")
    opens = _opens(job, settings, best)
    again = opens or (rejected and not reason)
    if not again and not changes and _same(values, stored) and reason == job.get("reason"):
        return {}
    changes["bounds"] = settings.to_json()["constraints"]
    changes["earlier"] = [*(job.get("earlier") or []), _earlier(job, settings, whole=again)]
    return changes | (_new(job, opens=opens) if again else {"values": values, "reason": reason})


def _changes_of_paused(
    job: Job, settings: Settings, known: Mapping[str, float], values: Mapping[str, float]
) -> dict[str, Any]:
    """What to change in the document of a paused job, which has the values that are known.

    Args:
        job: The document.
        settings: Of the run.
        known: The bounded metrics as they were measured; NaN if they were not.
        values: The constraints' values under the new bounds.
    """
    finite = {name: value for name, value in values.items() if math.isfinite(value)}
    # Whether it can become the best depends on the bounds, also on those of metrics that are not
    # known yet: the optimiser decides anew.
    is_decided = not job.get("ended") or _bounds(job, settings) == settings.constraints
    if _same(finite, mapping(job.get("values"))) and is_decided:
        return {}
    over = "" if settings.unaware else _over(job, known, settings)
    bounds = settings.to_json()["constraints"]
    return {"values": finite, "ended": over or None, "bounds": bounds}


def _opens(job: Job, settings: Settings, best: tuple[float, ...]) -> bool:
    """Whether a network that was not measured could be the best one under the new bounds."""
    unmeasured = Result.of(job, settings)
    return (
        unmeasured.fate is Fate.UNMEASURED
        and settings.rank(unmeasured.values) <= best
        and _chance(unmeasured.measurements, settings) >= UNLIKELY
    )


def _new(job: Job, *, opens: bool) -> dict[str, Any]:
    """What makes a complete job a new one.

    Args:
        job: The document.
        opens: Whether its network was not measured; else it was rejected.
    """
    changes: dict[str, Any] = {
        "status": "new",
        "values": None,
        "measurements": None,
        "lost": 0,
        "proc_id": None,
        "reason": _OPENS if opens else _FITS,
    }
    if opens:
        changes["unmeasured"] = None
        spent = earlier_seconds(job) + number(job.get("end time")) - number(job.get("start time"))
        if math.isfinite(spent):  # its training, which is not repeated, is a part of the job
            changes["earlier seconds"] = spent
    if job.get("expected"):  # of the former bounds: the network is measured first
        changes["expected"] = None
    return changes


def _chance(measurements: Measurements, settings: Settings) -> float:
    """The probability that costs which were not measured meet the bounds, by their predictions."""
    chances = []
    for name in measurements.unmeasured:
        if name in settings.constraints:
            predicted = measurements.predicted[name]
            margin = budget.margin(settings.constraints[name], predicted.value)
            spread = max(number(predicted.std_error), 1e-300)
            chances.append(math.erfc(-margin / spread / math.sqrt(2)) / 2)
    return math.prod(chances)


def _earlier(job: Job, settings: Settings, *, whole: bool) -> dict[str, Any]:
    """What a document said under former bounds.

    Args:
        job: The document.
        settings: Of the run.
        whole: Whether the document loses its measurements and times too.
    """
    kept = ["values", "reason"]
    if whole:
        kept += ["measurements", "start time", "end time"]
    bounds = {name: budget.to_json(bound) for name, bound in _bounds(job, settings).items()}
    return {"bounds": bounds, **{key: job[key] for key in kept if job.get(key) is not None}}


def _bounds(job: Job, settings: Settings) -> dict[str, Bound]:
    """The bounds under which a document's values were computed: the run's first, if unknown."""
    first = settings.former_constraints[0] if settings.former_constraints else {}
    found = {}
    for name, entry in mapping(job.get("bounds", first)).items():
        try:
            found[name] = budget.from_json(entry)
        except ValueError:
            continue
    return found


def _measured(job: Job, name: str, settings: Settings) -> float:
    """A metric as it was measured; NaN if it was not."""
    quantity = Measurements.of_job(job).metrics.get(name)
    if quantity is not None and math.isfinite(quantity.value):
        return quantity.value
    bound = _bounds(job, settings).get(name)  # a document of an older version
    stored = number(mapping(job.get("values")).get(name))
    return math.nan if bound is None else budget.measured(bound, stored)


def _rejection(job: Job, known: Mapping[str, float], settings: Settings) -> str:
    """Why the network is not trained; "" if no bound is exceeded so far."""
    over = _over(job, known, settings)
    return f"rejected before training: {over}" if over else ""


def _over(job: Job, known: Mapping[str, float], settings: Settings) -> str:
    """The bounds that are exceeded before a training; "" if there is none."""
    metrics = Measurements.of_job(job).metrics
    over = []
    for name, value, bound in budget.broken(known, settings.constraints):
        if math.isfinite(value) and not metric(name).after_training:
            quantity = metrics.get(name)
            error = math.nan if quantity is None else quantity.std_error
            over.append(f"{name} {violation(name, value, error, bound)}")
    return ", ".join(over)


def _same(values: Mapping[str, float], stored: Mapping[str, Any]) -> bool:
    """Whether a document has these values already, NaN included."""
    numbers = {name: number(entry) for name, entry in stored.items()}
    return values.keys() == numbers.keys() and all(
        value == numbers[name] or (math.isnan(value) and math.isnan(numbers[name]))
        for name, value in values.items()
    )
