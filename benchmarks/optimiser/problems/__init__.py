"""Constrained test problems from the literature: `names()` lists them, `load(name)` gives one.

>>> problem = load("gramacy")
>>> job_params = problem.params([0.2, 0.4])
>>> problem.evaluate(job_params, np.random.default_rng(0))  # {"objective": ..., "c1": ..., ...}
>>> spearmint.choosers.create(problem.config(), seed=1)
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from benchmarks.optimiser.problems import continuous, digits, engineering
from benchmarks.optimiser.problems.problem import Axis, Definition, Problem

__all__ = ["KNOWN_FILE", "Axis", "Definition", "Problem", "definitions", "load", "names"]

#: Best values, solutions and scales, written by `verify.py`.
KNOWN_FILE = Path(__file__).with_name("known.json")


def definitions() -> dict[str, Definition]:
    """All problems by name, without their answers."""
    every = continuous.DEFINITIONS + engineering.DEFINITIONS + digits.DEFINITIONS
    return {definition.name: definition for definition in every}


def names() -> list[str]:
    """Names of all problems."""
    return list(definitions())


def load(name: str) -> Problem:
    """The problem of that name.

    Raises:
        KeyError: There is none of that name.
    """
    definition = definitions()[name]
    known = json.loads(KNOWN_FILE.read_text())[name]
    fields = {f.name: getattr(definition, f.name) for f in dataclasses.fields(definition)}
    known["solution"] = tuple(known["solution"])
    return Problem(**fields, **known)
