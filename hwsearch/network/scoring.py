"""The classification error of predictions, for every way of giving labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsearch.network.rendered_script import NetworkError

CLASSES = (
    "the error in % needs classes: whole numbers 0..k-1 or one-hot rows for k outputs, "
    "or two values for one output"
)
HINGE_LOSSES = {"hinge", "squared_hinge", "Hinge", "SquaredHinge"}


@dataclass(frozen=True, slots=True)
class Scoring:
    """How labels and predictions are compared.

    Attributes:
        kind: `sparse` (class numbers), `categorical` (one-hot or soft rows), `binary` (one output),
            `multilabel` (several yes or no).
        middle: Binary and multilabel: labels above are yes.
        logits: Binary and multilabel: outputs above 0 are yes; otherwise those above 0.5, except
            where they are not probabilities.
    """

    kind: str
    middle: float = 0.5
    logits: bool = False

    def error(self, labels: Any, predictions: Any) -> float:
        """Share of wrong predictions in %, 0-100; of single labels where there are several.

        Args:
            labels: Shape (n, ...) as the kind says.
            predictions: The model's output, shape (n, ..., k).

        Returns:
            NaN when a prediction is not finite.
        """
        labels, predictions = np.asarray(labels), np.asarray(predictions, float)
        if not np.isfinite(predictions).all():
            return math.nan
        if self.kind in ("sparse", "categorical"):
            guessed = predictions.argmax(-1)
            true = labels.argmax(-1) if self.kind == "categorical" else labels
            wrong = guessed != true.reshape(guessed.shape)
        else:
            outside = predictions.min() < 0 or predictions.max() > 1
            guessed = predictions > (0.0 if self.logits or outside else 0.5)
            wrong = guessed != (labels.reshape(predictions.shape) > self.middle)
        return float(100.0 * int(np.sum(wrong)) / wrong.size)


def scoring(labels: NDArray[Any], output: tuple[int, ...], loss: Any) -> Scoring:
    """How to score a network.

    Args:
        labels: Of the training set, shape (n, ...).
        output: Shape of the model's output without the batch: (..., k).
        loss: What the model was compiled with: a name, a function or a `keras.losses.Loss`.

    Raises:
        NetworkError: These are no classes (regression), or they do not fit the output.
    """
    values = _finite(labels, "y_train")
    if not output:
        output = (1,)
    logits = bool(getattr(loss, "from_logits", False)) or _name(loss) in HINGE_LOSSES
    if output[-1] == 1:
        return _one_output(values, output, logits)
    if values.shape[1:] == output:
        return _rows(values, logits)
    per_label = output[:-1]
    if values.shape[1:] in (per_label, (*per_label, 1)):
        return _numbers(values, output[-1], "y_train")
    raise NetworkError(
        f"y_train has shape {labels.shape}, but the model puts out {('n', *output)}; {CLASSES}"
    )


def check_alike(labels: NDArray[Any], name: str, train: NDArray[Any], classes: int) -> None:
    """Sees that other labels are given as those of the training set are, one score for all.

    Args:
        labels: Of shape (n, ...).
        name: What a message calls them.
        train: Labels of the training set, for which `scoring` found a way.
        classes: The model's outputs.

    Raises:
        NetworkError: Their shape or values are of another kind.
    """
    values = _finite(labels, name)
    if _each(labels) != _each(train):
        raise NetworkError(
            f"{name} has shape {labels.shape}, but y_train {train.shape}; both must be class "
            "numbers, or both rows"
        )
    if classes > 1 and not _each(train):
        _numbers(values, classes, name)


def _each(labels: NDArray[Any]) -> tuple[int, ...]:
    """The shape of one label; (n, 1) is as good as (n,)."""
    shape = labels.shape[1:]
    return shape[:-1] if shape[-1:] == (1,) else shape


def _finite(labels: NDArray[Any], name: str) -> NDArray[Any]:
    if labels.dtype.kind not in "biuf":
        raise NetworkError(f"{name} holds {labels.dtype} values; {CLASSES}")
    values = labels.astype(float) if labels.dtype.kind != "f" else labels
    if not np.isfinite(values).all():
        raise NetworkError(f"{name} holds NaN or infinity")
    return values


def _name(loss: Any) -> str:
    if isinstance(loss, str):
        return loss
    return str(getattr(loss, "__name__", type(loss).__name__))


def _one_output(values: NDArray[Any], output: tuple[int, ...], logits: bool) -> Scoring:
    if values.shape[1:] not in (output, output[:-1]):
        raise NetworkError(
            f"y_train has shape {values.shape}, but the model has one output; {CLASSES}"
        )
    distinct = np.unique(values)
    if len(distinct) > 2:
        if np.array_equal(distinct, np.round(distinct)):
            raise NetworkError(
                f"y_train holds {len(distinct)} classes, but the model has one output; "
                f"{len(distinct)} classes need as many outputs"
            )
        raise NetworkError(f"y_train holds real numbers, which is regression; {CLASSES}")
    return Scoring("binary", float(distinct.mean()) if len(distinct) == 2 else 0.5, logits)


def _rows(values: NDArray[Any], logits: bool) -> Scoring:
    """Labels of the output's own shape."""
    if np.allclose(values.sum(-1), 1, atol=1e-3) and values.min() >= 0:
        return Scoring("categorical")
    distinct = np.unique(values)
    if len(distinct) == 2:
        return Scoring("multilabel", float(distinct.mean()), logits)
    raise NetworkError(f"y_train holds real numbers, which is regression; {CLASSES}")


def _numbers(values: NDArray[Any], classes: int, name: str) -> Scoring:
    if not np.array_equal(values, np.round(values)):
        raise NetworkError(f"{name} holds real numbers, which is regression; {CLASSES}")
    for label in (values.min(), values.max()):
        if not 0 <= label < classes:
            raise NetworkError(
                f"{name} holds the label {label:g}, but the model's {classes} outputs "
                f"stand for labels 0..{classes - 1}"
            )
    return Scoring("sparse")
