"""The metrics that can be optimised or bounded: names and units for every other module.

Lower is better for all of them, and a budget is an upper bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hwsearch.errors import UserError


@dataclass(frozen=True, slots=True)
class Metric:
    """One property of a network.

    Attributes:
        name: As in flags, tasks of config.json and job documents.
        unit: As printed after a value.
        needs_device: Whether it is measured on a device; otherwise it is computed, or known after
            training.
        upper_limit: A value that it never exceeds, so that a budget above it is a mistake.
        exact: Whether it has no noise: the same network always has the same value.
    """

    name: str
    unit: str
    needs_device: bool
    upper_limit: float = math.inf
    exact: bool = False


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("error", "%", False, upper_limit=100.0),  # share of misclassified images
        Metric("power", "W", True),  # mean power while running inference
        Metric("energy", "J/image", True),  # of inference
        Metric("runtime", "s/image", True),  # of inference
        Metric("memory", "GiB", True),  # peak of inference on the device
        Metric("params", "parameters", False, exact=True),  # number of weights
        Metric("macs", "MACs/image", False, exact=True),  # multiply-accumulates of inference
    )
}


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UserError: There is none.
    """
    try:
        return METRICS[name]
    except KeyError:
        raise UserError(f"metric: got {name!r}; expected one of {', '.join(METRICS)}") from None
