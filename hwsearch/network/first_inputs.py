"""What a model that is trained by a call of `fit` is run on first, and then measured on."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network import checks, randomness
from hwsearch.network.datasets import data
from hwsearch.network.datasets.held_out import HeldOut, is_read_once, is_stream
from hwsearch.network.errors import NetworkError
from hwsearch.network.own_functions import batch_size_in, inputs_for
from hwsearch.network.own_methods import are_of_keras
from hwsearch.network.plan import TrainingPlan

_NO_INPUTS = (
    "if the network cannot take the batches of the script's own train_step, define the functions "
    "train(model, epochs), which calls fit, and evaluate(model), without calling them"
)


def tried(model: Any, held: HeldOut) -> tuple[Any, Any]:
    """Runs a model on the inputs of some rows.

    A class with a `train_step` of its own may take all that its batches contain, such as the
    anchors, positives and negatives of a triplet loss, and not what Keras takes for the inputs.

    Args:
        model: The model.
        held: What it is validated on.

    Returns:
        The inputs as arrays; the shape of the output, as `checks.try_forward` gives it.

    Raises:
        NetworkError: There are none, or the model fails on them.
    """
    inputs = held.sample(model)
    try:
        return inputs, checks.try_forward(model, inputs, held.names[0])
    except NetworkError as error:
        if are_of_keras(model, "train_step") or not is_stream(held.x):
            raise
        whole = _whole_batch(model, held)
        if whole is not None:
            with contextlib.suppress(NetworkError):
                return whole, checks.try_forward(model, whole, held.names[0])
        raise NetworkError(f"{error}; {_NO_INPUTS}") from error


def of_call(
    plan: TrainingPlan, validation: HeldOut | None, names: Mapping[str, Any]
) -> tuple[Any, Any, int]:
    """Runs the model of a call of `fit` on its validation set; without one, on its training data.

    A generator that it is trained on is not read, since `fit` would miss the batch: the inputs are
    rows of the script or zeros then.

    Args:
        plan: The call.
        validation: The validation set; None if there is none.
        names: What the script has defined.

    Returns:
        As `tried`, and the number of rows per batch.

    Raises:
        NetworkError: There are no inputs, or the model fails on them.
    """
    x, name = plan.get("x"), plan.named("x")
    if validation is None and is_read_once(x):
        inputs = inputs_for(plan.model, names)
        return inputs, checks.try_forward(plan.model, inputs, "the data"), batch_size_in(names)
    held = HeldOut(x, names=(name, name, name)) if validation is None else validation
    inputs, output = tried(plan.model, held)
    return inputs, output, data.length(inputs) if is_stream(x) else plan.batch_size


def _whole_batch(model: Any, held: HeldOut) -> Any:
    """All arrays of the first batch of a stream; None if it is one array, or lacks a part."""
    with randomness.unchanged(model):
        batch = next(iter(held.raw_batches()), None)
    if not isinstance(batch, tuple | list) or any(part is None for part in batch):
        return None
    return keras.tree.map_structure(data.as_array, batch)
