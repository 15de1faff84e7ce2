"""Values that config.json names for a variable."""

from __future__ import annotations

from typing import Any

import pytest

from spearmint.config import Variable
from spearmint.config.values import as_value, as_values

ENUM = Variable("x", "ENUM", options=("relu", 1, [1], None))


@pytest.mark.parametrize(
    ("variable", "given", "value"),
    [
        (Variable("x", "INT", 1, 1, 5), 2.0, 2),
        (Variable("x", "FLOAT", 1, 1.0, 5.0), 2, 2.0),
        (Variable("x", "FLOAT", 1, 0.1, 0.5, step=0.1), 0.3, 0.3),
        (ENUM, None, None),
        (ENUM, [1.0], [1]),
        (ENUM, 1.0, 1),
    ],
)
def test_a_value_gets_the_type_of_its_variable(variable: Variable, given: Any, value: Any) -> None:
    found = as_value(variable, given)
    assert (found, type(found)) == (value, type(value))
    assert as_values(variable, given) == (value,)


def test_a_list_of_one_value_is_that_value() -> None:
    assert as_values(Variable("x", "INT", 1, 1, 5), [2]) == (2,)
    assert as_values(ENUM, ["relu"]) == ("relu",)


@pytest.mark.parametrize(
    ("variable", "given", "expected"),
    [
        (Variable("x", "INT", 1, 1, 5), 2.5, "a whole number from 1 to 5"),
        (Variable("x", "INT", 1, 1, 5), True, "a whole number from 1 to 5"),
        (Variable("x", "INT", 1, 1, 5), 6, "a whole number from 1 to 5"),
        (Variable("x", "FLOAT", 1, 1.0, 5.0), "2", "a number from 1.0 to 5.0"),
        (Variable("x", "INT", 1, 1, 9, step=4), 6, "1 plus a multiple of 4"),
        (ENUM, True, 'one of "relu", 1, [1], null'),
    ],
)
def test_other_values(variable: Variable, given: Any, expected: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        as_value(variable, given)
    assert str(caught.value) == expected
