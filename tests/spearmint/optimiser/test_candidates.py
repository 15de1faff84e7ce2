"""Designs, neighbourhoods, and untried points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spearmint.config import Variable
from spearmint.errors import SpaceExhaustedError
from spearmint.optimiser.candidates import around, check_not_exhausted, design, neighbours, untried
from spearmint.optimiser.space import Space

MIXED = Space(
    [
        Variable("x", "FLOAT", 2, 0.0, 1.0),
        Variable("n", "INT", 1, 0, 4),
        Variable("wide", "INT", 1, 0, 1000),
        Variable("e", "ENUM", options=("a", "b", "c")),
    ]
)
SMALL = Space([Variable("n", "INT", 1, 1, 3), Variable("e", "ENUM", options=("a", "b"))])


@given(st.integers(1, 70), st.integers(0, 2**31))
def test_a_design_can_be_continued(count, seed):
    points = design(MIXED, count, seed)
    assert points.shape == (count, 5)
    assert np.array_equal(MIXED.round(points), points)
    assert np.array_equal(design(MIXED, count + 5, seed)[:count], points)


def test_a_design_fills_the_space_evenly():
    points = design(MIXED, 64, 3)
    assert np.histogram(points[:, 0], 8, (0, 1))[0].tolist() == [8] * 8


@given(st.integers(0, 2**31))
def test_points_around_are_points_and_differ(seed):
    rng = np.random.default_rng(seed)
    centres = design(MIXED, 3, seed)
    near = around(MIXED, centres, 20, rng)
    assert near.shape == (60, 5)
    assert np.array_equal(MIXED.round(near), near)
    assert np.mean(np.any(near != np.repeat(centres, 20, axis=0), axis=1)) > 0.5


def test_neighbours_differ_in_one_discrete_axis():
    point = MIXED.snap(np.full((1, 5), 0.5))[0]
    found = neighbours(MIXED, point)
    assert (np.sum(found != point, axis=1) == 1).all()
    assert np.array_equal(found[:, :2], np.tile(point[:2], (len(found), 1)))
    assert np.array_equal(MIXED.round(found), found)
    # Four other levels, two other options, 500 +- 1, 2, 4, ... 256.
    assert len(found) == 4 + 2 + 18
    assert neighbours(Space([Variable("x", "FLOAT", 1, 0.0, 1.0)]), point[:1]).shape == (
        0,
        1,
    )


def test_untried_returns_every_point_once():
    rng, tried = np.random.default_rng(0), np.empty((0, 2))
    for _ in range(6):
        point = untried(SMALL, tried, rng)
        assert not SMALL.same(point[None], tried)[0]
        tried = np.vstack([tried, point])
    with pytest.raises(SpaceExhaustedError, match="all 6 points"):
        untried(SMALL, tried, rng)


def test_the_last_point_of_a_large_space_is_found():
    space = Space([Variable("n", "INT", 2, 0, 49)])
    every = np.array(list(space.every_point()))
    tried = np.delete(every, 1234, axis=0)
    assert np.array_equal(untried(space, tried, np.random.default_rng(0)), every[1234])


def test_repeated_points_do_not_exhaust_a_space():
    points = np.array(list(SMALL.every_point()))
    check_not_exhausted(SMALL, np.repeat(points[:5], 3, axis=0))
    with pytest.raises(SpaceExhaustedError):
        check_not_exhausted(SMALL, np.repeat(points, 2, axis=0))


def test_neighbours_of_logarithms_and_steps():
    space = Space(
        [Variable("n", "INT", 1, 1, 1000, log=True), Variable("d", "FLOAT", 1, 0.1, 0.5, step=0.1)]
    )
    point = space.encode({"n": {"values": [100]}, "d": {"values": [0.3]}})
    found = [space.decode(codes) for codes in neighbours(space, point)]
    numbers = {params["n"]["values"][0] for params in found}
    assert numbers == {100} | {100 + s * 2**j for j in range(10) for s in (-1, 1)} & {*range(1001)}
    assert {params["d"]["values"][0] for params in found} == {0.1, 0.2, 0.3, 0.4, 0.5}
    near = around(space, point[None], 200, np.random.default_rng(0))
    assert np.array_equal(space.round(near), near)
    near_numbers = {space.decode(codes)["n"]["values"][0] for codes in near}
    assert {99, 101} < near_numbers


def test_every_point_of_a_conditional_space_is_found_once():
    space = Space(
        [
            Variable("a", "INT", 1, 1, 2),
            Variable("b", "INT", 1, 1, 3, when=(("a", (2,)),)),
            Variable("c", "INT", 1, 1, 3, log=True, when=(("b", (2, 3)),)),
        ]
    )
    rng = np.random.default_rng(0)
    points = np.empty((0, 3))
    for _ in range(1 + 1 + 2 * 3):
        points = np.vstack([points, untried(space, points, rng)])
    assert len({tuple(row) for row in points.tolist()}) == 8
    with pytest.raises(SpaceExhaustedError, match="all 8 points"):
        untried(space, points, rng)
    space.conditions.__dict__["cardinality"] = 18  # an upper limit
    with pytest.raises(SpaceExhaustedError, match="all 8 points"):
        untried(space, points, rng)


@pytest.mark.parametrize("kind", ["FLOAT", "INT"])
def test_points_that_are_seldom_drawn_are_found_when_all_others_have_been_tried(kind):
    options = tuple(f"option {i}" for i in range(40))
    high = 1.0 if kind == "FLOAT" else 2**50
    number = Variable("x", kind, 9, 0, high, when=(("e", ("option 7",)),))
    space = Space([Variable("e", "ENUM", options=options), number])
    others = np.array([[i, *space.conditions.start[1:]] for i in range(40) if i != 7])
    for seed in range(20):
        assert untried(space, others, np.random.default_rng(seed))[0] == 7


def test_a_number_that_never_matters_does_not_make_a_space_infinite():
    a = Variable("a", "INT", 1, 1, 2)
    b = Variable("b", "INT", 1, 1, 2, when=(("a", (1,)),))
    x = Variable("x", "FLOAT", 1, 0.0, 1.0, when=(("a", (2,)), ("b", (1,))))
    space, rng = Space([a, b, x]), np.random.default_rng(0)
    points = np.empty((0, 3))
    for _ in range(3):
        points = np.vstack([points, untried(space, points, rng)])
    with pytest.raises(SpaceExhaustedError, match="all 3 points"):
        untried(space, points, rng)
