"""Going on with a run: what may change between two starts, and what would mix unlike results."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hwsearch.errors import UserError
from hwsearch.experiment import Archive, Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.launch.flags import Request
from hwsearch.template import Template

#: These may differ from start to start; all else decides what a result means.
FREE = ("max_finished_jobs", "max_time", "max_concurrent", "debug")


def wanted_run(experiment: Experiment, wanted: bool | str) -> str:
    """The name of a run, in place or put aside.

    Args:
        experiment: Whose run.
        wanted: Its name; True = the newest.

    Raises:
        UserError: There is no such run.
    """
    archive = Archive(experiment)
    current = archive.current_run()
    runs = [*archive.former_runs(), *([current] if current else [])]
    # One that was stopped before it began has left no settings.
    runs = [name for name in runs if archive.files_of(name).settings_file.is_file()]
    if not runs:
        raise UserError(f"--resume: got no run in {experiment.folder}; expected one begun before")
    if wanted is not True and wanted not in runs:
        raise UserError(f"--resume: got {wanted!r}; expected one of {', '.join(runs)}")
    return runs[-1] if wanted is True else str(wanted)


def merged(settings: Settings, request: Request) -> Settings:
    """A former run's settings with the new request's: what was not asked for is as it was.

    Raises:
        UserError: The request would make results that cannot be compared; says all of them.
    """
    given = {name: value for name, value in request.given.items() if name not in FREE}
    differ = [
        f"{name} {_shown(getattr(settings, name))}, got --{name} {_shown(value)}"
        for name, value in given.items()
        if value != getattr(settings, name)
    ]
    if request.constraints and not _same_constraints(settings, request):
        had = ", ".join(f"{name} below {bound:g}" for name, bound in settings.constraints.items())
        got = ", ".join(
            f"{name} {request.shares[name]:g}%" if bound is None else f"{name} {bound:g}"
            for name, bound in request.constraints.items()
        )
        differ.append(f"the constraints {had or 'none'}, got {got}")
    if differ:
        raise UserError(
            f"--resume: {settings.experiment_name} has {'; '.join(differ)}; "
            "expected the same, or a fresh run without --resume"
        )
    return replace(
        settings, **{name: request.given[name] for name in FREE if name in request.given}
    )


def _same_constraints(settings: Settings, request: Request) -> bool:
    if list(request.constraints) != list(settings.constraints):
        return False
    return all(
        request.shares.get(name) == settings.shares.get(name)
        if bound is None
        else bound == settings.constraints[name]
        for name, bound in request.constraints.items()
    )


def check_template(kept: Experiment, template: Template) -> str:
    """Whether a run may go on with the template as it is now.

    Returns:
        A line about changes outside of the hyper-parameters; "" = there are none.

    Raises:
        UserError: Its hyper-parameters have changed; says how.
    """
    try:
        before = kept.load_template()
    except UserError as error:
        raise UserError(f"--resume: {error}") from error
    had = {entry.token: entry for entry in before.hyperparameters}
    has = {entry.token: entry for entry in template.hyperparameters}
    changes = [f"{token!r} is gone" for token in had if token not in has]
    changes += [f"{token!r} is new" for token in has if token not in had]
    changes += [
        f"{token!r} was {had[token].description()} and is {has[token].description()}"
        for token in has
        if token in had and had[token] != has[token]
    ]
    if changes:
        raise UserError(
            f"--resume: {template.path}: hyper-parameters have changed: {'; '.join(changes)}; "
            "expected the same, or a fresh run without --resume"
        )
    if before.text == template.text:
        return ""
    return f"note: {template.path} has changed since the run began; its earlier results stay"


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)
