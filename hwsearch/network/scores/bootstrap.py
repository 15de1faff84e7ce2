"""Standard errors of what Keras reports of a validation set: how much its rows matter."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.network import randomness
from hwsearch.network.datasets import data
from hwsearch.network.datasets.held_out import HeldOut

#: Samples with replacement: the standard errors are good to about 13 %.
SAMPLES = 30
#: Numbers in the predictions beyond which nothing is computed, since it would take long.
LARGEST = 2_000_000
#: How far what is computed here may be from what Keras has reported, as a share of it.
TOLERANCE = 0.01


def std_errors(model: Any, held: HeldOut, reported: Mapping[str, float]) -> dict[str, float]:
    """Bootstrap standard errors (Efron, 1979) of losses and metrics.

    The model runs once; its losses and metrics are computed again from the predictions of rows
    drawn with replacement. That takes rows for independent, which those of a time series are not.

    Args:
        model: The trained model.
        held: Its validation set.
        reported: What Keras has reported of it, by name without `val_`.

    Returns:
        By name. A name is missing if that is not possible: the model computes the metric in a way
        of its own, or there are too many predictions.
    """
    if not reported or not model.compiled:
        return {}
    try:
        with randomness.unchanged(model):
            values = _read(model, held)
            if values is None:
                return {}
            return _spread(model, values, data.length(values[1]), reported)
    except Exception:  # a model may compute its metrics from more than its predictions
        return {}
    finally:
        model.reset_metrics()


def _read(model: Any, held: HeldOut) -> tuple[Any, Any, Any] | None:
    """Labels, predictions and weights of all rows; None if there are too many predictions."""
    found: list[tuple[Any, Any, Any]] = []
    size = 0
    for one in held.outputs(model):
        size += sum(int(np.size(part)) for part in keras.tree.flatten(one[1]))
        if size > LARGEST:
            return None
        found.append(one)
    labels, predictions, weights = (_joined(parts) for parts in zip(*found, strict=True))
    return labels, predictions, weights


def _joined(parts: Sequence[Any]) -> Any:
    """Structures of arrays, one per batch, as one such structure; None if there are none."""
    if parts[0] is None:
        return None
    return keras.tree.map_structure(
        lambda *arrays: np.concatenate([data.as_array(array) for array in arrays]), *parts
    )


def _spread(
    model: Any, values: tuple[Any, Any, Any], count: int, reported: Mapping[str, float]
) -> dict[str, float]:
    """Standard deviations over the samples, of the names that are computed as Keras did."""
    whole = _computed(model, values, np.arange(count))
    names = [
        name
        for name, value in reported.items()
        if math.isclose(whole.get(name, math.nan), value, rel_tol=TOLERANCE, abs_tol=1e-6)
    ]
    if not names:
        return {}
    generator = np.random.default_rng(0)
    found = [_computed(model, values, generator.integers(0, count, count)) for _ in range(SAMPLES)]
    spread = {name: float(np.std([one[name] for one in found], ddof=1)) for name in names}
    return {name: value for name, value in spread.items() if math.isfinite(value)}


def _computed(model: Any, values: tuple[Any, Any, Any], rows: Any) -> dict[str, float]:
    """Loss and metrics of some rows."""
    y, predictions, weight = (
        None
        if value is None
        else keras.tree.map_structure(
            lambda array: keras.ops.convert_to_tensor(data.rows(data.as_array(array), rows)), value
        )
        for value in values
    )
    model.reset_metrics()
    loss = model.compute_loss(x=None, y=y, y_pred=predictions, sample_weight=weight, training=False)
    found = model.compute_metrics(None, y, predictions, weight)
    return {name: float(value) for name, value in (dict(found) | {"loss": loss}).items()}
