"""The bounds that --constraint and --constraint_val ask for."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from hwsearch.budget import AtLeast, Bound
from hwsearch.command_line import kinds
from hwsearch.errors import did_you_mean
from hwsearch.experiment.metric_kinds import METRIC
from hwsearch.experiment.sweep import loosest_first
from hwsearch.metrics import metric, units

#: What a bound of --constraint_val may also be, but not one of --sweep.
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
        found = _BOUND.fullmatch(text)
        sign, value = (found[1], found[2]) if found else ("", text)
        number = math.nan
        try:
            if value.endswith("%"):
                shares[name] = _share(name, value)
            else:
                number = _number(name, value)
        except ValueError as error:
            faults.append(f"--constraint_val: got {text!r} for {name}; expected {error}")
        else:
            bounds[name] = AtLeast(number) if sign == ">=" else number
    return bounds, shares, faults


def read_sweep(name: str, text: str) -> tuple[list[Bound], list[str]]:
    """The bounds of --sweep, the loosest first, and a line for each fault.

    Args:
        name: The metric.
        text: Its bounds with commas between them: `60,70,80`.
    """
    found: list[Bound] = []
    faults = []
    for part in text.split(","):
        bounds, shares, wrong = read([name], [part])
        wrong = [line.removesuffix(_OR_SHARE) for line in wrong]
        faults += [line.replace("--constraint_val", "--sweep", 1) for line in wrong]
        if shares:
            faults.append(f"--sweep: got {part!r} for {name}; expected a number")
        found += bounds.values()
    faults = [line.replace("--constraint:", "--sweep:", 1) for line in dict.fromkeys(faults)]
    if not faults and (len(found) < 2 or len(set(found)) < len(found)):
        faults = [f"--sweep: got {text!r} for {name}; expected at least two different bounds"]
    if not faults and len({type(bound) is AtLeast for bound in found}) > 1:
        faults = [f"--sweep: got {text!r} for {name}; expected upper bounds, or all with >="]
    return loosest_first(found), faults


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
            hint = did_you_mean(name, METRIC.choices)
            faults.append(f"--constraint: got {name!r}; expected {METRIC.expected}{hint}")
        elif names.count(name) > 1:
            faults.append(f"--constraint: got {name!r} {names.count(name)} times; expected it once")
    return faults


def _number(name: str, text: str) -> float:
    """A bound's number in the metric's own unit."""
    number = units.read(name, text)
    entry = metric(name)
    too_low = number is not None and number <= 0 and not entry.signed
    if number is None or too_low or not number <= entry.upper_limit or not math.isfinite(number):
        least = "" if entry.signed else " above 0"
        top = f", at most {entry.upper_limit:g}" if math.isfinite(entry.upper_limit) else ""
        share = "" if entry.after_training else _OR_SHARE
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
