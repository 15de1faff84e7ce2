"""keras.backend as Keras 2 had it."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch import keras2
from hwsearch.keras_runtime import keras


def share_found(y_true, y_pred):
    """A metric as scripts for Keras 2 define it."""
    from keras import backend as K

    found = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    return found / (K.sum(K.cast(K.flatten(y_true), "float32")) + K.epsilon())


def test_metrics_of_keras_2_are_computed(capsys):
    labels = np.array([[1.0], [1.0], [0.0], [1.0]], "float32")
    outputs = np.array([[0.9], [0.2], [0.8], [0.7]], "float32")
    value = share_found(*map(keras.ops.convert_to_tensor, (labels, outputs)))
    assert float(value) == pytest.approx(2 / 3, rel=1e-5)
    assert capsys.readouterr().err.count("in Keras 3: keras.ops.sum") == 2  # once for each line


@pytest.mark.parametrize("name", ["nothing", "py_all", "tf", "__nothing__"])
def test_what_it_did_not_have_is_still_unknown(name):
    with pytest.raises(AttributeError, match=f"'keras.backend' has no attribute '{name}'"):
        getattr(keras.backend, name)


def test_variables_are_read_and_set():
    """As in `K.set_value(model.optimizer.lr, 0.5)`."""
    from keras import backend as K

    rate = keras.optimizers.SGD(learning_rate=0.25).learning_rate
    assert K.get_value(rate) == 0.25
    K.set_value(rate, 0.5)
    assert float(rate) == K.get_value(rate) == 0.5
    K.batch_set_value([(rate, 0.125)])
    assert K.batch_get_value([rate, 3]) == [0.125, 3]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="needs TensorFlow")
def test_so_they_are_by_tensorflow_keras():
    tf = pytest.importorskip("tensorflow")
    keras2.install()
    rate = tf.keras.optimizers.SGD(learning_rate=0.25).learning_rate
    tf.keras.backend.set_value(rate, 0.5)
    assert tf.keras.backend.get_value(rate) == 0.5
