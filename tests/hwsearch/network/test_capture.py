"""Scripts that call `fit`, in the forms that people write."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from hwsearch.network.network import Network

BEFORE = """
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(96, 4)).astype("float32")
y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)

def make():
    parts = [keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(3, "softmax")]
    model = keras.Sequential(parts)
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"], run_eagerly=True)
    return model
"""
MODEL = "model = make()\n"


@pytest.fixture
def network_from(tmp_path):
    def make(script: str, **options) -> Network:
        path = tmp_path / "00000001_keras_net.py"
        head = MODEL if script.startswith(MODEL) else ""
        path.write_text(BEFORE + head + textwrap.dedent(script.removeprefix(head)))
        return Network.from_script(path, 1, **options)

    return make


def train(network, epochs=None, **options):
    return network.train(epochs, 0, say=lambda _: None, **options)


def test_the_call_is_not_run_and_nothing_after_it(network_from, capsys):
    network = network_from(
        MODEL
        + """
        history = model.fit(x, y, batch_size=24, epochs=3, validation_split=0.25)
        print("accuracy", history.history["accuracy"][-1], model.evaluate(x, y))
        model.save("/nowhere/model.keras")
        """
    )
    assert capsys.readouterr().out == ""
    assert (network.batch_size, network.validation_count) == (24, 24)
    assert network.split == "the last 24 rows of x (validation_split of fit)"
    assert network.model.optimizer.iterations.numpy() == 0
    result = train(network)
    assert network.planned_epochs(None) == result.epochs == 3
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "error"} == result.history.keys()
    assert result.error == min(result.history["error"]) == network.validation_error()
    kept = result.kept_epoch - 1
    assert result.error == pytest.approx(100 - 100 * result.history["val_accuracy"][kept])
    assert result.metrics["val_loss"] == result.history["val_loss"][kept]
    assert np.isnan(network.test_error())
    assert train(network_from(MODEL + "model.fit(x, y, epochs=7)"), 2).epochs == 2


@pytest.mark.parametrize(
    "call",
    [
        "def main():\n    make().fit(x, y)\nif __name__ == '__main__':\n    main()",
        "model = make()\ntry:\n    model.fit(x, y)\nexcept Exception:\n    raise SystemExit(3)",
        "model = make()\ntry:\n    model.fit(x, y)\nfinally:\n    undefined",
        "model = make()\ntry:\n    model.fit(x, y)\nexcept:\n    pass\nimport sys\nsys.exit(1)",
        "class Net(keras.Sequential):\n"
        "    def fit(self, *a, **k):\n        return super().fit(*a, **k)\n"
        "model = make()\nmodel = Net(model.layers)\nmodel.compile('sgd', "
        "'sparse_categorical_crossentropy')\nmodel.fit(x=x, y=y)\nundefined",
    ],
)
def test_the_call_may_be_anywhere(call, network_from):
    network = network_from(call)
    assert network.split == "24 rows drawn at random from x"
    assert (network.planned_epochs(None), len(network.plan.get("x"))) == (1, 72)
    assert 0 <= train(network).error <= 100


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


def test_epochs_of_two_phases_are_trained_in_order(network_from, capsys):
    network = network_from(
        MODEL
        + """
        print("start")
        model.layers[0].trainable = False
        model.compile("sgd", "sparse_categorical_crossentropy")
        before = model.get_weights()[0]
        first = model.fit(x, y, epochs=2)
        assert (model.get_weights()[0] == before).all()
        model.layers[0].trainable = True
        model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
        model.fit(x, y, epochs=4, initial_epoch=first.epoch[-1] + 1, validation_split=0.5)
        undefined
        """
    )
    assert network.planned_epochs(None) is None
    result = train(network, keep_best=False)
    assert result.epochs == len(result.history["loss"]) == 4
    assert network.validation_count == 48
    assert result.error == network.validation_error()
    assert capsys.readouterr().out == "start\n" * 2
    assert train(network, 1).epochs == 2


def test_a_loop_of_single_epochs_is_one_training(network_from):
    script = MODEL + "for _ in range(5):\n    model.fit(x, y, epochs=1)\nundefined"
    assert train(network_from(script)).epochs == 5
    assert train(network_from(script), 3).epochs == 3


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "for k in range(3):\n    model = make()\n    model.fit(x, y)",
            "py:18: fit is called in a loop that makes a new model each time",
        ),
        (
            "def fold(k):\n    m = make()\n    m.fit(x, y)\nfor k in range(3):\n    fold(k)",
            "py:18: fit is called in a loop that makes a new model each time",
        ),
        (
            MODEL + "for _ in range(3):\n    model.train_on_batch(x, y)",
            "py:18: the script trains a model in a loop of its own",
        ),
        (
            MODEL + "import tensorflow as tf\nv = tf.Variable(1.0)\n"
            "model.optimizer.apply_gradients([(tf.constant(1.0), v)])",
            "py:19: the script trains a model in a loop of its own",
        ),
        (
            MODEL + "def g():\n    yield x, y\nmodel.fit(g())",
            "fit gets a generator without validation_data; expected fit(...",
        ),
        (MODEL + "model.fit(x[:3], y[:3])", "got 3 rows; expected at least 4"),
        (MODEL + "model.fit(x, y, validation_data=3)", "validation_data"),
        (
            MODEL + "import tensorflow as tf\nmodel.fit(tf.ragged.constant([[1]] * 96), y)",
            "fit gets a RaggedTensor; expected an array with rows of one length: x.to_tensor()",
        ),
        (
            MODEL + "def g():\n    open('none.npy')\n    yield x, y\n"
            "import tensorflow as tf\ns = tf.TensorSpec((None, 4))\n"
            "d = tf.data.Dataset.from_generator(g, output_signature=(s, s))\n"
            "model.fit(d, validation_data=d)",
            "reading the validation data failed: UnknownError: ",
        ),
        (MODEL + "model.fit(x, x[:, 0])", "py:17: y_train: got real numbers (regression)"),
        (MODEL + "model.fit(x, x[:, 0])", "; for regression: --optimize val_loss, and no bound on"),
        (
            MODEL + "x[3, 0] = np.nan\nmodel.fit(x, y)",
            "py:18: x of fit: got NaN as 1 of 384 numbers, the first in row 3",
        ),
        (
            MODEL + "model.fit(x, y, validation_data=(x, y + np.nan))",
            "py:17: validation_data of fit: labels: got NaN",
        ),
        (MODEL + "model.fit(x, y, sample_weight=y + np.inf)", "sample_weight of fit: got inf"),
        (
            MODEL + "x_val, y_val = x + np.inf, y\nmodel.fit(x, y)",
            "x_val and y_val: inputs: got inf",
        ),
        (MODEL + "model.fit(x[:, :2], y)", "the model fails on the validation data (shape (n, 2))"),
        (MODEL + "model.fit(x, y, rounds=3)", "py:17: TypeError: got an unexpected keyword"),
        ("m = keras.Sequential()\nm.fit(x, y)", "py:17: ValueError: You must call `compile()`"),
        (
            MODEL + "x_train = x",
            "does not call model.fit and does not define y_train, x_test, y_test, batch_size;",
        ),
    ],
)
def test_faults_are_one_line(script, said, network_from):
    with pytest.raises(NetworkError) as caught:
        network_from(script)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "one, two = make(), make()\none.fit(x, y)\ntwo.fit(x, y, epochs=2)",
            "py:18: fit trains another model than line 17 did",
        ),
        (
            MODEL + "model.fit(x, y)\nundefined\nmodel.fit(x, y)",
            "py:18: NameError: name 'undefined'",
        ),
    ],
)
def test_faults_of_later_phases(script, said, network_from):
    network = network_from(script)
    with pytest.raises(NetworkError) as caught:
        train(network)
    assert said in str(caught.value)


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


def test_a_test_set_in_another_form_is_left_out(network_from):
    network = network_from(MODEL + "x_test, y_test = x[:, :2], y\nmodel.fit(x, y)")
    assert network.test is None
    assert network.notes[0].startswith("the test error is not computed: the model fails on x_test")


def test_without_an_error_any_training_will_do(network_from):
    network = network_from(
        """
        i = keras.Input((4,))
        a, b = layers.Dense(1, name="a")(i), layers.Dense(3, name="b")(i)
        model = keras.Model(i, {"a": a, "b": b})
        model.compile("sgd", {"a": "mse", "b": keras.losses.SparseCategoricalCrossentropy(True)},
                      metrics={"a": ["mae"]})
        model.fit(x, {"a": x[:, 0], "b": y}, epochs=2)
        """,
        scored=False,
    )
    result = train(network, monitor="val_a_mae")
    assert result.metrics["val_a_mae"] == min(result.history["val_a_mae"])
    assert "error" not in result.metrics


def test_text_is_taken_as_it_is(network_from):
    script = """
        words = np.array(["good one", "bad", "good", "bad one"] * 8, object)
        labels = np.array([1, 0, 1, 0] * 8)
        vectors = layers.TextVectorization(max_tokens=9, output_mode="multi_hot")
        vectors.adapt(words)
        parts = [keras.Input((), dtype="string"), vectors, layers.Dense(1, "sigmoid")]
        model = keras.Sequential(parts)
        model.compile("sgd", "binary_crossentropy")
        """
    calls = (
        "model.fit(words, labels, epochs=2)",
        "x_train, y_train, x_test, y_test, batch_size = words, labels, words, labels, 4",
    )
    for call in calls:
        network = network_from(textwrap.dedent(script) + call)
        assert 0 <= train(network, 1).error <= 100


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


def test_an_evaluation_of_the_script_is_the_error(network_from):
    evaluate = "def evaluate(model):\n    return {}\n"
    script = evaluate.format("keras.ops.mean(model.weights[0])") + MODEL + "model.fit(x, x)"
    network = network_from(script.replace("fit(x, x)", "fit(x, y, epochs=2)"))
    result = train(network)
    assert result.error == network.validation_error()
    for value, said in (("None", "got None; expected one number"), ("1/0", "Zero")):
        with pytest.raises(NetworkError, match=said):
            train(network_from(evaluate.format(value) + MODEL + "model.fit(x, y)"))


def test_callbacks_of_the_script_work_and_write_beside_it(network_from, tmp_path):
    network = network_from(
        MODEL
        + """
        callbacks = [
            keras.callbacks.EarlyStopping("val_accuracy", patience=1, mode="min",
                                          start_from_epoch=2, restore_best_weights=True),
            keras.callbacks.ModelCheckpoint("best/{epoch}.weights.h5", save_weights_only=True),
            keras.callbacks.CSVLogger("/elsewhere/log.csv"),
            keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, min_delta=9, patience=1),
        ]
        model.fit(x, y, epochs=30, callbacks=callbacks)
        """
    )
    result = train(network)
    assert result.epochs < 30
    folder = tmp_path / "00000001_files"
    written = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert written[-1] == "log.csv"
    assert len(written) == result.epochs + 1
    assert result.history["learning_rate"][-1] < result.history["learning_rate"][0]
    network.model.load_weights(folder / f"best/{result.kept_epoch}.weights.h5")
    assert network.validation_error() == result.error


def test_weights_of_no_epoch_are_evaluated_again(network_from):
    network = network_from(
        MODEL
        + """
        model.compile(keras.optimizers.SGD(0.5, use_ema=True), "sparse_categorical_crossentropy")
        model.fit(x, y, epochs=2)
        """
    )
    result = train(network, keep_best=False)
    assert result.error == network.validation_error()
    assert result.metrics["val_loss"] != result.history["val_loss"][-1]


def test_validation_may_be_rare(network_from):
    network = network_from(MODEL + "model.fit(x, y, epochs=4, validation_freq=2)")
    result = train(network, monitor="val_loss")
    assert result.kept_epoch in (2, 4)
    assert np.isnan(result.history["val_loss"][0])


def test_keras_is_as_before(network_from):
    network_from(MODEL + "model.fit(x, y)")
    before = keras.Model.fit
    network_from(MODEL + "model.fit(x, y)")
    assert keras.Model.fit is before
    assert "apply" not in vars(keras.optimizers.Optimizer)


def test_a_phase_that_fails_is_not_taken_for_the_end(network_from):
    network = network_from(
        MODEL
        + """
        class Broken(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                raise ValueError("no such file")

        for rate in (0.1, 0.01):
            model.optimizer.learning_rate = rate
            model.fit(x, y, epochs=1, validation_split=0.25, callbacks=[Broken()])
        """
    )
    with pytest.raises(NetworkError, match="py: training failed in epoch 1: ValueError: no such"):
        train(network)


def test_a_callback_that_exits_is_a_fault_of_the_script(network_from):
    network = network_from(
        MODEL
        + """
        import sys
        class Exits(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                sys.exit()

        model.fit(x, y, epochs=2, validation_split=0.25, callbacks=[Exits()])
        """
    )
    said = r"py:21: sys.exit ends the training in epoch 1; .*self.model.stop_training = True"
    with pytest.raises(NetworkError, match=said):
        train(network)


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


def test_metrics_that_are_arrays_are_left_out(network_from):
    network = network_from(
        MODEL
        + """
        y = keras.utils.to_categorical(y, 3)
        model.compile("sgd", "categorical_crossentropy", metrics=["f1_score", "accuracy"])
        model.fit(x, y, epochs=1, validation_split=0.25)
        """
    )
    assert train(network).metrics.keys() == {"val_loss", "val_accuracy", "error"}
    assert network._evaluated().keys() == {"loss", "accuracy"}
    with pytest.raises(NetworkError, match="val_f1_score is an array, such as a number for"):
        train(network, monitor="val_f1_score", mode="max")
