"""A network that is trained and evaluated."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from tests.hwsearch.network.scripts import OF_NAMES


def test_a_network_of_a_script_learns(network_of_names):
    network = network_of_names()
    first = network.validation_error()
    said: list[str] = []
    result = network.train(8, seed=1, say=said.append)
    assert result.epochs == len(said) == len(result.history["error"]) == 8
    assert result.history["loss"][-1] < result.history["loss"][0]
    assert result.error == min(result.history["error"]) < first
    assert result.error == result.history["error"][result.kept_epoch - 1]
    assert result.error == network.validation_error()
    assert 0 <= network.test_error() <= 100
    assert not result.reason
    assert said[0].startswith("epoch 1/8: loss ")
    assert result.seconds > 0
    assert result.first_step is not None


def test_the_same_seed_gives_the_same_network_and_training(network_of_names):
    weights, errors = [], []
    for seed in (1, 1, 2):
        network = network_of_names(seed=seed)
        weights.append(network.model.get_weights()[0])
        errors.append(network.train(2, seed, say=lambda _: None).history["loss"])
    assert np.array_equal(weights[0], weights[1])
    assert errors[0] == errors[1]
    assert not np.array_equal(weights[0], weights[2])


@pytest.mark.parametrize("rate", ["1e30", "float('nan')"])
def test_a_training_that_diverges_gives_nan_and_a_reason(rate, network_of_names):
    network = network_of_names(script=OF_NAMES.replace("rate = 0.1", f"rate = {rate}"))
    result = network.train(5, seed=0, say=lambda _: None)
    assert math.isnan(result.error)
    assert result.epochs == len(result.history["error"]) < 5
    assert result.reason.startswith("training diverged: ")
    assert result.reason.endswith(f"epoch {result.epochs}")


def test_a_training_that_raises_names_the_epoch(network_of_names):
    network = network_of_names("model.compile('sgd', lambda y, p: 1 / 0)")
    with pytest.raises(NetworkError, match="training failed in epoch 1: ZeroDivisionError"):
        network.train(1, seed=0)


def test_a_callback_sees_the_error_and_can_stop_the_training(network_of_names):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            assert 0 <= logs["error"] <= 100
            self.model.stop_training = epoch == 1

    result = network_of_names().train(9, seed=0, callbacks=[Stop()], say=lambda _: None)
    assert result.epochs == 2
    assert not result.reason
