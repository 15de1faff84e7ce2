"""Costs that another job of the run has measured of a network of the same structure.

Networks that differ in a learning rate or a rate of dropout cost the same. The measurement of one
of them serves for all, unless it is near a bound: there another measurement says more.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from hwsearch import budget
from hwsearch.costs import Costs, costs_of
from hwsearch.errors import UserError
from hwsearch.evaluation.job import Job
from hwsearch.experiment.first_device import known_device, same_kind
from hwsearch.metrics import metric
from hwsearch.network.network import Network
from hwsearch.network_records import platform_here, structure_of
from hwsearch.predicting.records import NetworkRecord
from hwsearch.predicting.signature import signature
from hwsearch.predicting.store import Store


def measured_before(job: Job, network: Network) -> Costs | None:
    """The costs of a network as far as another job of the run has measured them.

    Returns:
        Costs with the job's number; None if the network has to be measured.
    """
    settings = job.settings
    needed = {name for name in settings.known_before_training if metric(name).needs_device}
    if not needed or settings.hardware_models == "off":
        return None
    computed = tuple(name for name in settings.known_before_training if name not in needed)
    try:
        costs = costs_of(network, computed, {}, settings.profile_settings())
        if costs.counts is None or budget.broken(costs.values, settings.constraints):
            return None
        structure = structure_of(network, costs.counts, settings.profile_batch_size)
        wanted = signature(network.model, structure, costs.counts.operations)
        record = _record(job, wanted, needed)
    except UserError:  # measuring says what is wrong
        return None
    if record is None or _is_near_a_bound(record, job):
        return None
    costs.as_job = record.job
    costs.quantities |= {
        name: replace(quantity, source=f"as job {record.job}")
        for name, quantity in record.quantities.items()
        if name in needed
    }
    return costs


def _record(job: Job, wanted: str, needed: set[str]) -> NetworkRecord | None:
    """The first measurement of a network of this structure, with the same settings, of this run."""
    run, settings = job.settings.experiment_name, asdict(job.settings.profile_settings())
    platform, device = platform_here(), known_device(job.experiment)
    if device is None or not (job.settings.mixed_devices or same_kind(platform.to_json(), device)):
        return None
    for one in Store(job.experiment.hardware).records(platform):
        is_of_run = one.run == run and one.job not in (None, job.id)
        is_alike = one.signature == wanted and one.settings == settings
        if is_of_run and is_alike and (needed <= one.quantities.keys() or _is_over(one, job)):
            return one
    return None


def _is_over(record: NetworkRecord, job: Job) -> bool:
    """Whether a measurement that ended early has shown that a bound is broken, and that matters."""
    values = {name: quantity.value for name, quantity in record.quantities.items()}
    return not job.settings.unaware and bool(budget.broken(values, job.settings.constraints))


def _is_near_a_bound(record: NetworkRecord, job: Job) -> bool:
    return any(
        budget.uncertain(quantity.value, quantity.std_error, job.settings.constraints[name])
        for name, quantity in record.quantities.items()
        if name in job.settings.constraints
    )
