"""A training that takes too long."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from hwsearch.network.fitting.time_limit import TimeLimit


@pytest.mark.parametrize(("seconds", "struck", "epochs"), [(0.0, 1, 1), (1e6, 0, 3)])
def test_the_training_ends_after_a_batch_and_is_validated(seconds, struck, epochs):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.zeros((8, 1), "float32")
    limit = TimeLimit(seconds)
    past = model.fit(
        x, x, batch_size=1, epochs=3, validation_data=(x, x), callbacks=[limit], verbose=0
    )
    assert limit.struck == struck
    assert len(past.history["val_loss"]) == epochs
    if struck:
        past = model.fit(x, x, batch_size=1, epochs=3, callbacks=[limit], verbose=0)
        assert len(past.epoch) == 1, "the second call ends too"
        assert limit.struck == 1
