"""Which direction is better."""

from __future__ import annotations

import keras
import pytest

from hwsearch.metrics import METRICS, higher_is_better
from hwsearch.metrics.directions import HIGHER, LOWER


@pytest.mark.parametrize("name", METRICS)
def test_less_is_better_in_the_table(name: str) -> None:
    assert higher_is_better(name) is False


@pytest.mark.parametrize(
    ("name", "higher"),
    [
        ("val_loss", False),
        ("val_mae", False),
        ("val_root_mean_squared_error", False),
        ("val_sparse_categorical_crossentropy", False),
        ("val_categorical_hinge", False),
        ("val_price_loss", False),
        ("val_accuracy", True),
        ("val_sparse_top_k_categorical_accuracy", True),
        ("val_auc_1", True),
        ("val_mask_binary_io_u", True),
        ("val_recall_error", False),
        ("val_dice", None),
        ("val_score", None),
        ("val_lossless", None),
    ],
)
def test_directions(name: str, higher: bool | None) -> None:
    assert higher_is_better(name) is higher


def test_every_metric_of_keras_has_a_direction() -> None:
    extra = {
        "BinaryIoU": {"target_class_ids": [0]},
        "FBetaScore": {},
        "IoU": {"num_classes": 2, "target_class_ids": [0]},
        "MeanIoU": {"num_classes": 2},
        "MeanMetricWrapper": None,
        "OneHotIoU": {"num_classes": 2, "target_class_ids": [0]},
        "OneHotMeanIoU": {"num_classes": 2},
        "PrecisionAtRecall": {"recall": 0.5},
        "RecallAtPrecision": {"precision": 0.5},
        "SensitivityAtSpecificity": {"specificity": 0.5},
        "SpecificityAtSensitivity": {"sensitivity": 0.5},
        # Means and sums of anything.
        "Mean": None,
        "Metric": None,
        "Sum": None,
    }
    found = 0
    for word, kind in vars(keras.metrics).items():
        if isinstance(kind, type) and extra.get(word, {}) is not None:
            name = kind(**extra.get(word, {})).name
            assert higher_is_better(f"val_{name}") is not None, name
            found += 1
    assert found > 30
    assert not set(HIGHER) & set(LOWER)
