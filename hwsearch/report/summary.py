"""The results of a run as text, printed when it ends."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch import budget
from hwsearch.budget import AtLeast
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import condition, conditions, cost, counted, plain
from hwsearch.measurements.fold import reported
from hwsearch.measurements.reading import mapping
from hwsearch.metrics import METRICS
from hwsearch.printing import one_line
from hwsearch.report.discarded import not_evaluated
from hwsearch.report.effort import effort
from hwsearch.report.loose_bounds import loose_bounds
from hwsearch.report.model_files import is_file, model_files
from hwsearch.report.own_network import own_network
from hwsearch.report.pareto import pareto, swept
from hwsearch.report.reasons import by_frequency
from hwsearch.report.repeated import repeated
from hwsearch.report.result import UNFINISHED, Fate, Result, best_of, labelled

REASONS = 5
#: How each fate is counted in the summary, in this order.
COUNTED = {
    Fate.TRAINED: "trained",
    Fate.STOPPED: "stopped early",
    Fate.ENDED: "stopped early",
    Fate.UNMEASURED: "trained without measurement",
    Fate.MEASURED: "measured only",
    Fate.REJECTED: "rejected before training",
    Fate.NO_VALUE: "without a value",
    Fate.BROKEN: "broken",
    Fate.PAUSED: "paused",
    Fate.RUNNING: "not finished",
}
#: Parts of notes on what the results mean, which concern all networks of a script.
_TOLD = ("the search selects on it", "is misleading: ")


def summary(
    settings: Settings,
    jobs: Sequence[Mapping[str, Any]],
    experiment: Experiment,
    discarded: Sequence[Mapping[str, Any]] = (),
) -> str:
    """The end of a run: its best network, what became of the others, and the time it took.

    Args:
        settings: The settings of the run.
        jobs: Its job documents; those of older versions may lack anything but `id` and `status`.
        experiment: The run's files.
        discarded: Candidates that were kept from becoming jobs.

    Returns:
        Lines, without a line end after the last.
    """
    results = [Result.of(job, settings) for job in jobs]
    feasible = best_of([result for result in results if result.feasible], settings)
    overall = best_of(results, settings)
    blocks = [swept(settings, jobs, experiment)]
    if feasible is not None and settings.has_front:
        blocks += pareto(settings, jobs, experiment)
    elif feasible is not None:
        title = "Best network under the budget" if settings.constraints else "Best network"
        title = "Best network under the present budget" if settings.sweep else title
        blocks.append(_described(title, feasible, settings, experiment))
        if settings.constraints:
            blocks.append([_without_budget(feasible, overall, results, settings)])
    elif results:
        blocks.append(_none_feasible(results, settings))
        if overall is not None:
            title = "Best network without the budget"
            blocks.append(_described(title, overall, settings, experiment))
    best = overall if feasible is None else feasible
    blocks.append(repeated(settings, results))
    blocks.append(own_network(settings, results, best, experiment))
    blocks.append(_former_bounds(settings))
    blocks.append(_learned(settings))
    blocks.append(loose_bounds(settings, results))
    counted = [*_counted(results), *not_evaluated(discarded, settings, jobs)]
    blocks.append([*counted, *effort(results, experiment)])
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _described(title: str, result: Result, settings: Settings, experiment: Experiment) -> list[str]:
    """A network in full: values, hyper-parameters, files."""
    kept = experiment.best(settings.experiment_name)
    best = kept if kept is not None and kept.job == result.job else None
    rows = _hyperparameters(result, experiment)
    return [
        f"{title}: job {result.job}",
        *_table(_metrics(result, settings, best)),
        *(["  hyper-parameters", *_table(rows, "    ")] if rows else []),
        *_files(result, kept, experiment),
        *(
            f"  note: {one_line(note)}"
            for note in result.measurements.notes
            if any(part in note for part in _TOLD)
        ),
    ]


def _metrics(
    result: Result, settings: Settings, best: BestNetwork | None
) -> list[tuple[str, str, str]]:
    """Name, value and note of each known metric, the optimised one first."""
    names = list(settings.metrics)
    others = [name for name, entry in METRICS.items() if not entry.after_training]
    others += [name for name in result.values if name not in METRICS]
    names += [name for name in others if name in result.values and name not in names]
    rows = [(name, result.cost(name), _note(name, result, settings)) for name in names]
    test_error = result.measurements.test_error
    if math.isnan(test_error) and best is not None:
        test_error = best.test_error
    if math.isfinite(test_error):
        rows.insert(1, ("test error", cost("error", test_error), "not used by the search"))
    return rows


def _note(name: str, result: Result, settings: Settings) -> str:
    notes = []
    limit = settings.constraints.get(name)
    optimised = {one.name: one.maximised for one in settings.objectives}
    if name in optimised:
        notes.append("maximised" if optimised[name] else "optimised")
    elif limit is not None:
        notes.append(f"budget: {condition(name, limit)}")
        if result.uncertain(name, limit):
            notes.append("difference within the uncertainty")
    folds = reported(result.measurements.folds, name)
    if folds > 1:
        notes.append(f"mean of {folds} folds")
    profile = result.measurements.profile
    idle = profile.idle_power if profile is not None else None
    if name == "energy" and idle is not None and math.isfinite(idle.value):
        notes.append(f"idle power {cost('power', idle.value)}")
    return ", ".join(notes)


def _files(result: Result, kept: BestNetwork | None, experiment: Experiment) -> list[str]:
    """The network's script, and its model: the one before it if its own could not be saved."""
    if result.measurements.script:
        script = experiment.folder / result.measurements.script
    else:
        script = experiment.rendered(result.job if isinstance(result.job, int) else 0)
    lines = [f"  script  {one_line(script)}" + ("" if is_file(script) else " (no longer there)")]
    if result.fate is Fate.MEASURED:
        return [*lines, "  model   not trained: no metric of the search needs a training"]
    return [*lines, *model_files(result.job, kept, experiment)]


def _hyperparameters(result: Result, experiment: Experiment) -> list[tuple[str, str, str]]:
    """Name, and what the script got."""
    chosen = {name: _single(mapping(value).get("values")) for name, value in result.params.items()}
    got = result.measurements.hyperparameters or _rendered(result.params, experiment) or chosen
    return [(one_line(name), one_line(plain(value)), "") for name, value in got.items()]


def _rendered(params: Mapping[str, Any], experiment: Experiment) -> Mapping[str, Any]:
    """What the script got, from the template of the run; {} if it cannot be determined."""
    try:
        return experiment.load_template().active_values(params)
    except UserError:
        return {}


def _without_budget(
    feasible: Result, overall: Result | None, results: Sequence[Result], settings: Settings
) -> str:
    """The best network if there were no budget, as far as it is known."""
    if overall is None or overall is feasible:
        line = "Best network without the budget: the same"
    else:
        values = ", ".join(f"{name} {overall.cost(name)}" for name in settings.metrics)
        line = f"Best network without the budget: job {overall.job}: {values}"
    rejected = sum(
        result.fate is Fate.REJECTED and not math.isfinite(result.values[settings.optimize])
        for result in results
    )
    if rejected:
        networks = "network" if rejected == 1 else f"{rejected} networks"
        line += f" (the {settings.optimize} of the {networks} rejected before training is unknown)"
    return line


def _none_feasible(results: Sequence[Result], settings: Settings) -> list[str]:
    """States that no network met the budget, and which came closest."""
    excesses = [
        (excess, result) for result in results if (excess := result.excess(settings)) is not None
    ]
    if not excesses:
        if all(result.fate in UNFINISHED for result in results):
            return ["No network has finished yet."]
        return ["No network could be evaluated."]
    budgets = ", ".join(
        f"{name} {condition(name, limit)}" for name, limit in settings.constraints.items()
    )
    excess, closest = min(excesses, key=lambda pair: pair[0])
    if excess <= 0:
        missing = [name for name in settings.metrics if not _is_known(name, closest)]
        missing = missing or [one.name for one in settings.objectives]
        unknown = " or ".join(missing)
        costs = ", ".join(
            f"{name} {closest.cost(name)}" for name in settings.constraints if name not in missing
        )
        return [
            f"No network that met the budget ({budgets}) has a known {unknown}.",
            f"Job {closest.job}: {f'{costs}, but ' if costs else ''}its {unknown} is unknown",
        ]
    costs = ", ".join(f"{name} {closest.cost(name)}" for name in settings.constraints)
    worst = settings.constraints[_worst(closest, settings)]
    percent = f"{100 * excess:,.0f}" if excess >= 10 else f"{100 * excess:.3g}"
    amount = f"{percent}%" if budget.limit(worst) else f"{excess:.3g}"
    side = "short" if isinstance(worst, AtLeast) else "over"
    lines = [
        f"No network met the budget ({budgets}).",
        f"Closest: job {closest.job}: {costs}, {amount} {side}",
    ]
    if not settings.sweep:
        lines.append("The same command with --resume and a looser bound continues this run")
    return lines


def _is_known(name: str, result: Result) -> bool:
    return math.isfinite(result.values.get(name, math.nan))


def _learned(settings: Settings) -> list[str]:
    """The earlier run whose results informed the search."""
    if settings.learn_from is None:
        return []
    run = one_line(settings.learn_from)
    return [f"The models also learned from results of {run}, which are not among these networks"]


def _former_bounds(settings: Settings) -> list[str]:
    """The bounds that the run had before, if they were changed."""
    former = [
        conditions({name: budget.from_json(entry) for name, entry in bounds.items()})
        for bounds in settings.former_constraints
    ]
    if not former or settings.sweep:
        return []
    return [
        f"The bounds were {', then '.join(former)} before. Networks that were trained "
        "then count under the new ones; they were not trained again"
    ]


def _worst(closest: Result, settings: Settings) -> str:
    """The metric that misses its bound most."""
    known = {
        name: budget.excess(bound, closest.values[name])
        for name, bound in settings.constraints.items()
        if _is_known(name, closest)
    }
    return max(known, key=lambda name: known[name])


def _counted(results: Sequence[Result]) -> list[str]:
    """How many networks had which fate, and the commonest reasons."""
    fates = Counter(result.fate for result in results)
    parts = [f"{number} {label}" for label, number in labelled(fates, COUNTED).items() if number]
    lines = [f"{counted(len(results), 'network')}: {', '.join(parts) or 'none'}"]
    for fate in (Fate.NO_VALUE, Fate.BROKEN):
        common = by_frequency(result.reason for result in results if result.fate is fate)[:REASONS]
        lines += [f"  {times} × {reason or 'no reason recorded'}" for reason, times in common]
        left = fates[fate] - sum(times for _, times in common)
        if left:
            lines.append(f"  {left} × other reasons")
    return lines


def _table(rows: Sequence[tuple[str, str, str]], indent: str = "  ") -> list[str]:
    """Aligned columns."""
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return [
        f"{indent}{name:<{widths[0]}}  {value:<{widths[1]}}  {note}".rstrip()
        for name, value, note in rows
    ]


def _single(values: Any) -> Any:
    return values[0] if isinstance(values, list) and len(values) == 1 else values
