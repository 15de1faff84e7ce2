"""What a loss says about outputs and labels: by its name and options, or by trying it out.

A script's own function, such as `lambda t, p: binary_crossentropy(t, p, from_logits=True)`, has
neither name nor options that tell: it is called with single values.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsearch.keras_runtime import keras
from hwsearch.network.datasets.data import single

#: Losses that read labels as class numbers, or as rows: the function and the class.
OF_NUMBERS = ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy")
OF_ROWS = ("categorical_crossentropy", "CategoricalCrossentropy")
_FOCAL = ("categorical_focal_crossentropy", "CategoricalFocalCrossentropy")
_HINGE = {"hinge", "squared_hinge", "Hinge", "SquaredHinge"}
#: Losses that take probabilities, unless they have `from_logits`.
_PROBABILITIES = {
    *("binary_crossentropy", "BinaryCrossentropy", "bce", "BCE"),
    *("binary_focal_crossentropy", "BinaryFocalCrossentropy"),
}
#: A distance beyond every margin that is usual.
_FAR = 64.0
#: Losses that are least if the output is equal to the label.
_DISTANCES = {
    *("mse", "MSE", "mean_squared_error", "MeanSquaredError"),
    *("mae", "MAE", "mean_absolute_error", "MeanAbsoluteError"),
    *("huber", "Huber", "log_cosh", "logcosh", "LogCosh"),
}


def name(loss: Any) -> str:
    """The name of a loss: its own, or that of its function or class."""
    if isinstance(loss, str):
        return loss
    if isinstance(loss, functools.partial):
        return name(loss.func)
    return str(getattr(loss, "__name__", type(loss).__name__))


def option(loss: Any, key: str) -> Any:
    """An option of a loss, such as `from_logits`; None if it is not known to have it."""
    if isinstance(loss, functools.partial):
        return loss.keywords.get(key)
    return getattr(loss, key, None)


def ignored_class(loss: Any) -> int | None:
    """The class that a loss ignores (`ignore_class=255`); None if it ignores none."""
    found = option(single(loss), "ignore_class")
    return None if found is None else int(found)


def class_axis(loss: Any) -> int:
    """The axis of the outputs on which a loss expects the classes; -1 is the last."""
    known = name(loss) in (*OF_NUMBERS, *OF_ROWS, *_FOCAL)
    found = option(loss, "axis") if known else None
    return found if isinstance(found, int) else -1


def takes_logits(loss: Any, low: float, high: float) -> bool:
    """Whether outputs above 0 mean yes, whatever outputs there are.

    Args:
        loss: The loss, as `compile` takes it.
        low: The label of no.
        high: The label of yes.
    """
    if option(loss, "from_logits") or name(loss) in _HINGE:
        return True
    outputs = (-1.0, 0.0, 0.5)
    yes, no = _tried(loss, high, outputs), _tried(loss, low, [-one for one in outputs])
    if not (yes[0] > yes[1] > yes[2] > 0 and min(no) > 0):
        return False
    # As good for yes as the opposite output is for no, but for a weight of the two.
    shares = [one / other for one, other in zip(yes, no, strict=True)]
    return max(shares) - min(shares) <= 1e-3 * max(shares)


def takes_probabilities(loss: Any) -> bool:
    """Whether a loss takes outputs for probabilities and cuts off what lies outside 0 to 1.

    So outputs above 0.5 mean yes, also those of a network without a sigmoid at its end.
    """
    if name(loss) in _PROBABILITIES:
        return not option(loss, "from_logits")
    outputs = (-5.0, -1.0, 0.25, 0.75, 2.0, 5.0)
    losses = [_tried(loss, 1.0, outputs), _tried(loss, 0.0, [1 - one for one in outputs])]
    return all(
        math.isclose(one[0], one[1], rel_tol=1e-3)
        and one[1] > one[2] > one[3] > one[4] - 1e-6
        and math.isclose(one[4], one[5], rel_tol=1e-3, abs_tol=1e-6)
        for one in losses
    )


def is_distance(loss: Any) -> bool:
    """Whether a loss is least if the output is equal to the label, as `mse` is."""
    if name(loss) in _DISTANCES:
        return True
    at, *around = _tried(loss, 1.0, (1.0, 0.5, 1.5, -1.0, 3.0))
    below, above, far_below, far_above = around
    near = math.isclose(below, above, rel_tol=1e-3) and below > at
    return near and math.isclose(far_below, far_above, rel_tol=1e-3) and far_below > below


def contrast(loss: Any, low: float, high: float) -> tuple[float, bool] | None:
    """How a loss for pairs, such as the contrastive loss, reads an output that is a distance.

    Such a loss wants a distance of 0 for one label, and any distance beyond a margin for the other.

    Args:
        loss: The loss, as `compile` takes it.
        low: The label of no.
        high: The label of yes.

    Returns:
        The distance at which both labels have the same loss, and whether yes is below it; None for
        other losses.
    """
    distances = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, _FAR)
    for near, far in ((low, high), (high, low)):
        rising, falling = (_tried(loss, label, distances) for label in (near, far))
        if not (rising[0] <= 1e-3 * rising[-1] and rising[-1] > 4 * rising[-2] > 0):
            continue
        falls_to_zero = falling[0] > falling[1] and abs(falling[-1]) <= 1e-3 * falling[0]
        if falls_to_zero and _ascends(rising) and _falls(falling):
            return _crossing(loss, near, far), near == high
    return None


def _ascends(values: Sequence[float]) -> bool:
    return all(one < other for one, other in itertools.pairwise(values))


def _falls(values: Sequence[float]) -> bool:
    return all(one >= other for one, other in itertools.pairwise(values))


def _crossing(loss: Any, near: float, far: float) -> float:
    """The distance at which two labels have the same loss."""
    below, above = 0.0, _FAR
    for _ in range(30):
        middle = (below + above) / 2
        if _tried(loss, near, [middle])[0] < _tried(loss, far, [middle])[0]:
            below = middle
        else:
            above = middle
    return (below + above) / 2


def leaves_out_zeros(loss: Any, classes: int) -> bool:
    """Whether rows of labels that are all zero, such as padding, add nothing to a loss."""
    if name(loss) in (*OF_ROWS, *_FOCAL):
        return True
    # Outputs far from 0: near it, a focal loss of yes-or-no labels is nearly 0 too.
    return abs(_tried(loss, 0.0, [0.5], classes)[0]) < 1e-5


def _tried(loss: Any, label: float, outputs: Sequence[float], size: int = 1) -> list[float]:
    """A script's own loss for a label and several outputs; NaN if it is Keras' or fails.

    Args:
        loss: The loss. Its state, such as a count of its calls, is not changed.
        label: The value of all labels.
        outputs: Of one call each: the value of all outputs.
        size: Labels, and outputs, per call; both have shape (1, size).
    """
    pairs = [
        (np.full((1, size), label, "float32"), np.full((1, size), output, "float32"))
        for output in outputs
    ]
    return tried_on(loss, pairs)


def tried_on(loss: Any, pairs: Sequence[tuple[Any, Any]]) -> list[float]:
    """A script's own loss of labels and outputs; NaN if it is Keras' or fails.

    Args:
        loss: The loss. Its state, such as a count of its calls, is not changed.
        pairs: Labels and outputs, of one call each, as arrays of float32.
    """
    if not is_own(loss):
        return [math.nan] * len(pairs)
    found = []
    with _state_kept(loss):
        for pair in pairs:
            try:
                value = loss(*map(keras.ops.convert_to_tensor, pair))
                found.append(float(np.mean(keras.ops.convert_to_numpy(value))))
            except Exception:  # it expects tensors of other shapes
                found.append(math.nan)
    return found


def favouring(numbers: NDArray[Any], classes: int) -> NDArray[Any]:
    """Outputs to try a loss on: probabilities that favour the given classes, shape (n, classes).

    Args:
        numbers: Class numbers, shape (n,).
        classes: Number of outputs.
    """
    found = np.full((len(numbers), classes), 0.1 / (classes - 1), "float32")
    found[np.arange(len(numbers)), numbers] = 0.9
    return found


def is_own(loss: Any) -> bool:
    """Whether a loss is code of the script."""
    module = str(getattr(loss, "__module__", None) or type(loss).__module__)
    return callable(loss) and not isinstance(loss, str) and not module.startswith("keras.")


@contextlib.contextmanager
def _state_kept(loss: Any) -> Iterator[None]:
    """Brings back at the end what a loss remembers: attributes, variables, names around it.

    So a loss that changes with its calls trains a network as it does in the script alone.
    """
    found = getattr(loss, "__dict__", {})
    attributes = found if isinstance(found, dict) else {}  # that of a class cannot be changed
    before = {name: _copied(value) for name, value in attributes.items()}
    cells = []
    for cell in getattr(loss, "__closure__", None) or ():
        with contextlib.suppress(ValueError):  # it is empty
            cells.append((cell, _copied(cell.cell_contents)))
    kept = [*attributes.values(), *(cell.cell_contents for cell, _ in cells)]
    variables = [
        (one, np.array(keras.ops.convert_to_numpy(one))) for one in kept if _is_variable(one)
    ]
    try:
        yield
    finally:
        attributes.clear()
        attributes.update(before)
        for cell, value in cells:
            cell.cell_contents = value
        for variable, value in variables:
            variable.assign(value)


def _is_variable(value: Any) -> bool:
    """Whether it is one of Keras or TensorFlow; a table and an optimiser have an `assign` too."""
    return all(hasattr(value, name) for name in ("assign", "shape", "dtype"))


def _copied(value: Any) -> Any:
    """A list or dictionary that can be changed without the original; anything else as it is."""
    return value.copy() if type(value) in (list, dict) else value
