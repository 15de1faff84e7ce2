"""The default: constrained Bayesian optimisation with Gaussian processes.

The first points are those that config.json names (`default`, `first-points`), then those of a Sobol
sequence, the initial design. After it, each task has a model, and the point with the highest
log(expected improvement x probability of feasibility) is next. The models are in
`optimiser/models`, the acquisition function in `optimiser/acquisition.py`.

As long as every job has failed, or an outcome (BINOMIAL, STEP) was never met, the sequence
continues: a model of nothing but failures only says that successes are far from all of them, and
would search the corners of the space.

`chooser-args`:

- `initial-points`: number of jobs of the initial design; 0 chooses it by the dimension (default: 0)
- `fantasies`: number of samples of the noise and of the results of pending jobs (default: 16)
- `starts`: number of local searches of the acquisition function (default: 8)
- `aware`: false ignores the constraints in choosing points (default: true)
- `per-second`: true divides the acquisition function by the seconds that a job is expected to take,
  and suggests nothing that would not end in time (default: false): `optimiser/per_second.py`

Two more keys of config.json: `grid_size`, the number of quasi-random points at which the
acquisition function is evaluated (default: 512), and `grid_seed`, the seed of the initial design
(default: the seed).

While jobs in a row violate a constraint and lack an objective, although a feasible job is known,
the probability of feasibility counts more and more (`_caution`). Where the objective is never
observed, its model expects much; inside the feasible region, it may be so certain that any small
chance outside seems better. (On a table of 720 networks, of which 15 % are feasible, 4 of 20
searches spent most of their time outside without such a rule.)

No point is suggested twice, even if results are noisy: the noise-free values at known points are
integrated over, so a known point promises no improvement on itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from spearmint.choosers.chooser import Argument, Chooser
from spearmint.config import Problem
from spearmint.optimiser import blas_threads, doubt
from spearmint.optimiser.acquisition import ConstrainedImprovement
from spearmint.optimiser.candidates import check_not_exhausted
from spearmint.optimiser.fits import Fits
from spearmint.optimiser.hypervolume import improvement_on
from spearmint.optimiser.initial_design import InitialDesign, are_met
from spearmint.optimiser.job_values import Job
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import Observations
from spearmint.optimiser.pausing import Beliefs
from spearmint.optimiser.per_second import Pace, PerSecond, ranked
from spearmint.optimiser.rating import Rate, Rating
from spearmint.optimiser.recommendation import (
    Best,
    incumbents,
    log_probability_met,
    probability_met,
    recommend,
)
from spearmint.optimiser.search import Effort
from spearmint.optimiser.space import Array, Params
from spearmint.optimiser.thinning import MOST, thinned

ARGUMENTS = {
    "initial-points": Argument(0, 0, 10_000),
    "fantasies": Argument(16, 1, 256),
    "starts": Argument(8, 1, 256),
    "aware": Argument(True),
    "per-second": Argument(False),
}

#: With more jobs than this, the search of the acquisition function is shortened.
MANY_JOBS = 250
#: So many jobs in a row may be infeasible and without an objective before the search gets careful.
PATIENCE = 2
#: Largest exponent of the probability of feasibility.
MOST_CAREFUL = 32.0
#: Default of `grid_size`.
GRID = 512


class DefaultChooser(Chooser):
    """Constrained Bayesian optimisation; see the module.

    Attributes:
        acquisition: The acquisition function.
        integrates_noise: Whether it is a mean over the noise-free values at observed points;
            otherwise, the observed values count as they are.
        adapts: Whether the search gets careful after infeasible jobs without an objective.
    """

    acquisition: type[ConstrainedImprovement] = ConstrainedImprovement
    integrates_noise = True
    adapts = True

    def __init__(self, problem: Problem, seed: int, arguments: Mapping[str, Any]) -> None:
        super().__init__(problem, seed)
        self.arguments = dict(arguments)
        self.features = Features(self.space)
        self.fits = Fits()
        self.pace = Pace(self.arguments["per-second"])
        self.grid_size = problem.grid_size or GRID
        grid_seed = abs(seed if problem.grid_seed is None else problem.grid_seed)
        self.design = InitialDesign(self.space, grid_seed, self.arguments["initial-points"])

    def suggest(self, jobs: Sequence[Job]) -> Params:
        """The point with the highest acquisition, or the next one of the initial design."""
        return self.candidates(jobs, 1)[0]

    def candidates(self, jobs: Sequence[Job], count: int) -> list[Params]:
        """Points of high acquisition, the highest first; one as long as models do not suggest."""
        with blas_threads.one():
            return self._candidates(jobs, count)

    def _candidates(self, jobs: Sequence[Job], count: int) -> list[Params]:
        known = self.observe(jobs)
        if not self.arguments["aware"]:
            known = known.without_constraints()
        check_not_exhausted(self.space, known.tried)
        first = self.first_point(known)
        if first is not None:
            return [first]
        rng = self.rng(known.count)
        if known.count < self.design.ends_after(known) or not len(known.codes):
            return [self.space.decode(self._initial_point(known, rng))]
        kept = thinned(self.space, known)
        features = self._features(kept)
        models = self.fits.models(features, kept)
        informed = [model for model in models if not model.is_always_violated]
        if not informed or (len(informed) < len(models) and are_met(kept, informed)):
            return [self.space.decode(self._exploring_point(features, known, informed, rng))]
        acquisition = self._acquisition(kept, models, rng)
        # An evaluation takes time of order n², and with many jobs there is less left to find.
        effort = Effort(self.grid_size, self.arguments["starts"])
        effort = effort.share(min(1.0, MANY_JOBS / min(max(known.count, 1), MOST)))
        found = ranked(features, acquisition, kept, effort, rng, count)
        return [self.space.decode(point) for point in found]

    def rate(
        self,
        jobs: Sequence[Job],
        points: Sequence[Params],
        predicted: Sequence[Mapping[str, Sequence[float]] | None],
    ) -> list[Rating]:
        """Rates points by the acquisition function with what is predicted there.

        A single point is not compared with others, and points are not compared by constraints
        that are to be ignored: they have no value.
        """
        return self.rater(jobs)(points, predicted)

    def rater(self, jobs: Sequence[Job]) -> Rate:
        """Rates points as `rate` does; fits the models and makes the acquisition function once."""
        rater = self._rater(jobs)
        known = rater.known

        def make_models() -> tuple[list[TaskModel], ConstrainedImprovement | PerSecond]:
            models = self.fits.models(self._features(known), known)
            return models, self._acquisition(known, models, self.rng(known.count))

        if len(known.codes) and self.arguments["aware"]:
            rater.make_models = make_models
        return rater

    def _initial_point(self, known: Observations, rng: np.random.Generator) -> Array:
        if not self.pace.counts:
            return self.design.point(known, rng)
        features, ahead = self._features(known), self.design.ahead(known)
        return self.design.point(
            known, rng, lambda point: self.pace.timely(point, ahead, features, known, self.time)
        )

    def _exploring_point(
        self,
        features: Features,
        known: Observations,
        models: Sequence[TaskModel],
        rng: np.random.Generator,
    ) -> Array:
        """The next point of the initial design that probably meets the known constraints."""
        constraints = [model for model in models if not model.task.objective]
        if not constraints:
            return self._initial_point(known, rng)
        return self.design.likely_point(features, known, constraints, rng)

    def _features(self, known: Observations) -> Features:
        return self.features if known.wide is self.space else Features(self.space, known.wide)

    def beliefs(
        self, jobs: Sequence[Job], paused: Sequence[Job], rng: np.random.Generator, *, new: bool
    ) -> Beliefs:
        """What the models say, which combine curves and hyper-parameters.

        Until there are models, any new job of the initial design comes first.
        """
        with blas_threads.one():
            known = thinned(self.space, self.observe(jobs))
            curves = super().beliefs(jobs, paused, rng, new=new)
            if new and (self.first_point(known) or known.count < self.design.ends_after(known)):
                return replace(curves, new=(-np.inf, 0.0))
            return self._beliefs(known, paused, curves, rng) or curves

    def _beliefs(
        self,
        known: Observations,
        paused: Sequence[Job],
        curves: Beliefs,
        rng: np.random.Generator,
    ) -> Beliefs | None:
        features = self._features(known)
        models = self.fits.models(features, known) if len(known.codes) else []
        informed = [model for model in models if not model.is_always_violated]
        if not informed or not informed[0].task.objective:
            return None
        codes = known.wide.encode_all([job["params"] for job in paused], str)
        likely = 1.0
        if curves.new is not None:
            acquisition = self._acquisition(known, models, rng)
            effort = Effort(self.grid_size // 2, 1, 20)
            point = ranked(features, acquisition, known, effort, rng, 1)[0]
            codes = np.vstack([codes, point])
            if len(informed) > 1:
                likely = float(probability_met(features, informed[1:], codes[-1:], rng)[0])
        reached = known.codes[known.feasible & ~known.foreseen & np.isfinite(known.values[:, 0])]
        nothing = features.of(codes[:0])
        surrogate, _ = condition(features, informed[:1], nothing, 1, rng, noise_free=False)
        means, variances = surrogate.predict(features.of(np.vstack([codes, reached])))
        mean, deviation = means[0, :, 0], np.sqrt(np.maximum(variances[0], 0.0))
        mean[: len(paused)][np.isinf(curves.mean)] = np.inf  # diverged
        last = len(paused)
        return Beliefs(
            mean[:last],
            deviation[:last],
            mean[len(codes) :],
            None if curves.new is None else (float(mean[last]), float(deviation[last])),
            likely,
        )

    def _acquisition(
        self,
        known: Observations,
        models: Sequence[TaskModel],
        rng: np.random.Generator,
    ) -> ConstrainedImprovement | PerSecond:
        features = self._features(known)
        acquisition = self._expected_gain(features, known, models, rng)
        if known.objectives > 1 and self.adapts and doubt.is_due(known, acquisition):
            doubted = doubt.less_certain(features, models)
            if doubted is not None:
                other = self._expected_gain(features, known, doubted, rng)
                acquisition = doubt.Doubted(acquisition, other)
        return self.pace.of(acquisition, features, known, models, self.time)

    def _expected_gain(
        self,
        features: Features,
        known: Observations,
        models: Sequence[TaskModel],
        rng: np.random.Generator,
    ) -> ConstrainedImprovement:
        pending = features.of(known.pending)
        samples = self.arguments["fantasies"]
        surrogate, values = condition(
            features, models, pending, samples, rng, noise_free=self.integrates_noise
        )
        objectives, least = incumbents(known, models, values)
        # Without a model of each objective, nothing can be said about a gain.
        measured = len(objectives) == known.objectives
        gain = improvement_on(objectives) if measured else None
        weight = _caution(known) if self.adapts else 1.0
        return self.acquisition(surrogate, gain, least, weight, len(objectives))

    def log_probability_met(
        self, known: Observations, points: Array, rng: np.random.Generator
    ) -> Array | None:
        """The log of the probability that all constraints are met at points, by their models.

        Args:
            known: The observations.
            points: Codes, shape (m, A).
            rng: Random numbers.

        Returns:
            Shape (m,); None if nothing is known of any constraint.
        """
        if not len(known.codes):
            return None
        with blas_threads.one():
            kept = thinned(self.space, known)
            features = self._features(kept)
            models = [
                model
                for model in self.fits.models(features, kept)
                if not model.task.objective and not model.is_always_violated
            ]
            return log_probability_met(features, models, points, rng) if models else None

    def best(self, jobs: Sequence[Job]) -> Best | None:
        """The point with the lowest expected objective among those that probably are feasible.

        Each constraint must be met with its `min-confidence`. If there is no such point, it is the
        one that most probably meets all constraints; if none is likely to, the observed one that
        violates them least. None if no objective has been observed, or if there are several.
        """
        if sum(task.objective for task in self.tasks) > 1:
            return None
        known = thinned(self.space, self.observe(jobs))
        if not np.isfinite(known.values[:, 0]).any():
            return None
        with blas_threads.one():
            features = self._features(known)
            models = self.fits.models(features, known)
            return recommend(features, known, models, self.rng(known.count))

    def hypers(self) -> dict[str, Any]:
        """The latest fit of each task: kernel, warp, hyper-parameters, and a hash of its data."""
        return dict(self.fits.hypers)

    def load_hypers(self, hypers: Mapping[str, Any]) -> None:
        """Restores fits; a task whose data are the same is not fitted again."""
        if isinstance(hypers, Mapping):
            self.fits = Fits(dict(hypers))


def _caution(known: Observations) -> float:
    """The exponent of the probability of feasibility.

    It is 1 until `PATIENCE` jobs in a row were infeasible and lack an objective, and doubles with
    each further one. Each running job may be a feasible one among them, and allows one more. Until
    a feasible job is known, the exponent does not matter.
    """
    objectives = known.values[:, : known.objectives]
    fruitless = np.isnan(objectives).any(axis=1) & ~known.feasible
    others = np.flatnonzero(~fruitless)
    count = len(fruitless) - (int(others[-1]) + 1 if len(others) else 0)
    excess = max(count - PATIENCE - len(known.pending), 0)
    return float(min(2.0**excess, MOST_CAREFUL))


def init(problem: Problem, seed: int, arguments: Mapping[str, Any]) -> DefaultChooser:
    """The chooser of a problem."""
    return DefaultChooser(problem, seed, arguments)
