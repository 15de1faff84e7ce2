"""Profiles of networks that represent a template, for its hardware models.

`chosen_networks` chooses them; a later call with a larger number adds to those that were measured
before. Each network is built in a process of its own, as a job's is, so that its memory is that of
a job.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hwsearch.atomic_files import write_json
from hwsearch.calibration import builders
from hwsearch.calibration.builders import Report
from hwsearch.calibration.chosen_networks import chosen_networks
from hwsearch.calibration.failures import Failures
from hwsearch.calibration.recipe import Recipe
from hwsearch.errors import UserError
from hwsearch.experiment import Experiment
from hwsearch.formatting import cost as shown_cost
from hwsearch.measuring.profile_settings import ProfileSettings
from hwsearch.network_records import platform_here, record_of
from hwsearch.predicting.records import NetworkRecord, Platform, script_hash
from hwsearch.predicting.store import Store
from hwsearch.template import Template

#: One network of so many is measured twice, which shows how well measurements repeat.
REPEATED = 5


@dataclass(slots=True)
class Profiling:
    """What came of it.

    Attributes:
        platform: Where the networks ran.
        measured: Networks that were measured now.
        before: Networks that had been measured before.
        failures: The networks that could not be built or measured.
    """

    platform: Platform
    measured: int = 0
    before: int = 0
    failures: Failures = field(default_factory=Failures)

    @property
    def known(self) -> int:
        """Networks that have a profile."""
        return self.measured + self.before


def profile_networks(
    experiment: Experiment,
    count: int,
    metrics: Sequence[str],
    *,
    settings: ProfileSettings,
    seed: int = 0,
    scored: bool = False,
    limit_s: float = builders.LIMIT_S,
    report: Report,
) -> Profiling:
    """Measures networks of the template that were not measured on this device before.

    Each profile is in a file before the next network is built: who is killed loses one at most.
    What networks print while they are built goes into profiles.out.

    Args:
        experiment: Its template is read; profiles go to `experiment.hardware`.
        count: Number of networks.
        metrics: What to measure.
        settings: How carefully.
        seed: Selects the networks.
        scored: Whether the networks will need the error in %.
        limit_s: Seconds for one network.
        report: Is told of each network, and of waits for the device.

    Raises:
        UserError: No network at all can be measured.
    """
    template = Template.from_file(experiment.template)
    store = Store(experiment.hardware)
    output = builders.emptied(experiment.hardware / "profiles.out")
    found = Profiling(_platform(limit_s))
    known = _known(store, found.platform, metrics, settings)
    with tempfile.TemporaryDirectory(prefix="hyperpower-") as folder:
        home, names = experiment.template, tuple(metrics)
        recipe = Recipe(template, home, Path(folder), seed, settings, names, scored)
        points = chosen_networks(
            recipe,
            count,
            known,
            limit_s=limit_s,
            output=output,
            report=report,
            keep=store.keep_candidates,
        )
        points += points[::REPEATED]
        times = Counter(one.script for one in known)
        left = [params for params in points if not _taken(times, template.render(params))]
        found.before = len(points) - len(left)
        build = _Builder(recipe, store)
        results = builders.build_all(build, left, limit_s, output, apart=True, say=report.note)
        with contextlib.closing(results):
            for built in results:
                report.step(built.number, len(left), _outcome(built, found))
                if not found.known and found.failures.are_enough:
                    break
    if not found.known:
        raise found.failures.error(experiment.template, "networks")
    return found


def _known(
    store: Store, platform: Platform, metrics: Sequence[str], settings: ProfileSettings
) -> list[NetworkRecord]:
    """The profiles that have the metrics at this batch size, the oldest first."""
    return [
        record
        for record in store.records(platform)
        if set(metrics) <= record.quantities.keys()
        and _same_batch(record.structure.batch, settings)
    ]


def _taken(known: Counter[str], rendered: str) -> bool:
    """Whether there is a profile of a network that was not taken before; takes it."""
    script = script_hash(rendered)
    if not known[script]:
        return False
    known[script] -= 1
    return True


def _same_batch(batch: float, settings: ProfileSettings) -> bool:
    """Whether a profile has the batch size that is wanted; the script's own always is."""
    return settings.batch_size in (None, batch)


def _outcome(built: builders.Built, found: Profiling) -> str:
    """Counts what became of a network; says it."""
    if built.costs is None:
        return found.failures.add(built)
    found.measured += 1
    return ", ".join(f"{name} {shown_cost(name, value)}" for name, value in built.costs.items())


def _platform(limit_s: float) -> Platform:
    """Where networks run, found in a process of its own: this one must not use Keras yet.

    Raises:
        UserError: Keras fails.
    """
    with tempfile.TemporaryDirectory(prefix="hyperpower-") as folder:
        file = Path(folder, "platform")

        def look(_number: int, _params: Mapping[str, Any], _say: builders.Say) -> dict[str, float]:
            write_json(file, platform_here().to_json())
            return {}

        with contextlib.closing(builders.build_all(look, [{}], limit_s)) as results:
            built = next(results)
        if built.costs is None:
            raise UserError(f"keras: no network can be run: {built.reason}")
        return Platform.from_json(json.loads(file.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class _Builder:
    """Builds, measures and records one network; `store` keeps the records."""

    recipe: Recipe
    store: Store

    def __call__(
        self, number: int, params: Mapping[str, Any], say: builders.Say
    ) -> dict[str, float]:
        """The costs of one network by metric.

        Raises:
            UserError: It cannot be built, measured or recorded.
        """
        recipe = self.recipe
        made = recipe.measured(number, params, say, "a profiled network")
        costs = made.costs
        record = record_of(made.network, costs, made.text, recipe.settings.batch_size)
        if record is None:
            raise UserError(
                "its layers cannot be counted, which hardware models need: "
                + "; ".join(costs.notes)
            )
        self.store.keep(record)
        return {name: costs.values[name] for name in recipe.metrics}
