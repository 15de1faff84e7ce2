"""Whether what a script defines fits together."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network import checks
from hwsearch.network.errors import NetworkError
from tests.hwsearch.network.scripts import MODEL, train


def test_a_test_set_in_another_form_is_left_out(network_from):
    network = network_from(MODEL + "x_test, y_test = x[:, :2], y\nmodel.fit(x, y)")
    assert network.test is None
    assert network.notes[0].startswith("the test error is not computed: the model fails on x_test")


def test_a_model_with_a_fixed_batch_is_tried_on_it(network_from):
    network = network_from(
        """
        parts = [keras.Input(batch_shape=(8, 2, 2)), layers.LSTM(2, stateful=True)]
        model = keras.Sequential([*parts, layers.Dense(3)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("sgd", loss)
        x = x.reshape(96, 2, 2)
        model.fit(x[:80], y[:80], batch_size=8, shuffle=False, validation_data=(x[80:], y[80:]))
        """
    )
    assert 0 <= train(network, 1).error <= 100


LOGIT = """
model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
loss = keras.losses.BinaryCrossentropy(from_logits={logits})
model.compile("sgd", loss, metrics={metrics})
model.fit(x, y > 1, validation_split=0.25)
"""


@pytest.mark.parametrize(
    ("metrics", "logits", "named"),
    [
        ("['mae', 'acc']", True, "acc"),
        ("[keras.metrics.BinaryAccuracy(name='right')]", True, "right"),
        ("[keras.metrics.BinaryAccuracy(threshold=0)]", True, ""),
        ("['accuracy']", False, ""),
        ("None", True, ""),
    ],
)
def test_an_accuracy_that_takes_logits_for_probabilities_is_noted(
    metrics, logits, named, network_from
):
    notes = network_from(LOGIT.format(metrics=metrics, logits=logits)).notes
    assert [note.partition(" is misleading: ")[0] for note in notes] == [named] * bool(named)


def test_another_backend_than_the_running_one_is_an_error(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    with pytest.raises(NetworkError, match="sets KERAS_BACKEND=numpy, but Keras already runs on"):
        checks.check_backend()
    monkeypatch.delenv("KERAS_BACKEND")
    checks.check_backend()


def test_a_forward_pass_gives_the_shape_of_each_output():
    i = keras.Input((4,))
    one, two = keras.layers.Dense(1)(i), keras.layers.Dense(3)(i)
    x = np.ones((5, 4))
    assert checks.try_forward(keras.Model(i, two), x, "x") == (3,)
    assert checks.try_forward(keras.Model(i, [one, two]), x, "x") == [(1,), (3,)]
    with pytest.raises(NetworkError, match=r"the model fails on x \(shape \(n, 9\)\): "):
        checks.try_forward(keras.Model(i, two), np.ones((5, 9)), "x")
    with pytest.raises(
        NetworkError, match="the model has 2 outputs; the error in % needs exactly one"
    ):
        checks.scoring_for(np.arange(5), [(1,), (3,)], None)


def test_a_model_that_needs_all_rows_of_a_graph_is_answered_with_its_inputs():
    features, neighbours = np.ones((6, 4)), np.eye(6)
    inputs = [keras.Input((4,)), keras.Input((6,))]
    model = keras.Model(inputs, keras.ops.matmul(inputs[1], inputs[0]))
    with pytest.raises(NetworkError) as error:
        checks.try_forward(model, [features, neighbours], "x")
    assert str(error.value) == (
        "the model fails on x (shape (n, 4), (n, 6)): it runs on all 6 rows at once, but not on 2; "
        "expected its inputs as keras.Input(batch_shape=(6, 4)), keras.Input(batch_shape=(6, 6))"
    )
    fixed = [keras.Input(batch_shape=(6, 4)), keras.Input(batch_shape=(6, 6))]
    model = keras.Model(fixed, keras.ops.matmul(fixed[1], fixed[0]))
    assert checks.try_forward(model, [features, neighbours], "x") == (4,)


@pytest.mark.parametrize(
    ("labels", "output", "text"),
    [
        ([1, 2], [(3,), (1,)], "the model has 2 outputs; the error in % needs exactly one; "),
        (None, (3,), "fit gets no labels, which the error in % needs; "),
        ({"a": 1}, (3,), "fit gets labels in a dict; the error in % needs one array; "),
    ],
)
def test_labels_without_an_error_are_answered_with_another_metric(labels, output, text):
    with pytest.raises(NetworkError) as error:
        checks.refuse_without_labels(labels, output)
    assert str(error.value).startswith(text)
    assert str(error.value).endswith("instead of error, such as --optimize val_loss")
