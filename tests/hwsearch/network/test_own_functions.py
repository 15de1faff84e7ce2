"""Functions of the script that take the place of `fit` and of the error."""

from __future__ import annotations

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from hwsearch.network.own_functions import OwnFunctions, inputs_for
from tests.hwsearch.network.scripts import MODEL, train


def test_functions_of_the_script_take_the_place_of_fit(network_from):
    network = network_from(
        MODEL
        + """
        import tensorflow as tf
        x_val, y_val = x[64:], y[64:]
        def train(model, epochs, rate=0.1):
            for _ in range(epochs):
                with tf.GradientTape() as tape:
                    loss = model.compute_loss(y=y[:64], y_pred=model(x[:64]))
                weights = model.trainable_weights
                model.optimizer.apply(tape.gradient(loss, weights), weights)
        """
    )
    before = network.validation.evaluated(network.model)["loss"]
    result = train(network, 30)
    assert network.planned_epochs(None) == 50
    assert (result.epochs, result.kept_epoch) == (30, 30)
    assert result.error == network.validation_error() == result.history["error"][0]
    assert result.metrics["val_loss"] < before


def test_a_model_of_a_loop_of_its_own_needs_no_loss(network_from):
    network = network_from(
        """
        model = keras.Sequential([keras.Input((4,)), layers.Dense(3, "softmax")])
        model.compile(keras.optimizers.SGD(0.1))
        x_val, y_val = x[64:], y[64:]
        def train(model, epochs):
            pass
        """
    )
    result = train(network, 2)
    assert result.history == {"error": [network.validation_error()]}


def test_an_evaluation_of_the_script_is_the_error(network_from):
    evaluate = "def evaluate(model):\n    return {}\n"
    script = evaluate.format("keras.ops.mean(model.weights[0])") + MODEL + "model.fit(x, x)"
    network = network_from(script.replace("fit(x, x)", "fit(x, y, epochs=2)"))
    result = train(network)
    assert result.error == network.validation_error()
    for value, said in (("None", "got None; expected one number"), ("1/0", "Zero")):
        with pytest.raises(NetworkError, match=said):
            train(network_from(evaluate.format(value) + MODEL + "model.fit(x, y)"))


@pytest.mark.parametrize(
    ("calls", "rows", "steps"),
    [
        (["model.fit(stream(), steps_per_epoch=2, epochs=3)"], 32, 2),
        (
            [
                "model.fit(stream(), steps_per_epoch=2)",
                "model.fit(stream(), steps_per_epoch=2, epochs=2)",
            ],
            32,
            2,
        ),
        (["model.fit(batches, epochs=3)"], 16, 6),
        (
            [
                "def train(model, epochs):",
                "    model.fit(batches, epochs=epochs)",
                "train(model, 3)",
            ],
            16,
            6,
        ),
    ],
)
def test_a_script_that_evaluates_needs_no_validation_set(calls, rows, steps, network_from):
    lines = [
        "import tensorflow as tf",
        "batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(96).batch(16)",
        "def stream():",
        "    while True:",
        "        yield x[:16], y[:16]",
    ]
    evaluate = ["def evaluate(model):", "    return 40 - model.optimizer.iterations"]
    with pytest.raises(NetworkError, match="without validation_data"):
        network_from(MODEL + "\n".join(lines + calls))
    network = network_from(MODEL + "\n".join(lines + evaluate + calls))
    assert (network.split, network.validation_count) == ("evaluate(model) of the script", None)
    assert network.batch_size == rows
    assert train(network).history["error"] == [40 - steps * epoch for epoch in (1, 2, 3)]


def test_a_script_that_evaluates_needs_no_test_step(network_from):
    network = network_from(
        """
        class Own(keras.Sequential):
            def train_step(self, data):
                return {"own_loss": keras.ops.mean(data[0])}

        model = Own([keras.Input((4,)), layers.Dense(3)])
        model.compile("adam", run_eagerly=True)
        x_val, y_val = x[64:], y[64:]
        def evaluate(model):
            return 12.5
        model.fit(x, y, batch_size=24, epochs=2)
        """
    )
    assert (network.split, network.validation_count) == ("evaluate(model) of the script", None)
    assert network.batch_size == 24
    assert train(network).history["error"] == [12.5, 12.5]


def test_a_script_may_call_its_own_train(network_from):
    loop = """
    def train(model, epochs):
        for _ in range(epochs):
            for at in range(0, 96, 24):
                model.train_on_batch(x[at:at + 24], y[at:at + 24])
    x_val, y_val = x[:24], y[:24]
    def main():
        model = make()
        train(model, 3)
        model.save("/nowhere/model.keras")
    main()
    """
    network = network_from(loop)
    result = train(network, 2)
    assert result.epochs == 2
    assert network.model.optimizer.iterations.numpy() == 8
    assert train(network_from(loop)).epochs == 3, "as the script calls it"
    assert network_from(loop.replace("model, 3", "model, epochs=4")).planned_epochs(None) == 4
    with_default = loop.replace("train(model, epochs):", "train(model, epochs, rows=96):")
    assert network_from(with_default).planned_epochs(None) == 3


def test_only_functions_with_these_parameters_are_meant():
    def train(model, epochs, rate=0.1):
        pass

    def evaluate(model, data):
        pass

    assert OwnFunctions.of({"train": train, "evaluate": evaluate}) == OwnFunctions(train)
    assert OwnFunctions.of({"train": 3, "evaluate": print}) == OwnFunctions()
    assert np.isnan(OwnFunctions(train).error(None))


def test_inputs_are_rows_of_the_script_or_zeros():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    assert inputs_for(model, {"x_test": "rows", "x_val": None}) == "rows"
    assert inputs_for(model, {}).tolist() == [[0.0] * 4]
    assert inputs_for(model, {"x_train": iter([1])}).tolist() == [[0.0] * 4], "no rows"
    unknown = keras.Sequential([keras.Input((None, 4)), keras.layers.Dense(2)])
    with pytest.raises(NetworkError, match="the script defines no x_train"):
        inputs_for(unknown, {})
