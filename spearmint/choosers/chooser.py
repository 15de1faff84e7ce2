"""The interface of every chooser, and the arguments that it takes."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from spearmint import lifecycle
from spearmint.config import Problem
from spearmint.config.reader import Faults, ObjectReader
from spearmint.config.records import Option
from spearmint.optimiser import blas_threads
from spearmint.optimiser.curves import forecasts
from spearmint.optimiser.duration import Time
from spearmint.optimiser.job_values import Job
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.observations import Observations, observe
from spearmint.optimiser.pausing import Beliefs, Decision, decide, of_curves
from spearmint.optimiser.rating import Rate, Rater, Rating
from spearmint.optimiser.recommendation import Best
from spearmint.optimiser.space import Array, Params, Space
from spearmint.optimiser.thinning import thinned


class Chooser(abc.ABC):
    """Chooses the next job from the jobs so far.

    Args:
        problem: The search space, the tasks, and the settings of the search.
        seed: Any integer; the same seed and the same jobs give the same suggestions.

    Attributes:
        warnings: One line per key of `chooser-args` that is ignored.
        time: What is left of the time of the search; who asks for points sets it before.
    """

    warnings: tuple[str, ...] = ()
    time: Time = Time()

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem = problem
        self.seed = seed
        self.space = Space(problem.variables)
        self.tasks = problem.tasks
        self._residual_hypers: dict[str, Any] = {}
        self._first = [
            _FirstPoint.of(self.space, values, exact=exact)
            for values, exact in first_points(problem)
        ]

    def observe(self, jobs: Sequence[Job]) -> Observations:
        """The jobs as arrays."""
        stopping = self.problem.stopping
        if stopping is None:
            return observe(self.tasks, self.space, jobs)
        expected = forecasts(jobs, self.tasks[0].name, stopping.segments)
        return observe(self.tasks, self.space, jobs, expected)

    def first_point(self, known: Observations) -> Params | None:
        """The next of the points to evaluate before all others; None if all of them have a job.

        These are the point of the defaults, if a variable has one, and then `first-points`.
        """
        for point in self._first:
            # Values that were not given do not count: the middle of a range changes with it.
            rows = np.where(point.counts, known.tried, point.codes)
            if not self.space.same(point.codes[None], rows)[0]:
                return point.params
        return None

    def rng(self, *counts: int) -> np.random.Generator:
        """The random numbers of the decision after so many jobs, and attempts if they matter."""
        return np.random.default_rng([abs(self.seed), int(self.seed < 0), *counts])

    @abc.abstractmethod
    def suggest(self, jobs: Sequence[Job]) -> Params:
        """The next point to evaluate.

        Args:
            jobs: Every job so far, in any order: dictionaries with `id`, `params`, `status` and,
                if complete, `values` (see `spearmint.choosers`). A job that is neither complete
                nor broken is pending: its point is not suggested again, and its result is treated
                as uncertain.

        Returns:
            The `params` of the next job: `{name: {"type": ..., "values": [...]}}`.

        Raises:
            SpaceExhaustedError: Every point of a finite space has a job already.
            UserError: A job does not belong to this space.
        """

    def candidates(self, jobs: Sequence[Job], count: int) -> list[Params]:
        """At most `count` points to choose the next job from, the best first: see `suggest`.

        Whoever can predict constraints at these points asks `rate` then.
        """
        del count
        return [self.suggest(jobs)]

    def rate(
        self,
        jobs: Sequence[Job],
        points: Sequence[Params],
        predicted: Sequence[Mapping[str, Sequence[float]] | None],
    ) -> list[Rating]:
        """Rates points of which something is predicted.

        Args:
            jobs: As `suggest` takes them; the predictions of their values are in `predictions`.
            points: Points of the searched space.
            predicted: For each of them [mean, standard deviation] by constraint; None stands for a
                point of which nothing is predicted yet.

        Returns:
            One rating per point. Without an acquisition function, all are equally valuable.
        """
        return self.corrected(jobs, points, predicted)

    def rater(self, jobs: Sequence[Job]) -> Rate:
        """Rates points as `rate` does, given the same jobs at each call.

        What follows from the jobs alone has to be computed only once.
        """
        return partial(self.rate, jobs)

    def corrected(
        self,
        jobs: Sequence[Job],
        points: Sequence[Params],
        predicted: Sequence[Mapping[str, Sequence[float]] | None],
    ) -> list[Rating]:
        """As `rate`, but without an acquisition function: predictions, corrected by the jobs."""
        return self._rater(jobs)(points, predicted)

    def _rater(self, jobs: Sequence[Job]) -> Rater:
        with blas_threads.one():
            known = thinned(self.space, self.observe(jobs))
        return Rater(Features(self.space, known.wide), known, self._residual_hypers)

    @abc.abstractmethod
    def best(self, jobs: Sequence[Job]) -> Best | None:
        """The point that the model recommends, given the same jobs as `suggest` takes.

        Returns:
            The point with its expected values, or None if there is no model or too little data.
        """

    def pausing(self, jobs: Sequence[Job], *, new: bool = True) -> Decision:
        """What becomes of paused trainings.

        Args:
            jobs: As for `suggest`.
            new: Whether a new job is possible.
        """
        stopping = self.problem.stopping
        paused = [job for job in jobs if lifecycle.can_continue(job)]
        if stopping is None or not paused:
            return Decision()
        attempts = sum(int(job.get("attempt") or 0) for job in jobs)
        beliefs = self.beliefs(jobs, paused, self.rng(len(jobs), attempts), new=new)
        return decide(stopping, self.tasks[0].name, paused, beliefs)

    def beliefs(
        self, jobs: Sequence[Job], paused: Sequence[Job], rng: np.random.Generator, *, new: bool
    ) -> Beliefs:
        """What the results of paused jobs are expected to be: here by their curves alone.

        Args:
            jobs: All jobs.
            paused: Some of them.
            rng: Random numbers.
            new: Whether a new job is possible.
        """
        del rng
        stopping = self.problem.stopping
        assert stopping is not None  # noqa: S101 - nothing is paused without
        segments = stopping.segments
        return of_curves(self.tasks, jobs, paused, segments, new=new, space=self.space)

    def hypers(self) -> dict[str, Any]:
        """The state of the fitted models, for JSON: `load_hypers` saves another process the fit."""
        return {}

    def load_hypers(self, hypers: Mapping[str, Any]) -> None:  # noqa: B027 - not every chooser has state
        """Restores the state returned by `hypers`; entries that do not match are ignored."""


@dataclass(frozen=True, slots=True)
class _FirstPoint:
    """A point to evaluate before all others.

    Attributes:
        params: The point, as a job's `params`.
        codes: Its codes, shape (A,).
        counts: The axes on which a job with this point has to have the same values, shape (A,).
    """

    params: Params
    codes: Array
    counts: NDArray[np.bool_]

    @classmethod
    def of(cls, space: Space, values: Mapping[str, Sequence[Option]], *, exact: bool) -> Self:
        """The point with these values; `exact` if the values that it adds count too."""
        params = space.point(values)
        counts = np.array([exact or axis.variable in values for axis in space.axes])
        return cls(params, space.encode(params), counts)


def first_points(problem: Problem) -> list[tuple[Mapping[str, Sequence[Option]], bool]]:
    """The values that are given for the first points, and whether those added to them count."""
    points: list[tuple[Mapping[str, Sequence[Option]], bool]] = []
    defaults = {v.name: v.default for v in problem.variables if v.default is not None}
    if defaults:
        points.append((defaults, False))
    points.extend((values, True) for values in problem.first_points)
    return points


@dataclass(frozen=True, slots=True)
class Argument:
    """One key of `chooser-args`: a number in a range, true or false, or one of some words.

    Attributes:
        default: Its value if the key is absent; its type is that of all values.
        low, high: The range of a number, both ends included.
        choices: The valid words of a string.
    """

    default: Any
    low: int | float = 0
    high: int | float = 1
    choices: tuple[str, ...] = ()

    def read(self, reader: ObjectReader, key: str) -> Any:
        """The value that is given for `key`; a wrong one is a fault."""
        if self.choices:
            return reader.choice(key, self.choices, self.default)
        if isinstance(self.default, bool):
            return reader.flag(key, self.default)
        if isinstance(self.default, int):
            return reader.whole(key, self.default, int(self.low), int(self.high))
        return reader.number(key, self.default, self.low, self.high, ends=True)


def read_arguments(
    table: Mapping[str, Argument], given: Mapping[str, Any], faults: Faults
) -> dict[str, Any]:
    """The arguments of a chooser, with defaults filled in.

    Args:
        table: The arguments that the chooser has.
        given: `chooser-args`; `-` and `_` in a key are the same.
        faults: Where faults go, and a warning for every unknown key.
    """
    dashed = {key: key.replace("_", "-") for key in given}
    values = {dashed[key] if dashed[key] in table else key: given[key] for key in given}
    reader = ObjectReader(values, "chooser-args", faults)
    reader.check_keys(table)
    return {key: argument.read(reader, key) for key, argument in table.items()}
