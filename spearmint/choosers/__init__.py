"""Choosers decide which point is evaluated next. This is the ask-and-tell interface.

`create` makes a chooser from the dictionary of a config.json. Only `variables` is required; without
`tasks`, there is one objective called `main`. `suggest` returns the next point, and the caller
keeps the list of jobs:

    >>> from spearmint import choosers
    >>> config = {
    ...     "variables": {
    ...         "x": {"type": "FLOAT", "min": 0, "max": 6},
    ...         "n": {"type": "INT", "min": 1, "max": 5},
    ...     },
    ...     "tasks": {
    ...         "cost": {"type": "OBJECTIVE", "likelihood": "NOISELESS"},
    ...         "room": {"type": "CONSTRAINT", "likelihood": "NOISELESS"},
    ...     },
    ... }
    >>> chooser = choosers.create(config, seed=1)
    >>> jobs = []
    >>> for number in range(1, 16):
    ...     params = chooser.suggest(jobs)
    ...     x, n = params["x"]["values"][0], params["n"]["values"][0]
    ...     values = {"cost": x + n, "room": x * n - 4}
    ...     job = {"id": number, "params": params, "status": "complete", "values": values}
    ...     jobs.append(job)
    >>> best = min(job["values"]["cost"] for job in jobs if job["values"]["room"] >= 0)
    >>> print(f"lowest cost: {best:.2f}")
    lowest cost: 4.00

`params` are the variables by name, each with its type and `size` values:

    >>> jobs[0]["params"]["n"]
    {'type': 'int', 'values': [1]}

A job is a dictionary with these keys; the order of the list and further keys do not matter:

- `id`: a whole number, different for each job
- `params`: as `suggest` returned them
- `status`: `complete`; `broken` (it failed: the model learns to avoid the region); anything else,
  such as `pending`, is a job that has not finished. Its point is not suggested again, and its
  result is treated as unknown, so points for several jobs at once are found by adding each to the
  list before the next call.
- `values`, if complete: the value of each task, NaN if it is unknown. Objectives, up to three, are
  minimised; a constraint is met when its value is >= 0. A plain number is the value of every task.

`best` returns the point that the model recommends, which need not be among the jobs:

    >>> found = chooser.best(jobs)
    >>> print(f"{found.values['cost']:.2f}, {found.confident}")
    4.00, True

It is a `Best` with `params`, the expected `values`, the `probability` that all constraints are met,
and whether each is met with its `min-confidence` (`confident`). It is None as long as there is no
model, and if there are several objectives.

`hypers` returns the state of the fitted models as JSON values. Another process that calls
`load_hypers` with it need not fit them again; the suggestions are the same with or without it.

A chooser keeps nothing else between calls: its suggestions are a function of the configuration, the
seed and the jobs.

The module of a chooser, in this folder, has `ARGUMENTS`, the table of its `chooser-args`, and
`init(problem, seed, arguments) -> Chooser`. `chooser` in config.json is the name of the module.
"""

from __future__ import annotations

import pkgutil
import warnings
from collections.abc import Mapping
from importlib import import_module
from numbers import Integral
from types import ModuleType
from typing import Any

from spearmint.choosers.chooser import Chooser, read_arguments
from spearmint.config import Config, Problem
from spearmint.config.problem import read_problem
from spearmint.config.reader import Faults, ObjectReader, did_you_mean, one_of, shown
from spearmint.errors import UserError
from spearmint.optimiser.recommendation import Best

__all__ = ["Best", "Chooser", "available", "check", "create"]

DEFAULT = "default_chooser"


def available() -> list[str]:
    """The valid names of a chooser."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in names if name != "chooser" and not name.startswith("_"))


def create(config: Mapping[str, Any] | Config | Problem, seed: int | None = None) -> Chooser:
    """The chooser of a problem, ready to suggest.

    Args:
        config: The dictionary of a config.json, or the record that `spearmint.config` made of one.
            Of a dictionary, `variables`, `tasks`, `likelihood`, `chooser`, `chooser-args`,
            `grid_size`, `grid_seed`, `seed` and `first-points` are used. An unknown key is a Python
            warning.
        seed: Any integer. The same seed and the same jobs give the same suggestions. None stands
            for the `seed` of `config` (default: 0).

    Returns:
        The chooser; its `warnings` has one line per key that is ignored.

    Raises:
        ConfigError: All faults of the variables, the tasks, the chooser's name and arguments.
        UserError: `seed` is not an integer.
    """
    if isinstance(seed, bool) or not isinstance(seed, Integral | None):
        raise UserError(f"seed: got {seed!r}; expected a whole number")
    problem = config.problem if isinstance(config, Config) else config
    if isinstance(problem, Problem):
        faults = Faults(problem.source)
    else:
        faults = Faults("config")
        problem = read_problem(ObjectReader.of_file(problem, faults))
    found = _module(problem, faults)
    arguments = read_arguments(found.ARGUMENTS, problem.chooser_args, faults) if found else {}
    faults.check()
    assert found is not None  # noqa: S101 - that is a fault
    chooser: Chooser = found.init(problem, problem.seed if seed is None else int(seed), arguments)
    chooser.warnings = tuple(faults.warnings)
    if isinstance(config, Mapping):
        for line in chooser.warnings:
            warnings.warn(line, stacklevel=2)
    return chooser


def check(problem: Problem, faults: Faults) -> None:
    """Adds the faults of a chooser's name and arguments."""
    own = Faults(faults.source)  # `create` gives the warnings to the chooser
    found = _module(problem, own)
    if found is not None:
        read_arguments(found.ARGUMENTS, problem.chooser_args, own)
    faults.faults += own.faults


def _module(problem: Problem, faults: Faults) -> ModuleType | None:
    """The module of a chooser; None after adding a fault."""
    name = (problem.chooser or DEFAULT).removeprefix("spearmint.choosers.")
    if name in available():
        return import_module(f"spearmint.choosers.{name}")
    hint = did_you_mean(name, available())
    expected = one_of(available()) + (f" ({hint})" if hint else "")
    faults.add("chooser", shown(problem.chooser), expected)
    return None
