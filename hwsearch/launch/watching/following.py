"""Makes the best network that is kept as files the one that the results name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hwsearch import budget
from hwsearch.experiment import Experiment, Settings
from hwsearch.experiment.best_network import BestNetwork
from hwsearch.experiment.kept import best as kept_best
from hwsearch.experiment.kept import models
from hwsearch.report.result import Result, best_of

#: Jobs that may still get a result.
_UNFINISHED = ("new", "pending", "paused")


def follow_best(
    settings: Settings,
    experiment: Experiment,
    jobs: Sequence[Mapping[str, Any]],
    *,
    changed: bool = False,
) -> None:
    """Makes best/ and best.json name the best network of the results under the bounds.

    What cannot be written is printed.

    Args:
        settings: Of the run, with its present bounds.
        experiment: Its files, in place.
        jobs: All of its job documents.
        changed: Whether the bounds have changed.
    """
    try:
        with kept_best.locked(experiment):
            _follow(settings, experiment, jobs)
            if changed:
                kept_best.refresh(experiment, settings)
    except OSError as error:
        kept_best.report(
            f"the best network cannot be kept ({error.strerror})", "best.json may be out of date"
        )


def _follow(settings: Settings, experiment: Experiment, jobs: Sequence[Mapping[str, Any]]) -> None:
    states = {job.get("id"): job.get("status") for job in jobs}
    for job in models.kept_models(experiment, settings.experiment_name):
        if states.get(job) == "broken":  # after all: its worker died before it had a result
            models.drop(experiment, job)
    kept_best.settle(experiment, settings)
    kept = experiment.best(settings.experiment_name)
    feasible = [one for job in jobs if (one := Result.of(job, settings)).feasible]
    best = best_of(feasible, settings)
    if kept is not None and _is_right(kept, best, feasible, states, settings):
        return
    if best is None or not isinstance(best.job, int):
        kept_best.revoke(experiment, settings)
    else:
        kept_best.adopt(experiment, settings, _network(best, settings))


def _is_right(
    kept: BestNetwork,
    best: Result | None,
    feasible: Sequence[Result],
    states: Mapping[Any, Any],
    settings: Settings,
) -> bool:
    """Whether the kept network is as good as the best result, or its result is still to come."""
    if states.get(kept.job, "new") in _UNFINISHED:
        return not kept.misses(settings.constraints)
    own = next((one for one in feasible if one.job == kept.job), None)
    if own is None or best is None:
        return False
    if kept.rank(settings) != settings.rank(own.values):
        return False  # the kept values are those of an attempt without a result
    return settings.order(own.values) <= settings.order(best.values)


def _network(best: Result, settings: Settings) -> BestNetwork:
    measured = best.measurements
    values = {
        name: budget.margin(bound, best.values[name])
        for name, bound in settings.constraints.items()
    }
    for one in settings.objectives:
        values[one.name] = one.minimised(best.values[one.name])
    known = BestNetwork.of(
        measured,
        run=settings.experiment_name,
        job=int(best.job),
        optimize=settings.optimize,
        objective=best.values[settings.optimize],
        values=values,
    )
    return replace(known, test_error=measured.test_error)
