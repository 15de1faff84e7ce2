"""Transforms: exact results, and what is refused."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsearch.template.transforms import Transform


@pytest.mark.parametrize(
    ("text", "given_values", "expected"),
    [
        ("X2", range(10, 19), [20, 22, 24, 26, 28, 30, 32, 34, 36]),
        ("NEGEXP10", range(1, 6), [0.1, 0.01, 0.001, 0.0001, 0.00001]),
        ("LOG2", range(1, 5), [2, 4, 8, 16]),
        ("X0.5", [1, 4], [0.5, 2.0]),
        ("X0.1", [3], [0.3]),
        ("X-2", [3], [-6]),
        ("X2", [0.25], [0.5]),
        ("LOG10", [-3, 0], [0.001, 1]),
        ("LOG0.5", [2], [0.25]),
        ("NEGEXP2", [-2, 0], [4.0, 1.0]),
        ("NEGEXP10", [0.5], [10**-0.5]),
        ("X1e3", [2], [2000.0]),
    ],
)
def test_values_for_the_script(text: str, given_values: list, expected: list) -> None:
    transform = Transform.parse(text)
    got = [transform.apply(value) for value in given_values]
    assert [(type(value), value) for value in got] == [(type(v), v) for v in expected]


@pytest.mark.parametrize("exponent", range(300))
def test_powers_of_ten_are_the_floats_that_python_writes(exponent: int) -> None:
    assert Transform.parse("NEGEXP10").apply(exponent) == float(f"1e-{exponent}")


@given(st.integers(-(2**53), 2**53), st.integers(-(10**9), 10**9).filter(bool))
def test_whole_factors_keep_ints_exact(value: int, factor: int) -> None:
    result = Transform.parse(f"X{factor}").apply(value)
    assert isinstance(result, int)
    assert result == value * factor


@given(st.floats(-1e100, 1e100, allow_subnormal=False), st.integers(1, 10**6))
def test_products_are_rounded_once(value: float, factor: int) -> None:
    result = Transform.parse(f"X{factor}").apply(value)
    assert isinstance(result, float)
    assert result == float(Fraction(value) * factor)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "expected X<k> (v * k), NEGEXP<b> (b ** -v) or LOG<b> (b ** v), such as X2"),
        ("X", "did you mean 'X2'?"),
        ("x2", "did you mean 'X2'?"),
        ("X[2]", "did you mean 'X2'?"),
        ("LOG", "did you mean 'LOG2'?"),
        ("log10", "did you mean 'LOG10'?"),
        ("EXP2", "did you mean 'LOG2'?"),
        ("NEGEX10", "did you mean 'NEGEXP10'?"),
        ("SQRT", "expected X<k>"),
        ("X2 ", "did you mean 'X2'?"),
        ("X٢", "expected X<k>"),
        ("X0", "expected a factor other than 0"),
        ("LOG0", "expected a base above 0 and other than 1"),
        ("LOG1", "expected a base above 0 and other than 1"),
        ("NEGEXP-10", "expected a base above 0 and other than 1"),
        ("X1e400", "expected a number below 1e308"),
        ("X" + "9" * 5000, "expected a number below 1e308"),
        ("X0." + "0" * 5000 + "1", "at most 40 digits"),
    ],
)
def test_invalid_transforms_are_refused(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        Transform.parse(text)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NEGEXP10", 400),
        ("NEGEXP10", -400),
        ("LOG2", 1024),
        ("LOG2", -(2**53)),
        ("LOG10", 2**53),
        ("X1e300", 1e10),
        ("X1e-300", 1e-100),
        ("LOG1.0000001", 2**53),
    ],
)
def test_results_beyond_a_float_are_refused(text: str, value: float) -> None:
    with pytest.raises(OverflowError, match="too large or too small"):
        Transform.parse(text).apply(value)


@given(st.text(max_size=60), st.one_of(st.integers(-(2**53), 2**53), st.floats(-1e308, 1e308)))
def test_any_text_is_a_transform_or_a_clear_error(text: str, value: float) -> None:
    try:
        result = Transform.parse(text).apply(value)
    except (ValueError, OverflowError):
        return
    assert math.isfinite(result)
