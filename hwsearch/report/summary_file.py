"""The result of a run for programs: tmp/summary.json, written whenever the run ends."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hwsearch.budget import AtLeast, Bound, limit
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.kept.models import kept_models
from hwsearch.experiment.objectives import Objective
from hwsearch.metrics import metric
from hwsearch.report.budgets import budgets
from hwsearch.report.effort import seconds
from hwsearch.report.model_files import best_folder
from hwsearch.report.result import Fate, Result, best_of, front_of, labelled
from hwsearch.report.run_table import RunTable

#: How each fate is called in `counts`.
COUNTED = {
    Fate.TRAINED: "trained",
    Fate.STOPPED: "stopped_early",
    Fate.ENDED: "stopped_early",
    Fate.UNMEASURED: "trained_not_measured",
    Fate.MEASURED: "measured",
    Fate.REJECTED: "rejected",
    Fate.NO_VALUE: "without_value",
    Fate.BROKEN: "broken",
    Fate.PAUSED: "paused",
    Fate.RUNNING: "unfinished",
}


def document(
    settings: Settings,
    jobs: Sequence[Mapping[str, Any]],
    experiment: Experiment,
    status: int,
    address: str,
) -> dict[str, Any]:
    """The content of summary.json.

    Args:
        settings: Of the run.
        jobs: Its job documents.
        experiment: Its files.
        status: The exit status of the search.
        address: Of the database, without a password.

    Returns:
        JSON values; what is unknown is null or left out. Paths are absolute.
    """
    results = [Result.of(job, settings) for job in jobs]
    best = best_of([result for result in results if result.feasible], settings)
    fates = Counter(result.fate for result in results)
    found = seconds(results, experiment)
    run = settings.experiment_name
    folder = None if best is None else best_folder(best.job, run, experiment)
    return {
        "run": run,
        "exit_status": status,
        "objective": _objective(settings.objectives[0]),
        "constraints": {name: _bound(name, bound) for name, bound in settings.constraints.items()},
        "best": None if best is None else _described(best, settings, experiment),
        **_front(settings, results, experiment),
        **_sweep(settings, jobs, results, experiment),
        "counts": {"networks": len(results)} | labelled(fates, COUNTED),
        "seconds": {name: value for name, value in found.items() if math.isfinite(value)},
        "paths": {
            "experiment": str(experiment.folder),
            "settings": str(experiment.settings_file),
            "config": str(experiment.config_file),
            "output": str(experiment.output_dir),
            "page": str(experiment.page) if jobs else None,
            "best": None if folder is None else str(folder),
            "models": str(experiment.models) if kept_models(experiment, run) else None,
        },
        "database": address,
    }


def _objective(objective: Objective) -> dict[str, str]:
    return {
        "metric": objective.name,
        "unit": metric(objective.name).unit,
        "direction": "maximize" if objective.maximised else "minimize",
    }


def _front(settings: Settings, results: Sequence[Result], experiment: Experiment) -> dict[str, Any]:
    """Of several objectives: all of them, and the networks of their front; {} of one."""
    if not settings.has_front:
        return {}
    kept = kept_models(experiment, settings.experiment_name)
    front = []
    for one in front_of(results, settings):
        entry = _described(one, settings, experiment)
        folder = experiment.kept_model(one.job) if one.job in kept else None
        entry["paths"] = {
            "script": entry["paths"]["script"],
            "folder": None if folder is None else str(folder),
        }
        front.append(entry)
    return {"objectives": list(map(_objective, settings.objectives)), "front": front}


def _sweep(
    settings: Settings,
    jobs: Sequence[Mapping[str, Any]],
    results: Sequence[Result],
    experiment: Experiment,
) -> dict[str, Any]:
    """Of several budgets: each with its best network, null if there is none; {} of one."""
    found = budgets(RunTable.of_run(settings, jobs))
    if not found:
        return {}
    by_job = {result.job: result for result in results}
    kept = kept_models(experiment, settings.experiment_name)
    entries = []
    for column, row in found:
        entry: dict[str, Any] = {"metric": column.name, **_bound(column.name, column.bound)}
        if row is None:
            entries.append(entry | {"best": None})
            continue
        described = _described(by_job[row.job], settings, experiment)
        folder = str(experiment.kept_model(row.job)) if row.job in kept else None
        described["paths"] = {"script": described["paths"]["script"], "folder": folder}
        entries.append(entry | {"best": described})
    return {"sweep": entries}


def _bound(name: str, bound: Bound | None) -> dict[str, Any]:
    if bound is None:
        return {}
    word = "at_least" if isinstance(bound, AtLeast) else "below"
    return {word: limit(bound), "unit": metric(name).unit}


def _described(best: Result, settings: Settings, experiment: Experiment) -> dict[str, Any]:
    """The best network: its values, its hyper-parameters and its files."""
    kept = experiment.best(settings.experiment_name)
    own = kept if kept is not None and kept.job == best.job else None
    test_error = best.measurements.test_error
    if math.isnan(test_error) and own is not None:
        test_error = own.test_error
    files = {
        "script": best.measurements.script,
        "model": own.model if own else None,
        "weights": own.weights if own else None,
    }
    return {
        "job": best.job,
        "values": {
            name: _value(name, best) for name, value in best.values.items() if math.isfinite(value)
        },
        "test_error": test_error if math.isfinite(test_error) else None,
        "hyperparameters": dict(best.measurements.hyperparameters),
        "paths": {
            name: str(experiment.folder / path) if path else None for name, path in files.items()
        },
    }


def _value(name: str, best: Result) -> dict[str, Any]:
    error = best.std_error(name)
    known = {"std_error": error} if math.isfinite(error) else {}
    return {"value": best.values[name], **known, "unit": metric(name).unit}
