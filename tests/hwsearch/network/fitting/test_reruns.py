"""Scripts that call `fit` several times."""

from __future__ import annotations

import sys

import pytest

from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting.one_step import train_one_step
from tests.hwsearch.network.scripts import MODEL, train


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


def test_modules_beside_the_script_are_new_when_it_runs_again(
    network_from, tmp_path, monkeypatch, capsys
):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "beside_e8.py").write_text("scale = [1.0]\n")
    lines = "import beside_e8\nbeside_e8.scale[0] /= 2\nprint(beside_e8.scale)\n"
    fit = "model.fit(x, y)\nmodel.fit(x, y)"
    try:
        train(network_from(MODEL + lines + fit))
    finally:
        sys.modules.pop("beside_e8", None)
    assert capsys.readouterr().out == "[0.5]\n" * 2


def test_epochs_that_are_asked_for_are_shared_in_loops_alone(network_from):
    one = MODEL + "def one(n):\n    model.fit(x, y, epochs=n)\n"
    loop = one + "for _ in range(5):\n    one(1)\nundefined"
    assert train(network_from(loop)).epochs == 5
    assert train(network_from(loop), 3).epochs == 3
    phases = one + "one(1)\none(2)"
    assert train(network_from(phases)).epochs == 3
    assert train(network_from(phases), 4).epochs == 8


def test_epochs_on_other_rows_are_not_compared(network_from):
    """An easy part first: its low error is not that of the network that is kept."""
    network = network_from(
        MODEL
        + """
        easy = abs(x[:, 0]) > 0.7
        model.fit(x[easy], (y[easy] > 0).astype(int), epochs=9)
        model.fit(x, y, epochs=2)
        """
    )
    said = []
    result = network.train(None, 0, say=said.append)
    assert result.kept_epoch > 9
    assert result.error == network.validation_error()
    notes = [line for line in said if line.startswith("note: 00000001_keras_net.py:20: fit valid")]
    assert len(notes) == 1
    assert "than at 00000001_keras_net.py:19: the best epoch is one of the later call" in notes[0]


STREAMS = """
import tensorflow as tf

def stream(rows):
    return tf.data.Dataset.from_tensor_slices((x[rows], y[rows])).shuffle(96).batch(8)

model.fit(x, y, validation_data=stream(slice(48)))
model.fit(x, y, validation_data={})
"""


@pytest.mark.parametrize(
    ("second", "notes"),
    [
        ("stream(slice(48, None))", 1),
        ("stream(slice(48))", 0),
        ("(x[:48], y[:48])", 0),
        ("stream(slice(48)).repeat(9)", 0),  # too many batches to be compared
    ],
)
def test_streams_of_other_rows_are_not_compared(second, notes, network_from):
    said = []
    network_from(MODEL + STREAMS.format(second)).train(None, 0, say=said.append)
    assert sum("fit validates on other rows than at" in line for line in said) == notes


FOLDS = """
from sklearn.model_selection import {0}

folds = {0}(3)
for fold, (a, b) in enumerate(folds.split(x, y)):
    model.fit(x[a], y[a], epochs=2, validation_data=(x[b], y[b]))
"""


def test_the_same_model_in_all_folds_is_refused(network_from):
    """It would be judged on rows that it was trained on, with an error of nearly 0."""
    with pytest.raises(NetworkError) as caught:
        train(network_from(MODEL + FOLDS.format("KFold")))
    assert "py:22: fit trains the model of the pass before again, in a loop" in str(caught.value)
    assert "the splits of KFold; expected a new model in each pass, made" in str(caught.value)


def test_what_trains_the_same_model_on_split_rows_rightly(network_from):
    walk = FOLDS.format("TimeSeriesSplit")
    assert train(network_from(MODEL + walk)).epochs == 6
    one = FOLDS.format("KFold") + "    break\n"
    assert train(network_from(MODEL + one)).epochs == 2


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            "one, two = make(), make()\none.fit(x, y)\ntwo.fit(x, y, epochs=2)",
            "py:18: fit trains another model than 00000001_keras_net.py:17 did; expected one model "
            "in the script: leave out models that are only compared with",
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


TEACHER = """
teacher, model = make(), make()
known = teacher.fit(x, y, epochs=50, validation_split=0.25)
print(known.history["val_accuracy"][-1] < known.history["loss"][0], known.epoch[-1])
model.fit(x, y, epochs=2)
"""


def test_one_step_shows_that_another_model_follows(network_from, capsys):
    network = network_from(TEACHER)
    assert network.seems_to_train_others
    with pytest.raises(NetworkError, match=r"py:20: fit trains another model than .*:18 did"):
        train_one_step(network, 0)
    assert capsys.readouterr().out.endswith(" 0\n")


def test_one_step_of_each_phase(network_from, capsys):
    loop = "for rate in (0.1, 0.01):\n    model.fit(x, y, epochs=3)\n    print('next')\n"
    network = network_from(MODEL + "model.fit(x, y, epochs=3)\nprint('first')\n" + loop)
    assert not network.seems_to_train_others
    train_one_step(network, 0)
    assert capsys.readouterr().out == "first\nnext\n"


@pytest.mark.parametrize("between", ["undefined", "first.history['no such metric']"])
def test_one_step_is_no_test_of_what_comes_between_the_phases(between, network_from):
    script = f"first = model.fit(x, y)\n{between}\nmodel.fit(x, y)"
    train_one_step(network_from(MODEL + script), 0)


def test_data_of_a_first_model_that_is_not_meant(network_from):
    with pytest.raises(NetworkError) as caught:
        network_from("coder, model = make(), make()\ncoder.fit(x, x)\nmodel.fit(x, y, epochs=2)")
    said = str(caught.value)
    assert "expected classes" in said
    assert "; 00000001_keras_net.py:18 trains model: leave out models that are only" in said


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
    with pytest.raises(
        NetworkError, match="py:20: training failed in epoch 1: ValueError: no such"
    ):
        train(network)


PRUNING = """
pruned = None
for epochs in (9, 1):
    model.fit(x, y, epochs=epochs, validation_data=(x, y))
    if pruned is None:
        pruned = model.get_weights()[0] * 0
        {change}
"""


def test_epochs_before_the_script_changes_weights_are_not_kept(network_from):
    """Before, the network of an epoch before the pruning was kept, and its lower error reported."""
    change = "model.layers[0].kernel.assign(pruned); model.layers[0].trainable = False"
    network = network_from(MODEL + PRUNING.format(change=change))
    said = []
    result = network.train(None, 0, say=said.append)
    assert result.kept_epoch == 10
    assert result.history["error"][8] < result.error == network.validation_error()
    assert not network.model.get_weights()[0].any()
    (note,) = [line for line in said if line.startswith("note: ")]
    assert "py:20: the script has changed the weights since the call of fit before: the" in note


def test_epochs_of_the_same_weights_are_compared(network_from):
    """What is measured, frozen or loaded from an epoch changes no weights."""
    change = (
        "model.layers[1].trainable = False; model.evaluate(x, y); "
        "model.compile(keras.optimizers.SGD(50.0), model.loss)"
    )
    network = network_from(MODEL + PRUNING.format(change=change))
    said = []
    result = network.train(None, 0, say=said.append)
    assert result.kept_epoch < 10
    assert not [line for line in said if line.startswith("note: ")]


def test_a_loop_that_prunes_in_each_pass_says_so_once(network_from):
    script = """
    for _ in range(4):
        model.fit(x, y, epochs=1, validation_data=(x, y))
        model.layers[0].kernel.assign(model.layers[0].kernel * 0.5)
    """
    said = []
    result = network_from(MODEL + script).train(None, 0, say=said.append)
    assert result.kept_epoch == 4
    assert len([line for line in said if line.startswith("note: ")]) == 1


def test_values_of_val_loss_by_other_losses_are_not_compared(network_from):
    """A loss that is small by its nature, first: its epochs are not the best ones."""
    script = (
        MODEL
        + """
    classes = keras.losses.SparseCategoricalCrossentropy()
    for factor in (0.001, 1):
        loss = lambda y, p, factor=factor: classes(y, p) * factor
        model.compile("sgd", loss)
        model.fit(x, y, epochs=2, validation_data=(x, y))
    """
    )
    said = []
    result = network_from(script).train(None, 0, say=said.append, monitor="val_loss")
    assert result.kept_epoch > 2
    assert ["fit has another loss" in line for line in said if "note" in line] == [True]
    assert train(network_from(script)).kept_epoch >= 1


@pytest.mark.parametrize(
    "save",
    [
        "model.save({!r})\n",
        "keras.saving.save_model(model, {!r})\n",
        "keras.models.save_model(model, {!r})\n",
    ],
)
def test_a_model_that_the_script_saves_and_loads_is_trained_further(network_from, tmp_path, save):
    """It counts as the same model; one that was saved before the script has trained does not."""
    path = str(tmp_path / "own.keras")
    save, fit = save.format(path), "model.fit(x, y, epochs=2)\n"
    load = f"model = keras.models.load_model({path!r})\n"
    network = network_from(MODEL + fit + save + load + fit)
    model = network.model
    assert train(network).epochs == 4
    assert network.model is not model
    with pytest.raises(NetworkError, match=r"py:20: fit trains another model than .*:18 did"):
        train(network_from(MODEL + save + fit + load + fit))


def test_one_line_that_trains_several_models_is_named_once(network_from):
    script = MODEL + "def run(model):\n    model.fit(x, y, epochs=1)\nrun(model)\nrun(make())\n"
    network = network_from(script)
    assert network.seems_to_train_others  # so that one step is tried before the training
    with pytest.raises(NetworkError, match="py:18: fit trains another model than when this line"):
        train_one_step(network, 0)
