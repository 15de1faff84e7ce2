from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spearmint.optimiser import front
from tests.spearmint.optimiser.volumes import hypervolume

#: Few different values, so that many are equal.
NUMBERS = st.integers(0, 6).map(float)


def points(objectives: int, least: int = 0) -> st.SearchStrategy[np.ndarray]:
    return st.integers(least, 9).flatmap(lambda n: arrays(float, (n, objectives), elements=NUMBERS))


SEVERAL = st.integers(1, 3).flatmap(points)


def dominates(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.all(a <= b) and np.any(a < b))


@given(SEVERAL)
def test_non_dominated_points_are_those_that_no_other_one_dominates(values: np.ndarray) -> None:
    expected = [not any(dominates(other, one) for other in values) for one in values]
    assert front.non_dominated(values).tolist() == expected


def test_more_points_than_are_compared_at_once() -> None:
    values = np.random.default_rng(0).random((1300, 2))
    free = front.non_dominated(values)
    lowest = np.minimum.accumulate(values[np.argsort(values[:, 0])][:, 1])
    assert sorted(values[free][:, 1]) == sorted(set(lowest))


@given(SEVERAL)
def test_each_point_is_dominated_by_one_of_the_front_before(values: np.ndarray) -> None:
    numbers = front.front_numbers(values)
    for value, number in zip(values, numbers, strict=True):
        before = values[numbers == number - 1]
        assert number == 0 or any(dominates(other, value) for other in before)
        assert not any(dominates(other, value) for other in values[numbers == number])


def test_ends_of_a_front_are_the_least_crowded() -> None:
    values = np.array([[2.0, 2.0], [0.0, 4.0], [1.0, 3.0], [4.0, 0.0]])
    assert front.crowding(values).tolist() == [1.5, np.inf, 1.0, np.inf]
    assert front.crowding(values[:1]).tolist() == [np.inf]
    assert front.crowding(values[:0]).tolist() == []


@given(st.integers(1, 3).flatmap(lambda k: st.tuples(points(k), points(k, 1))))
@settings(max_examples=200)
def test_boxes_give_the_gain_of_hypervolume(known_and_new: tuple[np.ndarray, np.ndarray]) -> None:
    known, news = known_and_new
    reference = np.full(known.shape[1], 5.0)
    low, high = front.undominated_boxes(known, reference)
    assert np.all(high >= low)
    for new in news:
        gain = np.sum(np.prod(np.maximum(0.0, high - np.maximum(low, new)), axis=1))
        more = hypervolume(np.vstack([known, new]), reference)
        assert gain == more - hypervolume(known, reference)


def test_hypervolume() -> None:
    values = np.array([[1.0, 3.0], [2.0, 1.0], [9.0, 0.0]])
    assert hypervolume(values, np.array([4.0, 4.0])) == 3.0 + 2.0 * 2.0
    cube = np.array([[1.0, 1.0, 1.0], [0.0, 0.0, 2.0]])
    assert hypervolume(cube, np.array([3.0, 3.0, 3.0])) == 8.0 + 9.0 - 4.0
    assert hypervolume(values[:0], np.array([4.0, 4.0])) == 0.0
