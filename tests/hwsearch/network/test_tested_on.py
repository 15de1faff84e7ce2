"""The test set of a call of `fit`, in every form."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.network import tested_on
from hwsearch.network.datasets.held_out import HeldOut
from tests.hwsearch.network.scripts import MODEL

STREAMS = {
    "tf.data": "tf.data.Dataset.from_tensor_slices((x[:20], y[:20])).shuffle(20).batch(8)",
    "steps": "tf.data.Dataset.from_tensor_slices((x[:20], y[:20])).batch(4).repeat()",
    "PyDataset": "Batches()",
    "unbatched": "tf.data.Dataset.from_tensor_slices((x[:20], y[:20]))",
    "other labels": "tf.data.Dataset.from_tensor_slices((x[:20], y[:20] + 9)).batch(8)",
    "no labels": "tf.data.Dataset.from_tensor_slices(x[:20]).batch(8)",
}
SCRIPT = """
import tensorflow as tf

class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 2
    def __getitem__(self, n):
        return x[10 * n : 10 * n + 10], y[10 * n : 10 * n + 10]

train_ds = tf.data.Dataset.from_tensor_slices((x[20:], y[20:])).batch(8)
test_ds = {}
model.fit(train_ds, validation_data={})
model.evaluate({})
"""


def script(form, validation="(x[80:], y[80:])", evaluated="test_ds"):
    if form == "steps":
        evaluated += ", steps=5"
    return MODEL + SCRIPT.format(STREAMS[form], validation, evaluated)


@pytest.mark.parametrize("form", ["tf.data", "steps", "PyDataset"])
def test_batches_give_the_test_error_of_their_rows(form, network_from):
    network = network_from(script(form))
    assert network.notes == []
    predictions = [
        (np.argmax(network.model.predict_on_batch(x), -1), np.asarray(y))
        for x, y in network.test.batches()
    ]
    wrong = sum(int((one != true).sum()) for one, true in predictions)
    assert network.test_error() == pytest.approx(100 * wrong / 20)
    assert network.test.count == 20
    assert network.test.evaluated(network.model)["accuracy"] == pytest.approx(1 - wrong / 20)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("unbatched", "test_ds yields rows, not batches; expected test_ds.batch(32)"),
        ("other labels", "the labels of test_ds: got the label 9; expected 0..2"),
        ("no labels", "the labels of test_ds are not one array"),
    ],
)
def test_batches_that_cannot_be_used_are_noted(form, said, network_from):
    network = network_from(script(form))
    assert network.test is None
    (note,) = network.notes
    assert note.startswith(f"the test error is not computed: {said}")


def test_a_call_that_cannot_be_used_is_noted(network_from):
    network = network_from(script("tf.data", evaluated="prepared(test_ds)"))
    (note,) = network.notes
    assert "net.py:29: the test error is not computed: prepared(test_ds) is not known at" in note
    assert network_from(script("tf.data", evaluated="prepared(test_ds)"), scored=False).notes == []


@pytest.mark.parametrize(
    ("validation", "evaluated", "name"),
    [
        ("test_ds", "test_ds", "test_ds"),
        ("test_ds.take(2)", "test_ds.take(2)", "test_ds.take(2)"),
        ("(x_test / 2, y)", "x_test / 2, y", "x_test / 2"),
    ],
)
def test_a_test_set_that_is_the_validation_set_is_none(validation, evaluated, name, network_from):
    text = script("tf.data", validation, evaluated).replace(
        "import tens", "x_test = x\nimport tens"
    )
    network = network_from(text)
    assert network.test is None
    assert network.notes[0].startswith(f"fit validates on {name}: the search selects on it")


def test_weights_say_which_rows_are_tested(network_from):
    network = network_from(
        MODEL
        + """
train, val, test = (1.0 * (np.arange(96) % 3 == part) for part in range(3))
model.fit(x, y, sample_weight=train, validation_data=(x, y, val))
model.evaluate(x, y, batch_size=96, sample_weight=test)
"""
    )
    assert network.notes == []
    wrong = np.argmax(network.model.predict(network.test.x, verbose=0), -1) != network.test.y
    assert network.test_error() == pytest.approx(100 * wrong[2::3].mean())
    assert network.test.count == 32


def test_a_stream_that_fails_later_costs_no_network(network_from):
    """Nobody asked for the test error: the best network is kept without it."""
    failing = script("PyDataset").replace(
        "return x[10 * n", "assert n == 0\n        return x[10 * n"
    )
    network = network_from(failing)
    assert network.notes == []
    assert np.isnan(network.test_error())
    (note,) = network.notes
    assert note.startswith("the test error is not computed: test_ds: AssertionError")


def test_arrays_that_fail_later_cost_no_network(network_of_names, monkeypatch):
    """Such as a text with a token that the embedding does not have."""

    def fail(*_):
        raise IndexError("token 7")

    network = network_of_names()
    monkeypatch.setattr(HeldOut, "predicted", fail)
    assert np.isnan(network.test_error())
    (note,) = network.notes
    assert note.startswith("the test error is not computed: x_test: IndexError")


def test_the_rows_that_a_fold_leaves_out_are_no_test_set():
    x, other = np.arange(6.0), np.arange(4.0)
    test, validation = HeldOut(x, x), HeldOut(other, other)
    assert not tested_on.is_left_out(test, validation, None, (other, other))
    assert tested_on.is_left_out(test, validation, (x.copy(), other))
    assert tested_on.is_left_out(test, HeldOut(x.copy(), x))
