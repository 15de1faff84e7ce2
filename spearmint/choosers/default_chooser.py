"""The default: constrained Bayesian optimisation with Gaussian processes.

The first points are those of a Sobol sequence, the initial design. After it, each task has a model,
and the point with the highest log(expected improvement x probability of feasibility) is next. The
models are in `optimiser/models`, the acquisition function in `optimiser/acquisition.py`.

`chooser-args`:

- `initial-points`: number of jobs of the initial design; 0 chooses it by the dimension (default: 0)
- `fantasies`: number of samples of the noise and of the results of pending jobs (default: 16)
- `starts`: number of local searches of the acquisition function (default: 8)

Two more keys of config.json: `grid_size`, the number of quasi-random points at which the
acquisition function is evaluated (default: 512), and `grid_seed`, the seed of the initial design
(default: the seed).

No point is suggested twice, even if results are noisy: the noise-free values at known points are
integrated over, so a known point promises no improvement on itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spearmint.choosers.chooser import Argument, Chooser
from spearmint.config import Problem
from spearmint.optimiser import blas_threads
from spearmint.optimiser.acquisition import ConstrainedImprovement
from spearmint.optimiser.candidates import check_not_exhausted, design, untried
from spearmint.optimiser.models.fantasies import condition
from spearmint.optimiser.models.fit import Data, fit
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.task_model import TaskModel
from spearmint.optimiser.observations import FAILURE, Job, Observations
from spearmint.optimiser.recommendation import Best, incumbents, recommend
from spearmint.optimiser.search import Effort, maximise
from spearmint.optimiser.space import Array, Params

ARGUMENTS = {
    "initial-points": Argument(0, 0, 10_000),
    "fantasies": Argument(16, 1, 256),
    "starts": Argument(8, 1, 256),
}

#: With more jobs than this, the search of the acquisition function is shortened.
MANY_JOBS = 250
#: Default of `grid_size`.
GRID = 512


class DefaultChooser(Chooser):
    """Constrained Bayesian optimisation; see the module."""

    def __init__(self, problem: Problem, seed: int, arguments: Mapping[str, Any]) -> None:
        super().__init__(problem, seed)
        self.arguments = dict(arguments)
        self.features = Features(self.space)
        self._hypers: dict[str, Any] = {}
        self.initial_points = self.arguments["initial-points"] or default_initial_points(
            self.space.dimension
        )
        self.grid_size = problem.grid_size or GRID
        self.grid_seed = abs(seed if problem.grid_seed is None else problem.grid_seed)

    def suggest(self, jobs: Sequence[Job]) -> Params:
        """The point with the highest acquisition, or the next one of the initial design."""
        with blas_threads.suited_to(len(jobs)):
            return self._suggest(jobs)

    def _suggest(self, jobs: Sequence[Job]) -> Params:
        known = self.observe(jobs)
        check_not_exhausted(self.space, known.tried)
        rng = self.rng(known.count)
        if known.count < self._models_start_after(known) or not len(known.codes):
            return self.space.decode(self._initial_point(known, rng))
        models = self._fit(known)
        if not models:
            return self.space.decode(self._initial_point(known, rng))
        acquisition = self._acquisition(known, models, rng)
        # An evaluation takes time of order n², and with many jobs there is less left to find.
        effort = Effort(self.grid_size, self.arguments["starts"])
        effort = effort.share(min(1.0, MANY_JOBS / max(known.count, 1)))
        return self.space.decode(maximise(self.features, acquisition, known, effort, rng))

    def _models_start_after(self, known: Observations) -> int:
        """Number of jobs after which the models take over.

        Half of the initial design if no point of it meets the constraints: the models then find
        such a point sooner than a design that does not use what is known.
        """
        finished = len(known.codes)
        if finished and not known.feasible.any() and not self.arguments["initial-points"]:
            return min(self.initial_points, max(4, self.initial_points // 2))
        return self.initial_points

    def _initial_point(self, known: Observations, rng: np.random.Generator) -> Array:
        points = design(self.space, known.count + 1, self.grid_seed)
        point: Array = points[known.count]
        if self.space.same(point[None], known.tried)[0]:
            return untried(self.space, known.tried, rng)
        return point

    def _fit(self, known: Observations) -> list[TaskModel]:
        """Fits the tasks that have an observation, the objective first."""
        rows = self.features.of(known.codes)
        columns = dict(zip(self.tasks, known.values.T, strict=True))
        if np.any(known.failed == 1.0):
            columns[FAILURE] = 1.0 - known.failed
        tasks = []
        for task, y in columns.items():
            index = np.flatnonzero(~np.isnan(y))
            if len(index):
                tasks.append(Data(task, index, rows[index], y[index]))
        models = fit(self.features, tasks, self._hypers)
        self._hypers = {model.task.name: model.hypers for model in models}
        return models

    def _acquisition(
        self, known: Observations, models: Sequence[TaskModel], rng: np.random.Generator
    ) -> ConstrainedImprovement:
        pending = self.features.of(known.pending)
        samples = self.arguments["fantasies"]
        surrogate, values = condition(self.features, models, pending, samples, rng)
        best, least = incumbents(known, models, values)
        return ConstrainedImprovement(surrogate, best if models[0].task.objective else None, least)

    def best(self, jobs: Sequence[Job]) -> Best | None:
        """The point with the lowest expected objective among those that probably are feasible.

        Each constraint must be met with its `min-confidence`. If there is no such point, it is the
        one that most probably meets all constraints. None if no objective has been observed.
        """
        known = self.observe(jobs)
        if not np.isfinite(known.values[:, 0]).any():
            return None
        with blas_threads.suited_to(len(jobs)):
            models = self._fit(known)
            return recommend(self.features, known, models, self.rng(known.count))

    def hypers(self) -> dict[str, Any]:
        """The latest fit of each task: kernel, warp, hyper-parameters, and a hash of its data."""
        return dict(self._hypers)

    def load_hypers(self, hypers: Mapping[str, Any]) -> None:
        """Restores fits; a task whose data are the same is not fitted again."""
        if isinstance(hypers, Mapping):
            self._hypers = dict(hypers)


def default_initial_points(dimension: int) -> int:
    """Number of jobs of the initial design."""
    return min(max(4, dimension + 1), 10)


def init(problem: Problem, seed: int, arguments: Mapping[str, Any]) -> DefaultChooser:
    """The chooser of a problem."""
    return DefaultChooser(problem, seed, arguments)
