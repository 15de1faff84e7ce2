"""Scripts with a cross-validation."""

from __future__ import annotations

import re

import numpy as np
import pytest

from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting.time_limit import TimeLimit
from tests.hwsearch.network.scripts import train

SPLITS = """
splits = [np.split(np.roll(np.arange(96), 48 * k), [48]) for k in range(2)]
scores = []
"""
LOOP = SPLITS + "for train, test in splits:\n    model = make()\n"
FOLDS = LOOP + "    model.fit(x[train], y[train], epochs=2, verbose=0)\n"
SCORE = "    scores.append(model.evaluate(x[test], y[test], verbose=0)[1])\n"


def test_the_value_is_the_mean_of_the_folds(network_from, capsys):
    after = "print('mean', 100 - 100 * np.mean(scores))\nmake().fit(x, y)\nundefined"
    own = "def evaluate(model):\n    return 1 / 0\n"  # of the folds, it would know the first only
    network = network_from(own + FOLDS + SCORE + after)
    assert network.split == "x[test], y[test], of each fold"
    assert (network.validation_count, network.notes, network.test) == (48, [], None)
    assert network.model.optimizer.iterations.numpy() == 0
    assert (network.planned_epochs(None), network.length(None)) == (None, "2 epochs in each fold")
    result = train(network)
    errors = [fold.metrics["error"] for fold in result.folds]
    assert len(set(errors)) > 1
    assert result.error == result.metrics["error"] == pytest.approx(np.mean(errors))
    said = float(re.search(r"mean (\S+)", capsys.readouterr().out)[1])
    assert result.error == pytest.approx(said)
    assert [fold.rows for fold in result.folds] == [48, 48]
    assert (result.epochs, result.kept_epoch in (1, 2)) == (4, True)
    lists = [fold.history["loss"] for fold in result.folds]
    assert result.history["loss"] == pytest.approx(np.mean(lists, axis=0))
    assert network.validation_error() == min(errors)  # the network of the best fold is kept


def test_folds_are_trained_as_by_the_script_alone(network_from, tmp_path):
    script = (
        "keras.utils.set_random_seed(3)\n"
        + FOLDS.replace("model.fit", "kept = model.fit")
        + "    scores.append(kept.history['loss'])\nprint(scores)"
    ).replace("verbose=0", "verbose=0, validation_data=(x[test], y[test])")
    result = train(network_from(script), keep_best=False)
    names = {}
    exec((tmp_path / "00000001_keras_net.py").read_text(), names)
    assert [list(fold.history["loss"]) for fold in result.folds] == names["scores"]


def test_a_function_may_train_and_a_comprehension_may_be_the_loop(network_from):
    script = (
        SPLITS + "def run(a, b, c, d):\n    net = make()\n    net.fit(a, b)\n"
        "    return net.evaluate(c, d, verbose=0)[1]\n"
        "found = [run(x[i], y[i], x[j], y[j]) for i, j in splits]\nundefined"
    )
    network = network_from(script)
    assert network.split == "c, d, of each fold"
    assert len(train(network).folds) == 2


def test_slices_and_a_session_that_is_cleared(network_from):
    script = """
    for k in range(2):
        keras.backend.clear_session()
        val_x, val_y = x[k * 48 : (k + 1) * 48], y[k * 48 : (k + 1) * 48]
        rest = np.concatenate([x[: k * 48], x[(k + 1) * 48 :]])
        rest_y = np.concatenate([y[: k * 48], y[(k + 1) * 48 :]])
        model = make()
        stop = keras.callbacks.EarlyStopping("val_loss", patience=0, restore_best_weights=True)
        model.fit(rest, rest_y, epochs=9, validation_data=(val_x, val_y), callbacks=[stop])
    """
    network = network_from(script)
    assert network.split == "validation_data of fit, of each fold"
    assert network.length(2) == "2 epochs in each fold"
    result = train(network, 2, monitor="val_loss", reported=("val_accuracy",))
    assert [fold.rows for fold in result.folds] == [48, 48]
    assert all(fold.epochs <= 2 for fold in result.folds)
    losses = [fold.metrics["val_loss"] for fold in result.folds]
    assert result.metrics["val_loss"] == pytest.approx(np.mean(losses))


def test_epochs_may_be_compared_on_other_rows_than_a_fold_is_judged_on(network_from):
    script = FOLDS.replace("verbose=0", "validation_split=0.5") + SCORE + "last = scores[-1]\n"
    network = network_from(script)
    assert network.split == (
        "x[test], y[test] (epochs are compared on the last 24 rows of x (validation_split of fit)),"
        " of each fold"
    )
    result = train(network)
    fold = result.folds[0]
    kept = fold.kept_epoch - 1
    assert fold.metrics["val_loss"] != fold.history["val_loss"][kept]
    assert network.validation_error() == min(one.metrics["error"] for one in result.folds)


def test_two_stages_in_each_fold(network_from):
    stages = (
        "    model.fit(x[train], y[train], epochs=1)\n    model.layers[0].trainable = False\n"
        "    model.compile('sgd', 'sparse_categorical_crossentropy')\n"
        "    model.fit(x[train], y[train])\n"
        "    model.evaluate(x[test], y[test], verbose=0)\n"
    )
    result = train(network_from(LOOP + stages), keep_best=False)
    assert [fold.epochs for fold in result.folds] == [2, 2]


def test_the_calls_of_a_loop_in_a_fold_share_the_epochs(network_from):
    inner = "    for _ in range(2):\n        model.fit(x[train], y[train])\n"
    network = network_from(LOOP + inner + SCORE)
    assert [fold.epochs for fold in train(network, 1).folds] == [1, 1]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (
            LOOP.replace("make()", "make(); model.optimizer.learning_rate = len(scores) + 1")
            + "    model.fit(x[train], y[train])\n"
            + SCORE,
            "py:21: fit is called in a loop that makes a new model each time: that of pass 2 has "
            "other layers, another optimizer or another loss than that of pass 1",
        ),
        (
            SPLITS + "for seed in range(2):\n    train, test = splits[0]\n    model = make()\n"
            "    model.fit(x[train], y[train])\n" + SCORE,
            "py:22: fit is called in a loop that makes a new model each time, and in pass 2, fit "
            "trains it on the same rows as in pass 1; expected one training",
        ),
        (
            SPLITS + "for n in (32, 48):\n    test = slice(48, 96)\n    model = make()\n"
            "    model.fit(x[:n], y[:n])\n" + SCORE,
            "py:22: fit is called in a loop that makes a new model each time, and in pass 2, it is "
            "judged on the same rows as in pass 1; expected one training",
        ),
        (
            LOOP + "    other = make()\n    model.fit(x[train], y[train])\n"
            "    other.fit(x[train], y[train])\n" + SCORE,
            "py:23: fit trains another model than 00000001_keras_net.py:22 did, in the loop of a",
        ),
        (FOLDS + SCORE + "    scores[9]\n", "py:23: IndexError"),
        (
            FOLDS.replace(
                "epochs=2",
                "epochs=2, callbacks=[keras.callbacks.LearningRateScheduler("
                "lambda epoch: 1 / len(scores))]",
            )
            + SCORE,
            "py:21: training failed in epoch 1 of fold 1: ZeroDivisionError",
        ),
    ],
)
def test_trainings_that_are_no_folds_and_folds_that_fail(script, said, network_from):
    network = network_from(script)
    with pytest.raises(NetworkError) as caught:
        train(network)
    assert said in str(caught.value)


def test_a_fold_that_diverges_ends_the_training(network_from):
    broken = (
        "    if scores:\n        model.set_weights([w * np.nan for w in model.get_weights()])\n"
    )
    script = LOOP + broken + FOLDS.removeprefix(LOOP) + SCORE
    result = train(network_from(script))
    assert result.reason == "training diverged: loss is NaN in epoch 1 of fold 2"
    assert np.isnan(result.error)
    assert (len(result.folds), result.kept_epoch, result.metrics) == (2, 0, {})


def test_a_fold_that_is_cut_by_the_time_limit_does_not_count(network_from):
    network = network_from(FOLDS + SCORE)
    limit = TimeLimit(1e9)
    say = lambda line: setattr(limit, "_end", 0.0) if line == "fold 2:" else None  # noqa: E731
    result = network.train(None, 0, callbacks=[limit], say=say)
    assert len(result.folds) == 1
    assert limit.struck


def test_the_network_may_be_trained_on_all_rows(network_from):
    network = network_from(FOLDS.replace("verbose=0", "validation_split=0.5") + SCORE)
    network.use_all_data()
    assert len(network.plan.get("x")) == len(network.plan.get("y")) == 96
    result = train(network, 1, monitor="loss", keep_best=False)
    assert (result.epochs, result.folds) == (1, ())


def test_the_test_set_is_what_the_script_evaluates_on_after_the_loop(network_from):
    loop = FOLDS + SCORE
    network = network_from(
        "x_test, y_test = x[:8], y[:8]\n" + loop + "model.evaluate(x_test, y_test)"
    )
    assert (network.test.count, network.notes) == (8, [])
