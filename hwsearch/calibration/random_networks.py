"""Random values for a template's hyper-parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from hwsearch.template import Template


def random_params(template: Template, count: int, seed: int) -> list[dict[str, Any]]:
    """Random values for the template, a Latin hypercube (McKay, Beckman and Conover 1979).

    It covers each variable's range evenly, so that few networks represent all.

    Returns:
        `count` dictionaries by token, as `Template.render` takes them.
    """
    rng = np.random.default_rng(seed)
    points: list[dict[str, Any]] = [{} for _ in range(count)]
    for name, variable in template.variables().items():
        positions = (rng.permutation(count) + rng.random(count)) / count
        for point, position in zip(points, positions, strict=True):
            point[name] = _value(variable, float(position))
    return points


def params_at(template: Template, positions: Iterable[float]) -> dict[str, Any]:
    """The values at a position in 0..1 of each variable, as `Template.render` takes them."""
    variables = template.variables().items()
    return {
        name: _value(variable, float(position))
        for (name, variable), position in zip(variables, positions, strict=True)
    }


def _value(variable: Mapping[str, Any], position: float) -> Any:
    """The value at a position in 0..1 of a variable's range, or of that of its logarithm."""
    if variable["type"] == "ENUM":
        options: Sequence[Any] = variable["options"]
        option = options[int(position * len(options))]
        return [option] if isinstance(option, list) else option
    low, high = variable["min"], variable["max"]
    whole = variable["type"] == "INT"
    if variable.get("log"):
        ends = (low - 0.5, high + 0.5) if whole else (low, high)
        value = math.exp(math.log(ends[0]) + position * (math.log(ends[1]) - math.log(ends[0])))
        return min(max(round(value) if whole else value, low), high)
    step = variable.get("step", 1 if whole else None)
    if step is not None:
        first, each = Fraction(repr(low)), Fraction(repr(step))
        steps = (Fraction(repr(high)) - first) // each
        exact = first + int(position * (steps + 1)) * each
        return int(exact) if whole else float(exact)
    return min(max(low + position * (high - low), low), high)
