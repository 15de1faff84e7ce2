"""Reads `variables` of a config.json, and points that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from spearmint.config.conditions import with_conditions
from spearmint.config.lattice import steps_between
from spearmint.config.options import as_option, option_key
from spearmint.config.reader import LARGEST, ObjectReader, as_number, did_you_mean, one_of, shown
from spearmint.config.records import Option, Variable
from spearmint.config.values import as_values

#: The keys that a variable of each type may have.
NUMBER_KEYS = ("type", "size", "min", "max", "step", "log", "default", "when")
KEYS = {
    "FLOAT": NUMBER_KEYS,
    "INT": NUMBER_KEYS,
    "ENUM": ("type", "size", "options", "default", "when"),
}
ALL_KEYS = ("type", "size", "min", "max", "options", "step", "log", "default", "when")
#: No search has longer vectors; a typing error must not fill the memory.
LARGEST_SIZE = 10_000
EXPECTED = 'an object with one variable per key: {"x": {"type": "FLOAT", "min": 0, "max": 1}}'


def read_variables(top: ObjectReader) -> tuple[Variable, ...]:
    """The variables in the order of the file; those with a fault may be missing."""
    if not top.values.get("variables"):
        top.fault("variables", EXPECTED)
    readers = top.objects("variables", EXPECTED)
    variables = [_variable(name, reader) for name, reader in readers]
    return with_conditions([v for v in variables if v is not None], readers)


def _variable(name: str, reader: ObjectReader) -> Variable | None:
    kind = reader.choice("type", tuple(KEYS), "")
    size = reader.whole("size", 1, 1, LARGEST_SIZE)
    reader.check_keys(KEYS.get(kind, ALL_KEYS))
    if not kind:
        if not reader.has("type"):
            reader.fault("type", one_of(KEYS))
        return None
    if kind == "ENUM":
        variable = Variable(name, kind, size, options=_options(reader))
        return _with_default(variable, reader)
    low, high = (_bound(reader, key, kind) for key in ("min", "max"))
    if low is None or high is None:
        return None
    if not low < high:
        got = f"min {shown(reader.values['min'])} and max {shown(reader.values['max'])}"
        reader.faults.add(reader.path, got, "min below max")
        return Variable(name, kind, size, low, high)
    variable = Variable(name, kind, size, low, high, log=_log(reader, low))
    return _with_default(replace(variable, step=_step(reader, variable)), reader)


def _log(reader: ObjectReader, low: float) -> bool:
    log = reader.flag("log", False)
    if log and low <= 0:
        reader.fault("min", 'a number above 0, because of "log"')
        return False
    return log


def _step(reader: ObjectReader, variable: Variable) -> float | int | None:
    if not reader.has("step"):
        return None
    number = as_number(reader.values["step"])
    whole = variable.kind == "INT"
    if number is None or number <= 0 or (whole and number != int(number)):
        reader.fault("step", "a whole number above 0" if whole else "a number above 0")
        return None
    if variable.log:
        reader.fault("step", 'no step beside "log"')
        return None
    step = int(number) if whole else float(number)
    count = steps_between(variable.low, variable.high, step)
    if not 0 < count <= LARGEST:
        reader.fault("step", "at most max - min" if not count else "a larger number")
        return None
    return step


def _with_default(variable: Variable, reader: ObjectReader) -> Variable:
    # null is a value if it is an option; else it means that there is no default, as for all keys.
    nullable = any(option is None for option in variable.options) and "default" in reader.values
    if not (reader.has("default") or nullable):
        return variable
    try:
        return replace(variable, default=as_values(variable, reader.values["default"]))
    except ValueError as error:
        reader.fault("default", str(error))
        return variable


def read_first_points(
    top: ObjectReader, variables: tuple[Variable, ...]
) -> tuple[Mapping[str, tuple[Option, ...]], ...]:
    """`first-points`: points to evaluate before all others, by name of a variable."""
    key, expected = "first-points", 'a list of points such as [{"x": 0.5, "units": 32}]'
    if not top.has(key):
        return ()
    given = top.values[key]
    if not isinstance(given, list | tuple) or not all(isinstance(p, Mapping) for p in given):
        top.fault(key, expected)
        return ()
    known = {variable.name: variable for variable in variables}
    return tuple(
        _point(ObjectReader(point, f"{key}[{number}]", top.faults), known)
        for number, point in enumerate(given)
    )


def _point(reader: ObjectReader, known: Mapping[str, Variable]) -> dict[str, tuple[Option, ...]]:
    point = {}
    for name, value in reader.values.items():
        if name not in known:
            hint = did_you_mean(name, known) or f"variables: {', '.join(known) or 'none'}"
            reader.faults.add(reader.path, shown(name), f"a variable; {hint}")
            continue
        try:
            point[name] = as_values(known[name], value)
        except ValueError as error:
            reader.fault(name, str(error))
    return point


def _bound(reader: ObjectReader, key: str, kind: str) -> int | float | None:
    number = as_number(reader.values.get(key))
    if kind == "FLOAT":
        if number is None:
            reader.fault(key, "a finite number")
            return None
        return float(number)
    if number is None or number != int(number) or abs(number) > LARGEST:
        reader.fault(key, "a whole number between -2**53 and 2**53")
        return None
    return int(number)


def _options(reader: ObjectReader) -> tuple[Option, ...]:
    given = reader.values.get("options")
    if not isinstance(given, list | tuple) or not given:
        reader.fault("options", "a list of one or more options")
        return ()
    options: dict[Any, Option] = {}
    for value in given:
        try:
            option = as_option(value)
        except ValueError as error:
            reader.faults.add(reader.at("options"), shown(value), str(error))
            continue
        if option_key(option) in options:
            reader.faults.add(reader.at("options"), f"{shown(value)} twice", "each option once")
        options.setdefault(option_key(option), option)
    return tuple(options.values())
