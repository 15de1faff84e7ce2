"""Values with a step."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spearmint.config.lattice import is_on, steps_between, value_at

tenths = st.integers(-1000, 1000).map(lambda n: n / 10)


def test_they_are_the_decimals_that_people_write() -> None:
    assert steps_between(0.1, 0.5, 0.1) == 4
    assert [value_at(0.1, 0.1, count) for count in range(5)] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert [value_at(16, 8, count) for count in range(3)] == [16, 24, 32]
    assert steps_between(1, 10, 4) == 2


@given(tenths, st.integers(1, 50).map(lambda n: n / 10), st.integers(0, 100))
def test_every_value_is_on_its_lattice(low: float, step: float, count: int) -> None:
    value = value_at(low, step, count)
    assert is_on(value, low, step)
    assert steps_between(low, value, step) == count
    assert not is_on(value + step / 3, low, step)
