"""What the document of a job says of its training; test_evaluate trains networks."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest

from hwsearch.evaluation.after_training import with_training, with_training_costs
from hwsearch.measurements import Fold, Measurements, Outcome, Quantity
from hwsearch.network.fitting.train_result import TrainResult

#: Of a network, what counts here: its images for validation, and whether the error is a share.
NETWORK: Any = SimpleNamespace(validation_count=400, scoring=object())
BEFORE = Measurements(metrics={"power": Quantity(80.0)}, seed=7)


def trained(**changes: Any) -> TrainResult:
    known: dict[str, Any] = {
        "error": 10.0,
        "epochs": 4,
        "kept_epoch": 3,
        "metrics": {"error": 10.0, "val_auc": 0.9, "val_loss": 0.2},
        "history": {"error": [20.0, 15.0, 10.0, 11.0]},
    }
    return TrainResult(**(known | changes))


@pytest.mark.parametrize(
    ("changes", "planned", "outcome"),
    [
        ({}, 4, Outcome.TRAINED),
        ({}, None, Outcome.TRAINED),
        ({}, 5, Outcome.STOPPED),
        ({"reason": "training was ended after 9 s"}, 4, Outcome.STOPPED),
        ({"kept_epoch": 0, "reason": "training diverged"}, 4, Outcome.DIVERGED),
    ],
)
def test_how_a_training_ended(changes: Any, planned: int | None, outcome: Outcome) -> None:
    found = with_training(BEFORE, trained(**changes), planned, NETWORK, {})
    assert found.outcome is outcome
    assert found.kept_epoch == (changes.get("kept_epoch", 3) or None)
    assert (found.epochs, found.seed, found.metrics["power"].value) == (4, 7, 80.0)


def test_metrics_are_those_of_the_kept_epoch_with_their_errors() -> None:
    found = with_training(BEFORE, trained(), 4, NETWORK, {"val_auc": 0.02})
    error, auc, loss = (found.metrics[name] for name in ("error", "val_auc", "val_loss"))
    assert (error.value, error.unit, error.samples) == (10.0, "%", 400)
    assert error.source == "validation set after epoch 3"
    assert error.std_error == pytest.approx(1.5, rel=0.05)  # of 40 in 400 images
    assert (auc.value, auc.std_error, auc.samples) == (0.9, 0.02, 400)
    assert (loss.value, loss.samples) == (0.2, 0)
    assert math.isnan(loss.std_error)


def test_the_uncertainty_of_a_cross_validation_is_that_over_its_folds() -> None:
    folds = tuple(
        Fold(4, 3, rows, {"error": error, "val_loss": error / 10})
        for rows, error in ((100, 8.0), (100, 10.0), (99, 12.0))
    )
    result = trained(folds=folds)
    found = with_training(BEFORE, result, None, NETWORK, {})
    error, loss = found.metrics["error"], found.metrics["val_loss"]
    assert (error.value, error.samples) == (10.0, 299)
    assert error.std == pytest.approx(2.0)
    assert error.std_error == pytest.approx(2 / math.sqrt(3))
    assert loss.std_error == pytest.approx(0.2 / math.sqrt(3))
    assert error.source == "mean of 3 folds, of the rows that each leaves out"
    assert (found.folds, found.outcome) == (folds, Outcome.TRAINED)


def test_an_error_that_the_script_computes_has_no_sampling_error() -> None:
    own: Any = SimpleNamespace(validation_count=None, scoring=None)
    error = with_training(BEFORE, trained(), 4, own, {}).metrics["error"]
    assert (error.value, error.samples) == (10.0, 0)
    assert math.isnan(error.std_error)


def test_memory_of_a_training_is_known_only_if_the_device_reports_it() -> None:
    found = with_training_costs(BEFORE, trained(seconds=12.5), None)
    assert found.metrics["training_time"].value == 12.5
    assert found.training_memory is None
    assert set(found.metrics) == {"power", "training_time"}
    memory = Quantity(1.5, unit="GiB")
    found = with_training_costs(BEFORE, trained(), memory)
    assert found.training_memory == found.metrics["training_memory"] == memory
