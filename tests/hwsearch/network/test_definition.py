"""What scripts define, and what is wrong with it."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.network.errors import NetworkError
from hwsearch.network.network import Network
from tests.hwsearch.network.scripts import train


def test_without_x_val_a_validation_set_is_drawn_from_the_training_set(network_of_names):
    network = network_of_names()
    assert network.split == "24 images drawn at random from x_train"
    assert network.validation_count == len(network.validation.y) == 24
    x_train, x_val = network.plan.get("x"), network.validation.x
    assert len(x_train) == len(network.plan.get("y")) == 72
    rows = {tuple(row) for row in x_train} | {tuple(row) for row in x_val}
    assert len(rows) == 96  # a partition: nothing twice
    again = network_of_names()
    assert np.array_equal(x_val, again.validation.x)
    other = Network.from_script(network.path, seed=1, split_seed=9)
    assert not np.array_equal(x_val, other.validation.x)


def test_labels_stay_with_their_images(network_of_names):
    network = network_of_names()
    for images, labels in (
        (network.plan.get("x"), network.plan.get("y")),
        (network.validation.x, network.validation.y),
    ):
        assert np.array_equal((images[:, 0] > 0).astype(int) + (images[:, 1] > 0), labels)


def test_the_validation_set_of_the_script_is_used(network_of_names):
    network = network_of_names("x_val, y_val = x_train[:5], y_train[:5]")
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
def test_faults_are_one_line(more, said, network_of_names, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    with pytest.raises(NetworkError) as caught:
        network_of_names(more)
    assert str(caught.value).startswith("00000001_keras_net.py: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_labels_in_a_column_mean_the_same(network_of_names):
    assert network_of_names("y_test = y_test[:, None]").test_error() >= 0


def test_a_model_with_two_outputs_is_refused(network_of_names):
    with pytest.raises(NetworkError, match="2 outputs"):
        network_of_names(
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
def test_several_inputs(given, network_of_names):
    network = network_of_names(
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


def test_a_model_that_is_built_by_its_first_call(network_of_names):
    network = network_of_names(
        """
        model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        model.compile("sgd", "categorical_crossentropy")
        y_train, y_test = np.eye(3)[y_train], np.eye(3)[y_test]
        """
    )
    assert network.output == (3,)
    assert network.scoring.kind == "categorical"


@pytest.mark.parametrize("form", ["[{}]", "({},)", "{{'out': {}}}", "stream"])
def test_labels_of_one_output_in_a_structure_of_one(form, network_from):
    y, rest = ("y[:80]", "y[80:]") if form == "stream" else map(form.format, ("y[:80]", "y[80:]"))
    data = f"x[:80], {y}, validation_data=(x[80:], {rest})"
    if form == "stream":
        one = "tf.data.Dataset.from_tensor_slices((x[{0}], {{'out': y[{0}]}})).batch(8)"
        data = f"{one.format(':80')}, validation_data={one.format('80:')}"
    network = network_from(
        f"""
        import tensorflow as tf
        i = keras.Input((4,), name="in")
        out = layers.Dense(3, "softmax", name="out")(i)
        model = keras.Model(i, {{"out": out}} if "out" in {form!r} + {data!r} else out)
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit({data})
        """
    )
    assert network.output == (3,)
    result = train(network, 1)
    accuracy = next(result.history[name][0] for name in result.history if "val_acc" in name)
    assert result.error == pytest.approx(100 - 100 * accuracy, abs=1e-3)
