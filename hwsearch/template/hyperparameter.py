"""One hyper-parameter of a template: its JSON object checked, its values transformed and written.

{"type": "INT", "token": "base_lr_base", "transform": "NEGEXP10", "min": 1, "max": 5}
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hwsearch.errors import did_you_mean
from hwsearch.template.transforms import Transform

TYPES = ("INT", "FLOAT", "ENUM")
KEYS = {
    "INT": ("type", "token", "min", "max", "transform"),
    "FLOAT": ("type", "token", "min", "max", "transform"),
    "ENUM": ("type", "token", "options"),
}
ALL_KEYS = ("type", "token", "min", "max", "options", "transform")
#: A float holds every whole number up to here, and the optimiser calculates in floats.
LARGEST_INT = 2**53
LONGEST_TOKEN = 200

Option = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """A valid hyper-parameter.

    Attributes:
        token: Its name in config.json, in the database and in reports.
        type: INT, FLOAT or ENUM.
        low, high: Inclusive bounds of the optimiser's value (INT: ints, FLOAT: floats; ENUM: 0).
        options: What an ENUM chooses from.
        transform: From the optimiser's value to the script's; None = they are the same.
    """

    token: str
    type: str
    low: int | float = 0
    high: int | float = 0
    options: tuple[Option, ...] = ()
    transform: Transform | None = None

    def variable(self) -> dict[str, Any]:
        """Its entry among the "variables" of config.json."""
        if self.type == "ENUM":
            return {"type": "ENUM", "size": 1, "options": list(self.options)}
        return {"type": self.type, "size": 1, "min": self.low, "max": self.high}

    def description(self) -> str:
        """A phrase for people: "INT 1..5 NEGEXP10"."""
        if self.type == "ENUM":
            return f"ENUM {shown(list(self.options))}"
        transform = f" {self.transform.text}" if self.transform else ""
        return f"{self.type} {self.low!r}..{self.high!r}{transform}"

    def value(self, given: Any) -> Option:
        """What the script gets for the optimiser's value.

        Args:
            given: A number or an option; or a sequence or NumPy array of one; or a job's
                `{"type": ..., "values": [...]}`.

        Raises:
            ValueError: It is no value of this hyper-parameter; the text says what would be.
        """
        plain = _single(given)
        if self.type == "ENUM":
            for option in self.options:
                if _identity(option) == _identity(plain):
                    return option
            raise ValueError(f"got {shown(plain)}; expected one of {shown(list(self.options))}")
        number = _number(plain, whole=self.type == "INT")
        if number is None or not self.low <= number <= self.high:
            kind = "a whole number" if self.type == "INT" else "a number"
            raise ValueError(f"got {shown(plain)}; expected {kind} in {self.low!r}..{self.high!r}")
        return self.transform.apply(number) if self.transform else number

    def samples(self) -> tuple[Option, ...]:
        """Values for the script: both ends of the range, or all options."""
        if self.type == "ENUM":
            return self.options
        return self.value(self.low), self.value(self.high)


def check(fields: Mapping[str, Any]) -> tuple[Hyperparameter | None, list[str]]:
    """The hyper-parameter that a JSON object describes, or everything that is wrong with it."""
    faults = [f"{key}: got {shown(got)}; {why}" for key, got, why in _faults(fields)]
    if faults:
        return None, faults
    low, high = fields.get("min", 0), fields.get("max", 0)
    if fields["type"] == "FLOAT":
        low, high = float(low), float(high)
    transform = Transform.parse(fields["transform"]) if "transform" in fields else None
    options = tuple(fields.get("options", ()))
    return Hyperparameter(fields["token"], fields["type"], low, high, options, transform), []


class Missing:
    """Stands for a key that is not there, in messages."""


#: A fault: the key, what was got, and what was expected.
_Fault = tuple[str, Any, str]


def _faults(fields: Mapping[str, Any]) -> Iterator[_Fault]:
    yield from _token_faults(fields.get("token", Missing()))
    kind = fields.get("type", Missing())
    if not isinstance(kind, str) or kind not in TYPES:
        yield "type", kind, f"expected one of {', '.join(TYPES)}{did_you_mean(kind, TYPES)}"
        yield from _unknown_keys(fields, ALL_KEYS, "")
        return
    yield from _unknown_keys(fields, KEYS[kind], f" of type {kind}")
    if kind == "ENUM":
        yield from _option_faults(fields.get("options", Missing()))
        return
    bounds = list(_bound_faults(kind, fields))
    yield from bounds
    if "transform" in fields:
        yield from _transform_faults(fields, bounds_are_good=not bounds)


def _unknown_keys(fields: Mapping[str, Any], valid: Sequence[str], owner: str) -> Iterator[_Fault]:
    for key in fields:
        if key not in valid:
            hint = "" if key in ALL_KEYS else did_you_mean(key, valid)
            yield shown_key(key), fields[key], f"the keys{owner} are {', '.join(valid)}{hint}"


def _token_faults(token: Any) -> Iterator[_Fault]:
    """What keeps a name from being a variable of config.json and a field of the database."""
    if not isinstance(token, str) or not token:
        yield "token", token, "expected a name"
    elif len(token) > LONGEST_TOKEN:
        yield "token", token, f"expected a name of at most {LONGEST_TOKEN} characters"
    elif not token.isprintable() or token != token.strip():
        yield "token", token, "expected printable characters, without blanks at the ends"
    elif "." in token or token.startswith("$"):
        why = "expected a name without '.' and without '$' in front, as for a database field"
        yield "token", token, why


def _bound_faults(kind: str, fields: Mapping[str, Any]) -> Iterator[_Fault]:
    good = True
    for key in ("min", "max"):
        bound = fields.get(key, Missing())
        why = _bound_fault(kind, bound)
        if why:
            good = False
            yield key, bound, why
    if not good:
        return
    low, high = fields["min"], fields["max"]
    if not low < high:
        yield "min", low, f"expected less than max, which is {shown(high)}"
    elif not float(low) < float(high):
        yield "min", low, f"expected a difference to max, {shown(high)}, that a float can hold"


def _bound_fault(kind: str, bound: Any) -> str | None:
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        return "expected a whole number" if kind == "INT" else "expected a number"
    if not is_finite(bound):
        return "expected a finite number, below 1.8e308"
    if kind == "INT" and not isinstance(bound, int):
        return "expected a whole number, without a decimal point"
    if kind == "INT" and abs(bound) > LARGEST_INT:
        return f"expected a whole number within -{LARGEST_INT}..{LARGEST_INT}"
    return None


def _transform_faults(fields: Mapping[str, Any], *, bounds_are_good: bool) -> Iterator[_Fault]:
    text = fields["transform"]
    try:
        transform = Transform.parse(text if isinstance(text, str) else "")
    except ValueError as error:
        yield "transform", text, str(error)
        return
    if not bounds_are_good:
        return
    number = int if fields["type"] == "INT" else float
    ends = []
    for key in ("min", "max"):
        try:
            ends.append(transform.apply(number(fields[key])))
        except OverflowError as error:
            yield "transform", text, f"{error}; expected another {key}, base or factor"
    if len(ends) == 2 and ends[0] == ends[1]:
        yield "transform", text, f"expected other results at max than at min; both give {ends[0]!r}"


def _option_faults(options: Any) -> Iterator[_Fault]:
    if not isinstance(options, list) or not options:
        yield "options", options, "expected a list of at least one option"
        return
    seen: set[tuple[bool, Option]] = set()
    for option in options:
        why = _option_fault(option)
        if why is None and _identity(option) in seen:
            why = "expected each option once"
        if why:
            yield "options", option, why
        else:
            seen.add(_identity(option))


def _option_fault(option: Any) -> str | None:
    if not isinstance(option, str | bool | int | float):
        return "expected strings, numbers or booleans"
    if isinstance(option, str):
        return None if is_text(option) else "expected whole characters, no half surrogate pair"
    if not is_finite(option):
        return "expected finite numbers, below 1.8e308"
    if isinstance(option, int) and abs(option) > LARGEST_INT:
        return f"expected whole numbers within -{LARGEST_INT}..{LARGEST_INT}"
    return None


def _identity(option: Any) -> tuple[bool, Any]:
    """What makes an option: true and 1 are two, 1 and 1.0 are one, as in the optimiser."""
    return isinstance(option, bool), option


def is_finite(number: float) -> bool:
    """Whether a float can hold the number."""
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def is_text(text: str) -> bool:
    """Whether the string can be written to a file (no lone surrogates)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def shown(value: Any, longest: int = 60) -> str:
    """A value as JSON spells it, on one line and not too long, for messages."""
    if isinstance(value, Missing):
        return "nothing"
    try:
        text = json.dumps(value, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        # ValueError: an int of more digits than Python writes.
        text = "a number of thousands of digits" if isinstance(value, int) else ascii(type(value))
    return text if len(text) <= longest else text[: longest - 4] + " ..."


def shown_key(key: str) -> str:
    """An unknown key: bare when it is a plain word, else as JSON spells it."""
    return key if key.isidentifier() and key.isascii() and len(key) <= 60 else shown(key)


def _single(given: Any) -> Any:
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
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_finite(value):
        return None
    if not whole:
        return float(value)
    # Spearmint's stored arrays are floats, those of ints too.
    return int(value) if value == int(value) else None
