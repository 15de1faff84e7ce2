"""A measured number with its unit and its uncertainty, and how groups of samples become one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured number.

    Attributes:
        mean: The estimate, in `unit`.
        std_error: Its standard error (random part only: not the sensor's calibration); NaN when
            there were too few samples to tell.
        std: Spread of the samples.
        samples: How many samples went into it.
        unit: W, J/image, s/image or GiB.
        source: What was read and how, for people.
    """

    mean: float
    std_error: float
    std: float
    samples: int
    unit: str
    source: str

    @property
    def relative_error(self) -> float:
        """Standard error as a share of the mean; infinite when it is not known."""
        if not math.isfinite(self.std_error) or self.mean == 0:
            return math.inf
        return abs(self.std_error / self.mean)

    def scaled(self, factor: float, unit: str) -> Quantity:
        """The same measurement in other units."""
        return Quantity(
            self.mean * factor,
            self.std_error * abs(factor),
            self.std * abs(factor),
            self.samples,
            unit,
            self.source,
        )

    def to_json(self) -> dict[str, Any]:
        """A dictionary for reports and the database."""
        return asdict(self)

    def __str__(self) -> str:
        error = f" +- {self.std_error:.2g}" if math.isfinite(self.std_error) else ""
        return f"{self.mean:.4g}{error} {self.unit}"


def from_groups(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Weighted mean of group values and its standard error (ratio estimator).

    Groups are far enough apart to be independent; samples inside a group are not.

    Args:
        values: One a group, shape (g,).
        weights: e.g. the groups' lengths, shape (g,).

    Returns:
        Mean and standard error; the error is NaN for a single group.
    """
    value, weight = np.asarray(values, float), np.asarray(weights, float)
    mean = float(np.average(value, weights=weight))
    count = len(value)
    if count < 2:
        return mean, math.nan
    share = weight / weight.sum()
    variance = float(np.sum((share * (value - mean)) ** 2)) * count / (count - 1)
    return mean, math.sqrt(variance)


def jackknife(
    estimate: Callable[[Sequence[T]], float], samples: Sequence[T], groups: int
) -> tuple[float, float]:
    """An estimate and its standard error by leaving out one block of samples after the other.

    Blocks of neighbours, because neighbours in time are alike (Kuensch 1989).

    Args:
        estimate: Of samples.
        samples: In order of time, length n.
        groups: Number of blocks.

    Returns:
        The estimate and its standard error; the error is NaN for fewer than two blocks.
    """
    count = len(samples)
    groups = min(groups, count)
    whole = estimate(samples)
    if groups < 2:
        return whole, math.nan
    ends = [g * count // groups for g in range(groups + 1)]
    left_out = np.array(
        [estimate([*samples[:start], *samples[end:]]) for start, end in itertools.pairwise(ends)]
    )
    variance = (groups - 1) / groups * float(np.sum((left_out - left_out.mean()) ** 2))
    return whole, math.sqrt(variance)
