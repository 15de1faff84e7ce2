"""Reads the part of a config.json that a chooser needs: variables, tasks, and its own keys."""

from __future__ import annotations

from spearmint.config.reader import LARGEST, ObjectReader
from spearmint.config.records import Problem
from spearmint.config.resources import RESOURCE_KEYS
from spearmint.config.stopping import read_stopping
from spearmint.config.tasks import read_tasks
from spearmint.config.variables import read_first_points, read_variables

#: The keys of a config.json.
TOP_KEYS = (
    "experiment-name",
    "main-file",
    "language",
    "likelihood",
    "variables",
    "tasks",
    "resources",
    *RESOURCE_KEYS,
    "chooser",
    "chooser-args",
    "database",
    "polling-time",
    "grid_size",
    "grid_seed",
    "preload",
    "seed",
    "first-points",
    "earlier-results",
    "max-full-jobs",
    "max-time",
    "lease-time",
    "job-timeout",
    "job-memory",
    "output-limit",
    "candidate-check",
    "stopping",
)


def read_problem(top: ObjectReader) -> Problem:
    """The problem; what has a fault is missing or has its default."""
    top.check_keys(TOP_KEYS)
    variables = read_variables(top)
    tasks = read_tasks(top)
    return Problem(
        variables=variables,
        tasks=tasks,
        chooser=top.string("chooser", None, "the name of a chooser"),
        chooser_args=top.mapping("chooser-args"),
        grid_size=top.whole("grid_size", None, 1, 1_000_000),
        grid_seed=top.whole("grid_seed", None, -LARGEST),
        seed=top.whole("seed", 0, -LARGEST),
        first_points=read_first_points(top, variables),
        stopping=read_stopping(top, tasks),
        source=top.faults.source,
    )
