"""Reads `when`: the conditions under which variables matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from spearmint.config.reader import ObjectReader, did_you_mean, shown
from spearmint.config.records import Condition, Variable
from spearmint.config.values import as_value

EXPECTED = 'an object such as {"optimizer": "sgd"} or {"layers": [2, 3]}'


def with_conditions(
    variables: Sequence[Variable], readers: Sequence[tuple[str, ObjectReader]]
) -> tuple[Variable, ...]:
    """The variables with their `when`; faults are unknown names, values and circles.

    Args:
        variables: All that have no fault.
        readers: The objects of the file by name.
    """
    known = {variable.name: variable for variable in variables}
    names = [name for name, _ in readers]
    by_name = dict(readers)
    found = tuple(
        replace(variable, when=_conditions(variable.name, by_name[variable.name], known, names))
        if by_name[variable.name].has("when")
        else variable
        for variable in variables
    )
    circle = circle_of({variable.name: [name for name, _ in variable.when] for variable in found})
    if circle:
        reader = by_name[circle[0]]
        got = " on ".join(shown(name) for name in circle)
        reader.faults.add(reader.at("when"), got, "conditions that do not lead in a circle")
        return tuple(replace(variable, when=()) for variable in found)
    return found


def circle_of(parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Names each of which depends on the next, the first one again at the end; [] = no circle."""
    try:
        TopologicalSorter(parents).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle[::-1]
    return []


def _conditions(
    name: str, reader: ObjectReader, known: dict[str, Variable], names: list[str]
) -> tuple[Condition, ...]:
    given = reader.mapping("when", EXPECTED)
    if reader.has("when") and given == {} and reader.values["when"] == {}:
        reader.fault("when", EXPECTED)
    inner = ObjectReader(given, reader.at("when"), reader.faults)
    found = []
    for other, wanted in given.items():
        if other not in names or other == name:
            others = [known_name for known_name in names if known_name != name]
            hint = did_you_mean(other, others) or f"variables: {', '.join(others) or 'none'}"
            reader.faults.add(reader.at("when"), shown(other), f"another variable; {hint}")
            continue
        if other not in known:  # it has a fault itself
            continue
        parent = known[other]
        if parent.size != 1 or (parent.kind == "FLOAT" and parent.step is None):
            expected = "an INT, an ENUM, or a FLOAT with a step, of size 1"
            reader.faults.add(reader.at("when"), shown(other), expected)
            continue
        values = []
        for value in wanted if isinstance(wanted, list | tuple) else [wanted]:
            try:
                values.append(as_value(parent, value))
            except ValueError as error:
                reader.faults.add(inner.at(other), shown(value), str(error))
        if not values and wanted in ([], ()):
            inner.fault(other, "a value, or a list of values")
        found.append((other, tuple(values)))
    return tuple(found)
