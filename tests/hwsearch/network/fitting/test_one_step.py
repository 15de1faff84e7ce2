from __future__ import annotations

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting.one_step import train_one_step
from hwsearch.network.network import Network

SCRIPT = """
import keras, numpy as np
x_train, y_train = np.ones((40, 2), "float32"), np.arange(40) % 2
x_test, y_test, batch_size = x_train, y_train, 4
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
model.compile("sgd", {loss})
"""


def network(tmp_path, loss):
    path = tmp_path / "net.py"
    path.write_text(SCRIPT.format(loss=loss))
    return Network.from_script(path, 0)


def test_one_step_is_one_step(tmp_path):
    made = network(tmp_path, "keras.losses.SparseCategoricalCrossentropy(from_logits=True)")
    train_one_step(made, 0)
    assert int(np.asarray(keras.ops.convert_to_numpy(made.model.optimizer.iterations))) == 1


def test_a_network_that_cannot_be_trained(tmp_path):
    made = network(tmp_path, "lambda true, predicted: predicted.no_such_thing")
    with pytest.raises(NetworkError, match="no_such_thing"):
        train_one_step(made, 0)


def test_a_name_that_keras_does_not_report(tmp_path):
    made = network(tmp_path, "keras.losses.SparseCategoricalCrossentropy(from_logits=True)")
    with pytest.raises(NetworkError, match=r"does not report val_auc; it reports val_loss$"):
        train_one_step(made, 0, ["val_loss", "val_auc"])


OWN = """
import keras, numpy as np
x_val, y_val = np.ones((40, 2), "float32"), np.arange(40) % 2
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("sgd", loss, run_eagerly=True)
started = []
def train(model, epochs):
    for at in range(0, 40, 4):
        started.append(at)
        model.train_on_batch(x_val[at : at + 4], y_val[at : at + 4])
"""


def test_a_loop_of_the_script_ends_after_its_first_step(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(OWN)
    made = Network.from_script(path, 0)
    train_one_step(made, 0)
    assert made._own.train.__globals__["started"] == [0]
    path.write_text(OWN.replace("started.append(at)", "no_such_name"))
    with pytest.raises(NetworkError, match="no_such_name"):
        train_one_step(Network.from_script(path, 0), 0)
