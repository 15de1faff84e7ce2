"""Projected BFGS on functions whose maxima are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from spearmint.optimiser.ascent import ascend


def rosenbrock(x, which):
    z = 4.0 * x - 2.0
    return np.array([-rosen(p) for p in z]), np.array([-4.0 * rosen_der(p) for p in z])


@pytest.mark.parametrize("dimension", [2, 5])
def test_each_start_finds_the_maximum(dimension):
    starts = np.random.default_rng(0).random((6, dimension))
    points, values = ascend(rosenbrock, starts, 400, tolerance=1e-12)
    # In five dimensions there is a second local maximum.
    assert np.sum(values > -1e-9) >= 4
    assert np.allclose(points[values > -1e-9], 0.75, atol=1e-4)
    assert np.allclose(values, rosenbrock(points, None)[0])


def test_points_stay_in_the_box_and_reach_its_boundary():
    def slope(x, which):
        assert (x >= 0.2).all()
        assert (x <= 0.9).all()
        return x @ [1.0, -2.0], np.tile([1.0, -2.0], (len(x), 1))

    points, _ = ascend(slope, np.full((3, 2), 0.5), 50, (0.2, [0.9, 0.8]))
    assert np.allclose(points, [0.9, 0.2])


def test_a_maximum_on_the_boundary_with_curvature_along_it():
    def bowl(x, which):
        target = np.array([1.5, 0.3])
        return -np.sum((x - target) ** 2, axis=1), -2 * (x - target)

    points, _ = ascend(bowl, np.random.default_rng(0).random((5, 2)), 60, tolerance=1e-12)
    assert np.allclose(points, [1.0, 0.3], atol=1e-5)


def test_starts_do_not_affect_each_other():
    starts = np.random.default_rng(1).random((5, 3))
    together, _ = ascend(rosenbrock, starts, 60)
    alone = [ascend(rosenbrock, start[None], 60)[0][0] for start in starts]
    assert np.allclose(together, alone)


def test_values_never_fall_and_minus_infinity_is_never_accepted():
    def cliff(x, which):
        value = np.where(x[:, 0] > 0.6, -np.inf, x[:, 0])
        return value, np.ones_like(x)

    starts = np.array([[0.1], [0.5], [0.7]])
    points, values = ascend(cliff, starts, 80)
    assert (values >= cliff(starts, None)[0]).all()
    assert points[2, 0] == 0.7
    assert 0.5 < points[1, 0] <= 0.6


def test_no_rounds_evaluate_the_starts():
    points, values = ascend(rosenbrock, np.full((2, 2), 0.5), 0)
    assert np.array_equal(points, np.full((2, 2), 0.5))
    assert values.tolist() == [-1.0, -1.0]
