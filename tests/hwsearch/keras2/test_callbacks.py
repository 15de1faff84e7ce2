"""Callbacks as Keras 2 had them."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.keras2 import checkpoint_path
from hwsearch.keras_runtime import keras


@pytest.mark.parametrize(
    ("path", "model", "weights"),
    [
        ("best.keras", "best.keras", "best.weights.h5"),
        ("best.h5", "best.h5", "best.weights.h5"),
        ("best.hdf5", "best.h5", "best.weights.h5"),
        ("a/cp.ckpt", "a/cp.keras", "a/cp.weights.h5"),
        ("{epoch:02d}-{val_loss:.2f}", "{epoch:02d}-{val_loss:.2f}.keras",
         "{epoch:02d}-{val_loss:.2f}.weights.h5"),
        ("w.weights.h5", "w.weights.h5", "w.weights.h5"),
    ],
)  # fmt: skip
def test_checkpoints_get_a_name_that_keras_3_writes(path, model, weights, capsys):
    for only, expected in ((False, model), (True, weights)):
        assert checkpoint_path(path, only) == expected
        for made in (
            keras.callbacks.ModelCheckpoint(path, "val_loss", 0, True, only),
            keras.callbacks.ModelCheckpoint(filepath=path, save_weights_only=only),
        ):
            assert made.filepath == expected
        said = capsys.readouterr().err
        assert ("Keras 3 does not write" in said) == (path != expected)


def test_arguments_that_are_gone(capsys):
    keras.callbacks.ModelCheckpoint("a.h5", "val_loss", 0, True, False, "auto", period=2)
    keras.callbacks.TensorBoard("logs", write_grads=True, batch_size=8)
    slower = keras.callbacks.ReduceLROnPlateau(epsilon=0.5)
    assert slower.min_delta == 0.5
    said = capsys.readouterr().err
    assert "ModelCheckpoint(period=) is the Keras 2 spelling; in Keras 3: leave period out" in said
    assert "ReduceLROnPlateau(min_delta=0.5)" in said
    assert said.count("TensorBoard(") == 2


@pytest.mark.parametrize("metric", ["accuracy", "acc"])
def test_val_acc_is_monitored_whatever_it_is_called(metric, capsys):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[metric])
    x, y = np.ones((4, 1)), np.ones(4)
    stop = keras.callbacks.EarlyStopping("val_acc", patience=1)
    model.fit(x, y, validation_data=(x, y), callbacks=[stop], verbose=0)
    assert stop.monitor == ("val_acc" if metric == "acc" else "val_accuracy")
    assert 0 <= stop.best <= 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == (metric == "accuracy")
    assert all(line.startswith("test_callbacks.py:") for line in said)


def test_other_arguments_are_still_unknown():
    with pytest.raises(TypeError, match="'period2'"):
        keras.callbacks.ModelCheckpoint("a.keras", period2=3)
