"""Which values metrics can have."""

from __future__ import annotations

import math

import pytest

from hwsearch.metrics import range_words, value_range
from hwsearch.metrics.directions import KERAS_NAMES
from hwsearch.metrics.ranges import _RANGES


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("error", "between 0 and 100"),
        ("power", "at least 0"),
        ("val_accuracy", "between 0 and 1"),
        ("val_auc_2", "between 0 and 1"),
        ("val_r2_score", "at most 1"),
        ("val_cosine_similarity", "between -1 and 1"),
        ("val_loss", ""),
        ("val_mask_auc", ""),
    ],
)
def test_ranges_in_words(name: str, words: str) -> None:
    assert range_words(name) == words


def test_names_of_others_may_have_any_value() -> None:
    assert value_range("val_dice") == (-math.inf, math.inf)


def test_values_of_keras_metrics_are_within_their_ranges() -> None:
    """The names are those of Keras: metrics of perfect and of opposite predictions."""
    from hwsearch.keras_runtime import keras

    y = [[0.0], [1.0], [0.0], [1.0]]
    found = 0
    for entry in ("Accuracy", "BinaryAccuracy", "AUC", "Precision", "Recall", "R2Score"):
        metric = getattr(keras.metrics, entry)()
        low, high = value_range(f"val_{metric.name}")
        assert math.isfinite(high)
        for predicted in (y, [[1 - row[0]] for row in y]):
            metric.reset_state()
            metric.update_state(y, predicted)
            assert low <= float(metric.result()) <= high
            found += 1
    assert found == 12


def test_names_are_those_of_metrics_whose_direction_is_known() -> None:
    known = {name.removeprefix("val_") for name in KERAS_NAMES} - {"loss", "mae", "mse"}
    assert all(any(name == one or name.endswith(f"_{one}") for one in known) for name in _RANGES)
