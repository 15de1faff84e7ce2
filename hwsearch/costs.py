"""What a network costs to run, known before it is trained: computed and measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from hwsearch import budget
from hwsearch.counting import Counts, count
from hwsearch.errors import UserError
from hwsearch.measurements import Quantity
from hwsearch.measuring.inference_load import InferenceLoad
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.measuring.profiler import Profile, profile
from hwsearch.metrics import METRICS
from hwsearch.network.errors import NetworkError
from hwsearch.network.network import Network

#: The second, longer measurement of a network near a bound.
LONGER = 3
FINEST_ERROR = 0.002


@dataclass(slots=True)
class Costs:
    """Costs of one network.

    Attributes:
        quantities: By metric.
        profile: How it was measured; None = nothing was.
        notes: What to know about them, one line each.
        measured_again: Whether a value near its bound was measured a second time.
        counts: What was computed from the model; None = it could not be.
    """

    quantities: dict[str, Quantity] = field(default_factory=dict)
    profile: Profile | None = None
    notes: list[str] = field(default_factory=list)
    measured_again: bool = False
    uncertain: list[str] = field(default_factory=list)
    counts: Counts | None = None

    @property
    def values(self) -> dict[str, float]:
        """The numbers alone."""
        return {name: quantity.value for name, quantity in self.quantities.items()}


def costs_of(
    network: Network,
    metrics: Iterable[str],
    constraints: Mapping[str, float],
    settings: ProfileSettings,
) -> Costs:
    """Computes and measures; does not measure a network that breaks a computed budget.

    A value nearer to its bound than its uncertainty is measured again, for longer.

    Args:
        network: Untrained is as good as trained: costs do not depend on the weights.
        metrics: All that must be known.
        constraints: Bounds by metric.
        settings: How carefully to measure.

    Raises:
        NetworkError: What is asked for cannot be computed or measured.
    """
    wanted = set(metrics) | set(constraints)
    found = Costs()
    _computed(network, wanted, found)
    to_measure = {name for name in wanted if METRICS[name].needs_device}
    if not to_measure or budget.broken(found.values, constraints):
        return found
    batch_size = settings.batch_size or network.batch_size
    try:
        load = InferenceLoad(network.model, network.x_val, batch_size)
        found.profile = profile(load, to_measure, settings)
        if _near(found.profile, constraints):
            found.profile = profile(load, to_measure, _longer(settings, found.profile, constraints))
            found.measured_again = True
    except NetworkError:
        raise
    except UserError as error:
        raise NetworkError(f"{network.path.name}: {error}") from error
    found.quantities.update(found.profile.quantities)
    missing = sorted(to_measure - found.quantities.keys())
    if missing:
        raise NetworkError(f"{network.path.name}: {', '.join(missing)} could not be measured")
    found.notes += [flag.text for flag in found.profile.flags]
    found.uncertain = _near(found.profile, constraints)
    found.notes += [
        f"{name} is within its uncertainty of the bound, even after a second, longer measurement"
        for name in found.uncertain
    ]
    return found


def _computed(network: Network, wanted: set[str], found: Costs) -> None:
    try:
        counts = _count(network)
    except UserError as error:
        if wanted & {"params", "macs"}:
            raise NetworkError(f"{network.path.name}: {error}") from error
        found.notes.append(str(error))
        return
    found.counts = counts
    found.quantities["params"] = _exact(counts.params, "params")
    if counts.uncounted:
        layers = ", ".join(counts.uncounted)
        if "macs" in wanted:
            raise NetworkError(
                f"{network.path.name}: the MACs of these layers are not known: {layers}"
            )
        found.notes.append(f"MACs not given: those of these layers are not known: {layers}")
    else:
        found.quantities["macs"] = _exact(counts.macs, "macs")


def _count(network: Network) -> Counts:
    images = network.x_train
    shape = tuple(images.shape[1:]) if hasattr(images, "shape") else None
    return count(network.model, shape)


def _exact(value: int, metric: str) -> Quantity:
    return Quantity(float(value), 0.0, 0.0, 1, METRICS[metric].unit, "computed from the model")


def _near(result: Profile, constraints: Mapping[str, float]) -> list[str]:
    return [
        name
        for name, quantity in result.quantities.items()
        if name in constraints
        and budget.uncertain(quantity.value, quantity.std_error, constraints[name])
    ]


def _longer(
    settings: ProfileSettings, first: Profile, constraints: Mapping[str, float]
) -> ProfileSettings:
    """Settings that would tell which side of the bound the nearest value is on."""
    shares = [
        abs(constraints[name] - first.quantities[name].value) / abs(first.quantities[name].value)
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
