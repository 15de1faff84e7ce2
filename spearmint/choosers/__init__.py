"""Choosers: what decides on the next job. One module per chooser, named in config.json.

A module is a chooser when it has `ARGUMENTS`, the table of its `chooser-args`, and
`init(problem, seed, arguments) -> Chooser`.
"""

from __future__ import annotations

import pkgutil
import warnings
from collections.abc import Mapping
from importlib import import_module
from numbers import Integral
from typing import Any

from spearmint.choosers.chooser import Chooser, read_arguments
from spearmint.config import Config, Problem
from spearmint.config.problem import read_problem
from spearmint.config.reader import Faults, ObjectReader, did_you_mean, one_of, shown
from spearmint.errors import UserError
from spearmint.optimiser.recommendation import Best

__all__ = ["Best", "Chooser", "available", "create"]

DEFAULT = "default_chooser"


def available() -> list[str]:
    """The valid names of a chooser."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name for name in found if name != "chooser" and not name.startswith("_"))


def create(config: Mapping[str, Any] | Config | Problem, seed: int | None = None) -> Chooser:
    """The chooser of a problem, ready to suggest.

    Args:
        config: A config.json's dictionary, or what `spearmint.config` made of one. Of a dictionary
            only `variables` is required; its unknown keys are Python warnings.
        seed: Any integer; the same seed and the same jobs give the same suggestions. None: the
            `seed` of `config` (default: 0).

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
    chooser = _create(problem, problem.seed if seed is None else int(seed), faults)
    chooser.warnings = tuple(faults.warnings)
    if isinstance(config, Mapping):
        for line in chooser.warnings:
            warnings.warn(line, stacklevel=2)
    return chooser


def _create(problem: Problem, seed: int, faults: Faults) -> Chooser:
    name = (problem.chooser or DEFAULT).removeprefix("spearmint.choosers.")
    if name not in available():
        hint = did_you_mean(name, available())
        expected = one_of(available()) + (f" ({hint})" if hint else "")
        faults.add("chooser", shown(problem.chooser), expected)
        faults.check()
    module = import_module(f"spearmint.choosers.{name}")
    arguments = read_arguments(module.ARGUMENTS, problem.chooser_args, faults)
    faults.check()
    chooser: Chooser = module.init(problem, seed, arguments)
    return chooser
