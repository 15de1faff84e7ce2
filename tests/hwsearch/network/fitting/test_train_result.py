from __future__ import annotations

from hwsearch.network.fitting.train_result import TrainResult


def test_a_name_that_is_missing_in_some_epochs_leaves_gaps():
    result = TrainResult()
    for logs in ({"loss": 1.0}, {"loss": 0.5, "val_loss": 2.0}, {"loss": 0.25}):
        result.record(logs)
    assert result.history["loss"] == [1.0, 0.5, 0.25]
    assert repr(result.history["val_loss"]) == "[nan, 2.0, nan]"
