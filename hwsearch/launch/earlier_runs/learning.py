"""Results of an earlier run of the same template that inform a new one: `--learn_from`.

The optimiser's models get them as `earlier-results`: they are no networks of the new run. Which
metrics can be compared is decided for each: what a network costs does not depend on its training,
and what it can predict does not depend on the device. The best network of the earlier run is tried
first, since no result of another run is announced as the best.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hwsearch import budget
from hwsearch.errors import UserError, did_you_mean
from hwsearch.experiment import Archive, Experiment, Settings, first_points
from hwsearch.experiment.first_device import described, known_device, same_kind
from hwsearch.experiment.placement import LOCAL
from hwsearch.formatting import counted
from hwsearch.launch import script_modules
from hwsearch.launch.earlier_runs.resuming import check_template
from hwsearch.launch.machine.keras_device import keras_uses_gpu
from hwsearch.measurements import Measurements
from hwsearch.meters.device import Device, job_gpu
from hwsearch.meters.gpus import installed
from hwsearch.meters.processor import cpu
from hwsearch.metrics import metric
from hwsearch.printing import one_line
from hwsearch.template import Template

#: Settings that a result of training depends on, and one that a measured cost depends on.
TRAINING = ("epochs", "validation_split", "last_epoch")
MEASURING = ("profile_batch_size",)
FLAG = "--learn_from"


@dataclass(frozen=True, slots=True)
class Learned:
    """An earlier run, as far as a new one can use it.

    Attributes:
        run: Its name.
        jobs: Its complete jobs.
        unlike: By metric that cannot be compared: why.
        template: As it is now.
    """

    run: str
    jobs: Sequence[Mapping[str, Any]]
    unlike: Mapping[str, str]
    template: Template

    def documents(self, settings: Settings) -> list[dict[str, Any]]:
        """The `earlier-results` under the bounds of the new run; null for what is unknown."""
        found = []
        for job in self.jobs:
            values = self._values(job, settings)
            if any(value is not None for value in values.values()):
                source = f"{self.run} job {job['id']}"
                found.append({"from": source, "params": job["params"], "values": values})
        return found

    def _values(self, job: Mapping[str, Any], settings: Settings) -> dict[str, float | None]:
        known = Measurements.of_job(job).metrics
        values: dict[str, float | None] = {}
        objectives = {one.name: one for one in settings.objectives}
        for name in settings.metrics:
            value = known[name].value if name in known and name not in self.unlike else math.nan
            if name in settings.constraints:
                value = budget.margin(settings.constraints[name], value)
            else:
                value = objectives[name].minimised(value)
            values[name] = value if math.isfinite(value) else None
        return values

    def first_point(self, settings: Settings) -> list[dict[str, Any]]:
        """The best network of the earlier run that is inside the template's ranges, to be tried."""
        ranked = []
        for job in self.jobs:
            values = self._values(job, settings)
            objective = values[settings.optimize]
            if objective is not None and budget.all_met(values, settings.constraints):
                ranked.append((objective, job["id"], job))
        for _, number, job in sorted(ranked, key=lambda entry: entry[:2]):
            try:
                given = self.template.active_values(job["params"])
            except UserError:  # outside the ranges
                continue
            point = {"place": f"job {number} of {self.run}", "values": given}
            if first_points.for_config([point], self.template)[0]:
                return [point]
        return []

    def described(self, settings: Settings) -> str:
        """What is learned, in lines."""
        count = len(self.documents(settings))
        lines = [f"learning from {counted(count, 'result')} of {one_line(self.run)}"]
        lines += [
            f"note: {name} of {one_line(self.run)} is not used: {why}"
            for name, why in self.unlike.items()
        ]
        return "\n".join(lines)


def learned(
    settings: Settings,
    experiment: Experiment,
    template: Template,
    jobs: Sequence[Mapping[str, Any]],
    gpus: Sequence[Device],
) -> Learned:
    """What can be learned from the run that the settings name.

    Args:
        settings: Those of the new run.
        experiment: Its folder, before the files of the run in place are moved.
        template: As it is now.
        jobs: The job documents of the earlier run.
        gpus: Those of local jobs, if there is a choice.

    Raises:
        UserError: There is no such run, its template was another, or no metric can be compared.
    """
    name = str(settings.learn_from)
    files = files_of(experiment, name)
    before = files.load_settings()
    check_template(files, template, FLAG)
    _check_script(files, template, name)
    complete = [job for job in jobs if job.get("status") == "complete" and not job.get("limit")]
    unlike = {
        metric_name: why
        for metric_name in settings.metrics
        if (why := _difference(metric_name, before, settings, files, gpus))
    }
    found = Learned(name, complete, unlike, template)
    if not found.documents(settings) and not any(map(budget.is_unknown, _bounds(settings))):
        reasons = "; ".join(f"{metric_name}: {why}" for metric_name, why in unlike.items())
        raise UserError(
            f"{FLAG}: {name} has no result that can be used"
            + (f" ({reasons})" if reasons else "")
            + f"; expected results of {', '.join(settings.metrics)}"
        )
    return found


def _bounds(settings: Settings) -> list[budget.Bound]:
    return list(settings.constraints.values())


def files_of(experiment: Experiment, name: str) -> Experiment:
    """The files of the earlier run.

    Raises:
        UserError: There is no such run.
    """
    archive = Archive(experiment)
    current = archive.current_run()
    runs = [*archive.former_runs(), *([current] if current else [])]
    runs = [run for run in runs if archive.files_of(run).settings_file.is_file()]
    if name not in runs:
        raise UserError(
            f"{FLAG}: got {name!r}; expected a run of {one_line(experiment.folder)}: "
            f"{', '.join(map(one_line, runs)) or 'there is none'}{did_you_mean(name, runs)}"
        )
    return archive.files_of(name)


def _check_script(files: Experiment, template: Template, name: str) -> None:
    """Checks that only hyper-parameters, comments and blanks have changed since the earlier run."""
    modules = files.load_modules()
    same = _meaning(files.load_template()) == _meaning(template)
    if same and (modules is None or modules == script_modules.texts(template)):
        return
    what = "a module beside it" if same else "the script around its hyper-parameters"
    raise UserError(
        f"{FLAG}: {template.place}: {what} has changed since {name}, so its results may mean "
        "something else; expected the same, or --enqueue with the points to try again"
    )


def _meaning(template: Template) -> str:
    return ast.dump(ast.parse(template.marked()))


def _difference(
    name: str, before: Settings, now: Settings, files: Experiment, gpus: Sequence[Device]
) -> str:
    """Why a metric of the earlier run cannot be compared; "" if it can."""
    entry = metric(name)
    names = TRAINING if entry.after_training else MEASURING if entry.needs_device else ()
    changed = [
        f"{setting} was {_shown(getattr(before, setting))} and is {_shown(getattr(now, setting))}"
        for setting in names
        if getattr(before, setting) != getattr(now, setting)
    ]
    if entry.needs_device or name in ("training_time", "training_memory"):
        changed += _device_difference(now, files, gpus)
    return ", ".join(changed)


def _device_difference(now: Settings, files: Experiment, gpus: Sequence[Device]) -> list[str]:
    then = known_device(files)
    if then is None:
        return ["its device is unknown"]
    if now.schedulers != {LOCAL}:
        return ["the device of the jobs, which run elsewhere, is unknown"]
    here = local_device(gpus)
    if same_kind(then, asdict(here)):
        return []
    return [f"the device was {described(then)} and is {described(asdict(here))}"]


def local_device(gpus: Sequence[Device]) -> Device:
    """The device of the first local job."""
    if gpus:
        return gpus[0]
    found = installed()
    return job_gpu(found) if found and keras_uses_gpu() else cpu()


def _shown(value: Any) -> str:
    return "the default" if value is None else str(value)
