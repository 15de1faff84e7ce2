"""Resuming a run: what may change between two starts, and what would mix results that differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hwsearch import budget
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment, placement
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import bound
from hwsearch.launch.command.contradictions import NEED_ALL, measured_here
from hwsearch.launch.command.flags import LIMITS, PLACE
from hwsearch.launch.command.request import Request
from hwsearch.template import Hyperparameter, Template

#: These may change from start to start; all others determine what a result means.
FREE = (
    *LIMITS,
    *PLACE,
    "method",
    "unaware",
    "per_second",
    "enqueue",
    "repeats",
    "keep_models",
    "paused_size",
    "debug",
)


def merged(settings: Settings, request: Request) -> Settings:
    """An earlier run's settings with the changes that a request asks for.

    Raises:
        UserError: The request would make results that cannot be compared; lists all differences.
    """
    given = {name: value for name, value in request.given.items() if name not in FREE}
    maximize = given.pop("maximize", settings.maximize)
    further = given.pop("further_objectives", settings.further_objectives)
    differences = [
        f"{_named(name, getattr(settings, name))}, got --{name} {_shown(value)}"
        for name, value in given.items()
        if value != getattr(settings, name)
    ]
    if not differences and maximize != settings.maximize:
        words = "maximised" if settings.maximize else "minimised"
        flag = "maximize" if maximize else "minimize"
        differences = [f"{settings.optimize} {words}, got --{flag} {settings.optimize}"]
    if further != settings.further_objectives and given.get("optimize") == settings.optimize:
        now = ", ".join(one.name for one in settings.objectives)
        got = ", ".join([settings.optimize, *further])
        differences.append(f"optimize {now}, got --optimize {got}")
    differences += [
        f"the objective {one.name}, but --constraint bounds it"
        for one in settings.objectives
        if one.name in request.constraints
    ]
    if settings.measure == "needed":
        differences += [
            f"measure needed, got --{name}, which needs all measurements"
            for name in NEED_ALL
            if request.given.get(name)
        ]
    if settings.sweep and request.constraints:
        differences.append(f"budgets of --sweep {next(iter(settings.sweep))}, got --constraint")
    if differences:
        raise UserError(
            f"--resume: {settings.experiment_name} has {'; '.join(differences)}; "
            "expected the same, or a fresh run without --resume"
        )
    free = {name: request.given[name] for name in FREE if name in request.given}
    if "enqueue" in free:  # those of earlier starts that have no job yet stay in the queue
        free["enqueue"] = [*(settings.enqueue or []), *free["enqueue"]]
    result = replace(settings, **(_replaced_place(settings, free) | free))
    result = _with_bounds(result, request) if request.constraints else result
    _check_measured_here(result, request)
    return result


def _check_measured_here(settings: Settings, request: Request) -> None:
    """Checks that this machine measures nothing for jobs that run elsewhere.

    Raises:
        UserError: It would, for a new percentage or for profiles.
    """
    if settings.schedulers == {placement.LOCAL}:
        return
    shares = [name for name in settings.shares if budget.is_unknown(settings.constraints[name])]
    faults = measured_here(request.profile, shares)
    if faults:
        raise UserError("\n".join(faults))


def _with_bounds(settings: Settings, request: Request) -> Settings:
    """The settings with the bounds of a request instead of their own, which become former ones.

    The bound of a percentage stays what it was, or is NaN until it is determined.
    """
    bounds = {
        name: settings.constraints[name] if _is_same_share(name, settings, request) else bound
        for name, bound in request.constraints.items()
    }
    if bounds == settings.constraints:
        return settings
    return replace(
        settings,
        constraints=bounds,
        shares=dict(request.shares),
        former_constraints=[*settings.former_constraints, settings.to_json()["constraints"]],
    )


def _is_same_share(name: str, settings: Settings, request: Request) -> bool:
    """Whether the bound is the percentage of random networks that it was before."""
    share = request.shares.get(name)
    return (
        share is not None
        and share == settings.shares.get(name)
        and type(request.constraints[name]) is type(settings.constraints[name])
    )


def _replaced_place(settings: Settings, given: dict[str, Any]) -> dict[str, Any]:
    """Earlier settings about the place of jobs that no longer hold, with their defaults.

    Raises:
        UserError: The flags do not fit to the earlier settings.
    """
    name = settings.experiment_name
    if "resources" in given:
        return {"scheduler": placement.LOCAL, "scheduler_args": None}
    if "scheduler" in given:
        same = settings.resources is None and given["scheduler"] == settings.scheduler
        return {} if same else {"scheduler_args": None, "resources": None}
    for flag in ("max_concurrent", "scheduler_args"):
        if flag in given and settings.resources is not None:
            raise UserError(
                f"--{flag}: given for {name}, which has --resources; expected --resources with a "
                "changed file, or --scheduler"
            )
    if "scheduler_args" in given and settings.scheduler == placement.LOCAL:
        raise UserError(
            f"--scheduler_args: given for {name}, which has local jobs; expected --scheduler too"
        )
    return {}


def check_template(files: Experiment, template: Template, flag: str = "--resume") -> list[str]:
    """Checks that a run can continue with the template as it is now.

    Ranges, options, steps and defaults may change: a result outside the new ranges still says
    something about those inside. What a value means to the script may not.

    Args:
        files: The folder with the files of the run.
        template: As it is now.
        flag: What is asked for, for the message.

    Returns:
        A note for each change.

    Raises:
        UserError: Hyper-parameters have changed in another way; lists the changes.
    """
    previous = files.load_template()
    before = {entry.token: entry for entry in previous.hyperparameters}
    after = {entry.token: entry for entry in template.hyperparameters}
    both = [token for token in after if token in before]
    changed = {
        token: f"{token!r} was {before[token].description()} and is {after[token].description()}"
        for token in both
        if before[token].description() != after[token].description()
    }
    faults = [f"{token!r} was removed" for token in before if token not in after]
    faults += [f"{token!r} is new" for token in after if token not in before]
    for token in both:
        if _meaning(before[token]) != _meaning(after[token]):
            faults.append(changed.get(token, f"'when' of {token!r} has changed"))
    if faults:
        raise UserError(
            f"{flag}: {template.place}: hyper-parameters have changed: {'; '.join(faults)}; "
            f"expected only other ranges and options, or a fresh run without {flag}"
        )
    notes = [f"note: {template.place}: hyper-parameter {text}" for text in changed.values()]
    if not notes and previous.text != template.text:
        notes = [f"note: {template.place} has changed since the run began"]
    return [f"{note}; earlier results are kept" for note in notes]


def _meaning(entry: Hyperparameter) -> tuple[object, ...]:
    """What must not change between two starts: how values are written, and when they matter."""
    when = sorted((token, sorted(map(repr, values))) for token, values in entry.when)
    return entry.type, entry.transform, entry.log, when


def _named(name: str, value: Any) -> str:
    if name == "epochs" and value is None:
        return "the script's epochs"
    if value == {}:
        return f"no {name}"
    return f"{name} {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, dict):  # of a sweep: a metric and its bounds
        return ", ".join(
            f"{name} {' and '.join(bound(name, budget.from_json(each)) for each in entry)}"
            for name, entry in value.items()
        )
    return "none" if value is None else str(value)
