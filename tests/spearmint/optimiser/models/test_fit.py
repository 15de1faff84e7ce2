"""Fitted noise, length scales and warps; reuse of fits; degenerate data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from spearmint.config import Task, Variable
from spearmint.optimiser.models import fit as fitting
from spearmint.optimiser.models import warp
from spearmint.optimiser.models.fit import Data, fit
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.space import Space

FEATURES = Features(Space([Variable("x", "FLOAT", 3, 0.0, 1.0)]))
ROWS = np.random.default_rng(0).random((30, 3))
SMOOTH = np.sin(4 * ROWS[:, 0]) + ROWS[:, 1] ** 2


def data(y, objective=True, likelihood="GAUSSIAN", rows=ROWS):
    task = Task("t", objective, likelihood)
    return Data(task, np.arange(len(y)), rows[: len(y)], np.asarray(y, dtype=float))


def model(*args, **kwargs):
    return fit(FEATURES, [data(*args, **kwargs)], {})[0]


def test_a_deterministic_task_has_almost_no_noise():
    assert model(SMOOTH).noise < 1e-6
    assert model(SMOOTH, likelihood="NOISELESS").noise < 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_noise_of_a_noisy_task_is_estimated(seed):
    rng = np.random.default_rng(seed)
    rows = rng.random((100, 3))
    y = np.sin(4 * rows[:, 0]) + rng.normal(0, 0.3, 100)
    found = model(y, rows=rows)
    assert found.noise * np.var(y) == pytest.approx(0.09, rel=0.5)


def test_an_axis_that_does_not_matter_has_a_long_scale():
    found = model(SMOOTH)
    assert found.theta[2] > found.theta[0] + 1.0


def test_a_cliff_is_warped():
    y = np.where(ROWS[:, 2] > 0.8, 90.0, SMOOTH)
    assert model(y).warp.kind != warp.PLAIN


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_a_polynomial_is_recognised(seed):
    """Rosenbrock's function, whose values range over four orders of magnitude."""
    features = Features(Space([Variable("x", "FLOAT", 2, 0.0, 1.0)]))
    rows = np.random.default_rng(seed).random((30, 2))
    x, y = 3.0 * rows.T - 1.5
    values = (1.0 - x) ** 2 + 100.0 * (y - x**2) ** 2
    found = fit(features, [data(values, likelihood="NOISELESS", rows=rows)], {})[0]
    assert (found.warp.kind, found.kernel) == (warp.PLAIN, "gaussian")


def test_tasks_fitted_together_are_as_each_alone():
    both = [
        Data(Task("f", True), np.arange(30), ROWS, SMOOTH),
        Data(Task("c", False), np.arange(30), ROWS, np.cos(3 * ROWS[:, 1]) - 0.5),
        Data(Task("s", False, "STEP"), np.arange(30), ROWS, (SMOOTH > 0.8).astype(float)),
        Data(Task("g", False), np.arange(20), ROWS[:20], SMOOTH[:20]),
    ]
    together = fit(FEATURES, both, {})
    assert [m.task.name for m in together] == ["f", "c", "s", "g"]
    for part, found in zip(both, together, strict=True):
        alone = fit(FEATURES, [part], {})[0]
        assert np.allclose(found.theta, alone.theta, atol=1e-3)
        assert found.kernel == alone.kernel


def test_hypers_of_the_same_data_are_reused_exactly(monkeypatch):
    tasks = [data(SMOOTH), data(SMOOTH > 0.8, objective=False, likelihood="BINOMIAL")]
    for part in tasks:
        first = fit(FEATURES, [part], {})[0]
        hypers = json.loads(json.dumps(first.hypers))
        with monkeypatch.context() as patch:
            patch.setattr(fitting, "ascend", None)  # would fail if it were fitted again
            again = fit(FEATURES, [part], {"t": hypers})[0]
        assert np.array_equal(again.theta, first.theta)
        assert np.array_equal(again.z, first.z)
        assert (again.noise, again.kernel, again.warp) == (first.noise, first.kernel, first.warp)


@pytest.mark.parametrize("known", [None, 3, {}, {"digest": "x"}, {"theta": [1.0]}])
def test_hypers_of_other_data_are_ignored(known):
    found = fit(FEATURES, [data(SMOOTH)], {"t": known})[0]
    assert np.array_equal(found.theta, model(SMOOTH).theta)


@pytest.mark.parametrize(
    "y",
    [
        [2.0],
        [2.0, 2.0, 2.0],
        [0.0, 0.0],
        [np.inf, 1.0, 2.0],
        [np.inf, np.inf],
        [1e-12, 2e-12, 5e-12],
        [1e12, -1e12, 5e11],
        [1.0, 1.0 + 1e-15, 1.0],
        [1e300, -1e300, 0.0],
    ],
)
@pytest.mark.parametrize("objective", [True, False])
def test_degenerate_values_do_not_break_a_fit(y, objective):
    found = model(y, objective=objective)
    assert np.isfinite(found.theta).all()
    assert np.isfinite(found.z).all()
    assert np.isfinite(found.threshold)


@pytest.mark.parametrize("y", [[1.0, 1.0, 1.0], [0.0, 0.0], [0.0, 1.0]])
def test_outcomes_all_alike_do_not_break_a_fit(y):
    found = model(y, objective=False, likelihood="STEP")
    assert np.isfinite(found.theta).all()
    assert found.z.tolist() == [1.0 if value else -1.0 for value in y]


def test_the_same_point_twice_with_different_values():
    rows = np.repeat(ROWS[:3], 2, axis=0)
    found = model([1.0, 2.0, 3.0, 3.5, 0.0, 0.2], rows=rows)
    assert np.isfinite(found.theta).all()


def test_scale_and_shift_of_the_values_do_not_matter():
    # An affine map of an objective is undone by its warp.
    first = model(SMOOTH)
    for scale in (1e-9, 1e9):
        found = model(5.0 * scale + scale * SMOOTH)
        assert np.allclose(found.z, first.z, atol=1e-5)
        assert np.allclose(found.theta, first.theta, atol=0.05)
