from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hwsearch.experiment.objectives import dominates, goal, listed, non_dominated

VALUES = st.integers(0, 4).map(float)
POINTS = st.integers(1, 3).flatmap(lambda n: st.lists(st.tuples(*[VALUES] * n), max_size=12))


@given(POINTS)
def test_the_front_is_what_no_other_point_dominates(points):
    free = [i for i, p in enumerate(points) if not any(dominates(q, p) for q in points)]
    found = non_dominated(points)
    assert sorted(found) == free
    assert [points[i] for i in found] == sorted(points[i] for i in found)


def test_equal_points_are_all_on_the_front():
    assert non_dominated([(1.0, 2.0), (0.0, 3.0), (1.0, 2.0), (1.0, 3.0)]) == [1, 0, 2]


def test_what_is_wanted_in_words():
    assert goal([("error", False)]) == "error as low as possible"
    assert goal([("error", False), ("power", False)]) == "error and power as low as possible"
    mixed = [("val_auc", True), ("power", False), ("size", False)]
    assert goal(mixed) == "val_auc as high as possible, power and size as low as possible"
    assert listed(["a", "b", "c"]) == "a, b and c"
