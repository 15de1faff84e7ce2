from __future__ import annotations

import pytest

from hwsearch.measuring.references import Reference, neighbours, slowdown


@pytest.mark.parametrize(
    ("typical", "expected"),
    [
        (0.1, [0]),
        (1.0, [0]),
        (1.05, [0]),
        (1.2, [0, 1]),
        (2.0, [0, 1]),
        (2.1, [0, 1]),
        (2.3, [1, 2]),
        (6.0, [2, 3]),
        (8.7, [2, 3]),
        (8.9, [3]),
        (100.0, [3]),
    ],
)
def test_the_neighbours_of_a_time(typical, expected):
    assert neighbours([1.0, 2.0, 4.0, 8.0], typical) == expected


def test_neighbours_in_any_order_of_times():
    assert neighbours([4.0, 1.0, 8.0, 2.0], 3.0) == [3, 0]


def test_the_slowdown_between_two_references():
    pair = [Reference(None, 1.0), Reference(None, 4.0)]
    assert slowdown(2.0, [2.0, 16.0], pair) == pytest.approx(2)
    assert slowdown(16.0, [2.0, 16.0], pair) == pytest.approx(4)
    # Halfway in the logarithm: twice its undisturbed 2 took sqrt(2 * 4).
    assert slowdown(32**0.5, [2.0, 16.0], pair) == pytest.approx(8**0.5)
    assert slowdown(0.5, [2.0, 16.0], pair) == pytest.approx(2)
    assert slowdown(99.0, [2.0, 16.0], pair) == pytest.approx(4)
    assert slowdown(5.0, [3.0], pair[:1]) == pytest.approx(3)
