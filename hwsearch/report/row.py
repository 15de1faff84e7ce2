"""One job as a row of its run's table: values, outcome, times."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hwsearch import budget
from hwsearch.errors import UserError
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements, Outcome
from hwsearch.measurements.reading import mapping, number, whole
from hwsearch.printing import one_line
from hwsearch.report.columns import Column
from hwsearch.report.rejections import Rejection, rejections_of, seconds_of
from hwsearch.report.result import Fate, Result, earlier_seconds, is_cut_short, predicted_cost
from hwsearch.template import Template


class State(StrEnum):
    """What became of a job, in words for people."""

    TRAINED = "trained"
    STOPPED = "stopped early"  # training ended early with a usable objective
    UNMEASURED = (
        "trained without measurement"  # its costs are only predicted, so that it is no result
    )
    MEASURED = "measured"  # no metric of the search needs a training
    COMPLETE = "complete"  # a job of Spearmint's own form, with all its values
    REJECTED = "rejected"  # over a bound, so not trained
    DIVERGED = "diverged"
    OUT_OF_MEMORY = "out of memory"
    OVER_LIMIT = "over a limit"  # ended since it took too long or too much memory
    NO_VALUE = "no value"
    BROKEN = "broken"
    ENDED = "stopped early without a result"  # its training was paused and is not continued
    PAUSED = "paused"  # its training can be continued
    RUNNING = "running"
    WAITING = "waiting"  # not started yet, or to be started again


#: States of jobs whose values count, as far as they are known.
VALID = (
    State.TRAINED,
    State.STOPPED,
    State.UNMEASURED,
    State.MEASURED,
    State.COMPLETE,
    State.REJECTED,
)
#: States of jobs that ended without a usable result.
FAILED = (
    State.DIVERGED,
    State.OUT_OF_MEMORY,
    State.OVER_LIMIT,
    State.NO_VALUE,
    State.BROKEN,
)
#: States of jobs that do not count as finished.
UNFINISHED = (State.ENDED, State.PAUSED, State.RUNNING, State.WAITING)

_FATES = {
    Fate.TRAINED: State.TRAINED,
    Fate.STOPPED: State.STOPPED,
    Fate.UNMEASURED: State.UNMEASURED,
    Fate.MEASURED: State.MEASURED,
    Fate.REJECTED: State.REJECTED,
    Fate.NO_VALUE: State.NO_VALUE,
    Fate.BROKEN: State.BROKEN,
}
_WITHOUT_VALUE = {
    Outcome.DIVERGED: State.DIVERGED,
    Outcome.OUT_OF_MEMORY: State.OUT_OF_MEMORY,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One job.

    Attributes:
        job: Its id.
        state: What became of it.
        values: By column, as people read them: in the metric's unit, costs as measured (never the
            optimiser's margin), a maximised objective as it is. Unknown ones are NaN or missing.
        std_errors: By column, if they are known.
        hyperparameters: By token, what the script got; an element of a vector as `x[0]`. Those
            that do not matter at this point are missing.
        feasible: Whether it was evaluated and meets every bound.
        reason: One line about a job without a result, or with a part of it; "" if there is none.
        submit_s, start_s, end_s: Seconds since the epoch; NaN if unknown.
        earlier_s: How long its segments took before the latest one, if its training was paused.
        rejections: Its earlier evaluations, under former bounds.
        suggesting_s: How long the optimiser took to suggest it; NaN if unknown.
        attempts: How often it was started.
        is_cut_short: Whether an evaluation of it has no result: it runs, or was interrupted.
        measurements: All else that its document has: history by epoch, seconds by part, ...
    """

    job: Any
    state: State
    values: Mapping[str, float]
    std_errors: Mapping[str, float] = field(default_factory=dict)
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    feasible: bool = False
    reason: str = ""
    submit_s: float = math.nan
    start_s: float = math.nan
    end_s: float = math.nan
    earlier_s: float = 0.0
    rejections: tuple[Rejection, ...] = ()
    suggesting_s: float = math.nan
    attempts: int = 0
    is_cut_short: bool = False
    measurements: Measurements = field(default_factory=Measurements)

    def value(self, column: Column) -> float:
        """The value in a column; NaN if it is unknown."""
        return self.values.get(column.name, math.nan)

    def shown(self, column: Column) -> str:
        """The value in a column, for people: "84.2 ± 0.5 W", "unknown"."""
        if column.name in self.measurements.unmeasured:
            return predicted_cost(self.measurements, column.name)
        return column.shown(self.value(column), self.std_errors.get(column.name, math.nan))

    def uncertain(self, column: Column) -> bool:
        """Whether a value is so close to its bound that it may be on the other side."""
        error = self.std_errors.get(column.name, 0.0)
        if column.bound is None or not error > 0:
            return False
        return budget.uncertain(self.value(column), error, column.bound)

    @property
    def waiting_s(self) -> float:
        """How long it waited for its start; NaN if unknown, as for later attempts."""
        return self.start_s - self.submit_s if self.attempts <= 1 else math.nan

    @property
    def running_s(self) -> float:
        """How long it ran, all segments and evaluations together; NaN if unknown."""
        rejected_s = math.fsum(one.end_s - one.start_s for one in self.rejections)
        return rejected_s + self.earlier_s + self.end_s - self.start_s

    def seconds_of(self, part: str) -> float:
        """How long a part of its evaluations took, in seconds; NaN if unknown."""
        return seconds_of(part, self.measurements, self.rejections)


def of_network(job: Mapping[str, Any], settings: Settings, template: Template | None) -> Row:
    """The row of a job of HyperPower; documents of older versions may lack anything.

    Args:
        job: Its document.
        settings: Those of its run.
        template: That of its run, for documents without the script's values; None if it is lost.
    """
    result = Result.of(job, settings)
    errors = {name: result.std_error(name) for name in result.values}
    return Row(
        job=result.job,
        state=_state(job, result),
        values=result.values,
        std_errors={name: error for name, error in errors.items() if math.isfinite(error)},
        hyperparameters=_of_script(result, template),
        feasible=result.feasible,
        reason=result.reason,
        measurements=result.measurements,
        **_times(job),
    )


def of_tasks(job: Mapping[str, Any], columns: Sequence[Column]) -> Row:
    """The row of a job of an experiment of Spearmint's own form.

    Args:
        job: Its document.
        columns: One for each task.
    """
    stored = job.get("values")
    if not isinstance(stored, Mapping):  # one number, if there is one task
        stored = {columns[0].name: stored} if len(columns) == 1 else {}
    values = {
        column.name: _as_read(number(stored.get(column.name)), column)
        for column in columns
        if column.name in stored
    }
    known = all(math.isfinite(values.get(column.name, math.nan)) for column in columns)
    state = _unfinished(job)
    if state is None and job.get("status") == "broken":
        state = State.BROKEN
    if state is None:
        state = State.COMPLETE if known else State.NO_VALUE
        state = State.OVER_LIMIT if job.get("limit") else state
    return Row(
        job=job.get("id", "?"),
        state=state,
        values=values,
        hyperparameters=dict(_chosen(mapping(job.get("params")))),
        feasible=state is State.COMPLETE
        and all(column.met(values[column.name]) for column in columns),
        reason=one_line(" ".join(str(job.get("reason") or "").split())),
        measurements=Measurements.of_job(job),
        **_times(job),
    )


def _as_read(stored: float, column: Column) -> float:
    """A task's value as people read it."""
    return 0.0 - stored if column.objective and column.maximised else stored


def _times(job: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "submit_s": number(job.get("submit time")),
        "start_s": number(job.get("start time")),
        "end_s": number(job.get("end time")),
        "earlier_s": earlier_seconds(job),
        "rejections": rejections_of(job),
        "suggesting_s": number(job.get("suggestion seconds")),
        "attempts": whole(job.get("attempt")) or 0,
        "is_cut_short": is_cut_short(job),
    }


def _state(job: Mapping[str, Any], result: Result) -> State:
    unfinished = _unfinished(job)
    if unfinished is not None:
        return unfinished
    if job.get("limit") and result.fate is Fate.NO_VALUE:
        return State.OVER_LIMIT
    outcome = result.measurements.outcome
    if result.fate is Fate.NO_VALUE and outcome in _WITHOUT_VALUE:
        return _WITHOUT_VALUE[outcome]
    return _FATES[result.fate]


def _unfinished(job: Mapping[str, Any]) -> State | None:
    status = job.get("status")
    if status in ("complete", "broken"):
        return None
    if status == "paused":
        return State.ENDED if job.get("ended") else State.PAUSED
    return State.RUNNING if status == "pending" else State.WAITING


def _of_script(result: Result, template: Template | None) -> Mapping[str, Any]:
    """What the script got: as measured, else by the template, else the optimiser's values."""
    if result.measurements.hyperparameters:
        return result.measurements.hyperparameters
    if template is not None:
        try:
            return template.active_values(result.params)
        except UserError:  # the job is from before a change of the template
            pass
    return dict(_chosen(result.params))


def _chosen(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The optimiser's values of the variables that matter, one for each element of a vector."""
    for name, entry in params.items():
        param = mapping(entry)
        values = param.get("values")
        if param.get("active") is False or not isinstance(values, list | tuple):
            continue
        if len(values) == 1:
            yield name, values[0]
        else:
            yield from ((f"{name}[{index}]", value) for index, value in enumerate(values))
