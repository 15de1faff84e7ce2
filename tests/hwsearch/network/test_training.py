from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from hwsearch.network.training import EpochReport


def report(errors, epochs=3):
    """A callback on a model that does not train, and the lines that it reports."""
    said = []
    remaining = iter(errors)
    callback = EpochReport(lambda: next(remaining), epochs, said.append)
    callback.set_model(SimpleNamespace(stop_training=False))
    return callback, said


def run(callback, losses):
    for epoch, loss in enumerate(losses):
        callback.on_epoch_begin(epoch)
        callback.on_train_batch_begin(0)
        logs = {"loss": loss, "accuracy": 0.5}
        callback.on_epoch_end(epoch, logs)
        assert "error" in logs  # for the callbacks that follow
    return callback.result


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


def test_keras_may_pass_no_logs():
    callback, _ = report([1.0])
    callback.on_epoch_begin(0)
    callback.on_epoch_end(0)
    assert callback.result.reason == "training diverged: loss is NaN in epoch 1"
