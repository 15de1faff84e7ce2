"""Variables of a config.json."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spearmint.config import Variable
from spearmint.config.reader import Faults, ObjectReader
from spearmint.config.variables import read_first_points, read_variables


def read(variables: Any) -> tuple[tuple[Variable, ...], Faults]:
    faults = Faults("file")
    return read_variables(ObjectReader({"variables": variables}, "", faults)), faults


@pytest.mark.parametrize(
    ("spec", "variable"),
    [
        ({"type": "FLOAT", "min": 0, "max": 1}, Variable("x", "FLOAT", 1, 0.0, 1.0)),
        (
            {"type": "float", "size": 2.0, "min": -1e-7, "max": 1},
            Variable("x", "FLOAT", 2, -1e-7, 1.0),
        ),
        ({"type": " int ", "size": None, "min": 1, "max": 3.0}, Variable("x", "INT", 1, 1, 3)),
        ({"type": "INT", "min": np.int64(1), "max": np.float32(3)}, Variable("x", "INT", 1, 1, 3)),
        ({"type": "INT", "min": -(2**53), "max": 2**53}, Variable("x", "INT", 1, -(2**53), 2**53)),
        (
            {"type": "Enum", "options": ["relu", 1, True, 1.5, np.int64(3), -(2**63), 2**63 - 1]},
            Variable("x", "ENUM", options=("relu", 1, True, 1.5, 3, -(2**63), 2**63 - 1)),
        ),
    ],
)
def test_a_variable_arrives_in_plain_types(spec: dict[str, Any], variable: Variable) -> None:
    (found,), faults = read({"x": spec})
    assert found == variable
    types = [type(value) for value in (found.low, found.high, *found.options)]
    assert types == [type(value) for value in (variable.low, variable.high, *variable.options)]
    assert (faults.faults, faults.warnings) == ([], [])


def test_their_order_is_kept() -> None:
    found, _ = read({name: {"type": "FLOAT", "min": 0, "max": 1} for name in "zab"})
    assert [variable.name for variable in found] == ["z", "a", "b"]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({}, ["x.type: got nothing", "one of FLOAT, INT, ENUM"]),
        ({"type": "FLAOT"}, ['x.type: got "FLAOT"', '(did you mean "FLOAT"?)']),
        ({"type": "FLOAT", "min": 0, "max": float("inf")}, ["x.max: got Infinity", "finite"]),
        ({"type": "FLOAT", "min": 0, "max": 10**400}, ["x.max: got 1000", "a finite number"]),
        ({"type": "FLOAT", "min": True, "max": 2}, ["x.min: got true", "a finite number"]),
        ({"type": "FLOAT", "min": "0", "max": 2}, ['x.min: got "0"', "a finite number"]),
        ({"type": "FLOAT", "max": 2}, ["x.min: got nothing", "a finite number"]),
        ({"type": "FLOAT", "min": 1, "max": 1}, ["x: got min 1 and max 1", "min below max"]),
        ({"type": "INT", "min": 0.5, "max": 2}, ["x.min: got 0.5", "a whole number"]),
        ({"type": "INT", "min": 0, "max": 2**60}, ["x.max", "2**53"]),
        ({"type": "INT", "min": 0, "max": 2, "size": 0}, ["x.size: got 0", "from 1 to 10000"]),
        ({"type": "INT", "min": 0, "max": 2, "size": 20_000}, ["x.size: got 20000"]),
        ({"type": "INT", "min": 0, "max": 2, "size": True}, ["x.size: got true"]),
        ({"type": "ENUM"}, ["x.options: got nothing", "one or more"]),
        ({"type": "ENUM", "options": []}, ["x.options: got []"]),
        ({"type": "ENUM", "options": ["a", "b", "a"]}, ['got "a" twice', "each option once"]),
        ({"type": "ENUM", "options": [1, 1.0]}, ["got 1.0 twice"]),
        ({"type": "ENUM", "options": ["a", None, None]}, ["got null twice"]),
        ({"type": "ENUM", "options": ["a", {"b": 1}]}, ['got {"b": 1}', "strings, numbers"]),
        ({"type": "ENUM", "options": [[1, [2]], [1.0, [2]]]}, ["got [1.0, [2]] twice"]),
        ({"type": "ENUM", "options": [{"name": 1}]}, ['got {"name": 1}', '{"name": "..."}']),
        ({"type": "INT", "min": 0, "max": 9, "step": 0}, ["x.step: got 0", "above 0"]),
        ({"type": "INT", "min": 0, "max": 9, "step": 0.5}, ["x.step: got 0.5", "a whole number"]),
        ({"type": "INT", "min": 0, "max": 9, "step": 10}, ["x.step: got 10", "at most max - min"]),
        ({"type": "FLOAT", "min": 0, "max": 1e9, "step": 1e-9}, ["x.step", "a larger number"]),
        ({"type": "FLOAT", "min": 1, "max": 9, "step": 1, "log": True}, ["x.step: got 1", "log"]),
        ({"type": "INT", "min": 0, "max": 9, "log": True}, ["x.min: got 0", "above 0"]),
        ({"type": "INT", "min": 0, "max": 9, "log": 1}, ["x.log: got 1", "true or false"]),
        ({"type": "INT", "min": 0, "max": 9, "default": 10}, ["x.default: got 10", "0 to 9"]),
        ({"type": "INT", "min": 0, "max": 9, "step": 4, "default": 6}, ["a multiple of 4"]),
        ({"type": "ENUM", "options": ["a", 1], "default": True}, ["x.default", 'one of "a", 1']),
        ({"type": "INT", "size": 2, "min": 0, "max": 9, "default": 1}, ["a list of 2 values"]),
        ({"type": "ENUM", "options": ["a", 2**63]}, ["got 9223372036854775808", "64 bits"]),
        ({"type": "ENUM", "options": [10**400, "a"]}, ["got 1000", "64 bits"]),
        ({"type": "ENUM", "options": ["a", "\ud800"]}, ['got "\\ud800"', "surrogates"]),
        ({"type": "ENUM", "options": ["a", float("nan")]}, ["got NaN"]),
        ("INT", ['x: got "INT"', "an object"]),
    ],
)
def test_a_wrong_variable_is_one_line(spec: Any, words: list[str]) -> None:
    _, faults = read({"x": spec})
    (line,) = faults.faults
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ("spec", "hint"),
    [
        (
            {"typ": "INT", "min": 0, "max": 1},
            'variables.x.typ: unknown key, ignored; did you mean "type"?',
        ),
        ({"type": "INT", "Min": 0, "max": 1}, 'x.Min: unknown key, ignored; did you mean "min"?'),
        (
            {"type": "ENUM", "option": [1]},
            'x.option: unknown key, ignored; did you mean "options"?',
        ),
        (
            {"type": "INT", "min": 0, "max": 1, "lenght": 2},
            "x.lenght: unknown key, ignored; known keys",
        ),
        ({"type": "ENUM", "options": [1], "max": 1}, "x.max: unknown key, ignored"),
    ],
)
def test_a_misspelt_key_is_a_warning_with_a_hint(spec: Any, hint: str) -> None:
    _, faults = read({"x": spec})
    (line,) = faults.warnings
    assert hint in line


@pytest.mark.parametrize("variables", [{}, [], [1], None, 3])
def test_there_must_be_variables(variables: Any) -> None:
    found, faults = read(variables)
    assert found == ()
    (line,) = faults.faults
    assert "an object with one variable per key" in line


def test_name_that_no_database_stores() -> None:
    _, faults = read({"x\ud800": {"type": "INT", "min": 0, "max": 1}})
    assert faults.faults == [
        'file: variables: got "x\\ud800"; expected a name without unpaired surrogates'
    ]


@pytest.mark.parametrize(
    ("spec", "fields"),
    [
        ({"type": "INT", "min": 16, "max": 512, "step": 16}, {"step": 16}),
        ({"type": "FLOAT", "min": 0.1, "max": 0.5, "step": 0.1}, {"step": 0.1}),
        ({"type": "FLOAT", "min": 1e-5, "max": 0.1, "log": True}, {"log": True}),
        ({"type": "INT", "min": 1, "max": 9, "log": True, "default": 3.0}, {"default": (3,)}),
        ({"type": "FLOAT", "min": 0.1, "max": 0.5, "step": 0.1, "default": 0.3}, {}),
        ({"type": "FLOAT", "size": 2, "min": 0, "max": 1, "default": [0, 1]}, {}),
        ({"type": "ENUM", "options": ["relu", None], "default": None}, {"default": (None,)}),
        ({"type": "ENUM", "options": [[64, 32], {"name": "keras.layers.ReLU"}, None]}, {}),
        ({"type": "ENUM", "options": [[64], 64], "default": [64]}, {"default": ([64],)}),
        ({"type": "INT", "min": 1, "max": 9, "step": None, "log": None, "default": None}, {}),
    ],
)
def test_steps_logarithms_defaults_and_other_options(
    spec: dict[str, Any], fields: dict[str, Any]
) -> None:
    (found,), faults = read({"x": spec})
    assert (faults.faults, faults.warnings) == ([], [])
    assert {name: getattr(found, name) for name in fields} == fields
    assert list(found.options) == spec.get("options", [])


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (None, ()),
        ([], ()),
        ([{}], ({},)),
        (
            [{"n": 3.0, "v": [0, 1]}, {"act": None}],
            ({"n": (3,), "v": (0.0, 1.0)}, {"act": (None,)}),
        ),
    ],
)
def test_first_points(points: Any, expected: Any) -> None:
    assert first_points(points) == (expected, [])


@pytest.mark.parametrize(
    ("points", "line"),
    [
        ({"n": 3}, 'file: first-points: got {"n": 3}; expected a list of points such as '),
        ([{"m": 3}], 'file: first-points[0]: got "m"; expected a variable; variables: n, v, act'),
        (
            [{"atc": 3}],
            'file: first-points[0]: got "atc"; expected a variable; did you mean "act"?',
        ),
        ([{}, {"n": 7}], "file: first-points[1].n: got 7; expected a whole number from 1 to 5"),
        ([{"v": [0]}], "file: first-points[0].v: got [0]; expected a list of 2 values"),
    ],
)
def test_a_wrong_first_point_is_one_line(points: Any, line: str) -> None:
    (fault,) = first_points(points)[1]
    assert fault.startswith(line)


def first_points(points: Any) -> tuple[Any, list[str]]:
    """What is read, and the faults."""
    faults = Faults("file")
    variables = {
        "n": {"type": "INT", "min": 1, "max": 5},
        "v": {"type": "FLOAT", "size": 2, "min": 0, "max": 1},
        "act": {"type": "ENUM", "options": ["relu", None]},
    }
    top = ObjectReader({"variables": variables, "first-points": points}, "", faults)
    found = read_first_points(top, read_variables(top))
    return found, faults.faults
