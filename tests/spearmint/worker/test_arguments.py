from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from spearmint.errors import UserError
from spearmint.worker.arguments import arguments


def one(value: float) -> Any:
    kind = "int" if isinstance(value, int) else "float"
    return arguments({"x": {"type": kind, "values": [value]}})["x"]


def test_arguments_have_the_form_of_the_contract() -> None:
    found = arguments(
        {
            "f": {"type": "float", "values": [1, 2.5]},
            "i": {"type": "INT", "values": [3]},
            "e": {"type": "enum", "values": ["a", True]},
        }
    )
    assert found["f"].dtype == np.float64
    assert found["f"].tolist() == [1.0, 2.5]
    assert found["i"].dtype == np.int64
    assert found["i"].shape == (1,)
    assert found["i"].tolist() == [3]
    assert isinstance(found["i"], np.ndarray)
    assert found["e"] == ["a", True]
    assert type(found["e"]) is list
    assert type(found["f"]) is np.ndarray, "a vector is NumPy's own array"


@pytest.mark.parametrize(
    ("use", "value", "expected"),
    [
        (float, 0.25, 0.25),
        (float, 3, 3.0),
        (int, 2.75, 2),
        (int, 3, 3),
        (complex, 0.25, 0.25 + 0j),
        (round, 2.75, 3),
        (lambda x: round(x, 1), 0.25, 0.2),
        (math.sqrt, 0.25, 0.5),
        (math.floor, 2.75, 2),
        (lambda n: list(range(n)), 3, [0, 1, 2]),
        (lambda n: "abcd"[n], 3, "d"),
        (lambda n: np.zeros((n, 2)).shape, 3, (3, 2)),
        (lambda x: "%.2f %s" % (x, x), 0.25, "0.25 [0.25]"),  # noqa: UP031 - what users write
        (lambda x: "%f" % x, 0.25, "0.250000"),  # noqa: UP031
        (lambda n: "%d" % n, 3, "3"),  # noqa: UP031
        (lambda x: f"{x:.1f} {x}", 0.25, "0.2 [0.25]"),
        (lambda x: x[0], 0.25, 0.25),
        (lambda x: x.sum(), 0.25, 0.25),
        (lambda x: bool(x > 0.2), 0.25, True),
    ],
)
def test_one_number_is_used_as_a_number(
    use: Callable[[Any], Any], value: float, expected: Any
) -> None:
    assert use(one(value)) == expected


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: (x - 0.3) ** 2,
        lambda x: 1 / (2 - x),
        lambda x: np.exp(-x) + np.sqrt(x),
        lambda x: np.clip(abs(x), 0, 1),
        lambda x: np.maximum(x, 0.1),
        lambda x: x * one(3) % 2,
        lambda x: sum(x for _ in range(3)),
        copy.deepcopy,
    ],
)
def test_arithmetic_keeps_it(compute: Callable[[Any], Any]) -> None:
    assert float(compute(one(0.5))) == pytest.approx(float(compute(0.5)))
    assert type(compute(one(0.5))) is type(one(0.5))


def test_reductions_give_scalars_as_numpy_does() -> None:
    x = one(0.5)
    for value in (x.sum(), x.max(), x.mean(), x @ x, np.sum(x)):
        assert type(value) is np.float64


@pytest.mark.parametrize("use", [float, int, round, math.sqrt, range, complex, "{:.1f}".format])
def test_longer_vectors_raise(use: Callable[[Any], Any]) -> None:
    longer = one(1) * np.arange(3), np.repeat(one(1), 3)
    for vector in (*longer, arguments({"v": {"type": "int", "values": [1, 2]}})["v"]):
        with pytest.raises(TypeError):
            use(vector)


def test_fractions_are_not_indices() -> None:
    with pytest.raises(TypeError, match="'float' object cannot be interpreted as an integer"):
        range(one(3.0))


def test_it_is_pickled_as_a_plain_array() -> None:
    found = pickle.loads(pickle.dumps(one(0.5)))
    assert type(found) is np.ndarray
    assert found.tolist() == [0.5]


NUMBERS = "numbers"
OBJECT = 'an object with "type" and a list of "values"'


@pytest.mark.parametrize(
    ("param", "expected"),
    [
        (None, OBJECT),
        (5, OBJECT),
        ([5], OBJECT),
        ({}, OBJECT),
        ({"values": [5]}, OBJECT),
        ({"type": None, "values": [5]}, OBJECT),
        ({"type": "int"}, OBJECT),
        ({"type": "int", "values": "5"}, OBJECT),
        ({"type": "int", "values": 5}, OBJECT),
        ({"type": "int", "values": ["5"]}, NUMBERS),
        ({"type": "int", "values": [10**30]}, NUMBERS),
        ({"type": "int", "values": [[5]]}, NUMBERS),
        ({"type": "int", "values": [None]}, NUMBERS),
        ({"type": "float", "values": [{"a": 1}]}, NUMBERS),
        ({"type": "float", "values": ["__import__('os').abort()"]}, NUMBERS),
        ({"type": "float", "values": [[1, 2], [3]]}, NUMBERS),
    ],
)
def test_a_document_that_was_changed_by_hand(param: Any, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        arguments({"x": param, "n": {"type": "int", "values": [1]}})
    (line,) = str(caught.value).splitlines()
    assert line.startswith("params: x: got ")
    assert line.endswith(f"; expected {expected}")


@pytest.mark.parametrize("params", [None, 5, "x", ["x"]])
def test_params_that_are_no_object(params: Any) -> None:
    with pytest.raises(UserError, match=r"^params: got .*; expected an object$"):
        arguments(params)
