"""Random values for a template's hyper-parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def _value(variable: Mapping[str, Any], position: float) -> Any:
    """The value at a position in 0..1 of a variable's range."""
    if variable["type"] == "ENUM":
        options: Sequence[Any] = variable["options"]
        return options[int(position * len(options))]
    low, high = variable["min"], variable["max"]
    if variable["type"] == "INT":
        return low + int(position * (high - low + 1))
    return min(max(low + position * (high - low), low), high)
