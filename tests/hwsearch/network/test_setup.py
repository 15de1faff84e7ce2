"""What a network is trained, validated and tested on."""

from __future__ import annotations

import textwrap

import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network import setup
from hwsearch.network.errors import NetworkError
from tests.hwsearch.network.scripts import MODEL, train


def test_a_script_that_validates_on_its_test_set_is_told_so(network_from):
    script = """
        x_train, x_test, y_train, y_test = x[:64], x[64:], y[:64], y[64:]
        model.fit(x_train, y_train, validation_data=(x_test, y_test))
        """
    network = network_from(MODEL + textwrap.dedent(script))
    assert network.notes[0].startswith("fit validates on x_test: the search selects on it")
    assert network.test is None
    network = network_from(MODEL + textwrap.dedent(script), validation_split=0.5)
    assert (network.notes, network.validation_count, len(network.plan.get("x"))) == ([], 32, 32)
    assert train(network).epochs == 1
    assert 0 <= network.test_error() <= 100


def test_a_part_of_the_test_set_is_validated_on_too(network_from):
    """Before, `validation_steps` hid this, and an error on rows of the search was reported."""
    script = """
        x_test, y_test = x[64:], y[64:]
        model.fit(x[:64], y[:64], validation_data=(x_test, y_test), validation_steps=1,
                  batch_size=8)
        """
    network = network_from(MODEL + textwrap.dedent(script))
    assert network.validation_count == 8
    assert network.notes[0].startswith("fit validates on x_test: the search selects on it")
    assert network.test is None


@pytest.mark.parametrize(
    ("names", "after"),
    [
        ("X_test, Y_test = x[:20], y[:20]", ""),
        ("test_images, test_labels = x[:20], y[:20]", "model.evaluate(test_images, test_labels)"),
    ],
)
def test_the_test_set_may_have_other_names(names, after, network_from):
    train = "X_train, Y_train = x[20:], y[20:]\nmodel.fit(X_train, Y_train)"
    network = network_from(MODEL + f"{names}\n{train}\n{after}\n")
    assert network.test.count == 20
    assert network.test.names[0] in ("X_test", "test_images")
    assert 0 <= network.test_error() <= 100


def test_a_model_with_a_fixed_batch_size_gets_whole_batches(network_from):
    network = network_from(
        """
        parts = [keras.Input(batch_shape=(16, 4)), layers.Dense(3, "softmax")]
        model = keras.Sequential(parts)
        model.compile("sgd", "sparse_categorical_crossentropy")
        x_test, y_test = x[:40], y[:40]
        model.fit(x, y, batch_size=16)
        """
    )
    assert (len(network.plan.get("x")), network.validation_count) == (64, 32)
    assert network.notes == [
        "the test error is not computed: x_test has 40 rows, and the model takes 16 at a time"
    ]
    assert 0 <= train(network).error <= 100


def test_the_validation_set_of_a_call_is_found_where_the_script_says(network_from):
    names = "x_val, y_val = x[:8], y[:8]\n"
    for script, split, options in (
        ("model.fit(x, y, validation_data=(x[:9], y[:9]))", "validation_data of fit", {}),
        ("model.fit(x, y, validation_split=0.5)", "the last 48 rows of x", {}),
        ("model.fit(x, y)", "x_val, y_val of the script", {}),
        ("model.fit(x, y)", "48 rows drawn at random from x", {"validation_split": 0.5}),
    ):
        network = network_from(MODEL + names + script, **options)
        assert network.split.startswith(split)


@pytest.mark.parametrize(
    ("given", "options", "count"),
    [
        ("validation_data=(x[:20], y[:20]), ", {}, 16),
        ("validation_split=0.5, ", {}, 16),
        ("validation_data=(x[:20], y[:20]), ", {"validation_split": 0.5}, 48),
        ("", {}, 24),
    ],
)
def test_error_and_loss_are_of_the_same_rows_with_validation_steps(
    given, options, count, network_from
):
    call = f"model.fit(x, y, {given}batch_size=8, validation_steps=2)"
    network = network_from(MODEL + call, **options)
    assert network.validation_count == count
    assert ("(validation_steps)" in network.split) is (count == 16)
    result = train(network)
    assert result.history["val_loss"][-1] == pytest.approx(
        network.validation.evaluated(network.model)["loss"]
    )


SCALED = """
x_train, y_train, x_val, y_val, x_test, y_test = x, y, x[:30], y[:30], x[:20], y[:20]
{}
"""


@pytest.mark.parametrize(
    ("script", "val", "test"),
    [
        ("model.fit(x_train, y_train)", 30, 20),
        ("model.fit(x_train / 2, y_train)", 24, None),
        ("z = x_train / 2\nmodel.fit(z, y_train)", 24, None),
        ("model.fit(x_train, {'out': y_train})", 30, 20),
        ("x_train = x_train / 2\nmodel.fit(x_train, y_train)\nx_test = x_test / 2", 30, None),
        ("x_train /= 2\nmodel.fit(x_train, y_train)\nmodel.evaluate(x_test / 2, y_test)", 30, 20),
        ("x_train /= 2\nmodel.fit(x_train, y_train)\nmodel.evaluate(x_test * 2, f(y))", 30, None),
        (
            "def go(x_train):\n    model.fit(x_train, y)\nx_test, y_test = x[:9], y[:9]\ngo(x)",
            30,
            9,
        ),
        (
            "z, t = x_train / 2, x_test / 2\nmodel.fit(z, y_train)\nmodel.evaluate(t, y_test)",
            24,
            20,
        ),
    ],
)
def test_arrays_that_are_not_prepared_like_those_of_fit_are_not_used(
    script, val, test, network_from
):
    network = network_from(MODEL + SCALED.format(script))
    assert network.validation_count == val
    assert (network.test and network.test.count) == test
    noted = [note for note in network.notes if "x_val and y_val are not used" in note]
    assert len(noted) == (val == 24)
    noted = [note for note in network.notes if "the test error is not computed: " in note]
    assert len(noted) == (test is None)


def test_a_validation_set_of_few_rows_is_noted(network_from):
    script = MODEL + "model.fit(x, y, validation_data=(x[:{0}], y[:{0}]))"
    notes = network_from(script.format(1)).notes
    assert notes[0].startswith(
        "the validation set has 1 row: a single row changes the error by 100 %"
    )
    assert network_from(script.format(10)).notes == []


def test_no_rows_are_held_out_of_a_model_that_keras_cannot_validate(network_from):
    script = """
        class Own(keras.Sequential):
            def train_step(self, data):
                return {"own_loss": keras.ops.mean(data[0])}

        model = Own([keras.Input((4,)), layers.Dense(3)])
        model.compile("adam", run_eagerly=True)
        def evaluate(model):
            return 12.5
        model.fit(x, y, batch_size=24)
        """
    network = network_from(script, validation_split=0.5)
    assert (network.validation, len(network.plan.get("x"))) == (None, 96)
    (note,) = network.notes
    assert note.startswith("--validation_split is ignored: ")
    assert train(network).error == 12.5


@pytest.mark.parametrize(
    ("value", "said"),
    [(3, "model: got an int; expected a keras.Model"), (keras.Sequential(), "is not compiled")],
)
def test_a_model_that_cannot_be_trained(value, said):
    with pytest.raises(NetworkError, match=said):
        setup.checked_model(value)
