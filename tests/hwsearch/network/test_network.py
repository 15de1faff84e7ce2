from __future__ import annotations

import math
import textwrap

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from hwsearch.network.network import Network

SCRIPT = """
import keras
import numpy as np

rng = np.random.default_rng(0)
x_train = rng.normal(size=(96, 4)).astype("float32")
y_train = (x_train[:, 0] > 0).astype(int) + (x_train[:, 1] > 0)
x_test, y_test = x_train[:32], y_train[:32]
batch_size = 16
rate = 0.1
model = keras.Sequential(
    [keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3, "softmax")]
)
model.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy")
"""


@pytest.fixture
def network_from(tmp_path):
    def make(more: str = "", script: str = SCRIPT, seed: int = 1) -> Network:
        path = tmp_path / "00000001_keras_net.py"
        path.write_text(script + textwrap.dedent(more))
        return Network.from_script(path, seed)

    return make


def test_a_network_of_a_script_learns(network_from):
    network = network_from()
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


def test_the_same_seed_gives_the_same_network_and_training(network_from):
    weights, errors = [], []
    for seed in (1, 1, 2):
        network = network_from(seed=seed)
        weights.append(network.model.get_weights()[0])
        errors.append(network.train(2, seed, say=lambda _: None).history["loss"])
    assert np.array_equal(weights[0], weights[1])
    assert errors[0] == errors[1]
    assert not np.array_equal(weights[0], weights[2])


def test_without_x_val_a_validation_set_is_drawn_from_the_training_set(network_from):
    network = network_from()
    assert network.split == "24 images drawn at random from x_train"
    assert network.validation_count == len(network.validation.y) == 24
    x_train, x_val = network.plan.get("x"), network.validation.x
    assert len(x_train) == len(network.plan.get("y")) == 72
    rows = {tuple(row) for row in x_train} | {tuple(row) for row in x_val}
    assert len(rows) == 96  # a partition: nothing twice
    again = network_from()
    assert np.array_equal(x_val, again.validation.x)
    other = Network.from_script(network.path, seed=1, split_seed=9)
    assert not np.array_equal(x_val, other.validation.x)


def test_labels_stay_with_their_images(network_from):
    network = network_from()
    for images, labels in (
        (network.plan.get("x"), network.plan.get("y")),
        (network.validation.x, network.validation.y),
    ):
        assert np.array_equal((images[:, 0] > 0).astype(int) + (images[:, 1] > 0), labels)


def test_the_validation_set_of_the_script_is_used(network_from):
    network = network_from("x_val, y_val = x_train[:5], y_train[:5]")
    assert network.split == "x_val, y_val of the script"
    assert (len(network.plan.get("x")), network.validation_count) == (96, 5)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "del x_test, batch_size",
            "does not call model.fit and does not define x_test, batch_size; without fit, it must",
        ),
        ("x_val = x_test", "the script defines x_val but not y_val"),
        ("model = 3", "model: got an int; expected a keras.Model"),
        ("model = keras.Sequential(model.layers)", "model: is not compiled; call model.compile("),
        ("batch_size = 0", "batch_size: got 0; expected a whole number"),
        ("batch_size = 'many'", "batch_size: got 'many'"),
        ("batch_size = 2.5", "batch_size: got 2.5"),
        ("batch_size = True", "batch_size: got True"),
        ("batch_size = 1e400", "batch_size: got inf"),
        ("y_train = y_train[:-1]", "x_train has 96 rows but y_train has 95"),
        ("x_test = x_test[:3]", "x_test has 3 rows but y_test has 32"),
        ("x_train, y_train = x_train[:0], y_train[:0]", "x_train and y_train are empty"),
        ("x_train, y_train = x_train[:3], y_train[:3]", "x_train: got 3 rows; expected at least 4"),
        ("x_train = x_train[:, :3]", "the model fails on x_train (shape (n, 3)): "),
        ("x_train = object()", "x_train: got an object"),
        ("x_train, y_train = iter(x_train), None", "(and their labels as another array, y_train)"),
        (
            "import tensorflow as tf\nx_train = tf.data.Dataset.from_tensors((x_train, y_train))",
            "Dataset; expected an array with one row per image",
        ),
        ("x_test = x_test[:, :3]", "the model fails on x_test (shape (n, 3)): "),
        ("x_val, y_val = x_test[:, :2], y_test", "the model fails on x_val (shape (n, 2)): "),
        ("y_test = keras.utils.to_categorical(y_test)", "y_test: got shape (32, 3), but y_train"),
        ("y_test = y_test + 1", "y_test: got the label 3; expected 0..2"),
        ("x_val, y_val = x_test, y_test * float('nan')", "y_val: got NaN"),
        ("y_train = x_train[:, 0]", "regression"),
        ("y_train = y_train + 1", "y_train: got the label 3; expected 0..2"),
        ("import os; os.environ['KERAS_BACKEND'] = 'other'", "sets KERAS_BACKEND=other"),
    ],
)
def test_faults_are_one_line(more, said, network_from, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    with pytest.raises(NetworkError) as caught:
        network_from(more)
    assert str(caught.value).startswith("00000001_keras_net.py: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_labels_in_a_column_mean_the_same(network_from):
    assert network_from("y_test = y_test[:, None]").test_error() >= 0


def test_a_model_with_two_outputs_is_refused(network_from):
    with pytest.raises(NetworkError, match="several outputs"):
        network_from(
            """
            i = keras.Input((4,))
            model = keras.Model(i, [keras.layers.Dense(3)(i), keras.layers.Dense(3)(i)])
            model.compile("sgd", ["mse", "mse"])
            """
        )


@pytest.mark.parametrize(
    "given",
    [
        "[x_train, x_train], [x_test, x_test]",
        "(x_train, x_train), (x_test, x_test)",
        "{'a': x_train, 'b': x_train}, {'a': x_test, 'b': x_test}",
    ],
)
def test_several_inputs(given, network_from):
    network = network_from(
        f"""
        a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
        out = keras.layers.Dense(3)(keras.layers.Concatenate()([a, b]))
        model = keras.Model({{"a": a, "b": b}} if {given.startswith("{")} else [a, b], out)
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        x_train, x_test = {given}
        """
    )
    result = network.train(1, seed=0, say=lambda _: None)
    assert 0 <= result.error <= 100


def test_a_model_that_is_built_by_its_first_call(network_from):
    network = network_from(
        """
        model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        model.compile("sgd", "categorical_crossentropy")
        y_train, y_test = np.eye(3)[y_train], np.eye(3)[y_test]
        """
    )
    assert network.output == (3,)
    assert network.scoring.kind == "categorical"


@pytest.mark.parametrize("rate", ["1e30", "float('nan')"])
def test_a_training_that_diverges_gives_nan_and_a_reason(rate, network_from):
    network = network_from(script=SCRIPT.replace("rate = 0.1", f"rate = {rate}"))
    result = network.train(5, seed=0, say=lambda _: None)
    assert math.isnan(result.error)
    assert result.epochs == len(result.history["error"]) < 5
    assert result.reason.startswith("training diverged: ")
    assert result.reason.endswith(f"epoch {result.epochs}")


def test_a_training_that_raises_names_the_epoch(network_from):
    network = network_from("model.compile('sgd', lambda y, p: 1 / 0)")
    with pytest.raises(NetworkError, match="training failed in epoch 1: ZeroDivisionError"):
        network.train(1, seed=0)


def test_a_callback_sees_the_error_and_can_stop_the_training(network_from):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            assert 0 <= logs["error"] <= 100
            self.model.stop_training = epoch == 1

    result = network_from().train(9, seed=0, callbacks=[Stop()], say=lambda _: None)
    assert result.epochs == 2
    assert not result.reason
