"""The range of each hyper-parameter in the script's values, as other tools describe ranges."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hwsearch.report.bridges.plain_values import Plain, plain_value
from hwsearch.report.run_table import RunTable
from hwsearch.template import Hyperparameter, Template


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a hyper-parameter may take.

    Attributes:
        choices: All values; () for a range of numbers.
        low, high: Inclusive ends of a range of numbers: ints if all its values are.
        step: Distance of neighbouring values, from `low` on; None: 1 for ints, none for floats.
        log: Whether the values are spread over their logarithm.
    """

    choices: tuple[Plain, ...] = ()
    low: int | float = 0
    high: int | float = 0
    step: int | float | None = None
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether all values are whole numbers."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def value(self, given: Any) -> Plain:
        """A value of the script's as it stands in this range."""
        plain = plain_value(given)
        if not self.choices or _key(plain) in map(_key, self.choices):
            return plain
        return as_text(given)


def as_text(value: Any) -> str:
    """A value as Python writes it, for choices that others could not tell apart."""
    return value if isinstance(value, str) else repr(plain_value(value))


def ranges(table: RunTable, template: Template | None) -> dict[str, Range]:
    """The ranges by token, wide enough for all values of a run.

    Ranges may have been others when a network was tried; without a template, they are those of the
    values that were tried.
    """
    known = {entry.token: entry for entry in template.hyperparameters} if template else {}
    found = {}
    for token in dict.fromkeys([*known, *table.hyperparameters]):
        tried = [row.hyperparameters[token] for row in table.rows if token in row.hyperparameters]
        entry = known.get(token)
        found[token] = _of_values(tried) if entry is None else _widened(_of(entry), tried)
    return found


def _of(entry: Hyperparameter) -> Range:
    if entry.type == "ENUM":
        return Range(choices=_distinct(entry.options))
    low, high = _ends(entry)
    transform = entry.transform
    if transform is None:
        return Range((), low, high, entry.step, entry.log)
    if transform.kind != "X":
        return Range((), low, high, log=True)
    whole = isinstance(low, int) and isinstance(high, int)
    step = entry.step if entry.type == "FLOAT" else entry.step or 1
    if step is not None:
        step = abs(float(transform.number) * step)
        step = int(step) if whole else step
    log = entry.log and low > 0
    return Range((), low, high, None if log else step, log)


def _ends(entry: Hyperparameter) -> tuple[Any, Any]:
    """The script's values at both bounds of a hyper-parameter of numbers, the lower one first."""
    ends: list[Any] = list(entry.samples())
    return min(ends), max(ends)


def _of_values(tried: Sequence[Any]) -> Range:
    if tried and all(_is_number(value) for value in tried):
        return Range((), min(tried), max(tried))
    return Range(choices=_distinct(tried))


def _widened(found: Range, tried: Sequence[Any]) -> Range:
    if found.choices:
        return Range(choices=_distinct([*found.choices, *tried]))
    numbers = [value for value in tried if _is_number(value)]
    low, high = min([found.low, *numbers]), max([found.high, *numbers])
    if low == found.low and all(_is_on(value, found) for value in numbers):
        return replace(found, high=high)
    # The steps of another range do not fit to this one.
    return replace(found, low=low, high=high, step=None, log=found.log and low > 0)


def _is_on(value: float, found: Range) -> bool:
    """Whether a value is a whole number of steps from the low end."""
    if found.step is None:
        return True
    steps = (value - found.low) / found.step
    return math.isclose(steps, round(steps), abs_tol=1e-6)


def _distinct(values: Iterable[Any]) -> tuple[Plain, ...]:
    """The values as plain ones, each once; as text if others would take two for the same."""
    values = list(values)
    unique = list({_key(plain_value(value)): plain_value(value) for value in values}.values())
    if len(set(unique)) < len(unique):  # True and 1, say
        return tuple(dict.fromkeys(map(as_text, unique)))
    return tuple(unique)


def _key(plain: Plain) -> tuple[bool, Plain]:
    return isinstance(plain, bool), plain


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
