from __future__ import annotations

import numpy as np
import pytest

from spearmint.config import Task
from spearmint.config.records import Variable
from spearmint.optimiser.models.kernel import Features
from spearmint.optimiser.models.prior_mean import LEAST, PriorMean
from spearmint.optimiser.space import Array, Space

TASK = Task("c", objective=False)
FEATURES = Features(Space((Variable("x", "FLOAT", low=0.0, high=1.0),)))
POINTS = np.linspace(0.0, 1.0, 21)[:, None]
ROWS = FEATURES.of(POINTS)


def truth(x: Array) -> Array:
    found: Array = 3.0 - 8.0 * x[:, 0]
    return found


def pairs(mean: Array, spread: float) -> Array:
    return np.column_stack([mean, np.full(len(mean), spread)])


def fitted(predicted: Array) -> PriorMean:
    """From every second point."""
    return PriorMean.fit(FEATURES, TASK, ROWS[::2], truth(POINTS)[::2], predicted[::2], {})


def test_few_observations_leave_predictions_as_they_are() -> None:
    predicted = pairs(truth(POINTS) + 1.0, 0.5)
    some = PriorMean.fit(
        FEATURES, TASK, ROWS[: LEAST - 1], truth(POINTS)[: LEAST - 1], predicted[: LEAST - 1], {}
    )
    assert some.model is None
    low, middle, high = some.quantiles(ROWS, predicted)
    assert middle == pytest.approx(predicted[:, 0])
    assert high - low == pytest.approx(np.ones(len(ROWS)))
    probability = some.probability(ROWS, pairs(np.array([0.0, 0.5, -1.0] * 7), 0.5))
    assert probability[:3] == pytest.approx([0.5, 0.8413, 0.0228], abs=1e-3)


def test_a_bias_is_corrected_everywhere_or_where_it_is() -> None:
    for bias in (np.full(21, -2.0), np.where(POINTS[:, 0] > 0.5, 2.0, 0.0)):
        predicted = pairs(truth(POINTS) + bias, 0.5)
        low, middle, high = fitted(predicted).quantiles(ROWS, predicted)
        away = np.abs(POINTS[:, 0] - 0.5) > 0.17
        assert middle[away] == pytest.approx(truth(POINTS)[away], abs=0.3)
        assert np.all((low < middle) & (middle < high))


def test_the_stated_spread_is_corrected_but_not_forgotten() -> None:
    rng = np.random.default_rng(1)
    errors = rng.normal(size=21)
    wide = pairs(truth(POINTS) + 0.05 * errors, 0.5)
    low, _, high = fitted(wide).quantiles(ROWS, wide)
    assert np.all(high - low < 0.9), "better than was stated"
    assert np.all(high - low > 0.3), "eleven observations are not many"
    narrow = pairs(truth(POINTS) + 0.5 * errors, 0.05)
    low, _, high = fitted(narrow).quantiles(ROWS, narrow)
    assert np.median((high - low)[1::2]) > 0.2, "worse than was stated"


def test_where_nothing_was_predicted_nothing_is_learnt() -> None:
    predicted = np.full((21, 2), np.nan)
    assert fitted(predicted).model is None
    predicted[:4] = pairs(truth(POINTS), 0.5)[:4]
    assert fitted(predicted).model is None, "two of them"


def test_a_fit_is_reused() -> None:
    predicted = pairs(truth(POINTS) + 1.0, 0.5)
    first = fitted(predicted).model
    assert first is not None
    again = PriorMean.fit(
        FEATURES, TASK, ROWS[::2], truth(POINTS)[::2], predicted[::2], {"c": first.hypers}
    )
    assert again.model is not None
    assert np.array_equal(again.model.theta, first.theta)


def test_certain_and_extreme_predictions() -> None:
    predicted = pairs(np.array([1.0, -1.0, 0.0, 1e300, -1e300] * 4 + [1.0]), 0.0)
    probability = PriorMean(TASK).probability(ROWS, predicted)
    assert probability[:5].tolist() == [1.0, 0.0, 0.5, 1.0, 0.0]
