"""The table of metrics, and the metrics that a compiled model reports itself.

Lower is better for all metrics of the table. A budget is an upper bound unless it says otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hwsearch.errors import UserError

#: How the names begin that Keras gives to losses and metrics of the validation set.
VALIDATION = "val_"


@dataclass(frozen=True, slots=True)
class Metric:
    """One property of a network.

    Attributes:
        name: As in flags, tasks of config.json and job documents.
        unit: As printed after a value; "" if it has none.
        needs_device: Whether it is measured on a device before training.
        after_training: Whether it is unknown before the network is trained.
        upper_limit: A value that it never exceeds, so that a budget above it is a mistake.
        exact: Whether it has no noise: the same network always has the same value.
        signed: Whether it may be zero or negative.
    """

    name: str
    unit: str
    needs_device: bool
    after_training: bool = False
    upper_limit: float = math.inf
    exact: bool = False
    signed: bool = False

    @property
    def is_quality(self) -> bool:
        """Whether it says how good the predictions are, not what the network costs."""
        return self.name == "error" or self.name.startswith(VALIDATION)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        # Share of misclassified images.
        Metric("error", "%", False, after_training=True, upper_limit=100.0),
        Metric("power", "W", True),  # mean power while running inference
        Metric("energy", "J/image", True),  # of inference
        Metric("runtime", "s/image", True),  # of inference
        Metric("memory", "GiB", True),  # peak of inference on the device
        Metric("params", "parameters", False, exact=True),  # number of weights
        Metric("macs", "MACs/image", False, exact=True),  # multiply-accumulates of inference
        Metric("training_time", "s", False, after_training=True),  # of all epochs
        Metric("training_memory", "GiB", False, after_training=True),  # peak on the device
    )
}


def is_metric(name: object) -> bool:
    """Whether a name is in the table, or may be a metric that a model reports."""
    return isinstance(name, str) and (name in METRICS or _is_validation(name))


def metric(name: str) -> Metric:
    """The metric of that name.

    Raises:
        UserError: There is none.
    """
    if name in METRICS:
        return METRICS[name]
    if _is_validation(name):
        return Metric(name, "", False, after_training=True, signed=True)
    raise UserError(
        f"metric: got {name!r}; expected one of {', '.join(METRICS)}, or {VALIDATION}..."
    )


def _is_validation(name: str) -> bool:
    """Whether it may be a metric of the validation set; only the model knows whether it is."""
    rest = name.removeprefix(VALIDATION)
    return rest not in ("", name) and name.isprintable() and not set(name) & set(" ,=<>\"'")
