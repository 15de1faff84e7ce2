"""What a network is evaluated on, as the script's `fit` gets it."""

from __future__ import annotations

import importlib
import textwrap
from pathlib import Path

import numpy as np
import pytest

from hwsearch.network.datasets.held_out import HeldOut, is_stream
from hwsearch.network.errors import NetworkError
from tests.hwsearch.network.scripts import MODEL, train

DATA = {
    "arrays": "model.fit(x[:64], y[:64], validation_data=(x[64:], y[64:]))",
    "weights": "model.fit(x[:64], y[:64], validation_data=(x[64:], y[64:], np.ones(32)))",
    "one-hot": """
        model.compile("sgd", "categorical_crossentropy")
        t = keras.utils.to_categorical(y)
        model.fit(x[:64], t[:64], validation_data=(x[64:], t[64:]))""",
    "tensors": """
        x, y = keras.ops.convert_to_tensor(x), keras.ops.convert_to_tensor(y)
        model.fit(x[:64], y[:64], validation_data=(x[64:], y[64:]))""",
    "names": "x_val, y_val = x[64:], y[64:]\nmodel.fit(x[:64], y[:64])",
    "tf.data": """
        import tensorflow as tf
        data = tf.data.Dataset.from_tensor_slices((x, y))
        model.fit(data.take(64).batch(16), validation_data=data.skip(64).batch(10))""",
    "steps of an endless tf.data": """
        import tensorflow as tf
        data = tf.data.Dataset.from_tensor_slices((x, y))
        model.fit(data.take(64).repeat().batch(16), steps_per_epoch=4,
                  validation_data=data.skip(64).batch(16).repeat(), validation_steps=2)""",
    "PyDataset": """
        class Batches(keras.utils.PyDataset):
            def __init__(self, rows):
                super().__init__()
                self.rows = rows
            def __len__(self):
                return len(self.rows) // 16
            def __getitem__(self, n):
                some = self.rows[16 * n : 16 * n + 16]
                return x[some], y[some]
        model.fit(Batches(range(64)), validation_data=Batches(range(64, 96)))""",
    "generators": """
        def batches(first, last):
            while True:
                for n in range(first, last, 16):
                    yield x[n : n + 16], y[n : n + 16]
        model.fit(batches(0, 64), steps_per_epoch=4, validation_data=batches(64, 96),
                  validation_steps=2)""",
}


@pytest.mark.parametrize("form", DATA)
def test_data_in_every_form(form, network_from):
    network = network_from(MODEL + textwrap.dedent(DATA[form]))
    result = train(network, 2)
    assert result.epochs == 2
    x = np.random.default_rng(0).normal(size=(96, 4)).astype("float32")[64:]
    predicted = network.model.predict(x, verbose=0).argmax(-1)
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    assert result.error == pytest.approx(100 * np.mean(predicted != y))
    assert {"val_loss", "loss", "error"} <= result.history.keys()
    assert np.asarray(network.inputs).shape[1:] == (4,)


def test_data_are_read_in_the_folder_of_the_script(network_from, tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    network = network_from(
        MODEL
        + f"""
        import os
        os.chdir({str(tmp_path / "home")!r})
        np.savez("data.npz", x=x, y=y)

        class Data(keras.utils.PyDataset):
            def __len__(self):
                return 4
            def __getitem__(self, number):
                found = np.load("data.npz")
                rows = slice(24 * number, 24 * number + 24)
                return found["x"][rows], found["y"][rows]

        model.fit(Data(), epochs=2, validation_data=Data())
        """
    )
    result = train(network)
    assert network.validation_error() == result.error
    assert Path.cwd() == tmp_path / "elsewhere"


def test_an_iterator_of_image_data_generator_ends():
    image = importlib.import_module("keras.src.legacy.preprocessing.image")
    flow = image.ImageDataGenerator().flow(np.ones((6, 4, 4, 1)), np.arange(6), batch_size=4)
    held = HeldOut.of_argument(flow, None, 32)
    assert [len(x) for x, _ in held.batches()] == [4, 2]
    assert [len(x) for x, _ in held.batches()] == [4, 2]


@pytest.mark.parametrize("value", [None, [1], (1,), {"a": 1}, "text", np.ones(3)])
def test_arrays_are_no_streams(value):
    assert not is_stream(value)
    assert is_stream(iter([1]))


def test_a_generator_can_be_read_again():
    held = HeldOut.of_argument(((np.ones((2, 1)), np.ones(2)) for _ in range(9)), 3, 32)
    assert [len(x) for x, _ in held.batches()] == [len(x) for x, _ in held.batches()] == [2] * 3
    assert held.argument is held.x
    arrays = HeldOut.of_argument([np.ones((4, 1)), np.ones(4)], None, 32)
    assert (arrays.count, len(arrays.argument)) == (4, 2)


def test_batches_may_have_rows_of_several_lengths(network_from):
    network = network_from(
        """
        class Batches(keras.utils.PyDataset):
            def __len__(self):
                return 3
            def __getitem__(self, n):
                rows, length = slice(32 * n, 32 * n + 32), (2, 4, 8)[n]
                return x[rows].reshape(-1, length, 4), y[rows].reshape(-1, length)

        model = keras.Sequential([keras.Input((None, 4)), layers.Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
        model.fit(Batches(), epochs=2, validation_data=Batches())
        """
    )
    result = train(network)
    x = np.random.default_rng(0).normal(size=(96, 4)).astype("float32")
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    predicted = network.model.predict(x[np.newaxis], verbose=0)[0].argmax(-1)
    assert result.error == pytest.approx(100 * np.mean(predicted != y))
    assert network.validation_count == 16 + 8 + 4, "rows"


@pytest.mark.parametrize(("again", "noted"), [("True", True), ("False", False)])
def test_validation_rows_that_change_are_noted(again, noted, network_from):
    network = network_from(
        MODEL
        + f"""
        import tensorflow as tf
        data = tf.data.Dataset.from_tensor_slices((x, y))
        data = data.shuffle(96, reshuffle_each_iteration={again})
        model.fit(data.take(64).batch(16), validation_data=data.skip(64).shuffle(32).batch(16))
        """
    )
    assert any("other rows each time it is read" in note for note in network.notes) == noted


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("model.fit(x, y, validation_data=([], []))", "a list of nothing"),
        ("model.fit(x, y, validation_data=([1.0, 2.0], [0, 1]))", "a list of a float"),
        ("x_val, y_val = [], []\ndef train(model, epochs):\n    pass", "x_val: got a list of"),
        (
            "x_train, x_val, y_val = x.tolist(), None, None\n"
            "def train(model, epochs):\n    pass\ndef evaluate(model):\n    return 1",
            "x_train: got a list of a list; expected an array with one row per image",
        ),
    ],
)
def test_lists_in_place_of_arrays_are_refused_in_one_line(script, said, network_from):
    with pytest.raises(NetworkError) as caught:
        network_from(MODEL + script)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("x", [[], [1.0, 2.0]])
def test_rows_of_what_is_no_array_are_unknown(x):
    assert HeldOut(x, x).count is None
