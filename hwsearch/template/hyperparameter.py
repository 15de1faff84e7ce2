"""One hyper-parameter of a template: its range, and the script's value for the optimiser's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hwsearch.template.options import Option, is_finite, option_key
from hwsearch.template.quoting import MISSING, quoted
from hwsearch.template.transforms import Transform


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """A valid hyper-parameter; `hwsearch.template.declaration.check` makes it.

    Attributes:
        token: Its name in config.json, in the database and in reports.
        type: INT, FLOAT or ENUM.
        low, high: Inclusive bounds of the optimiser's value (INT: ints, FLOAT: floats, ENUM: 0).
        options: The options of an ENUM.
        transform: Turns the optimiser's value into the script's; None if they are the same.
        step: Distance of neighbouring values of the optimiser, from `low` on; None: 1 of an INT,
            and none of a FLOAT.
        log: Whether the optimiser samples values by their logarithm.
        default: The script's present value, as the script gets it; MISSING if it is unknown.
        when: By token of another hyper-parameter: the values, as the script gets them, at which
            this one matters.
    """

    token: str
    type: str
    low: int | float = 0
    high: int | float = 0
    options: tuple[Option, ...] = ()
    transform: Transform | None = None
    step: int | float | None = None
    log: bool = False
    default: Any = MISSING
    when: tuple[tuple[str, tuple[Option, ...]], ...] = ()

    def variable(self) -> dict[str, Any]:
        """Its entry in the "variables" of config.json, except for its conditions."""
        if self.type == "ENUM":
            entry: dict[str, Any] = {"type": "ENUM", "size": 1, "options": list(self.options)}
        else:
            entry = {"type": self.type, "size": 1, "min": self.low, "max": self.high}
            if self.step is not None:
                entry["step"] = self.step
            if self.log:
                entry["log"] = True
        if self.has_default:
            entry["default"] = self.optimisers(self.default)
        return entry

    @property
    def has_default(self) -> bool:
        """Whether the script's present value is known."""
        return self.default is not MISSING

    @property
    def has_listed_values(self) -> bool:
        """Whether its values can be listed: not those of a FLOAT without a step."""
        return self.type != "FLOAT" or self.step is not None

    def description(self) -> str:
        """A short text for messages: "INT 1..5 NEGEXP10"."""
        if self.type == "ENUM":
            return f"ENUM {quoted(list(self.options))}"
        words = [f"{self.type} {self.low!r}..{self.high!r}"]
        words += [self.transform.text] if self.transform else []
        words += [f"step {self.step!r}"] if self.step is not None else []
        words += ["log"] if self.log else []
        return " ".join(words)

    def optimisers(self, value: Any) -> Any:
        """The optimiser's value for the script's.

        Raises:
            ValueError: It is not a value of this hyper-parameter; the text says what is expected.
        """
        if self.type == "ENUM" or self.transform is None:
            number = self._checked(value)
        else:
            number = self._inverted(value)
        if self.step is not None and (_decimal(number) - _decimal(self.low)) % _decimal(self.step):
            raise ValueError(f"{self.low!r} plus a multiple of the step, {self.step!r}")
        return number

    def _inverted(self, value: Any) -> int | float:
        """The optimiser's number for which the transform gives a value."""
        ends = sorted((self._transformed(self.low), self._transformed(self.high)))
        expected = f"a number in {ends[0]!r}..{ends[1]!r}, as the script gets it"
        number = _number(value, whole=False)
        if self.transform is None or number is None or not ends[0] <= number <= ends[1]:
            raise ValueError(expected)
        found = min(max(self.transform.invert(number), self.low), self.high)
        if self.type == "FLOAT":
            return self._stepped(found, number)
        if math.isclose(self._transformed(round(found)), number, rel_tol=1e-9):
            return round(found)
        near = sorted({math.floor(found), math.ceil(found)})
        values = " or ".join(repr(self._transformed(v)) for v in near)
        raise ValueError(f"what the script gets for a whole number, such as {values}")

    def _stepped(self, found: float, result: float) -> float:
        """The optimiser's number on a step that gives a result; itself if there is none.

        Args:
            found: What the inverse of the transform gives, which is rounded.
            result: The script's value.
        """
        if self.step is None:
            return float(found)
        first, each = _decimal(self.low), _decimal(self.step)
        last = (_decimal(self.high) - first) // each
        on_step = float(first + min(round((_decimal(found) - first) / each), last) * each)
        is_meant = math.isclose(self._transformed(on_step), result, rel_tol=1e-9)
        return on_step if is_meant else float(found)

    def _transformed(self, number: float) -> Any:
        return self.transform.apply(number) if self.transform else number

    def _checked(self, plain: Any) -> Any:
        """The value in the optimiser's type."""
        if self.type == "ENUM":
            for option in self.options:
                if option_key(option) == option_key(plain):
                    return option
            raise ValueError(f"one of {quoted(list(self.options))}")
        number = _number(plain, whole=self.type == "INT")
        if number is None or not self.low <= number <= self.high:
            kind = "a whole number" if self.type == "INT" else "a number"
            raise ValueError(f"{kind} in {self.low!r}..{self.high!r}")
        return number

    def value(self, given: Any) -> Any:
        """The script's value for the optimiser's value.

        Args:
            given: A number or an option; a list or NumPy array that holds one; or the form of job
                documents, `{"type": ..., "values": [...]}`.

        Raises:
            ValueError: It is not a value of this hyper-parameter; the text says what is expected.
        """
        plain = _single(given, options=self.options)
        try:
            checked = self._checked(plain)
        except ValueError as error:
            raise ValueError(f"got {quoted(plain)}; expected {error}") from None
        return self.scripts(checked)

    def scripts(self, checked: Any) -> Any:
        """The script's value for what `optimisers` gives; unlike `value`, never unpacks a list."""
        result = checked if self.type == "ENUM" else self._transformed(checked)
        if self.has_default and option_key(checked) == option_key(self.optimisers(self.default)):
            # exactly, although a transform may round; but 64 of an INT whose default is 64.0
            return result if self.type != "FLOAT" and result == self.default else self.default
        return result

    def samples(self) -> tuple[Option, ...]:
        """Values for the script: those at both bounds, or all options."""
        if self.type == "ENUM":
            return self.options
        return self._transformed(self.low), self._transformed(self.high)


def _single(given: Any, options: tuple[Option, ...] = ()) -> Any:
    """The one value in a list, array or job document; an option may be a list itself."""
    keys = set(map(option_key, options))

    def is_option(value: Any) -> bool:
        try:
            return option_key(value) in keys
        except TypeError:  # an array, say
            return False

    if isinstance(given, Mapping) and "values" in given:
        given = given["values"]
    while True:
        if hasattr(given, "tolist"):  # NumPy arrays and scalars
            given = given.tolist()
        if not isinstance(given, list | tuple):
            return given
        is_single = len(given) == 1
        if is_option(given) and not (is_single and is_option(given[0])):
            return given
        if not is_single:
            raise ValueError(f"got {len(given)} values; expected one")
        given = given[0]
        if is_option(given):
            return given


def _decimal(number: float) -> Fraction:
    return Fraction(repr(number))


def _number(value: Any, *, whole: bool) -> int | float | None:
    """The value as an int (if `whole`) or float; None if it is not such a number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_finite(value):
        return None
    if not whole:
        return float(value)
    # The original Spearmint stores ints as arrays of floats.
    return int(value) if value == int(value) else None
