"""The costs of running a network, computed and measured before it is trained."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from hwsearch import budget
from hwsearch.budget import Bound
from hwsearch.counting import Counts, count
from hwsearch.errors import UserError
from hwsearch.measurements import Quantity
from hwsearch.measuring.inference_load import InferenceLoad
from hwsearch.measuring.profile import Profile
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.profiler import profile
from hwsearch.metrics import METRICS, metric
from hwsearch.network.datasets.image_shapes import image_shapes
from hwsearch.network.errors import NetworkError
from hwsearch.network.network import Network

#: How much more load and time the second measurement of a network near a bound gets.
LONGER = 3
#: The second measurement aims at no smaller relative standard error than this.
FINEST_ERROR = 0.002


@dataclass(slots=True)
class Costs:
    """Costs of one network.

    Attributes:
        quantities: By metric.
        counts: Computed from the model; None if that is impossible.
        profile: How the rest was measured; None if nothing was.
        measured_again: Whether a value near its bound was measured a second time.
        uncertain: Metrics that are within their uncertainty of their bound all the same.
        notes: Warnings, one line each.
        as_job: The job whose measurements these are, of a network of the same structure; None if
            they were measured here.
    """

    quantities: dict[str, Quantity] = field(default_factory=dict)
    counts: Counts | None = None
    profile: Profile | None = None
    measured_again: bool = False
    uncertain: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    as_job: int | None = None

    @property
    def values(self) -> dict[str, float]:
        """The numbers alone."""
        return {name: quantity.value for name, quantity in self.quantities.items()}


def costs_of(
    network: Network,
    metrics: Iterable[str],
    constraints: Mapping[str, Bound],
    settings: ProfileSettings,
    say: Callable[[str], None] | None = None,
    waiting: Callable[[str], None] | None = None,
    *,
    complete: bool = False,
) -> Costs:
    """Computes and measures; does not measure a network that breaks a computed budget.

    A value that is within its uncertainty of its bound is measured again, for longer.

    Args:
        network: Trained or not: costs do not depend on the weights.
        metrics: All that must be known.
        constraints: Bounds by metric.
        settings: How carefully to measure.
        say: Receives lines that say how far a measurement is.
        waiting: Receives a line if another process measures; None = standard error does.
        complete: Whether all metrics are wanted of a network that breaks a bound, too.

    Raises:
        NetworkError: A metric cannot be computed or measured.
    """
    wanted = set(metrics) | set(constraints)
    costs = Costs()
    _compute(network, wanted, costs)
    to_measure = {name for name in wanted if metric(name).needs_device}
    if not to_measure or (not complete and budget.broken(costs.values, constraints)):
        return costs
    try:
        measure = partial(profile, say=say, waiting=waiting)
        bound_s = math.inf if complete else _runtime_bound(to_measure, constraints)
        _measure(network, to_measure, constraints, settings, costs, measure, bound_s)
    except NetworkError:
        raise
    except UserError as error:
        raise NetworkError(f"{network.path.name}: {error}") from error
    missing = sorted(to_measure - costs.quantities.keys())
    if missing and (complete or not budget.broken(costs.values, constraints)):
        raise NetworkError(f"{network.path.name}: {', '.join(missing)} could not be measured")
    return costs


def _compute(network: Network, wanted: set[str], costs: Costs) -> None:
    """Adds parameters and MACs."""
    try:
        counts = counts_of(network)
    except UserError as error:
        if "macs" in wanted or not network.model.built:
            raise NetworkError(f"{network.path.name}: {error}") from error
        costs.notes.append(f"macs is unknown: {error}")
        costs.quantities["params"] = _exact(network.model.count_params(), "params")
        return
    costs.counts = counts
    costs.quantities["params"] = _exact(counts.params, "params")
    if counts.unused:
        costs.notes.append(f"params does not count {counts.unused}")
    if not counts.uncounted:
        costs.quantities["macs"] = _exact(counts.macs, "macs")
        return
    unknown = (
        f"the MACs of these layers are unknown: {', '.join(counts.uncounted)}; state them in the "
        "script, per image: layer.macs = 1000"
    )
    if "macs" in wanted:
        raise NetworkError(f"{network.path.name}: {unknown}")
    costs.notes.append(f"macs is unknown: {unknown}")


def _measure(
    network: Network,
    names: set[str],
    constraints: Mapping[str, Bound],
    settings: ProfileSettings,
    costs: Costs,
    measure: Callable[..., Profile],
    bound_s: float,
) -> None:
    """Adds what a profile measures; a second, longer one if a value is too close to its bound."""
    load = InferenceLoad(network.model, network.inputs, settings.batch_size or network.batch_size)
    result = measure(load, names, settings, runtime_bound_s=bound_s)
    if _near(result, constraints):
        result = measure(load, names, _longer(settings, result, constraints))
        costs.measured_again = True
    costs.profile = result
    costs.quantities.update(result.quantities)
    costs.uncertain = _near(result, constraints)
    costs.notes += [flag.text for flag in result.flags]
    costs.notes += [
        f"{name} is within its uncertainty of the bound, even after a second, longer measurement"
        for name in costs.uncertain
    ]


def _runtime_bound(names: set[str], constraints: Mapping[str, Bound]) -> float:
    """Seconds per image above which nothing else about a network has to be known.

    There is no such bound if a measured metric is optimised: its values teach the optimiser.
    """
    bound = constraints.get("runtime", math.inf)
    return bound if isinstance(bound, float | int) and names <= constraints.keys() else math.inf


def counts_of(network: Network) -> Counts:
    """Counts a network on the shape of the images that it is trained on.

    Raises:
        CountError: The shape of an output is unknown.
    """
    images = network.plan.get("x", network.inputs)
    images = images if hasattr(images, "shape") else network.inputs
    return count(network.model, image_shapes(network.model, images), images)


def _exact(value: int, name: str) -> Quantity:
    return Quantity(float(value), 0.0, 0.0, 1, METRICS[name].unit, "computed from the model")


def _near(result: Profile, constraints: Mapping[str, Bound]) -> list[str]:
    """The metrics that are within their uncertainty of their bound."""
    return [
        name
        for name, quantity in result.quantities.items()
        if name in constraints
        and budget.uncertain(quantity.value, quantity.std_error, constraints[name])
    ]


def _longer(
    settings: ProfileSettings, first: Profile, constraints: Mapping[str, Bound]
) -> ProfileSettings:
    """Settings precise enough to show on which side of its bound the nearest value is."""
    shares = [
        abs(budget.limit(constraints[name]) - first.quantities[name].value)
        / abs(first.quantities[name].value)
        for name in _near(first, constraints)
        if first.quantities[name].value
    ]
    target = min([settings.target_error / 2, *(share / 3 for share in shares)])
    limit = settings.time_limit_s
    return replace(
        settings,
        repeats=LONGER * settings.repeats,
        target_error=max(target, min(FINEST_ERROR, settings.target_error / 2)),
        time_limit_s=LONGER * limit if limit else LONGER * max(first.seconds, 1.0),
    )
