from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.pausing import weights

X, Y = np.ones((4, 2)), np.arange(4.0)[:, None]


@pytest.fixture(scope="module")
def model() -> Any:
    """Weights, the optimiser's slots and a metric, after a step."""
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    made.compile(loss="mse", optimizer="adam", metrics=["mae"], run_eagerly=True)
    made.train_on_batch(X, Y)
    return made


def test_a_model_goes_back_to_its_values(model: Any) -> None:
    kept = weights.values(model)
    first = [array.copy() for array in kept]
    model.train_on_batch(X, Y)
    later = weights.values(model)
    assert not all(np.array_equal(a, b) for a, b in zip(first, later, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(first, kept, strict=True))  # of their own
    weights.assign(model, kept)
    assert all(np.array_equal(a, b) for a, b in zip(first, weights.values(model), strict=True))


def test_the_optimiser_counts_and_metrics_do_not(model: Any) -> None:
    found = {id(one) for one in weights.variables(model)}
    assert {id(one) for one in (*model.weights, *model.optimizer.variables)} <= found
    assert not found & {id(one) for metric in model.metrics for one in metric.variables}


def test_arrays_of_another_model_do_not_fit(model: Any) -> None:
    arrays = weights.values(model)
    assert weights.fits(model, arrays)
    assert not weights.fits(model, arrays[:-1])
    assert not weights.fits(model, [array.T[None] for array in arrays])


def test_the_states_of_stateful_layers_are_among_them() -> None:
    layer = keras.layers.SimpleRNN(2, stateful=True)
    made = keras.Sequential([keras.Input(batch_shape=(4, 3, 1)), layer])
    made.compile(loss="mse", optimizer="sgd")
    assert {id(one) for one in layer.states} <= {id(one) for one in weights.variables(made)}


def test_an_optimiser_without_a_step_has_its_variables_too(model: Any) -> None:
    new = keras.models.clone_model(model)
    new.compile(loss="mse", optimizer="adam")
    assert weights.fits(new, weights.values(model))
