"""`when`: the conditions under which variables matter."""

from __future__ import annotations

from typing import Any

import pytest

from spearmint.config import Variable
from spearmint.config.conditions import circle_of
from spearmint.config.reader import Faults, ObjectReader
from spearmint.config.variables import read_variables

LAYERS = {"type": "INT", "min": 1, "max": 3}
UNITS = {"type": "INT", "min": 16, "max": 64}
ACT = {"type": "ENUM", "options": ["relu", None]}
RATE = {"type": "FLOAT", "min": 0, "max": 1}


def read(variables: Any) -> tuple[tuple[Variable, ...], list[str]]:
    faults = Faults("file")
    return read_variables(ObjectReader({"variables": variables}, "", faults)), faults.faults


def test_conditions_are_lists_of_values() -> None:
    variables = {
        "units": UNITS | {"when": {"layers": [2.0, 3], "act": None}},
        "layers": LAYERS,
        "act": ACT,
        "rate": RATE | {"when": {"units": 64}},
    }
    (units, _, _, rate), faults = read(variables)
    assert faults == []
    assert units.when == (("layers", (2, 3)), ("act", (None,)))
    assert rate.when == (("units", (64,)),)


@pytest.mark.parametrize(
    ("when", "line"),
    [
        ("layers", 'x.when: got "layers"; expected an object such as {"optimizer": "sgd"} or'),
        ({}, "x.when: got {}; expected an object such as"),
        ({"layer": 2}, 'x.when: got "layer"; expected another variable; did you mean "layers"?'),
        ({"x": 2}, 'x.when: got "x"; expected another variable; variables: layers, act, rate'),
        ({"layers": 4}, "x.when.layers: got 4; expected a whole number from 1 to 3"),
        ({"layers": [2, "3"]}, 'x.when.layers: got "3"; expected a whole number from 1 to 3'),
        ({"layers": []}, "x.when.layers: got []; expected a value, or a list of values"),
        ({"act": "elu"}, 'x.when.act: got "elu"; expected one of "relu", null'),
        ({"rate": 0.5}, 'x.when: got "rate"; expected an INT, an ENUM, or a FLOAT with a step'),
    ],
)
def test_a_wrong_condition_is_one_line(when: Any, line: str) -> None:
    variables = {"x": UNITS | {"when": when}, "layers": LAYERS, "act": ACT, "rate": RATE}
    (fault,) = read(variables)[1]
    assert fault.startswith(f"file: variables.{line}")


def test_a_circle_is_one_line() -> None:
    variables = {
        "a": LAYERS | {"when": {"b": 1}},
        "b": LAYERS | {"when": {"c": 1}},
        "c": LAYERS | {"when": {"a": 1}},
    }
    (fault,) = read(variables)[1]
    assert "expected conditions that do not lead in a circle" in fault
    assert fault.count('" on "') == 3


def test_circles() -> None:
    assert circle_of({"a": ["b", "c"], "b": ["c"], "c": []}) == []
    circle = circle_of({"a": ["b"], "b": ["c"], "c": ["b"]})
    assert circle in (["b", "c", "b"], ["c", "b", "c"])
