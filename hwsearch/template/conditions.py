"""Conditional hyper-parameters: the `when` of all of them together.

A hyper-parameter matters only where each one that its `when` names matters and has one of the
values given there, as the script gets them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from hwsearch.errors import did_you_mean
from hwsearch.template.hyperparameter import Hyperparameter
from hwsearch.template.options import Option, option_key
from hwsearch.template.quoting import quoted, quoted_name


def condition_faults(
    declared: Sequence[tuple[int, Hyperparameter]], tokens: Sequence[str]
) -> Iterator[tuple[int, str]]:
    """Generates the lines and faults of all `when`.

    Args:
        declared: The hyper-parameters without other faults, with their lines.
        tokens: The tokens of all, those with faults too.
    """
    known = {entry.token: entry for _, entry in declared}
    for line, entry in declared:
        place = f"hyper-parameter {quoted_name(entry.token)}: when"
        for token, values in entry.when:
            if token not in tokens or token == entry.token:
                others = [other for other in tokens if other != entry.token]
                fault = f"got {quoted(token)}; expected the token of another hyper-parameter"
                yield line, f"{place}: {fault}{did_you_mean(token, others)}"
            elif token in known:
                for fault in _value_faults(known[token], values):
                    yield line, f"{place}: {quoted_name(token)}: {fault}"
    graph = {e.token: [token for token, _ in e.when if token != e.token] for _, e in declared}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1][::-1]
        line = next(line for line, entry in declared if entry.token == circle[0])
        got = " on ".join(map(quoted_name, circle))
        expected = "expected conditions that do not lead in a circle"
        yield line, f"hyper-parameter {quoted_name(circle[0])}: when: got {got}; {expected}"


def _value_faults(parent: Hyperparameter, values: Sequence[Option]) -> Iterator[str]:
    if not parent.has_listed_values:
        yield "got a FLOAT without a step; expected an INT or ENUM"
        return
    if not values:
        yield "got []; expected a value, or a list of values"
    for value in values:
        try:
            parent.optimisers(value)
        except ValueError as error:
            yield f"got {quoted(value)}; expected {error}"


def as_variable(
    entry: Hyperparameter, known: Mapping[str, Hyperparameter]
) -> dict[str, list[Option]]:
    """The `when` of config.json, with the optimiser's values."""
    return {
        token: [known[token].optimisers(value) for value in values] for token, values in entry.when
    }


def active(entries: Sequence[Hyperparameter], values: Mapping[str, Any]) -> set[str]:
    """The tokens of the hyper-parameters that matter.

    Args:
        entries: All hyper-parameters, without circles in their conditions.
        values: The script's values of all, by token.
    """
    known = {entry.token: entry for entry in entries}
    graph = {entry.token: [token for token, _ in entry.when] for entry in entries}
    found: set[str] = set()
    for token in TopologicalSorter(graph).static_order():
        when = known[token].when
        if all(other in found and _is_among(values[other], wanted) for other, wanted in when):
            found.add(token)
    return found


def _is_among(value: Option, wanted: Sequence[Option]) -> bool:
    """Whether a value is one of those; numbers may be written less exactly than a transform is."""
    return any(
        option_key(value) == option_key(other) or _are_close(value, other) for other in wanted
    )


def _are_close(a: Option, b: Option) -> bool:
    numbers = [x for x in (a, b) if isinstance(x, int | float) and not isinstance(x, bool)]
    return len(numbers) == 2 and math.isclose(*numbers, rel_tol=1e-9)
