"""Output warps: monotone, invertible, with the right slope, whatever the scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import yeojohnson

from spearmint.optimiser.models import warp

RNG = np.random.default_rng(0)
NETWORKS = np.concatenate([RNG.normal(3.0, 0.5, 20), np.full(6, 90.0)])


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize("objective", [True, False])
def test_each_warp_is_standardised_monotone_and_invertible(scale, objective):
    y = scale * (NETWORKS - (0.0 if objective else 3.1))
    for bend in warp.candidates(y, objective):
        z = bend(y)
        assert np.mean(z) == pytest.approx(0.0, abs=1e-6)
        assert np.std(z) == pytest.approx(1.0)
        grid = np.linspace(y.min(), y.max(), 200)
        assert (np.diff(bend(grid)) > 0).all()
        assert np.allclose(bend.inverse(z), y, rtol=1e-5, atol=1e-6 * scale)


@pytest.mark.parametrize("objective", [True, False])
def test_log_slope(objective):
    y = NETWORKS - 3.1
    for bend in warp.candidates(y, objective):
        slopes = (bend(y + 1e-7) - bend(y - 1e-7)) / 2e-7
        assert bend.log_slope(y) == pytest.approx(np.sum(np.log(slopes)), abs=1e-4)


def test_a_warped_cliff_has_a_smaller_share_of_the_range():
    plain, *others = warp.candidates(NETWORKS, objective=True)
    share = {
        bend.kind: np.ptp(bend(NETWORKS[:20])) / np.ptp(bend(NETWORKS)) for bend in (plain, *others)
    }
    assert share[warp.ABOVE] > 5 * share[warp.PLAIN]


def test_a_constraint_keeps_its_bound():
    y = np.array([-1e6, -1.0, -0.1, 0.2, 3.0, 1e5])
    for bend in warp.candidates(y, objective=False):
        assert ((bend(y) >= bend(np.zeros(1))) == (y >= 0)).all()


@pytest.mark.parametrize("power", [-1.0, 0.0, 0.5, 1.0, 2.0, 2.5])
def test_yeo_johnson_is_scipys(power):
    v = np.linspace(-5, 5, 21)
    assert np.allclose(warp.yeo_johnson(v, power), yeojohnson(v, power))


@pytest.mark.parametrize("value", [0.0, 1e-300, 5.0, -1e12])
@pytest.mark.parametrize("count", [1, 4])
def test_constant_values(value, count):
    y = np.full(count, value)
    for objective in (True, False):
        (bend,) = warp.candidates(y, objective)
        assert np.isfinite(bend(y)).all()
        assert bend.inverse(bend(y)) == pytest.approx(y)


@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=12), st.booleans())
def test_any_values_become_finite(values, objective):
    y = np.array(values)
    for bend in warp.candidates(y, objective):
        assert np.isfinite(bend(y)).all()
        assert np.isfinite(bend.inverse(bend(y))).all()
        assert np.isfinite(bend.log_slope(y))


def test_infinities_become_the_largest_finite_values():
    inf = np.inf
    assert warp.finite(np.array([1.0, inf, -2.0, -inf])).tolist() == [1.0, 1.0, -2.0, -2.0]
    assert warp.finite(np.array([inf, -inf])).tolist() == [1.0, -1.0]
