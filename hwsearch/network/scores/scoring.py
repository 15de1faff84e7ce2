"""The classification error of predictions, for every encoding of labels that Keras accepts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsearch.network.datasets.data import single
from hwsearch.network.datasets.positions import spread
from hwsearch.network.errors import NetworkError
from hwsearch.network.scores import embedding_losses, loss_kinds, own_padding
from hwsearch.network.scores.loss_kinds import OF_NUMBERS, OF_ROWS, ignored_class

_EXPECTED = (
    "expected classes, for the error in %: whole numbers 0..k-1 or one-hot rows if the model has k "
    "outputs, two different values if it has one"
)
_REGRESSION = "for regression: --optimize val_loss, and no bound on error"


@dataclass(frozen=True, slots=True)
class Scoring:
    """How predictions are compared with labels.

    Attributes:
        kind: `sparse` (class numbers), `categorical` (one-hot or soft rows), `binary` (one output)
            or `multilabel` (several outputs, each yes or no).
        threshold: Binary and multilabel: labels above it mean yes.
        logits: Binary and multilabel: whether outputs above 0 mean yes.
        as_labels: Binary and multilabel: whether outputs above `threshold` mean yes, as of labels.
        probabilities: Binary and multilabel: whether outputs above 0.5 mean yes. If none of these
            three is set, outputs above 0.5 do, unless some lie outside 0..1 and therefore are not
            probabilities; then those above 0 do.
        margin: Binary and multilabel: outputs are distances, and those above it mean yes; None =
            they are not.
        is_reversed: Whether outputs below `margin` mean yes instead.
        ignored: Sparse: the class whose labels do not count; None = all count.
    """

    kind: str
    threshold: float = 0.5
    logits: bool = False
    ignored: int | None = None
    as_labels: bool = False
    probabilities: bool = False
    margin: float | None = None
    is_reversed: bool = False

    def error(self, labels: Any, predictions: Any, counting: Any = None) -> float:
        """Share of wrong predictions in %, 0-100; with several labels per image, of all labels.

        Args:
            labels: Shape (n, ...), encoded as `kind` states.
            predictions: The model's output, shape (n, ..., k).
            counting: Which rows (n,) or positions (n, ...) count; None = all.

        Returns:
            NaN if a prediction is not finite, or no label counts.
        """
        labels, predictions = np.asarray(labels), np.asarray(predictions, float)
        if not np.isfinite(predictions).all():
            return math.nan
        if self.kind in ("sparse", "categorical"):
            predicted = predictions.argmax(-1)
            true = labels.argmax(-1) if self.kind == "categorical" else labels
            true = true.reshape(predicted.shape)
            wrong = predicted != true
            counts = spread(counting, wrong.shape)
            if self.kind == "categorical":
                counts = counts & labels.any(-1)  # others are the padding of short sequences
            elif self.ignored is not None:
                counts = counts & (true != self.ignored)
        else:
            predicted = (predictions > self._cut(predictions)) != self.is_reversed
            wrong = predicted != (labels.reshape(predictions.shape) > self.threshold)
            counts = spread(counting, wrong.shape)
        wrong = wrong[counts]
        return float(100.0 * int(np.sum(wrong)) / wrong.size) if wrong.size else math.nan

    def _cut(self, predictions: NDArray[Any]) -> float:
        """The output above which a prediction means yes."""
        if self.margin is not None:
            return self.margin
        if self.as_labels:
            return self.threshold
        if self.probabilities:
            return 0.5
        not_probabilities = predictions.min() < 0 or predictions.max() > 1
        return 0.0 if self.logits or not_probabilities else 0.5


def scoring_of(
    labels: NDArray[Any], output: tuple[int, ...], loss: Any, name: str = "y_train"
) -> Scoring:
    """Determines how to score a network.

    Args:
        labels: Labels of the training set, shape (n, ...).
        output: Shape of the model's output without the batch: (..., k).
        loss: The loss that the model was compiled with: a name, a function or a
            `keras.losses.Loss`.
        name: What messages call the labels.

    Raises:
        NetworkError: The labels are not classes (regression), or do not fit the output.
    """
    values = _finite(labels, name)
    if not output:
        output = (1,)
    loss = single(loss)  # `compile` takes it in a list or dictionary too
    if (axis := loss_kinds.class_axis(loss)) not in (-1, len(output)):
        raise NetworkError(
            f"the loss has the classes on axis {axis} of outputs of shape {('n', *output)}; "
            "expected them on the last axis, for the error in %; --optimize val_loss needs no error"
        )
    if output[-1] == 1:
        return _one_output(values, output, loss, name)
    if values.shape[1:] == output:
        _refuse_loss(loss, OF_NUMBERS, f"{name}: got one-hot rows", OF_ROWS[0])
        return _label_rows(values, loss, name)
    per_label = output[:-1]
    if values.shape[1:] in (per_label, (*per_label, 1)):
        ignored = ignored_class(loss)
        if ignored is None:
            ignored = own_padding.left_out(loss, values, output[-1])
        scoring = _class_numbers(values, output[-1], name, ignored)
        _refuse_loss(loss, OF_ROWS, f"{name}: got class numbers", OF_NUMBERS[0])
        if embedding_losses.compares_rows(loss, values, output[-1], ignored):
            raise NetworkError(
                f"the loss compares the outputs of images with each other, as a triplet loss does, "
                f"so that the {output[-1]} outputs are no classes, which the error in % needs; "
                "expected --optimize val_loss, or a function evaluate(model)"
            )
        return scoring
    raise NetworkError(
        f"{name}: got shape {labels.shape} for a model with output {('n', *output)}; {_EXPECTED}"
    )


def _refuse_loss(loss: Any, losses: tuple[str, str], got: str, other: str) -> None:
    """Refuses a loss that cannot read the labels, which Keras says in terms of tensors' ranks.

    Raises:
        NetworkError: It is one of these losses.
    """
    if loss_kinds.name(loss) in losses:
        raise NetworkError(
            f"{got}, which the loss {losses[0]} does not take; expected the loss {other}"
        )


def check_same_encoding(
    labels: NDArray[Any],
    name: str,
    train: NDArray[Any],
    classes: int,
    train_name: str = "y_train",
    ignored: int | None = None,
) -> None:
    """Checks that labels use the same encoding as the training labels.

    Args:
        labels: Shape (n, ...).
        name: Their name in messages.
        train: Labels of the training set, which `scoring_of` has accepted.
        classes: Number of the model's outputs.
        train_name: What messages call the labels of the training set.
        ignored: The class that the loss ignores; None = none.

    Raises:
        NetworkError: They have another shape, or values that do not fit the output.
    """
    values = _finite(labels, name)
    if _label_shape(labels) != _label_shape(train):
        raise NetworkError(
            f"{name}: got shape {labels.shape}, but {train_name} has shape {train.shape}; "
            "expected class numbers in both, or one-hot rows in both"
        )
    if classes > 1 and not _label_shape(train):
        _class_numbers(values, classes, name, ignored)


def _label_shape(labels: NDArray[Any]) -> tuple[int, ...]:
    """The shape of one label; (n, 1) means the same as (n,)."""
    shape = labels.shape[1:]
    return shape[:-1] if shape[-1:] == (1,) else shape


def _finite(labels: NDArray[Any], name: str) -> NDArray[Any]:
    if labels.dtype.kind not in "biuf":
        raise NetworkError(f"{name}: got {labels.dtype} values; {_EXPECTED}")
    values = labels.astype(float) if labels.dtype.kind != "f" else labels
    if not np.isfinite(values).all():
        raise NetworkError(f"{name}: got NaN or infinity; {_EXPECTED}")
    return values


def _yes_or_no(kind: str, distinct: NDArray[Any], loss: Any) -> Scoring:
    """Scoring of outputs each of which means yes or no: the loss says from which value on.

    Args:
        kind: `binary` or `multilabel`.
        distinct: The one or two values of the labels, in ascending order.
        loss: The loss.
    """
    low, high = map(float, distinct) if len(distinct) == 2 else (0.0, 1.0)
    middle = (low + high) / 2
    distances = loss_kinds.contrast(loss, low, high)
    if distances is not None:
        margin, is_reversed = distances
        return Scoring(kind, middle, margin=margin, is_reversed=is_reversed)
    logits = loss_kinds.takes_logits(loss, low, high)
    probabilities = (low, high) == (0, 1) and loss_kinds.takes_probabilities(loss)
    as_labels = loss_kinds.is_distance(loss)
    return Scoring(kind, middle, logits, as_labels=as_labels, probabilities=probabilities)


def _one_output(values: NDArray[Any], output: tuple[int, ...], loss: Any, name: str) -> Scoring:
    if values.shape[1:] not in (output, output[:-1]):
        raise NetworkError(
            f"{name}: got shape {values.shape} for a model with one output; {_EXPECTED}"
        )
    distinct = np.unique(values)
    if len(distinct) > 2:
        if not np.array_equal(distinct, np.round(distinct)):
            raise _regression(name)
        raise NetworkError(
            f"{name}: got {len(distinct)} classes for a model with one output; "
            f"expected {len(distinct)} outputs; {_REGRESSION}"
        )
    return _yes_or_no("binary", distinct, loss)


def _label_rows(values: NDArray[Any], loss: Any, name: str) -> Scoring:
    """Scoring for labels of the same shape as the output."""
    sums = values.sum(-1)
    if not sums.all() and loss_kinds.leaves_out_zeros(loss, values.shape[-1]):
        sums = sums[values.any(-1)]
    if len(sums) and np.allclose(sums, 1, atol=1e-3) and values.min() >= 0:
        return Scoring("categorical")
    distinct = np.unique(values)
    if len(distinct) == 2:
        return _yes_or_no("multilabel", distinct, loss)
    raise _regression(name)


def _class_numbers(values: NDArray[Any], classes: int, name: str, ignored: int | None) -> Scoring:
    if not np.array_equal(values, np.round(values)):
        raise _regression(name)
    counting = values if ignored is None else values[values != ignored]
    for label in (counting.min(), counting.max()) if counting.size else ():
        if not 0 <= label < classes:
            raise NetworkError(
                f"{name}: got the label {label:g}; expected 0..{classes - 1}, because the model "
                f"has {classes} outputs"
            )
    return Scoring("sparse", ignored=ignored)


def _regression(name: str) -> NetworkError:
    return NetworkError(f"{name}: got real numbers (regression); {_EXPECTED}; {_REGRESSION}")


def sampling_error(error: float, images: int) -> float:
    """Standard error (binomial) of a classification error in % that was measured on `images`."""
    return math.sqrt(max(error * (100 - error), 0.0) / images) if images else math.nan
