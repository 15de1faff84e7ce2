"""Values <-> codes of one axis: steps, logarithms and options of every kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spearmint.config import Variable
from spearmint.optimiser.axis import SAME, Axis

LOG = Variable("n", "INT", 1, 1, 1000, log=True)
RATE = Variable("rate", "FLOAT", 1, 1e-5, 0.1, log=True)
UNITS = Variable("units", "INT", 1, 16, 100, step=16)
DROP = Variable("drop", "FLOAT", 1, 0.1, 0.55, step=0.1)
OPTIONS = Variable("e", "ENUM", options=(None, True, 1, [1], [True], {"name": "a.b"}, "a.b"))
LISTED = (LOG, UNITS, DROP, OPTIONS, Variable("i", "INT", 1, -3, 9))


def axis_of(variable: Variable) -> Axis:
    return Axis.of(variable)[0]


@pytest.mark.parametrize("variable", LISTED)
def test_every_level_comes_back(variable: Variable) -> None:
    axis = axis_of(variable)
    levels = np.arange(axis.levels)
    codes = axis.code(levels)
    assert np.array_equal(axis.level(codes), levels)
    assert axis.has(codes).all()
    values = [axis.decode(code) for code in codes.tolist()]
    assert np.array_equal(axis.encode_all(values), [axis.encode(value) for value in values])
    assert np.abs(axis.encode_all(values) - codes).max() < 0.01 * axis.tolerance
    assert np.diff(codes).min() > 1.99 * axis.tolerance


def test_steps_are_decimals_and_end_below_the_bound() -> None:
    codes = axis_of(DROP).code(np.arange(5))
    assert [axis_of(DROP).decode(code) for code in codes] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert [axis_of(UNITS).decode(code) for code in (0.0, 0.2, 1.0)] == [16, 32, 96]
    assert axis_of(DROP).high == 0.5
    assert not axis_of(DROP).has(np.array([axis_of(DROP).encode(0.25)]))[0]


@given(st.floats(1e-5, 0.1))
@example(1e-5)
@example(0.1)
def test_a_logarithm_decodes_within_the_bounds_and_back(value: float) -> None:
    axis = axis_of(RATE)
    back = axis.decode(axis.encode(value))
    assert 1e-5 <= back <= 0.1
    assert back == pytest.approx(value, rel=1e-12)
    assert axis.decode(0.0) == 1e-5
    assert axis.decode(1.0) == 0.1
    assert axis.decode(0.5) == pytest.approx(1e-3)


def test_logarithms_are_uniform() -> None:
    unit = (np.arange(100_000) + 0.5) / 100_000
    rates = axis_of(RATE).spread(unit)
    assert np.histogram(rates, 4, (0, 1))[0] == pytest.approx(25_000, rel=1e-3)
    numbers = axis_of(LOG).level(axis_of(LOG).spread(unit)) + 1
    # Decades have equal shares; that of 1 is the logarithm of 1.5 / 0.5.
    share = np.mean(numbers == 1)
    assert share == pytest.approx(np.log(3) / np.log(1000.5 / 0.5), rel=1e-3)
    decades = [np.mean((low < numbers) & (numbers <= 10 * low)) for low in (1, 10, 100)]
    assert decades[1] == pytest.approx(decades[2], rel=0.05)


def test_a_value_without_a_logarithm_is_outside() -> None:
    for value in (-1, 0, 1e-7):
        code = axis_of(RATE).encode(value)
        assert np.isfinite(code)
        assert code < -SAME
        assert not axis_of(RATE).has(np.array([code]))[0]


def test_starts_are_defaults_or_in_the_middle() -> None:
    assert axis_of(RATE).start == pytest.approx(1e-3)
    assert axis_of(LOG).start == 32
    assert axis_of(UNITS).start == 48
    assert axis_of(DROP).start == 0.3
    assert axis_of(OPTIONS).start is None
    vector = Variable("v", "INT", 2, 0, 9, default=(3, 4))
    assert [axis.start for axis in Axis.of(vector)] == [3, 4]


def test_an_option_is_found_by_what_it_is() -> None:
    axis = axis_of(OPTIONS)
    assert [axis.encode(option) for option in OPTIONS.options] == list(range(7))
    with pytest.raises(ValueError, match="one of"):
        axis.encode({"name": "a.c"})


@given(st.integers(1, 2**53), st.data())
def test_whole_numbers_of_a_logarithm_are_inside(high: int, data: st.DataObject) -> None:
    axis = axis_of(Variable("n", "INT", 1, 1, high + 1, log=True))
    number = data.draw(st.integers(1, high + 1))
    code = axis.encode(number)
    assert axis.has(np.array([code]))[0]
    assert axis.decode(code) == pytest.approx(number, rel=1e-14)


@pytest.mark.parametrize("high", [1000, 10**12, 10**15, 2**53])
def test_a_whole_number_of_a_logarithm_is_the_same_as_itself(high: int) -> None:
    axis = axis_of(Variable("n", "INT", 1, 1, high, log=True))
    for number in (1, high // 3, high - 1, high):
        assert abs(axis.encode(number) - axis.encode(number)) < axis.tolerance
