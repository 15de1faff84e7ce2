"""What a run found, as text for the end of a run."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hwsearch import budget
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import UNKNOWN, bound, cost, duration, plain
from hwsearch.metrics import METRICS
from hwsearch.template import Template

LONGEST_REASON = 300
REASONS = 5
REJECTED = "rejected before training"
Job = Mapping[str, Any]


def summary(settings: Settings, jobs: Sequence[Job], experiment: Experiment) -> str:
    """The end of a run: its best network, what became of the others, and the time it took.

    Args:
        settings: Of the run.
        jobs: Its job documents; those of older versions may lack anything but `id` and `status`.
        experiment: Where its files lie.

    Returns:
        Lines, without one at the end.
    """
    results = [Result.of(job, settings) for job in jobs]
    feasible = _best([r for r in results if r.feasible], settings)
    anyhow = _best(results, settings)
    blocks = []
    if feasible is not None:
        title = "Best network under the budget" if settings.constraints else "Best network"
        blocks.append(_described(title, feasible, settings, experiment))
        if settings.constraints:
            blocks.append(_without_budget(feasible, anyhow, results, settings))
    elif results:
        blocks.append(_nothing(results, settings))
        if anyhow is not None:
            title = "Best network without the budget"
            blocks.append(_described(title, anyhow, settings, experiment))
    blocks.append(_counted(results))
    return "\n\n".join("\n".join(block) for block in blocks if block)


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of a job.

    Attributes:
        values: Its numbers by metric, NaN where not known; costs as measured, not as margins.
        feasible: Every budget is known to be kept, and the optimised metric is known.
        fate: `trained`, `rejected`, `no value`, `broken` or `running`.
        reason: Why it is not trained; "" if not known.
    """

    job: Job
    values: dict[str, float]
    feasible: bool
    fate: str
    reason: str

    @classmethod
    def of(cls, job: Job, settings: Settings) -> Result:
        """Reads a job document."""
        given = _mapping(job.get("values"))
        margins = {name: _number(given.get(name)) for name in settings.constraints}
        objective = _number(given.get(settings.optimize))
        values = {settings.optimize: objective}
        for name, limit in settings.constraints.items():
            values[name] = budget.measured(limit, margins[name])
        for name, told in _mapping(_measurements(job).get("metrics")).items():
            if name in METRICS:
                values[name] = _number(_mapping(told).get("value"))
        met = budget.all_met(margins, settings.constraints)
        status = job.get("status")
        reason = " ".join(str(job.get("reason") or "").split())
        if status == "broken":
            fate = "broken"
        elif status != "complete":
            fate = "running"
        elif reason.startswith(REJECTED):
            fate = "rejected"
        else:
            known = all(math.isfinite(value) for value in (objective, *margins.values()))
            fate = "trained" if known else "no value"
        return cls(job, values, fate == "trained" and met, fate, reason)

    @property
    def number(self) -> Any:
        """The job's id."""
        return self.job.get("id", "?")

    def cost(self, name: str) -> str:
        """A metric with its spread and unit."""
        return cost(name, self.values.get(name), self.std_error(name))

    def std_error(self, name: str) -> float:
        """A metric's standard error; NaN if it is not known."""
        told = _mapping(_mapping(_measurements(self.job).get("metrics")).get(name))
        return _number(told.get("std_error"))

    def uncertain(self, name: str, limit: float) -> bool:
        """Whether measuring could not tell for sure on which side of its bound a cost is."""
        error = self.std_error(name)
        return error > 0 and budget.uncertain(self.values[name], error, limit)


def _best(results: Iterable[Result], settings: Settings) -> Result | None:
    known = [
        r
        for r in results
        if r.fate in ("trained", "rejected") and math.isfinite(r.values[settings.optimize])
    ]
    return min(known, key=lambda r: r.values[settings.optimize], default=None)


def _described(title: str, result: Result, settings: Settings, experiment: Experiment) -> list[str]:
    """A network in full: values, hyper-parameters, files."""
    lines = [f"{title}: job {result.number}"]
    names = [settings.optimize, *settings.constraints]
    names += [name for name in METRICS if name in result.values and name not in names]
    table = []
    for name in names:
        limit = settings.constraints.get(name)
        note = "" if limit is None else f"budget: below {bound(name, limit)}"
        if limit is not None and result.uncertain(name, limit):
            note += ", nearer than its uncertainty"
        if name == settings.optimize:
            note = "optimised"
        if name == "energy" and math.isfinite(idle := _idle_power(result.job)):
            note += f"{', ' if note else ''}idle power {cost('power', idle)}"
        table.append((name, result.cost(name), note))
    kept = _kept(result, settings, experiment)
    test_error = _number(_measurements(result.job).get("test_error", kept.get("test_error")))
    if math.isfinite(test_error):
        table.insert(1, ("test error", cost("error", test_error), "not used by the search"))
    lines += _table(table)
    rows = _hyperparameters(result.job, experiment)
    lines += ["  hyper-parameters", *_table(rows, "    ")] if rows else []
    lines += _files(result, kept, experiment)
    return lines


def _idle_power(job: Job) -> float:
    """W beside the load; NaN where it was not measured."""
    profile = _mapping(_measurements(job).get("profile"))
    idle = _mapping(profile.get("idle_power"))
    return _number(idle.get("value", idle.get("mean")))


def _kept(result: Result, settings: Settings, experiment: Experiment) -> Mapping[str, Any]:
    """What best.json says, if it is about this job."""
    try:
        best = _mapping(json.loads(experiment.best_file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
    same = best.get("experiment") == settings.experiment_name
    return best if same and best.get("job") == result.number else {}


def _files(result: Result, kept: Mapping[str, Any], experiment: Experiment) -> list[str]:
    named = _measurements(result.job).get("script")
    number = result.number
    script = (
        experiment.folder / named
        if isinstance(named, str)
        else experiment.rendered(number if isinstance(number, int) else 0)
    )
    lines = [f"  script  {script}" + ("" if script.is_file() else " (not there any more)")]
    model = kept.get("model")
    if isinstance(model, str) and (experiment.folder / model).is_file():
        lines.append(f"  model   {experiment.folder / model} (trained)")
    return lines


def _hyperparameters(job: Job, experiment: Experiment) -> list[tuple[str, str, str]]:
    """Name, what the script gets, and the optimiser's value where it is another."""
    params = _mapping(job.get("params"))
    own = {name: _single(_mapping(value).get("values")) for name, value in params.items()}
    got = _mapping(_measurements(job).get("hyperparameters")) or _values(params, experiment)
    rows = []
    for name in got or own:
        value = got.get(name, own.get(name))
        other = own.get(name, value)
        note = "" if other == value else f"optimiser's value {plain(other)}"
        rows.append((str(name), plain(value), note))
    return rows


def _values(params: Mapping[str, Any], experiment: Experiment) -> Mapping[str, Any]:
    """What the script got, from the template of the run; {} if that cannot be told."""
    try:
        text = experiment.template_file.read_text(encoding="utf-8")
        return Template.from_json(json.loads(text)).values(params)
    except (OSError, ValueError, UserError):
        return {}


def _without_budget(
    feasible: Result, anyhow: Result | None, results: Sequence[Result], settings: Settings
) -> list[str]:
    lines = []
    if anyhow is not None and anyhow is not feasible:
        told = ", ".join(f"{name} {anyhow.cost(name)}" for name in settings.metrics)
        lines.append(f"Best network without the budget: job {anyhow.number}: {told}")
    else:
        lines.append("Best network without the budget: the same")
    rejected = sum(r.fate == "rejected" for r in results)
    if rejected and settings.optimize == "error":
        others = "one that was" if rejected == 1 else f"{rejected} that were"
        lines[0] += (
            f" (among the networks that were trained: the error of the {others} {REJECTED} "
            "is not known)"
        )
    return lines


def _nothing(results: Sequence[Result], settings: Settings) -> list[str]:
    """That no network met the budget, and which came closest."""
    if not settings.constraints or all(_excess(r, settings) is None for r in results):
        return ["No network could be evaluated."]
    budgets = ", ".join(
        f"{name} below {bound(name, v)}" for name, v in settings.constraints.items()
    )
    lines = [f"No network met the budget ({budgets})."]
    known = [
        (excess, r)
        for r in results
        if (excess := _excess(r, settings)) is not None and math.isfinite(excess)
    ]
    if known:
        excess, closest = min(known, key=lambda pair: pair[0])
        told = ", ".join(f"{name} {closest.cost(name)}" for name in settings.constraints)
        how = f"{100 * excess:.3g}% over" if excess > 0 else "but without a value to optimise"
        lines.append(f"The closest: job {closest.number}: {told}, {how}")
    return lines


def _excess(result: Result, settings: Settings) -> float | None:
    """By how much of its bound the worst budget is exceeded; None if nothing is known."""
    shares = [
        result.values[name] / limit - 1
        for name, limit in settings.constraints.items()
        if math.isfinite(result.values.get(name, math.nan))
    ]
    return max(0.0, *shares) if shares else None


def _counted(results: Sequence[Result]) -> list[str]:
    fates = Counter(r.fate for r in results)
    parts = [
        f"{fates[fate]} {words}"
        for fate, words in (
            ("trained", "trained"),
            ("rejected", REJECTED),
            ("no value", "without a value"),
            ("broken", "broken"),
            ("running", "not finished"),
        )
        if fates[fate]
    ]
    count = len(results)
    lines = [f"{count} network{'' if count == 1 else 's'}: {', '.join(parts) or 'none'}"]
    for fate in ("no value", "broken"):
        reasons = Counter(_general(r.reason) for r in results if r.fate == fate)
        lines += [
            f"  {n} x {reason or 'no reason given'}" for reason, n in reasons.most_common(REASONS)
        ]
        left = fates[fate] - sum(n for _, n in reasons.most_common(REASONS))
        if left:
            lines.append(f"  {left} x for other reasons")
    lines.append(_time(results))
    return lines


def _time(results: Sequence[Result]) -> str:
    starts = [_number(r.job.get("start time")) for r in results]
    ends = [_number(r.job.get("end time")) for r in results]
    begun, ended = ([t for t in times if math.isfinite(t)] for times in (starts, ends))
    total = max(ended) - min(begun) if begun and ended else math.nan
    line = f"time: {duration(total)}" if math.isfinite(total) else f"time: {UNKNOWN}"
    parts = []
    for part, words in (("train", "training"), ("measure", "measuring")):
        laps = [_number(_mapping(_measurements(r.job).get("seconds")).get(part)) for r in results]
        if any(math.isfinite(lap) for lap in laps):
            parts.append(f"{words} {duration(sum(lap for lap in laps if math.isfinite(lap)))}")
    return f"{line} ({', '.join(parts)})" if parts else line


def _general(reason: str) -> str:
    """A reason without what differs from job to job, so that equal ones are counted together."""
    reason = re.sub(r"\b\d{8,}_keras_net\.py", "the script", reason)
    reason = re.sub(r" in epoch \d+$", "", reason)
    return reason if len(reason) <= LONGEST_REASON else reason[: LONGEST_REASON - 4] + " ..."


def _table(rows: Sequence[tuple[str, str, str]], indent: str = "  ") -> list[str]:
    """Columns under each other."""
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return [
        f"{indent}{name:<{widths[0]}}  {value:<{widths[1]}}  {note}".rstrip()
        for name, value, note in rows
    ]


def _measurements(job: Job) -> Mapping[str, Any]:
    return _mapping(job.get("measurements"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else math.nan


def _single(values: Any) -> Any:
    return values[0] if isinstance(values, list) and len(values) == 1 else values
