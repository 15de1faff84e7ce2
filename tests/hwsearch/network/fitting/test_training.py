from __future__ import annotations

import math
from types import SimpleNamespace

import keras
import pytest

from hwsearch.network.errors import NetworkError
from hwsearch.network.fitting.training import EpochReport


class Model(SimpleNamespace):
    """Does not train: its weights are the number of the epoch."""

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def report(errors, **options):
    """A callback on a model that does not train, and the lines that it reports."""
    said = []
    remaining = iter(errors or [])
    validate = None if errors is None else lambda: next(remaining)
    callback = EpochReport(validate, said.append, **options)
    callback.set_model(Model(stop_training=False, weights=0, optimizer=None))
    return callback, said


def run(callback, losses, epochs=3, **more):
    with callback.phase(epochs):
        for epoch, loss in enumerate(losses):
            callback.on_epoch_begin(epoch)
            callback.on_train_batch_begin(0)
            callback.model.weights = epoch + 1
            logs = {"loss": loss, "accuracy": 0.5} | {name: more[name][epoch] for name in more}
            callback.on_epoch_end(epoch, logs)
            assert more or "error" in logs  # for the callbacks that follow
    return callback.keep()


def test_every_epoch_is_evaluated_recorded_and_reported():
    callback, said = report([30.0, 20.0])
    result = run(callback, [1.5, 0.25])
    assert (result.error, result.epochs, result.reason) == (20.0, 2, "")
    assert result.history == {"loss": [1.5, 0.25], "accuracy": [0.5, 0.5], "error": [30.0, 20.0]}
    assert [line.rpartition(",")[0] for line in said] == [
        "epoch 1/3: loss 1.5, error 30.00 %",
        "epoch 2/3: loss 0.25, error 20.00 %",
    ]
    assert not callback.model.stop_training


def test_the_first_step_is_recorded_once():
    callback, _ = report([1.0, 1.0])
    first = run(callback, [1.0]).first_step
    assert run(callback, [1.0]).first_step == first


@pytest.mark.parametrize(
    ("loss", "error", "reason"),
    [
        (math.nan, 10.0, "training diverged: loss is NaN in epoch 1"),
        (math.inf, 10.0, "training diverged: loss is infinite in epoch 1"),
        (1.0, math.nan, "training diverged: predictions are NaN after epoch 1"),
    ],
)
def test_a_training_that_diverges_is_stopped(loss, error, reason):
    callback, _ = report([error])
    result = run(callback, [loss])
    assert math.isnan(result.error)
    assert result.reason == reason
    assert callback.model.stop_training


def test_a_train_step_of_the_script_may_name_its_losses_as_it_likes():
    callback, said = report([30.0, 20.0, 10.0])
    with callback.phase(3):
        for epoch, kl in enumerate([0.5, 0.25, math.nan]):
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, {"kl_loss": kl, "val_kl_loss": math.nan, "mae": 1.0})
            if epoch == 1:
                assert callback.result.reason == ""
                assert callback.result.history["error"] == [30.0, 20.0]
    assert said[0].startswith("epoch 1/3: loss unknown, error 30.00 %, ")
    assert callback.keep().reason == "training diverged: loss is NaN in epoch 3"


def test_epochs_that_are_not_compared_need_no_loss():
    callback, said = report(None, monitor="", keep_best=False)
    with callback.phase(2):
        for epoch in range(2):
            callback.on_epoch_begin(epoch)
            callback.model.weights = epoch + 1
            callback.on_epoch_end(epoch, {"mae": 1.0})
    result = callback.keep()
    assert (result.reason, result.kept_epoch, callback.model.weights) == ("", 2, 2)
    assert said[0].startswith("epoch 1/2: loss unknown, ")


def test_keras_may_pass_no_logs():
    callback, _ = report([1.0])
    callback.on_epoch_begin(0)
    callback.on_epoch_end(0)
    assert callback.result.reason == "training diverged: loss is NaN in epoch 1"


@pytest.mark.parametrize(
    ("options", "kept", "value"),
    [
        ({}, 2, 20.0),
        ({"keep_best": False}, 4, 25.0),
        ({"monitor": "val_auc", "mode": "max"}, 3, 40.0),
        ({"monitor": "val_auc"}, 1, 30.0),
    ],
)
def test_the_best_epoch_is_kept(options, kept, value):
    callback, _ = report([30.0, 20.0, 40.0, 25.0], **options)
    result = run(callback, [1.0] * 4, val_auc=[0.5, 0.6, 0.7, 0.6])
    assert callback.model.weights == kept
    assert (result.kept_epoch, result.epochs, result.error) == (kept, 4, value)
    assert result.metrics == {"error": value, "val_auc": [0.5, 0.6, 0.7, 0.6][kept - 1]}


def test_an_error_that_nobody_asks_for_is_not_computed():
    callback, said = report(None, monitor="val_loss")
    result = run(callback, [1.0, 0.5], val_loss=[0.25, 0.75])
    assert (result.kept_epoch, result.metrics) == (1, {"val_loss": 0.25})
    assert math.isnan(result.error)
    assert said[0].startswith("epoch 1/3: loss 1, val_loss 0.25, ")


def test_what_keras_does_not_report_cannot_be_the_best():
    callback, _ = report(None, monitor="val_f1")
    with pytest.raises(NetworkError, match="does not report val_f1; it reports loss, accuracy"):
        run(callback, [1.0], val_loss=[0.25])


class OwnTest(keras.Sequential):
    """It may report in validation what it does not report in training."""

    def test_step(self, *_):
        return {"f1": 1.0}


def test_names_are_checked_after_the_first_step_unless_the_model_validates_in_its_own_way():
    callback, _ = report(None, monitor="val_f1")
    callback.set_model(OwnTest())
    callback.on_train_batch_end(0, {"loss": 1.0})
    callback, _ = report(None, monitor="val_f1")
    callback.set_model(keras.Sequential())
    with pytest.raises(NetworkError, match=r"report val_f1; it reports val_loss, val_mae$"):
        callback.on_train_batch_end(0, {"loss": 1.0, "mae": 1.0})
