"""Models that are trained further after they were loaded from an `.h5` file."""

from __future__ import annotations

import numpy as np

from hwsearch import keras2
from hwsearch.keras_runtime import keras


def test_a_training_goes_on_as_if_the_model_had_not_been_saved(tmp_path):
    keras2.install()
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
    x, y = np.random.default_rng(0).normal(size=(8, 4)), np.arange(8) % 3
    model.fit(x, y, shuffle=False, verbose=0)
    model.save(tmp_path / "best.h5")
    loaded = keras.models.load_model(tmp_path / "best.h5")
    loaded.run_eagerly = True
    for one in (model, loaded):
        one.fit(x, y, shuffle=False, epochs=2, verbose=0)
    assert int(loaded.optimizer.iterations) == 3
    for mine, theirs in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)


def test_a_model_that_was_not_compiled_stays_so(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    model.save(tmp_path / "plain.h5")
    assert not keras.models.load_model(tmp_path / "plain.h5").compiled
