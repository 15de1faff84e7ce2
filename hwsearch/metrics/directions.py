"""Which metrics of Keras are better when they are higher, and which when they are lower."""

from __future__ import annotations

import re

from hwsearch.metrics.table import METRICS, VALIDATION

#: Names that Keras 3 gives to its metrics (and their short forms) which are shares, 0 to 1.
SHARES = (
    "accuracy",
    "acc",
    "auc",
    "precision",
    "recall",
    "precision_at_recall",
    "recall_at_precision",
    "sensitivity_at_specificity",
    "specificity_at_sensitivity",
    "f1_score",
    "fbeta_score",
    "io_u",
    "mean_io_u",
    "binary_io_u",
    "one_hot_io_u",
    "one_hot_mean_io_u",
)
#: The same for those between -1 and 1.
CORRELATIONS = ("cosine_similarity", "pearson_correlation", "concordance_correlation")
#: The same for those of which more is better.
HIGHER = (
    *SHARES,
    *CORRELATIONS,
    "true_positives",
    "true_negatives",
    "f1",
    "iou",
    "mean_iou",
    "binary_iou",
    "one_hot_iou",
    "one_hot_mean_iou",
    "r2_score",
    "r2",
)
#: The same for those of which less is better: losses and errors.
LOWER = (
    "loss",
    "error",
    "mse",
    "mae",
    "mape",
    "msle",
    "rmse",
    "crossentropy",
    "hinge",
    "huber",
    "logcosh",
    "log_cosh",
    "poisson",
    "kl_divergence",
    "kullback_leibler_divergence",
    "kld",
    "false_positives",
    "false_negatives",
)
#: What is shown for a misspelt name.
KERAS_NAMES = tuple(f"{VALIDATION}{name}" for name in ("loss", "mae", "mse", *HIGHER))
_NUMBERED = re.compile(r"_\d+$")


def higher_is_better(name: str) -> bool | None:
    """The direction of a metric; None if only its author knows it.

    An output's name may stand before that of Keras' metric (`val_mask_binary_io_u`), and a number
    behind it (`val_auc_1`).

    >>> higher_is_better("val_auc"), higher_is_better("val_dice"), higher_is_better("power")
    (True, None, False)
    """
    if name in METRICS:
        return False
    rest = word(name)
    # The last word decides: `recall_error` is an error.
    for known, higher in ((LOWER, False), (HIGHER, True)):
        if any(rest == entry or rest.endswith(f"_{entry}") for entry in known):
            return higher
    return None


def word(name: str) -> str:
    """A metric's name without `val_` and without a number behind it: `auc` of `val_auc_1`."""
    return _NUMBERED.sub("", name.removeprefix(VALIDATION).lower())
