"""Decides about paused trainings: which one continues, and which ones are not worth it.

`freeze-thaw` (Swersky, Snoek & Adams 2014, "Freeze-Thaw Bayesian Optimization"): every training
stops after each segment, and the most promising one continues, or a new one begins: the one whose
final value has the highest expected improvement. A paused training continues only if its forecast
is in the better half of those that came at least as far, as in successive halving (Li et al. 2020,
"A System for Massively Parallel Hyperparameter Tuning"): where early values say little, forecasts
are uncertain, and expected improvement alone would train most of them to the end.

`extrapolate` (Domhan, Springenberg & Hutter 2015, "Speeding Up Automatic Hyperparameter
Optimization of Deep Neural Networks by Extrapolation of Learning Curves"): a training that is
unlikely to become the best ends; others continue at once.

`chance` (Stamoulis et al. 2018, "HyperPower"): a training that is no better than a guess after its
first segments ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from spearmint.config.records import Stopping, Task
from spearmint.optimiser.acquisition import log_h
from spearmint.optimiser.curves import CurveModel, curve_of
from spearmint.optimiser.job_values import meets_all, task_values
from spearmint.optimiser.observations import FROM
from spearmint.optimiser.space import Array, Space

Job = Mapping[str, Any]

#: A training whose probability of becoming the best is below this ends early.
UNLIKELY = 0.05
#: The rule `chance` looks at trainings that have done this share,
CHANCE_SHARE = 1 / 16
#: and ends those whose best value is not better than that of a guess by more than this part of it.
CHANCE_PART = 0.02


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What results are expected to be, on any scale; lower is better.

    Attributes:
        mean: Of p paused jobs, shape (p,).
        deviation: Their standard deviations, shape (p,).
        finished: Of f finished jobs that meet the constraints, shape (f,).
        new: Mean and standard deviation of a new job; None if none is possible.
        likely: The probability that it meets the constraints.
    """

    mean: Array
    deviation: Array
    finished: Array
    new: tuple[float, float] | None = None
    likely: float = 1.0

    @property
    def best(self) -> float:
        """The lowest result of a finished job; inf if there is none."""
        return float(np.min(self.finished, initial=np.inf))

    @property
    def better(self) -> Array:
        """The probabilities of paused jobs to become the best, shape (p,)."""
        gap = np.full(len(self.mean), np.inf) if np.isinf(self.best) else self.best - self.mean
        chances: Array = ndtr(gap / np.maximum(self.deviation, 1e-12))
        return chances


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of paused jobs.

    Attributes:
        job: The id of the one that continues; None if none does.
        ended: Why others end early, by id.
    """

    job: int | None = None
    ended: Mapping[int, str] = field(default_factory=dict)


def decide(
    stopping: Stopping,
    objective: str,
    paused: Sequence[Job],
    beliefs: Beliefs,
) -> Decision:
    """Which paused job continues, if any.

    Args:
        stopping: The rule.
        objective: Name of the objective.
        paused: The jobs, at least one.
        beliefs: What is expected of them.
    """
    if stopping.rule == "freeze-thaw":
        return _most_promising(paused, beliefs)
    ended = _ended(stopping, objective, paused, beliefs)
    left = sorted(job["id"] for job in paused if job["id"] not in ended)
    return Decision(left[0] if left else None, ended)


def _most_promising(paused: Sequence[Job], beliefs: Beliefs) -> Decision:
    new = beliefs.new
    if new is not None and np.isneginf(new[0]):
        return Decision()
    # If nothing new is possible, the rest of the budget would be lost if forecasts were trusted.
    may = _better_half(paused, beliefs) if new is not None else np.isfinite(beliefs.mean)
    rows = np.flatnonzero(may).tolist()
    means, deviations = beliefs.mean[rows], beliefs.deviation[rows]
    ids: list[int | None] = [paused[i]["id"] for i in rows]
    weights = np.zeros(len(rows))
    if new is not None:
        means, deviations = np.append(means, new[0]), np.append(deviations, new[1])
        ids, weights = [*ids, None], np.append(weights, np.log(max(beliefs.likely, 1e-300)))
    if not ids:
        return Decision()
    best = beliefs.best
    if np.isinf(best):  # nothing is finished: the best forecast counts
        best = float(min(means.min(), beliefs.mean.min()))
    finite = np.isfinite(means)
    scale = np.maximum(deviations[finite], 1e-6)
    gains = np.full(len(means), -np.inf)
    gains[finite] = log_h((best - means[finite]) / scale) + np.log(scale) + weights[finite]
    return Decision(ids[int(np.argmax(gains))])


def _better_half(paused: Sequence[Job], beliefs: Beliefs) -> NDArray[np.bool_]:
    """Which paused jobs are in the better half of those that came at least as far, shape (p,)."""
    done = np.array([float(job.get("progress") or 0.0) for job in paused])
    done = np.concatenate([done, np.ones(len(beliefs.finished))])
    mean = np.concatenate([beliefs.mean, beliefs.finished])
    found = []
    for i in range(len(paused)):
        others = mean[done >= done[i] - 1e-9]
        # A diverged job is no better than another one.
        found.append(np.isfinite(mean[i]) and 2 * np.sum(others < mean[i]) < len(others))
    return np.array(found, dtype=bool)


def _ended(
    stopping: Stopping, objective: str, paused: Sequence[Job], beliefs: Beliefs
) -> dict[int, str]:
    """Why jobs end early, by id."""
    reasons = {}
    for job, better in zip(paused, beliefs.better.tolist(), strict=True):
        curve = curve_of(job, objective)
        if stopping.rule == "extrapolate" and better < UNLIKELY:
            percent = math.floor(1000 * better) / 10  # never rounded up to the limit
            reasons[job["id"]] = (
                f"the probability that it becomes the best is {percent:g} %, "
                f"below {100 * UNLIKELY:g} %"
            )
        if stopping.rule == "chance" and stopping.chance is not None and curve is not None:
            lowest = float(np.min(curve.points[:, 1]))
            late = float(job.get("progress") or 0.0) >= CHANCE_SHARE
            if late and lowest > stopping.chance - CHANCE_PART * abs(stopping.chance):
                # Without numbers: the values of a metric that is maximised are negative here.
                reasons[job["id"]] = "its best value is no better than that of a guess"
    return reasons


def of_curves(
    tasks: Sequence[Task],
    jobs: Sequence[Job],
    paused: Sequence[Job],
    segments: int,
    *,
    new: bool,
    space: Space | None = None,
) -> Beliefs:
    """What learning curves alone say.

    Args:
        tasks: The objective first.
        jobs: All jobs.
        paused: Some of them.
        segments: The number of segments of a training.
        new: Whether a new job is possible; it is expected to be as the others are.
        space: The searched space; jobs whose points are not in it do not count as finished.
    """
    name = tasks[0].name
    curves = [curve for job in jobs if (curve := curve_of(job, name)) is not None]
    model = CurveModel(curves, segments)
    mean, deviation = model.ahead([curve_of(job, name) for job in paused])
    finals = [
        row[0]
        for job in jobs
        if job.get("status") == "complete"
        and FROM not in job  # results of other experiments are never the best
        and meets_all(tasks, row := task_values(tasks, job))
        and np.isfinite(row[0])
        and (space is None or space.holds(job["params"]))
    ]
    u = model.warp(np.array(finals, dtype=float))
    beliefs = Beliefs(mean, deviation, u)
    if not new:
        return beliefs
    every = np.concatenate([u, mean[np.isfinite(mean)]])
    middle = float(np.mean(every)) if len(every) else 0.0  # all have diverged
    spread = float(np.std(every)) if len(every) > 1 else model.deviation
    return replace(beliefs, new=(middle, max(spread, model.deviation)))
