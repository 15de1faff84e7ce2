from __future__ import annotations

import numpy as np
import pytest

from spearmint.optimiser.front import non_dominated
from spearmint.optimiser.hypervolume import MARGIN, MOST, HypervolumeImprovement
from tests.spearmint.optimiser.volumes import hypervolume


def samples(objectives: int, count: int = 3) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.normal(size=(12, objectives)) for _ in range(count)]


def beliefs(objectives: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    return rng.normal(-1.0, 0.5, (objectives, 4, 3)), rng.uniform(0.5, 1.0, (objectives, 4, 1))


@pytest.mark.parametrize("objectives", [2, 3])
def test_it_is_the_mean_gain_of_hypervolume(objectives: int) -> None:
    values = samples(objectives)
    mean, variance = beliefs(objectives)
    found, _, _ = HypervolumeImprovement(values)(mean, variance)
    rng = np.random.default_rng(3)
    front = values[1][non_dominated(values[1])]
    reference = front.max(axis=0) + MARGIN
    before = hypervolume(front, reference)
    for m in range(2):
        deviation = np.sqrt(variance[:, m, 0])
        drawn = mean[:, m, 1] + deviation * rng.normal(size=(800, objectives))
        gains = [hypervolume(np.vstack([front, one]), reference) - before for one in drawn]
        error = np.std(gains) / np.sqrt(len(gains))
        assert np.exp(found[m, 1]) == pytest.approx(np.mean(gains), abs=5 * error)


@pytest.mark.parametrize("objectives", [2, 3])
def test_its_derivatives(objectives: int) -> None:
    gain = HypervolumeImprovement([*samples(objectives, 2), np.empty((0, objectives))])
    assert gain.feasible.tolist() == [True, True, False]
    mean, variance = beliefs(objectives)
    value, by_mean, by_variance = gain(mean, variance)
    assert value.shape == (4, 3)
    assert np.all(np.isfinite(value))
    for k in range(objectives):
        step = np.zeros((objectives, 1, 1))
        step[k] = 1e-6
        slope = (gain(mean + step, variance)[0] - gain(mean - step, variance)[0]) / 2e-6
        bend = (gain(mean, variance + step)[0] - gain(mean, variance - step)[0]) / 2e-6
        assert np.allclose(by_mean[k], slope, rtol=1e-4, atol=1e-6)
        assert np.allclose(by_variance[k], bend, rtol=1e-4, atol=1e-6)


def test_hopeless_and_certain_points_have_finite_values_and_slopes() -> None:
    gain = HypervolumeImprovement([np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1e-13], [0.0, 1.0]])])
    mean = np.array([[[50.0], [-50.0], [0.0], [1.0]], [[50.0], [-50.0], [0.0], [1.0]]])
    variance = np.full((2, 4, 1), 1e-8)
    value, by_mean, by_variance = gain(mean, variance)
    assert np.all(np.isfinite(value))
    assert np.all(np.isfinite(by_mean))
    assert np.all(np.isfinite(by_variance))
    assert value[0] < value[3] < value[2] < value[1]
    # From the origin to the reference point (2, 2), less what the front dominates.
    assert value[2, 0] == pytest.approx(np.log(4.0 - 3.0), abs=1e-3)


def test_a_long_front_is_thinned_but_keeps_its_ends() -> None:
    x = np.linspace(0.0, 1.0, 5 * MOST[2])
    gain = HypervolumeImprovement([np.column_stack([x, 1.0 - x])])
    assert gain.high.shape[1] == MOST[2] + 1
    assert gain.high[0].max() == 1.0 + MARGIN
    assert gain.high[1].max() == 1.0 + MARGIN
