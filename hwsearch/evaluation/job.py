"""A job, and the results that the optimiser gets of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hwsearch import budget
from hwsearch.errors import UserError
from hwsearch.evaluation.stopwatch import Stopwatch
from hwsearch.experiment import Experiment
from hwsearch.experiment.settings import Settings
from hwsearch.measurements import Measurements
from hwsearch.network.program import rendered_script
from hwsearch.template import Template


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The results of a job.

    Attributes:
        values: By task: an objective's metric as measured, negated if it is maximised; constraints
            as `budget.margin` gives them; NaN for what is unknown.
        measurements: All results, for the job's document.
        reason: Why a value is NaN; "" if none is.
        paused: Of a training that was paused: `progress`, the share that is done, `curve`, the
            objective's value at shares of the training, and `took`, the seconds of this segment's
            training and of what later ones do not repeat; {} of one that has ended.
    """

    values: Mapping[str, float]
    measurements: Measurements
    reason: str = ""
    paused: Mapping[str, Any] = field(default_factory=dict)

    def returned(self) -> dict[str, Any]:
        """The dictionary that the optimiser expects of an objective.

        Of a paused training, only the values that are known; None for a cost that was left open.
        """
        measurements = self.measurements.to_json()
        if self.paused:
            known = {name: value for name, value in self.values.items() if math.isfinite(value)}
            return {"paused": dict(self.paused), **known, "measurements": measurements}
        answer: dict[str, Any] = {**self.values, "measurements": measurements}
        answer |= dict.fromkeys(self.measurements.unmeasured)
        return answer | ({"reason": self.reason} if self.reason else {})


def job_seed(seed: int, job_id: int) -> int:
    """The seed of a job's network, derived from the run's; in 0..2**32-1."""
    return int(np.random.SeedSequence([seed, job_id]).generate_state(1)[0])


@dataclass(frozen=True, slots=True)
class Job:
    """What the evaluation of a job needs.

    Attributes:
        until: The share of the whole training after which it is paused, in (0, 1].
        expected: What the optimiser expects of predicted constraints, by metric.
        ahead: Is told whether the optimiser may build other networks meanwhile; None = nobody is.
        stopwatch: Runs from its beginning.
        known: Its measurements after each part of the evaluation.
    """

    experiment: Experiment
    settings: Settings
    template: Template
    id: int
    params: Mapping[str, Any]
    until: float = 1.0
    expected: Mapping[str, Any] = field(default_factory=dict)
    ahead: Callable[[bool], None] | None = None
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    known: list[Measurements] = field(default_factory=list)

    @property
    def seed(self) -> int:
        """The seed of the network's weights and of its training."""
        return job_seed(self.settings.seed, self.id)

    def allow_other_work(self, allowed: bool) -> None:
        """Tells whether other networks may be built meanwhile: not while this one is measured."""
        if self.ahead is not None and not {"training_time", "training_memory"} & {
            *self.settings.metrics
        }:
            self.ahead(allowed)

    @property
    def script(self) -> Path:
        """The rendered script."""
        return self.experiment.rendered(self.id)

    def in_template(self, text: UserError | str) -> str:
        """An error or a note with lines of the user's template, not of the rendered script."""
        return rendered_script.in_template(text, self.script, self.template)


def values_of(settings: Settings, measurements: Measurements) -> dict[str, float]:
    """The job's value for each task of the optimiser; NaN for what is unknown."""
    known = {name: quantity.value for name, quantity in measurements.metrics.items()}
    values = {one.name: one.minimised(known.get(one.name, math.nan)) for one in settings.objectives}
    for name, bound in settings.constraints.items():
        values[name] = budget.margin(bound, known.get(name))
    return values
