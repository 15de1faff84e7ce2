"""Features of a network for predicting its costs: arrays from what `hwsearch.counting` counts.

Each feature is an amount of work per image (of memory: per batch), so that a linear model's weights
are prices: seconds or joules per multiply-accumulate, per byte, per call.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from hwsearch.measurements.reading import mapping, number
from hwsearch.predicting.linear import Array

if TYPE_CHECKING:
    from hwsearch.counting import Counts  # which imports Keras

#: Names of the features of time and energy.
INFERENCE = (
    "MACs of convolutions",
    "MACs of other layers",
    "bytes of activations",
    "outputs of convolutions",
    "unfolded inputs of convolutions",
    "elements in pooling windows",
    "elements through tanh, elu and the like",
    "parameters",
    "calls of layers",
    "blocks of output channels",
    "batches",
)
#: Those of power: energy is not spent by work alone, but also by waiting. As in the other lists,
#: the fixed cost is the last one: see `hwsearch.predicting.transfer`.
POWER = (*INFERENCE, "an idle device")
#: Those of memory.
MEMORY = (
    "bytes of weights",
    "peak bytes of activations",
    "peak bytes of activations in place",
    "bytes of all activations",
    "unfolded inputs of convolutions",
    "weights of convolutions",
    "calls of layers",
    "networks",
)


@dataclass(frozen=True, slots=True)
class Structure:
    """What the costs of a network depend on; work and activations per image.

    Attributes:
        batch: Images per run.
        params, weight_bytes, activation_bytes, activation_bytes_total, activation_bytes_in_place:
            See `hwsearch.counting.Counts`.
        convolution_macs, other_macs, unfolded, pooled: See `hwsearch.counting.work.Work`.
        curved, calls, filled_macs, convolved, blocks, kernels: Likewise.
    """

    batch: float
    params: float
    weight_bytes: float
    activation_bytes: float
    activation_bytes_total: float
    activation_bytes_in_place: float
    convolution_macs: float
    other_macs: float
    unfolded: float
    pooled: float
    curved: float
    calls: float
    filled_macs: float
    convolved: float
    blocks: float
    kernels: float

    @classmethod
    def of(cls, counts: Counts, batch: int) -> Structure:
        """The structure of a counted network that runs with a batch size."""
        return cls(
            float(batch),
            float(counts.params),
            float(counts.weight_bytes),
            float(counts.activation_bytes),
            float(counts.activation_bytes_total),
            float(counts.activation_bytes_in_place),
            **{name: float(value) for name, value in asdict(counts.work).items()},
        )

    def to_json(self) -> dict[str, float]:
        """Numbers by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Any) -> Structure | None:
        """Reads what `to_json` wrote; None if a number is missing."""
        values = {f.name: number(mapping(document).get(f.name)) for f in fields(cls)}
        usable = all(value >= 0 and math.isfinite(value) for value in values.values())
        return cls(**values) if usable and values["batch"] > 0 else None


def inference_features(networks: Sequence[Structure]) -> Array:
    """Features of runtime and energy per image, shape (n, 11)."""
    rows = [
        (
            one.filled_macs,
            one.other_macs,
            one.activation_bytes_total,
            one.convolved,
            one.unfolded,
            one.pooled,
            one.curved,
            one.params / one.batch,
            one.calls / one.batch,
            one.blocks / one.batch,
            1.0 / one.batch,
        )
        for one in networks
    ]
    return np.array(rows, float).reshape(len(networks), len(INFERENCE))


def power_features(networks: Sequence[Structure]) -> Array:
    """Features of power, shape (n, 12)."""
    return np.column_stack([inference_features(networks), np.ones(len(networks))])


def memory_features(networks: Sequence[Structure]) -> Array:
    """Features of the peak memory of inference, shape (n, 8)."""
    rows = [
        (
            one.weight_bytes,
            one.batch * one.activation_bytes,
            one.batch * one.activation_bytes_in_place,
            one.batch * one.activation_bytes_total,
            one.batch * one.unfolded,
            one.kernels,
            one.calls,
            1.0,
        )
        for one in networks
    ]
    return np.array(rows, float).reshape(len(networks), len(MEMORY))


_OF = {"memory": (MEMORY, memory_features), "power": (POWER, power_features)}


def names_for(metric: str) -> tuple[str, ...]:
    """Names of a metric's features."""
    return _OF.get(metric, (INFERENCE, inference_features))[0]


def features_for(metric: str, networks: Sequence[Structure]) -> Array:
    """Features of n networks for a metric, shape (n, F): of memory, of power, else of time."""
    return _OF.get(metric, (INFERENCE, inference_features))[1](networks)


def exact_counts(counts: Counts) -> Mapping[str, float]:
    """The metrics that are counted and never predicted; `macs` only if all layers are known."""
    known: dict[str, float] = {"params": float(counts.params)}
    return known if counts.uncounted else known | {"macs": float(counts.macs)}
