"""The bounds that --constraint and --constraint_val ask for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from hwsearch.budget import AtLeast, Bound
from hwsearch.command_line import kinds
from hwsearch.experiment.metric_kinds import METRIC, unknown
from hwsearch.experiment.sweep import loosest_first
from hwsearch.metrics import higher_is_better, metric, range_words, units, value_range

#: What a bound of --constraint_val may also be.
_OR_SHARE = ", or a percentage such as 33%"
_BOUND = re.compile(r"\s*(>=|<=)?\s*(.*?)\s*", re.DOTALL)


def read(
    names: Sequence[str], values: Sequence[str]
) -> tuple[dict[str, Bound], dict[str, float], list[str]]:
    """The bounds of metrics.

    Args:
        names: The metrics.
        values: The bound of each, as text: `85`, `5ms`, `>= 0.9`, `33%`.

    Returns:
        Bounds by metric, NaN if a percentage of random networks is given instead; these
        percentages by metric; and one line for each fault.
    """
    bounds: dict[str, Bound] = {}
    shares: dict[str, float] = {}
    faults = _faults_of_names(names, values)
    if faults:
        return bounds, shares, faults
    for name, text in zip(names, values, strict=True):
        try:
            bounds[name], share = _bound(name, text, _OR_SHARE)
        except ValueError as error:
            faults.append(f"--constraint_val: got {text!r} for {name}; expected {error}")
        else:
            shares |= {} if share is None else {name: share}
    return bounds, shares, faults


def notes(bounds: Mapping[str, Bound]) -> list[str]:
    """A line for each upper bound of a metric of which more is better: `>=` may be missing."""
    return [
        f"note: --constraint_val: {name} must be below {bound:g}, but a higher {name} is better; "
        f'">= {bound:g}" requires at least {bound:g}'
        for name, bound in bounds.items()
        if higher_is_better(name) and not isinstance(bound, AtLeast)
    ]


def read_sweep(name: str, text: str) -> tuple[list[Bound], list[str]]:
    """The bounds of --sweep, the loosest first, and a line for each fault.

    Args:
        name: The metric.
        text: Its bounds with commas between them: `60,70,80`.
    """
    if not METRIC.accepts(name):
        return [], [unknown("--sweep", name)]
    found: list[Bound] = []
    faults = []
    for part in text.split(","):
        try:
            bound, share = _bound(name, part, "")
        except ValueError as error:
            faults.append(f"--sweep: got {part!r} for {name}; expected {error}")
            continue
        found.append(bound)
        if share is not None:
            faults.append(
                f"--sweep: got {part!r} for {name}; expected a number: only --constraint_val "
                "accepts percentages"
            )
    if not faults and len(set(found)) < len(found):
        faults = [f"--sweep: got {text!r} for {name}; expected each bound once"]
    if not faults and len(found) < 2:
        faults = [f"--sweep: got {text!r} for {name}; expected at least two bounds, such as 60,70"]
    if not faults and len({type(bound) is AtLeast for bound in found}) > 1:
        faults = [f"--sweep: got {text!r} for {name}; expected upper bounds, or all with >="]
    return loosest_first(found), list(dict.fromkeys(faults))


def _bound(name: str, text: str, or_share: str) -> tuple[Bound, float | None]:
    """A bound, and the percentage of random networks that is given instead of its number, if so.

    Args:
        name: The metric.
        text: `85`, `5ms`, `>= 0.9`, `33%`.
        or_share: Ends the message about a wrong number: that a percentage may be given too.

    Raises:
        ValueError: It is no bound; says what was expected.
    """
    found = _BOUND.fullmatch(text)
    sign, value = (found[1], found[2]) if found else ("", text)
    share = _share(name, value) if value.endswith("%") else None
    number = _number(name, value, or_share) if share is None else math.nan
    low, high = value_range(name)
    if number > high if sign == ">=" else number < low:
        raise ValueError(f"a bound that can be met: {name} is {range_words(name)}")
    return (AtLeast(number) if sign == ">=" else number), share


def _faults_of_names(names: Sequence[str], values: Sequence[str]) -> list[str]:
    faults = []
    if len(names) != len(values):
        faults.append(
            f"--constraint: got {len(names)} ({', '.join(names) or 'none'}) and "
            f"{len(values)} --constraint_val ({', '.join(values) or 'none'}); "
            "expected one --constraint_val for each --constraint"
        )
    for name in dict.fromkeys(names):
        if not METRIC.accepts(name):
            faults.append(unknown("--constraint", name))
        elif names.count(name) > 1:
            faults.append(f"--constraint: got {name!r} {names.count(name)} times; expected it once")
    return faults


def _number(name: str, text: str, or_share: str) -> float:
    """A bound's number in the metric's own unit."""
    number = units.read(name, text)
    entry = metric(name)
    too_low = number is not None and number <= 0 and not entry.signed
    if number is None or too_low or not number <= entry.upper_limit or not math.isfinite(number):
        least = "" if entry.signed else " above 0"
        top = f", at most {entry.upper_limit:g}" if math.isfinite(entry.upper_limit) else ""
        share = "" if entry.after_training else or_share
        raise ValueError(f"a number{least}{top}{units.expected(name)}{share}")
    return number


def _share(name: str, text: str) -> float:
    if metric(name).after_training:
        raise ValueError(
            f"a number{units.expected(name)}: the {name} of random networks is unknown before "
            "training"
        )
    share: float = kinds.PERCENTAGE.from_text(text[:-1])
    return share
