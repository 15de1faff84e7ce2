"""Networks that are trained before they are measured, and measured only if they could be the best.

What they cost is predicted then, and the predictions are corrected by the measurements of the run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from hwsearch import budget
from hwsearch.errors import UserError
from hwsearch.evaluation.job import Job, values_of
from hwsearch.experiment.first_device import known_device, same_kind
from hwsearch.experiment.measuring_order import COMPARED, LIKELY, may_train_first
from hwsearch.measurements import Measurements, Quantity
from hwsearch.measurements.reading import mapping, number
from hwsearch.metrics import metric
from hwsearch.network_records import platform_here


def predicted(job: Job) -> dict[str, Quantity]:
    """The predicted costs of a network that is trained first; {} if it is measured first.

    Every cost that would have to be measured must be predicted, all bounds must be met almost
    certainly, and the job must run on the device that the others were measured on.
    """
    settings = job.settings
    needed = [name for name in settings.known_before_training if metric(name).needs_device]
    told = {name: mapping(job.expected.get(name)) for name in needed}
    if not needed or not may_train_first(settings) or not _is_on_the_device(job):
        return {}
    if min(number(one.get("compared")) for one in told.values()) >= COMPARED:
        likely = math.prod(number(one.get("probability")) for one in told.values())
        if likely > LIKELY:
            return {name: _quantity(job, name, one) for name, one in told.items()}
    return {}


def _is_on_the_device(job: Job) -> bool:
    device = known_device(job.experiment)
    try:
        return device is not None and same_kind(platform_here().to_json(), device)
    except UserError:  # measuring says what is wrong
        return False


def _quantity(job: Job, name: str, told: Mapping[str, float]) -> Quantity:
    value = budget.measured(job.settings.constraints[name], number(told.get("value")))
    source = f"predicted; the budget is met with a probability {_share(told)}"
    return Quantity(value, number(told.get("deviation")), unit=metric(name).unit, source=source)


def _share(told: Mapping[str, float]) -> str:
    """A probability, never rounded up to certainty."""
    percent = math.floor(1e3 * number(told.get("probability"))) / 10
    return "above 99.9 %" if percent >= 99.9 else f"of {percent:.1f} %"


def could_be_best(job: Job, measurements: Measurements) -> bool:
    """Whether a trained network would be the best one of the run if it meets its predicted bounds.

    The best one so far is that of now, not of the time when the job began: jobs that ended
    meanwhile count, and the best objective of a run only improves. So a network that is worse than
    that can never become the best one.
    """
    settings = job.settings
    values = values_of(settings, measurements)
    if math.isnan(values[settings.optimize]):
        return False
    known = {name: one for name, one in settings.constraints.items() if name in values}
    others = {name: one for name, one in known.items() if name not in measurements.predicted}
    if not budget.all_met(values, others):
        return False
    best = job.experiment.best(settings.experiment_name)
    if best is None or best.job == job.id:  # its own earlier attempt, which was killed
        return True
    objective = budget.minimised(values[settings.optimize], settings.maximize)
    return settings.rank({settings.optimize: objective}) <= best.rank(settings)
