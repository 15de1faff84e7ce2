"""Everything that the models say about a search, as plain numbers that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spearmint.analysis.fitted import Fitted
from spearmint.analysis.importance import importance
from spearmint.analysis.leave_one_out import leave_one_out
from spearmint.analysis.slices import slices
from spearmint.config import Problem
from spearmint.errors import UserError
from spearmint.optimiser import blas_threads
from spearmint.optimiser.job_values import Job
from spearmint.optimiser.space import Array


def analyse(
    problem: Problem,
    jobs: Sequence[Job],
    *,
    hypers: Mapping[str, Any] | None = None,
    best: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The models' view of a search; the same jobs always give the same numbers.

    Args:
        problem: The search space and the tasks.
        jobs: Job documents, as a chooser takes them.
        hypers: The fits that the database keeps; those to the same values are not repeated.
        best: The `params` of the point through which the slices go; None = the best observed one.

    Returns:
        By task, without those of which too little is known: `kernel`; `observations`, how many the
        model was fitted to; `importance`, by variable (`importance`); `fit` (`leave_one_out`);
        `slices` (`slices`). All values are those of the optimiser's tasks and variables.

    Raises:
        UserError: A job does not belong to this space.
    """
    with blas_threads.one():
        fitted = Fitted.of(problem, jobs, hypers or {})
        point = _point(fitted, best)
        rng = np.random.default_rng(0)
        return {
            model.task.name: {
                "kernel": model.kernel,
                "observations": len(model.index),
                "importance": importance(fitted, model, rng),
                "fit": leave_one_out(fitted, model),
                "slices": [] if point is None else slices(fitted, model, point, rng),
            }
            for model in fitted.models
        }


def _point(fitted: Fitted, best: Mapping[str, Any] | None) -> Array | None:
    """The codes of the point through which the slices go; None if there is none."""
    if best is not None:
        try:
            codes = fitted.space.encode(best)
        except UserError:  # from before a change of the space
            codes = None
        if codes is not None and fitted.space.contains(codes[None])[0]:
            return codes
    order = fitted.known.order
    return fitted.known.codes[order[0]] if len(order) else None
