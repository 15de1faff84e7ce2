"""What random networks of a template cost on this machine, and the bound that a share of them meet.

A budget given as "33%" means: the value that a third of random networks stay below.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch.atomic_files import write_atomic
from hwsearch.costs import costs_of
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.formatting import cost as shown_cost
from hwsearch.measuring.memory_sources import source
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.metrics import METRICS, metric
from hwsearch.network import rendered_script
from hwsearch.network.network import Network
from hwsearch.template import Template

#: Networks to look at, where each is measured and where all is computed.
SAMPLES, COMPUTED_SAMPLES = 16, 64
#: A bound needs less care for each network than a search: the networks differ far more.
QUICK = ProfileSettings(time_limit_s=1.0, target_error=0.05)


@dataclass(slots=True)
class Calibration:
    """Costs of random networks.

    Attributes:
        shares: Percentage of networks that the bound is to let pass, by metric.
        costs: One value a network, by metric.
        broken: Why networks could not be built, and how often.
        seconds: How long it took.
    """

    shares: dict[str, float]
    costs: dict[str, list[float]] = field(default_factory=dict)
    broken: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def bound(self, name: str) -> float:
        """The value that this metric's share of the networks stay below."""
        return float(np.quantile(self.costs[name], self.shares[name] / 100))

    def to_json(self) -> dict[str, Any]:
        """{"runtime": {"share", "bound", "samples"}, ...}."""
        return {
            name: {
                "share": self.shares[name],
                "bound": self.bound(name),
                "samples": sorted(values),
                "broken": dict(self.broken),
                "seconds": self.seconds,
            }
            for name, values in self.costs.items()
        }


def calibrate(
    experiment: Experiment,
    shares: Mapping[str, float],
    *,
    samples: int | None = None,
    seed: int = 0,
    settings: ProfileSettings = QUICK,
    say: Callable[[str], None] = print,
) -> Calibration:
    """Builds and measures random networks of the template, without training them.

    Args:
        experiment: Its template is read; nothing is written.
        shares: Percent, above 0 and below 100, by metric.
        samples: Networks; None = 16, or 64 where nothing must be measured.
        seed: Of the choice of networks.
        settings: How carefully to measure each.
        say: Takes a line a network.

    Raises:
        UserError: No network at all could be measured; or a metric cannot be had without training.
    """
    for name, share in shares.items():
        metric(name)
        if name == "error":
            raise UserError("error: got a share; expected a number: it needs training to be known")
        if not 0 < share < 100:
            raise UserError(f"share of {name}: got {share:g}%; expected above 0% and below 100%")
    if "memory" in shares and not source().forgets:
        raise UserError(
            "memory: got a share; expected GiB: JAX cannot tell the memory of one network from "
            "that of those before it in the same process"
        )
    template = Template.from_file(experiment.template)
    if samples is None:
        measured = any(METRICS[name].needs_device for name in shares)
        samples = SAMPLES if measured else COMPUTED_SAMPLES
    began = time.monotonic()
    found = Calibration(dict(shares), {name: [] for name in shares})
    with tempfile.TemporaryDirectory(prefix="hyperpower-") as folder:
        for number, params in enumerate(random_params(template, samples, seed), 1):
            path = Path(folder) / f"{number:08d}_keras_net.py"
            try:
                costs = _costs(template, experiment, params, path, seed, shares, settings)
            except UserError as error:
                reason = rendered_script.in_template(error, path, template)
                found.broken[reason] += 1
                say(f"network {number}/{samples}: cannot be used: {reason}")
                continue
            for name in shares:
                found.costs[name].append(costs[name])
            told = ", ".join(f"{name} {shown_cost(name, costs[name])}" for name in shares)
            say(f"network {number}/{samples}: {told}")
    found.seconds = time.monotonic() - began
    if not any(found.costs.values()):
        reason, count = found.broken.most_common(1)[0]
        raise UserError(
            f"{experiment.template}: none of {samples} random networks could be measured; "
            f"{count} times: {reason}"
        )
    return found


def _costs(
    template: Template,
    experiment: Experiment,
    params: Mapping[str, Any],
    path: Path,
    seed: int,
    shares: Mapping[str, float],
    settings: ProfileSettings,
) -> dict[str, float]:
    text = rendered_script.standalone(
        template.render(params), home=experiment.template, seed=seed, title="a random network"
    )
    write_atomic(path, text.encode(template.encoding))
    network = Network.from_script(path, seed)
    return costs_of(network, shares, {}, settings).values


def random_params(template: Template, count: int, seed: int) -> list[dict[str, Any]]:
    """Random values for the template, a Latin hypercube (McKay, Beckman and Conover 1979).

    Every variable's range is covered evenly, so that few networks stand for all.

    Returns:
        `count` dictionaries by token, of what `Template.render` takes.
    """
    rng = np.random.default_rng(seed)
    points: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, variable in template.variables().items():
        places = (rng.permutation(count) + rng.random(count)) / count
        for point, place in zip(points, places, strict=True):
            point[name] = _value(variable, float(place))
    return points


def _value(variable: Mapping[str, Any], place: float) -> Any:
    """The value at a place in 0..1 of a variable's range."""
    if variable["type"] == "ENUM":
        options: Sequence[Any] = variable["options"]
        return options[int(place * len(options))]
    low, high = variable["min"], variable["max"]
    if variable["type"] == "INT":
        return low + int(place * (high - low + 1))
    return min(max(low + place * (high - low), low), high)
