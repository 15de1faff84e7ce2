"""Random networks, built and measured, and the bound that a share of them meets."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch.calibration import builders
from hwsearch.calibration.builders import Built, Report
from hwsearch.calibration.failures import Failures
from hwsearch.calibration.random_networks import random_params
from hwsearch.calibration.recipe import Recipe
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.formatting import cost as shown_cost
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.metrics import METRICS, metric
from hwsearch.network.fitting.one_step import train_one_step
from hwsearch.network.network import Network
from hwsearch.network_records import keep_record, record_of
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
        failures: The networks that could not be built or measured.
        seconds: Duration of the calibration.
    """

    shares: dict[str, float]
    costs: dict[str, list[float]] = field(default_factory=dict)
    failures: Failures = field(default_factory=Failures)
    seconds: float = 0.0

    def bound(self, name: str) -> float:
        """The bound that this metric's share of the networks meets."""
        return float(np.quantile(self.costs[name], self.shares[name] / 100))

    @property
    def count(self) -> int:
        """How many networks were measured."""
        return len(next(iter(self.costs.values())))

    @property
    def fails_always(self) -> bool:
        """Whether the first networks all failed for the same reason."""
        return not self.count and self.failures.are_enough

    def add(self, built: Built) -> str:
        """Takes one network's costs, or counts why it has none; returns a text about it."""
        if built.costs is None:
            return self.failures.add(built)
        for name, values in self.costs.items():
            values.append(built.costs[name])
        return ", ".join(f"{name} {shown_cost(name, built.costs[name])}" for name in self.costs)

    def to_json(self) -> dict[str, Any]:
        """{"runtime": {"share", "bound", "samples", ...}, ...}."""
        return {
            name: {
                "share": self.shares[name],
                "bound": self.bound(name),
                "samples": sorted(values),
                "broken": dict(self.failures.reasons),
                "seconds": self.seconds,
            }
            for name, values in self.costs.items()
        }


class _Printed:
    """A report on standard output."""

    def step(self, number: int, total: int, text: str) -> None:
        print(f"network {number}/{total}: {text}")

    def note(self, text: str) -> None:
        print(text)


_PRINTED = _Printed()


def calibrate(
    experiment: Experiment,
    shares: Mapping[str, float],
    *,
    samples: int | None = None,
    seed: int = 0,
    settings: ProfileSettings = QUICK,
    report: Report = _PRINTED,
    limit_s: float | None = builders.LIMIT_S,
    scored: bool = True,
) -> Calibration:
    """Builds and measures random networks of the template; trains the first one for one step.

    It ends early if the first networks all fail for the same reason. What networks print while they
    are built, the backend's messages included, goes into tmp/calibration.out.

    Args:
        experiment: Its template is read; profiles are kept for hardware models.
        shares: Percentage above 0 and below 100, by metric.
        samples: Number of networks; None = 16, or 64 if nothing has to be measured.
        seed: Selects the networks.
        settings: How carefully to measure each.
        report: Is told of each network, and of waits for the device.
        limit_s: Seconds for one network. Networks are built in a process of its own, so that one
            that is killed or hangs is counted as one that cannot be measured; the caller must not
            have used Keras yet; each gets its own if `memory` has a share. None = in this process,
            with its output.
        scored: Whether the run needs the error in %.

    Raises:
        UserError: A share is faulty, a metric is unknown before training, or no network at all
            could be measured.
        ValueError: `memory` is to be measured in this process, where the values of later networks
            would depend on earlier ones.
    """
    _check(shares, limit_s)
    template = Template.from_file(experiment.template)
    count = _default_samples(shares) if samples is None else samples
    began = time.monotonic()
    calibration = Calibration(dict(shares), {name: [] for name in shares})
    points = random_params(template, count, seed)
    with tempfile.TemporaryDirectory(prefix="hyperpower-") as folder:
        home, names = experiment.template, tuple(shares)
        recipe = Recipe(template, home, Path(folder), seed, settings, names, scored)
        build = _Builder(recipe, experiment.hardware)
        results = _built(build, points, limit_s, experiment.calibration_output, report)
        with contextlib.closing(results):
            _add_all(calibration, results, build, count, report)
    calibration.seconds = time.monotonic() - began
    if not calibration.count:
        raise calibration.failures.error(experiment.template, "random networks")
    return calibration


def _check(shares: Mapping[str, float], limit_s: float | None) -> None:
    for name, share in shares.items():
        metric(name)
        if name == "error":
            raise UserError("error: got a share; expected a number: it is unknown before training")
        if not 0 < share < 100:
            raise UserError(f"share of {name}: got {share:g}%; expected above 0% and below 100%")
    if limit_s is None and "memory" in shares:
        raise ValueError("limit_s: got None; expected seconds: memory needs other processes")


def _default_samples(shares: Mapping[str, float]) -> int:
    measured = any(METRICS[name].needs_device for name in shares)
    return SAMPLES if measured else COMPUTED_SAMPLES


def _built(
    build: _Builder,
    points: Sequence[Mapping[str, Any]],
    limit_s: float | None,
    output: Path,
    report: Report,
) -> Generator[Built, None, None]:
    """The networks one after the other; see `calibrate` for `limit_s`."""
    if limit_s is None:
        return builders.build_here(build, points, report.note)
    apart = "memory" in build.recipe.metrics
    output = builders.emptied(output)
    return builders.build_all(build, points, limit_s, output, apart=apart, say=report.note)


def _add_all(
    calibration: Calibration, results: Iterable[Built], build: _Builder, count: int, report: Report
) -> None:
    """Takes the costs of networks, until it is clear that all of them fail."""
    for built in results:
        build.is_trainable |= built.costs is not None  # that of another process knows it
        report.step(built.number, count, calibration.add(built))
        if calibration.fails_always:
            break


@dataclass(slots=True)
class _Builder:
    """Builds and measures one network after the other.

    Attributes:
        hardware: Where profiles are kept for hardware models.
        is_trainable: Whether a network has been trained for a step.
    """

    recipe: Recipe
    hardware: Path
    is_trainable: bool = False

    def __call__(
        self, number: int, params: Mapping[str, Any], say: builders.Say
    ) -> dict[str, float]:
        """The costs of one network by metric.

        Raises:
            UserError: It cannot be built, measured or trained.
        """
        recipe = self.recipe
        made = recipe.measured(number, params, say, "a random network", self._train_once)
        record = record_of(made.network, made.costs, made.text, recipe.settings.batch_size)
        keep_record(self.hardware, record)
        return {name: made.costs.values[name] for name in recipe.metrics}

    def _train_once(self, network: Network) -> None:
        """Trains the first network for a step."""
        if not self.is_trainable:
            train_one_step(network, self.recipe.seed)
            self.is_trainable = True
