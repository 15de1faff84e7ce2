"""What a network costs, as far as it is known before training, and whether that exceeds a bound."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from functools import partial

from hwsearch import budget
from hwsearch.costs import Costs, costs_of
from hwsearch.evaluation.errors import MachineError
from hwsearch.evaluation.job import Job
from hwsearch.experiment.first_device import described, first_device, same_kind
from hwsearch.experiment.settings import Settings
from hwsearch.formatting import bound as shown_bound
from hwsearch.formatting import cost as shown_cost
from hwsearch.formatting import violation
from hwsearch.measurements import Measurements, Quantity
from hwsearch.network.network import Network
from hwsearch.network_records import keep_record, record_of
from hwsearch.printing import one_line


def measure(network: Network, job: Job, later: Collection[str]) -> Costs:
    """Computes and measures what is known of a network besides its training, except for `later`."""
    settings = job.settings
    names = [name for name in settings.known_before_training if name not in later]
    bounds = {name: bound for name, bound in settings.constraints.items() if name in names}
    say = partial(print, flush=True)  # the view of a terminal reads it meanwhile
    careful, complete = settings.profile_settings(), settings.unaware
    return costs_of(network, names, bounds, careful, say, complete=complete)


def tell(costs: Costs, job: Job, names: Iterable[str]) -> None:
    """Prints these costs of a network, and what there is to say of them."""
    for name in names:
        quantity = costs.quantities[name]
        print(f"{name}: {_shown(name, quantity, job)}; {quantity.source}")
    idle = costs.profile.idle_power if costs.profile else None
    if idle is not None:
        print(f"idle power: {shown_cost('power', idle.value)}; {idle.source}")
    for note in costs.notes:
        print(f"note: {one_line(note)}")


def tell_predicted(costs: Mapping[str, Quantity], job: Job) -> None:
    """Prints the predicted costs of a network that is trained first."""
    for name, quantity in costs.items():
        print(f"{name}: not measured yet; {_shown(name, quantity, job)} is {quantity.source}")


def _shown(name: str, quantity: Quantity, job: Job) -> str:
    limit = job.settings.constraints.get(name)
    within = f" (budget {shown_bound(name, limit)})" if limit is not None else ""
    return f"{shown_cost(name, quantity.value, quantity.std_error)}{within}"


def keep_profile(job: Job, network: Network, costs: Costs) -> None:
    """Keeps what was measured for hardware models; prints why if it cannot be kept."""
    rendered = job.template.render(job.params)
    record = record_of(network, costs, rendered, job.settings.profile_batch_size)
    if record is not None:
        how = asdict(job.settings.profile_settings())
        record = replace(record, run=job.settings.experiment_name, job=job.id, settings=how)
    fault = keep_record(job.experiment.hardware, record)
    if fault:
        print(f"note: {one_line(fault)}")


def check_device(job: Job, costs: Costs) -> None:
    """Checks that the network was measured on the same model of device as the run's first one.

    Raises:
        MachineError: It was not: its costs and those of the others cannot be compared.
    """
    if costs.profile is None or job.settings.mixed_devices:
        return
    device = asdict(costs.profile.device)
    try:
        first = first_device(job.experiment, job.settings.experiment_name, device)
    except OSError as error:
        place = one_line(job.experiment.device_file)
        raise MachineError(f"{place}: cannot be written: {error.strerror}") from error
    if not same_kind(first, device):
        raise MachineError(
            f"measured on {described(device)}, but the first network of this run on "
            f"{described(first)}: their costs cannot be compared; expected one model of device "
            "for all jobs (CPUs with the same number of logical CPUs), or --mixed_devices"
        )


def with_costs(measurements: Measurements, costs: Costs) -> Measurements:
    """Adds what was computed and measured."""
    return replace(
        measurements,
        metrics=costs.quantities,
        counts=costs.counts.summary() if costs.counts else {},
        profile=costs.profile.record() if costs.profile else None,
        measured_again=costs.measured_again,
        uncertain=tuple(costs.uncertain),
        as_job=costs.as_job,
        notes=(*measurements.notes, *costs.notes),
    )


def rejection_of(costs: Costs, settings: Settings) -> str:
    """Why the network is not trained; "" if no bound is exceeded so far, or none is to count."""
    if settings.unaware:
        return ""
    over = [
        f"{name} {violation(name, value, costs.quantities[name].std_error, limit)}"
        for name, value, limit in budget.broken(costs.values, settings.constraints)
    ]
    return f"rejected before training: {', '.join(over)}" if over else ""
