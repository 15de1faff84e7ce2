"""What can be optimised or bounded: one table, from which every other place takes names and units.

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
        meaning: Half a sentence for `--help`.
        needs_device: Whether it is measured on a device; else it is computed or learnt.
        upper_limit: A value that it can never exceed, so that a budget above it is a mistake.
    """

    name: str
    unit: str
    meaning: str
    needs_device: bool
    upper_limit: float = math.inf
    lower_is_better: bool = True


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("error", "%", "classification error, 0-100", False, upper_limit=100.0),
        Metric("power", "W", "mean power while running inference", True),
        Metric("energy", "J/image", "energy of one image's inference", True),
        Metric("runtime", "s/image", "time of one image's inference", True),
        Metric("memory", "GiB", "peak memory on the device", True),
        Metric("params", "parameters", "number of weights", False),
        Metric("macs", "MACs/image", "multiply-accumulates of one image's inference", False),
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
