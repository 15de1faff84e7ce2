"""One hyper-parameter of a template: its range, and the script's value for the optimiser's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hwsearch.template.quoting import quoted
from hwsearch.template.transforms import Transform

Option = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """A valid hyper-parameter; `hwsearch.template.declaration.check` makes it.

    Attributes:
        token: Its name in config.json, in the database and in reports.
        type: INT, FLOAT or ENUM.
        low, high: Inclusive bounds of the optimiser's value (INT: ints, FLOAT: floats, ENUM: 0).
        options: The options of an ENUM.
        transform: Turns the optimiser's value into the script's; None if they are the same.
    """

    token: str
    type: str
    low: int | float = 0
    high: int | float = 0
    options: tuple[Option, ...] = ()
    transform: Transform | None = None

    def variable(self) -> dict[str, Any]:
        """Its entry in the "variables" of config.json."""
        if self.type == "ENUM":
            return {"type": "ENUM", "size": 1, "options": list(self.options)}
        return {"type": self.type, "size": 1, "min": self.low, "max": self.high}

    def description(self) -> str:
        """A short text for messages: "INT 1..5 NEGEXP10"."""
        if self.type == "ENUM":
            return f"ENUM {quoted(list(self.options))}"
        transform = f" {self.transform.text}" if self.transform else ""
        return f"{self.type} {self.low!r}..{self.high!r}{transform}"

    def value(self, given: Any) -> Option:
        """The script's value for the optimiser's value.

        Args:
            given: A number or an option; a list or NumPy array that holds one; or the form of job
                documents, `{"type": ..., "values": [...]}`.

        Raises:
            ValueError: It is not a value of this hyper-parameter; the text says what is expected.
        """
        plain = _single(given)
        if self.type == "ENUM":
            for option in self.options:
                if option_key(option) == option_key(plain):
                    return option
            raise ValueError(f"got {quoted(plain)}; expected one of {quoted(list(self.options))}")
        number = _number(plain, whole=self.type == "INT")
        if number is None or not self.low <= number <= self.high:
            kind = "a whole number" if self.type == "INT" else "a number"
            raise ValueError(f"got {quoted(plain)}; expected {kind} in {self.low!r}..{self.high!r}")
        return self.transform.apply(number) if self.transform else number

    def samples(self) -> tuple[Option, ...]:
        """Values for the script: those at both bounds, or all options."""
        if self.type == "ENUM":
            return self.options
        return self.value(self.low), self.value(self.high)


def option_key(option: Any) -> tuple[bool, Any]:
    """What distinguishes options: true and 1 differ, 1 and 1.0 do not, as in the optimiser."""
    return isinstance(option, bool), option


def is_finite(number: float) -> bool:
    """Whether a float can hold the number."""
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _single(given: Any) -> Any:
    """The one value in a list, array or job document."""
    if isinstance(given, Mapping):
        given = given.get("values")
    if hasattr(given, "tolist"):  # NumPy arrays and scalars
        given = given.tolist()
    while isinstance(given, list | tuple):
        if len(given) != 1:
            raise ValueError(f"got {len(given)} values; expected one")
        given = given[0].tolist() if hasattr(given[0], "tolist") else given[0]
    return given


def _number(value: Any, *, whole: bool) -> int | float | None:
    """The value as an int (if `whole`) or float; None if it is not such a number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_finite(value):
        return None
    if not whole:
        return float(value)
    # The original Spearmint stores ints as arrays of floats.
    return int(value) if value == int(value) else None
