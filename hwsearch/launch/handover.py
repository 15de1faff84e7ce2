"""What the optimiser is started with: config.json and mainrun.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hwsearch import budget, formatting
from hwsearch.experiment import first_points, methods, placement
from hwsearch.experiment.measuring_order import may_train_first
from hwsearch.experiment.objectives import Objective, goal
from hwsearch.experiment.settings import Settings
from hwsearch.experiment.sweep import Sweep
from hwsearch.metrics import metric
from hwsearch.predicting import LEAST_NETWORKS
from hwsearch.template import Template

#: Seconds between two looks at the database: short beside a network, so that no slot is idle long.
POLLING_TIME_S = 0.1

#: Parts of a training between which it may be paused; each is as long as all before it.
SEGMENTS = 8

_MAINRUN = '''\
"""The objective of this experiment. gener_experiment.py writes this file at every start."""

import sys

ROOT = {root}

# At the end of the path, so that another Spearmint finds its own modules first.
if ROOT not in sys.path:
    sys.path.append(ROOT)

import hyperpower  # noqa: E402


def main(job_id, params{taken}):
    """Evaluates one network; runs in this file's folder."""
    {answer}
'''

_COMPUTED = '''

def computed(params):
    """What is left of the budgets that need no measurement, before a candidate becomes a job."""
    return hyperpower.computed(params)
'''


def config(settings: Settings, template: Template, gpus: Sequence[str] = ()) -> dict[str, Any]:
    """The optimiser's config.json.

    The original Spearmint ignores the keys that it does not know: `preload`, `seed`, `max-time`.

    Args:
        settings: Settings of the run; an SQLite path is absolute, or relative to the folder of
            config.json.
        template: Template of the run; its hyper-parameters are the variables.
        gpus: UUIDs of the GPUs that local jobs use, one each; () leaves that to them.
    """
    document: dict[str, Any] = {
        "language": "PYTHON",
        "main-file": "mainrun.py",
        "experiment-name": settings.experiment_name,
        "likelihood": "GAUSSIAN",
        "variables": template.variables(),
        "tasks": {one.name: _objective(one) for one in settings.objectives}
        | {name: _task("CONSTRAINT", name) for name in settings.constraints},
        "database": {"name": "spearmint", "address": settings.database},
        "polling-time": POLLING_TIME_S,
        "preload": ["hwsearch.keras_runtime", "hwsearch.evaluation", "hyperpower"],
        "seed": settings.seed,
    }
    points, _ = first_points.for_config(settings.enqueue, template)
    if points:
        document["first-points"] = points
    if settings.stop != "off":
        document["stopping"] = _stopping(settings)
    if settings.learn_from is not None:
        document["earlier-results"] = "../tmp/learned.json"
    document |= methods.config(
        settings.method, unaware=settings.unaware, per_second=settings.per_second
    )
    document |= _resources(settings, gpus)
    sweep = Sweep.of(settings)
    jobs = sweep.jobs if sweep else int
    if settings.max_finished_jobs is not None:
        document["max-finished-jobs"] = jobs(settings.max_finished_jobs)
    if settings.max_trained is not None:
        document["max-full-jobs"] = jobs(settings.max_trained)
    if settings.max_time is not None:
        document["max-time"] = sweep.seconds(settings.max_time) if sweep else settings.max_time
    if settings.job_timeout is not None:
        document["job-timeout"] = settings.job_timeout
    if settings.job_memory is not None:
        document["job-memory"] = settings.job_memory
    return document


def _stopping(settings: Settings) -> dict[str, Any]:
    """The key that says which trainings are paused and which end."""
    rule: dict[str, Any] = {"rule": settings.stop, "segments": SEGMENTS}
    if settings.chance is not None:
        rule["chance"] = budget.minimised(settings.chance, settings.maximize)
    return rule


def _resources(settings: Settings, gpus: Sequence[str]) -> dict[str, Any]:
    """The keys that say where jobs run."""
    on_gpus: dict[str, Any] = {}
    if gpus:
        on_gpus = {"gpus": list(gpus), "jobs-per-gpu": settings.jobs_per_gpu}
    if settings.resources is not None:
        return {
            "resources": {
                name: on_gpus | resource
                if placement.schedulers(placement.LOCAL, {name: resource}) == {placement.LOCAL}
                else resource
                for name, resource in settings.resources.items()
            }
        }
    keys: dict[str, Any] = {"max-concurrent": settings.max_concurrent}
    if settings.scheduler == placement.LOCAL:
        return keys | on_gpus
    keys["scheduler"] = placement.SCHEDULERS[settings.scheduler]
    if settings.scheduler_args is not None:
        keys["scheduler-args"] = settings.scheduler_args
    return keys


def _objective(objective: Objective) -> dict[str, Any]:
    task: dict[str, Any] = dict(_task("OBJECTIVE", objective.name))
    return task | {"negated": True} if objective.maximised else task


def _task(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "likelihood": "NOISELESS" if metric(name).exact else "GAUSSIAN"}


def candidate_check(
    settings: Settings, profiles: int, modules: Sequence[str] = ()
) -> dict[str, Any]:
    """The key of config.json for candidates that break a bound; {} if nothing can be known of one.

    {} too if the search is to ignore the bounds.

    Args:
        settings: Settings of the run, with known bounds.
        profiles: Number of profiles in the experiment. Until there are enough of them, no cost is
            predicted; each job adds one.
        modules: What the process that checks imports once, not again for each candidate.
    """
    if settings.unaware:
        return {}
    check: dict[str, Any] = {"function": "mainrun.py:computed", "version": check_version(settings)}
    if may_train_first(settings):
        check["tell-main"] = True
    if settings.hardware_models != "off":
        check["check-ahead"] = True
    if modules:
        check["preload"] = list(modules)
    if settings.computed_constraints:
        return {"candidate-check": check}
    # The first job shows the device.
    first = max(LEAST_NETWORKS - profiles, 1) + 1
    most = settings.max_finished_jobs
    if not settings.predictable or (most is not None and first > most):
        return {}
    return {"candidate-check": check | {"first-job": first}}


def check_version(settings: Settings) -> str:
    """The bounds of checks as a text: what was discarded under other bounds no longer counts."""
    names = {*settings.computed_constraints, *settings.predictable}
    bounds = {name: bound for name, bound in settings.constraints.items() if name in names}
    return ", ".join(f"{name} {budget.to_json(bound)}" for name, bound in bounds.items())


def mainrun(
    root: Path,
    only: Sequence[str] | None = None,
    *,
    checked: bool = False,
    pausing: bool = False,
    told: bool = False,
    ahead: bool = False,
) -> str:
    """The text of mainrun.py.

    Args:
        root: The folder of hyperpower.py.
        only: The tasks whose values are returned, and nothing else; None = also the measurements
            and the reason for a NaN.
        checked: Whether candidates are checked before they become jobs.
        pausing: Whether trainings are paused at a share of their length that the optimiser names.
        told: Whether jobs are told what is expected of predicted costs.
        ahead: Whether jobs tell when candidates of the next one may be checked.
    """
    until = ", until" if pausing else ""
    given = until + (", expected=expected" if told else "") + (", ahead=ahead" if ahead else "")
    answer = f"return hyperpower.main(job_id, params{given})"
    if only is not None:
        answer = (
            "values = hyperpower.main(job_id, params)\n"
            f"    return {{task: values[task] for task in {list(only)!r}}}"
        )
    taken = until + (", expected=None" if told else "") + (", ahead=None" if ahead else "")
    text = _MAINRUN.format(root=ascii(str(root)), answer=answer, taken=taken)
    return text + _COMPUTED if checked else text


def headline(settings: Settings, template: Template) -> str:
    """What is searched for, in one line."""
    bounds = [
        f"{name} {formatting.condition(name, bound)}"
        + (f" ({settings.shares[name]:g}% of random networks)" if name in settings.shares else "")
        for name, bound in settings.constraints.items()
    ]
    number = len(template.hyperparameters)
    return (
        f"run {settings.experiment_name}: {formatting.counted(number, 'hyper-parameter')}, "
        + goal([(one.name, one.maximised) for one in settings.objectives])
        + (f" with {', '.join(bounds)}" if bounds else "")
        + _place(settings)
        + (f"; method {settings.method}" if settings.method != methods.AUTO else "")
        + ("; networks over the bounds are trained too" if settings.unaware else "")
    )


def _place(settings: Settings) -> str:
    """Which budget of a sweep is searched, and when the next one follows."""
    sweep = Sweep.of(settings)
    if sweep is None:
        return ""
    ends = ""
    if settings.max_finished_jobs is not None:
        most = sweep.jobs(settings.max_finished_jobs)
        ends = f", until {most} of {settings.max_finished_jobs} networks are finished"
    return f"; budget {sweep.stage + 1} of {len(sweep.bounds)}{ends}"
