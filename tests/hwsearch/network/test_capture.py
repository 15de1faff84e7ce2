"""Scripts that call `fit`, in the forms that people write."""

from __future__ import annotations

import textwrap

import numpy as np
import pytest

from hwsearch.keras_runtime import keras
from hwsearch.network.errors import NetworkError
from tests.hwsearch.network.scripts import MODEL, train


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
            "py:19: g() (x of fit): got a generator without validation_data, on which the",
        ),
        (MODEL + "model.fit(x[:3], y[:3])", "x[:3] (x of fit): got 3 rows; expected at least 4"),
        (MODEL + "model.fit(x, y, validation_data=3)", "validation_data"),
        (
            MODEL + "import tensorflow as tf\nmodel.fit(tf.ragged.constant([[1]] * 96), y)",
            "(x of fit): got a RaggedTensor; expected rows of one length: its to_tensor()",
        ),
        (
            MODEL + "def g():\n    open('none.npy')\n    yield x, y\n"
            "import tensorflow as tf\ns = tf.TensorSpec((None, 4))\n"
            "d = tf.data.Dataset.from_generator(g, output_signature=(s, s))\n"
            "model.fit(d, validation_data=d)",
            "reading the validation data failed: UnknownError: ",
        ),
        (
            MODEL + "class Data(keras.utils.PyDataset):\n    def __len__(self):\n        return 2\n"
            "    def __getitem__(self, n):\n        return x[: 96 // (1 - n)], y\n"
            "model.fit(Data(), validation_data=Data())",
            "reading the validation data failed: ZeroDivisionError: ",
        ),
        (MODEL + "model.fit(x, x[:, 0])", "py:17: x[:, 0] (y of fit): got real numbers (regress"),
        (MODEL + "model.fit(x, x[:, 0])", "; for regression: --optimize val_loss, and no bound on"),
        (
            MODEL + "x[3, 0] = np.nan\nmodel.fit(x, y)",
            "py:18: x of fit: got NaN as 1 of 384 numbers, the first in row 3",
        ),
        (
            MODEL + "model.fit(x, y, validation_data=(x, y + np.nan))",
            "py:17: y + np.nan (validation_data[1] of fit): got NaN",
        ),
        (
            MODEL + "model.fit(x, y, sample_weight=y + np.inf)",
            "y + np.inf (sample_weight of fit): got inf",
        ),
        (
            MODEL + "labels = y[:90]\nmodel.fit(x, labels)",
            "py:18: labels (y of fit): got 90 rows, but x of fit has 96; expected as many",
        ),
        (
            MODEL + "model.fit(x, y, validation_data=(x[:9], y[:8]))",
            "y[:8] (validation_data[1] of fit): got 8 rows, but x[:9] (validation_data[0] of fit)",
        ),
        (
            MODEL
            + "hot = keras.utils.to_categorical(y)\nmodel.fit(x, y, validation_data=(x, hot))",
            "hot (validation_data[1] of fit): got shape (96, 3), but y of fit has shape (96,)",
        ),
        (
            MODEL + "hot = keras.utils.to_categorical(y)\nmodel.fit(x, hot)",
            "hot (y of fit): got one-hot rows, which the loss sparse_categorical_crossentropy does "
            "not take; expected the loss categorical_crossentropy",
        ),
        (MODEL + "model.fit(x.tolist(), y)", "x.tolist() (x of fit): got a list of a list; exp"),
        (MODEL + "model.fit(x[:0], y[:0])", "x[:0] (x of fit): is empty"),
        (
            MODEL + "import tensorflow as tf\n"
            "d = tf.data.Dataset.from_tensors((tf.ragged.constant([[1.0], []]), [0, 1]))\n"
            "model.fit(d, validation_data=d)",
            "a batch of the validation data: got a RaggedTensor",
        ),
        (
            "class Two(keras.Model):\n    def train_step(self, data):\n        return {}\n"
            "two = Two()\ntwo.compile()\ntwo.fit(x)",
            "py:21: fit is called on a Two, a class without a method call(self, inputs), so that",
        ),
        (
            MODEL + "x_val, y_val = x + np.inf, y\nmodel.fit(x, y)",
            "x_val: got inf",
        ),
        (MODEL + "model.fit(x[:, :2], y)", "the model fails on x[:, :2] (x of fit) (shape (n, 2))"),
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


def test_keras_is_as_before(network_from):
    network_from(MODEL + "model.fit(x, y)")
    before = keras.Model.fit
    network_from(MODEL + "model.fit(x, y)")
    assert keras.Model.fit is before
    assert "apply" not in vars(keras.optimizers.Optimizer)


def test_a_pipeline_of_scikit_learn_fits_on_other_rows_than_it_gets(network_from):
    network = network_from("""
        from keras.wrappers import SKLearnClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        def build(X, y):
            layers = [keras.Input((4,)), keras.layers.Dense(y.shape[1], "softmax")]
            model = keras.Sequential(layers)
            model.compile("sgd", "categorical_crossentropy")
            return model

        X_train, y_train = 9 + 5 * x[:64], y[:64]
        X_test, y_test = 9 + 5 * x[64:], y[64:]
        make_pipeline(StandardScaler(), SKLearnClassifier(build)).fit(X_train, y_train)
    """)
    assert abs(network.plan.get("x").mean()) < 0.1
    assert (network.test, network.notes) == (None, [])


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


def test_cross_validation_by_scikit_learn_is_refused(network_from):
    with pytest.raises(
        NetworkError, match=r"py:\d+: fit is called by a cross-validation or search"
    ):
        network_from(
            """
            from sklearn.base import BaseEstimator, ClassifierMixin
            from sklearn.model_selection import cross_val_score

            class Wrapped(ClassifierMixin, BaseEstimator):
                def fit(self, x, y):
                    make().fit(x, y, epochs=1)
                    return self

                def predict(self, x):
                    return x[:, 0]

            cross_val_score(Wrapped(), x, y, cv=3)
            """
        )
