"""A measured number with its unit and its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hwsearch.measurements.reading import number, text, whole, without_nan


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured number.

    Attributes:
        value: The estimate, in `unit`; NaN if it is unknown.
        std_error: Its standard error (random part only, without the sensor's calibration); NaN if
            there were too few samples to estimate it.
        std: Standard deviation of the samples; NaN likewise.
        samples: Number of samples; 0 if it is unknown.
        unit: Such as W, J/image, s/image, GiB or %.
        source: What was read and how, for people.
    """

    value: float
    std_error: float = math.nan
    std: float = math.nan
    samples: int = 0
    unit: str = ""
    source: str = ""

    @property
    def relative_error(self) -> float:
        """Standard error as a share of the value; infinite if it is unknown."""
        if not math.isfinite(self.std_error) or self.value == 0:
            return math.inf
        return abs(self.std_error / self.value)

    def scaled(self, factor: float, unit: str) -> Quantity:
        """The same measurement in other units."""
        return Quantity(
            self.value * factor,
            self.std_error * abs(factor),
            self.std * abs(factor),
            self.samples,
            unit,
            self.source,
        )

    def to_json(self) -> dict[str, Any]:
        """The form of every quantity in job documents and reports: {"value", "std_error", ...}."""
        document: dict[str, Any] = without_nan(asdict(self))
        return document

    @classmethod
    def from_json(cls, document: Any) -> Quantity | None:
        """Reads what `to_json` wrote; None if it is not an object.

        Profiles of older versions have `mean` instead of `value`.
        """
        if not isinstance(document, Mapping):
            return None
        return cls(
            number(document.get("value", document.get("mean"))),
            number(document.get("std_error")),
            number(document.get("std")),
            whole(document.get("samples")) or 0,
            text(document.get("unit")),
            text(document.get("source")),
        )

    def __str__(self) -> str:
        error = f" +- {self.std_error:.2g}" if math.isfinite(self.std_error) else ""
        return f"{self.value:.4g}{error} {self.unit}"
