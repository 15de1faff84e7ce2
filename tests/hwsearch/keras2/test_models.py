"""fit_generator and the like."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.keras2 import fit_arguments
from hwsearch.keras_runtime import keras


@pytest.fixture
def model():
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    made.compile("sgd", "mse")
    return made


def batches():
    while True:
        yield np.ones((4, 2)), np.ones((4, 1))


def test_fit_generator_is_fit(model, capsys):
    history = model.fit_generator(
        batches(), 3, 2, 0, validation_data=batches(), validation_steps=1, workers=4,
        max_queue_size=10, use_multiprocessing=False, shuffle=True,
    )  # fmt: skip
    assert len(history.history["val_loss"]) == 2
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 6
    assert (
        "model.fit_generator(...) is the Keras 2 spelling; in Keras 3: model.fit(...)"
        in capsys.readouterr().err
    )


def test_fit_takes_the_epochs_of_keras_1(model, capsys):
    x, y = np.ones((4, 2)), np.ones((4, 1))
    assert len(model.fit(x, y, nb_epoch=3, verbose=0).epoch) == 3
    assert "model.fit(nb_epoch=) is the Keras 2 spelling; in Keras 3: epochs=" in (
        capsys.readouterr().err
    )
    assert fit_arguments({"epochs": 2, "verbose": 0}) == {"epochs": 2, "verbose": 0}


def test_fit_takes_steps_and_fetching_as_keras_2_did(model, capsys):
    model.fit(batches(), steps_per_epoch=10 / 4, epochs=2, verbose=0, workers=2, shuffle=False)
    assert int(keras.ops.convert_to_numpy(model.optimizer.iterations)) == 6
    said = capsys.readouterr().err
    assert "model.fit: got steps_per_epoch=2.5; 3 steps are taken" in said
    assert "model.fit(workers=) is the Keras 2 spelling; in Keras 3: leave them out" in said
    assert fit_arguments({"validation_steps": 2.0}) == {"validation_steps": 2}
    assert capsys.readouterr().err == ""


def test_metrics_may_stand_third_in_compile(model, capsys, tmp_path):
    x, y = np.ones((4, 2)), np.ones((4, 1))
    model.compile("sgd", "mse", ["mae", keras.metrics.MeanSquaredError(name="squares")], [0.5])
    assert "in Keras 3: model.compile(optimizer, loss, metrics=[...])" in capsys.readouterr().err
    found = model.evaluate(x, y, return_dict=True, verbose=0)
    assert found == pytest.approx({"loss": 0.5, "mae": 1, "squares": 1})
    model.save(tmp_path / "model.keras")
    assert keras.saving.load_model(tmp_path / "model.keras").compiled

    model.compile("sgd", "mse", [0.25])
    assert model.evaluate(x, y, return_dict=True, verbose=0)["loss"] == pytest.approx(0.25)
    assert capsys.readouterr().err == ""


def test_the_others(model):
    assert model.evaluate_generator(batches(), steps=2) >= 0
    assert model.predict_generator(batches(), steps=2).shape == (8, 1)


def test_counts_of_images_are_refused(model):
    with pytest.raises(
        TypeError, match="got samples_per_epoch=400 of Keras 1, a count of images; "
    ):
        model.fit_generator(batches(), samples_per_epoch=400, nb_epoch=1)
