"""The choice of the model of one cost."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.predicting.choice import (
    ADVANTAGE,
    AVERAGED,
    Choice,
    best_of,
    refit,
    share_of,
)
from hwsearch.predicting.selection import (
    CONSTANT,
    LOG_LINEAR,
    MODELS,
    NON_NEGATIVE,
    PAPER,
    PROCESS,
    AverageModel,
    Predicted,
    candidates_of,
    rmspe,
)


def test_a_more_complex_model_has_to_be_clearly_better():
    errors = {CONSTANT: 10.0, NON_NEGATIVE: 10.0 * ADVANTAGE + 0.01, PAPER: np.nan}
    assert best_of(errors) == CONSTANT
    errors[NON_NEGATIVE] = 5.0
    assert best_of(errors) == NON_NEGATIVE
    errors[PROCESS] = 4.9
    assert best_of(errors) == NON_NEGATIVE
    errors[PROCESS] = 4.8
    assert best_of(errors) == PROCESS


def test_a_product_of_powers_is_not_chosen_alone():
    assert best_of({CONSTANT: 60.0, NON_NEGATIVE: 30.0, LOG_LINEAR: 20.0}) == NON_NEGATIVE


def held_out(error, width=1.0):
    """Predictions of two networks of cost 1."""
    return Predicted(1 + error * np.array([1.0, -1.0]), np.zeros(2), np.full(2, width))


@pytest.mark.parametrize(
    ("error", "width", "other", "share"),
    [
        (0.1, 1.0, 0.1, 0.5),
        (0.2, 1.0, 0.1, 16 / 17),
        # The networks differ more from each other than from others, which are predicted better.
        (0.2, 2.0, 0.1, 0.5),
        (0.1, 1.0, 0.15, 0.0),
        (0.0, 1.0, 0.0, 0.0),
    ],
)
def test_errors_decide_the_weights_of_an_average(error, width, other, share):
    found = share_of(held_out(other), held_out(error, width), np.ones(2))
    assert found == pytest.approx(share)


def saturating(count, seed):
    """Features and costs that are neither a sum nor a product."""
    rng = np.random.default_rng(seed)
    features = np.exp(rng.normal(size=(count, 3))) * [1e6, 1e5, 10.0]
    work = features @ [1e-6, 1e-5, 0.01]
    costs = 2.0 + 80.0 * work / (work + 1.0)
    return np.column_stack([np.ones(count), features]), costs * np.exp(
        0.03 * rng.normal(size=count)
    )


def test_an_average_is_better_than_its_parts():
    ratios = []
    for seed in range(30):
        features, costs = saturating(12, seed)
        others, truth = saturating(200, 100 + seed)
        candidates = candidates_of(features)
        choice = Choice.among(candidates, features, costs, None)
        model = refit(choice.name, choice.share, candidates, features, costs, None)
        if not choice.share:
            continue
        assert isinstance(model, AverageModel)
        assert choice.name.endswith(AVERAGED)
        assert choice.validation[choice.name] == pytest.approx(rmspe(choice.outcome.costs, costs))
        parts = [rmspe(part.predict(others), truth) for part in (model.model, model.log_linear)]
        ratios.append(rmspe(model.predict(others), truth) / np.sqrt(np.prod(parts)))
    assert len(ratios) > 10
    assert np.exp(np.mean(np.log(ratios))) < 0.95


def test_a_sum_of_work_is_not_averaged():
    """Though the networks differ so much that few are like another one."""
    rng = np.random.default_rng(0)
    features = rng.dirichlet(np.full(4, 0.3), 12) * np.exp(rng.normal(size=(12, 1)))
    costs = features.sum(axis=1) * np.exp(0.03 * rng.normal(size=12))
    costs[3] *= 1.5  # an outlier
    choice = Choice.among(candidates_of(features), features, costs, None)
    assert (choice.name, choice.share) == (NON_NEGATIVE, 0.0)


def test_costs_that_do_not_vary_are_not_averaged():
    features, _ = saturating(12, 0)
    costs = np.exp(0.01 * np.random.default_rng(1).normal(size=12))
    choice = Choice.among(candidates_of(features), features, costs, None)
    assert (choice.name, choice.share) == (CONSTANT, 0.0)


def test_an_average_of_a_cost_below_0_is_above_0():
    found = Predicted(np.array([-1.0, 4.0]), np.zeros(2), np.ones(2)).averaged(
        Predicted(np.array([1.0, 1.0]), np.full(2, 0.2), np.full(2, 3.0)), 0.5
    )
    assert found.costs == pytest.approx([1e-3**0.5, 2.0])
    assert found.spread == pytest.approx([0.1, 0.1])
    assert found.width == pytest.approx([2.0, 2.0])


def test_a_model_without_a_weight_is_fitted_alone():
    features, costs = saturating(12, 0)
    model = refit(NON_NEGATIVE, 0.0, MODELS, features, costs, None)
    assert isinstance(model, type(MODELS[NON_NEGATIVE](features, costs, None)))
