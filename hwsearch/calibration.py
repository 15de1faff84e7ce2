"""Costs of random networks of a template on this machine, and the bound that a share of them meets.

A budget given as "33%" sets the bound so that 33% of random networks meet it.
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
from hwsearch.measuring.memory_sources import peak_source
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.metrics import METRICS, metric
from hwsearch.network import rendered_script
from hwsearch.network.network import Network
from hwsearch.template import Template

#: Default number of networks, if they have to be measured and if all costs are computed.
SAMPLES, COMPUTED_SAMPLES = 16, 64
#: A bound needs less precision per network than a search, because the networks differ far more.
QUICK = ProfileSettings(time_limit_s=1.0, target_error=0.05)


@dataclass(slots=True)
class Calibration:
    """Costs of random networks.

    Attributes:
        shares: Percentage of networks that are to meet the bound, by metric.
        costs: One value per network, by metric.
        broken: Why networks could not be built or measured, and how often.
        seconds: Duration of the calibration.
    """

    shares: dict[str, float]
    costs: dict[str, list[float]] = field(default_factory=dict)
    broken: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def bound(self, name: str) -> float:
        """The bound that this metric's share of the networks meets."""
        return float(np.quantile(self.costs[name], self.shares[name] / 100))

    def to_json(self) -> dict[str, Any]:
        """{"runtime": {"share", "bound", "samples", ...}, ...}."""
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
    report: Callable[[str], None] = print,
) -> Calibration:
    """Builds and measures random networks of the template, without training them.

    Args:
        experiment: Its template is read; nothing is written.
        shares: Percentage above 0 and below 100, by metric.
        samples: Number of networks; None = 16, or 64 if nothing has to be measured.
        seed: Selects the networks.
        settings: How carefully to measure each.
        report: Receives one line per network.

    Raises:
        UserError: A share is faulty, a metric is unknown before training, or no network at all
            could be measured.
    """
    _check(shares)
    template = Template.from_file(experiment.template)
    if samples is None:
        measured = any(METRICS[name].needs_device for name in shares)
        samples = SAMPLES if measured else COMPUTED_SAMPLES
    began = time.monotonic()
    calibration = Calibration(dict(shares), {name: [] for name in shares})
    with tempfile.TemporaryDirectory(prefix="hyperpower-") as folder:
        for number, params in enumerate(random_params(template, samples, seed), 1):
            script = Path(folder) / f"{number:08d}_keras_net.py"
            try:
                network = _build(template, params, experiment.template, script, seed)
                costs = costs_of(network, shares, {}, settings).values
            except UserError as error:
                reason = rendered_script.in_template(error, script, template)
                calibration.broken[reason] += 1
                report(f"network {number}/{samples}: cannot be used: {reason}")
                continue
            for name in shares:
                calibration.costs[name].append(costs[name])
            values = ", ".join(f"{name} {shown_cost(name, costs[name])}" for name in shares)
            report(f"network {number}/{samples}: {values}")
    calibration.seconds = time.monotonic() - began
    if calibration.broken.total() == samples:
        raise UserError(_none_measured(experiment.template, calibration.broken))
    return calibration


def _none_measured(template: Path, broken: Counter[str]) -> str:
    reason, count = broken.most_common(1)[0]
    return (
        f"{template}: none of {broken.total()} random networks could be measured; "
        f"{count} times: {reason}"
    )


def _check(shares: Mapping[str, float]) -> None:
    for name, share in shares.items():
        metric(name)
        if name == "error":
            raise UserError("error: got a share; expected a number: it is unknown before training")
        if not 0 < share < 100:
            raise UserError(f"share of {name}: got {share:g}%; expected above 0% and below 100%")
    if "memory" in shares and not peak_source().resettable:
        raise UserError(
            "memory: got a share; expected GiB: JAX cannot separate the memory of one network from "
            "the memory of earlier ones in the same process"
        )


def _build(
    template: Template, params: Mapping[str, Any], home: Path, script: Path, seed: int
) -> Network:
    text = rendered_script.standalone(
        template.render(params), home=home, seed=seed, title="a random network"
    )
    write_atomic(script, text.encode(template.encoding))
    return Network.from_script(script, seed)


def random_params(template: Template, count: int, seed: int) -> list[dict[str, Any]]:
    """Random values for the template, a Latin hypercube (McKay, Beckman and Conover 1979).

    It covers each variable's range evenly, so that few networks represent all.

    Returns:
        `count` dictionaries by token, as `Template.render` takes them.
    """
    rng = np.random.default_rng(seed)
    points: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, variable in template.variables().items():
        positions = (rng.permutation(count) + rng.random(count)) / count
        for point, position in zip(points, positions, strict=True):
            point[name] = _value(variable, float(position))
    return points


def _value(variable: Mapping[str, Any], position: float) -> Any:
    """The value at a position in 0..1 of a variable's range."""
    if variable["type"] == "ENUM":
        options: Sequence[Any] = variable["options"]
        return options[int(position * len(options))]
    low, high = variable["min"], variable["max"]
    if variable["type"] == "INT":
        return low + int(position * (high - low + 1))
    return min(max(low + position * (high - low), low), high)
