"""Whether what a script defines fits together."""

from __future__ import annotations

import os
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network import data
from hwsearch.network.errors import NetworkError, explained
from hwsearch.network.held_out import HeldOut
from hwsearch.network.scoring import Scoring, check_same_encoding, scoring_of


def check_backend() -> None:
    """Checks that Keras runs on the backend that the script asks for.

    Raises:
        NetworkError: It does not.
    """
    wanted, actual = os.environ.get("KERAS_BACKEND"), keras.backend.backend()
    if wanted and wanted != actual:
        raise NetworkError(
            f"the script sets KERAS_BACKEND={wanted}, but Keras already runs on {actual}; "
            f"set it before the start: KERAS_BACKEND={wanted} ./run_tool.sh"
        )


def try_forward(model: Any, images: Any, name: str) -> Any:
    """Runs the model on two images, or on its fixed batch size, which also builds it.

    Returns:
        The output's shape without the batch; of several outputs, a list of them.

    Raises:
        NetworkError: The model fails.
    """
    try:
        output = model(data.rows(images, slice(0, _fixed_rows(model) or 2)), training=False)
    except Exception as error:
        shapes = ", ".join(str(("n", *shape)).replace("'", "") for shape in data.row_shapes(images))
        raise NetworkError(
            f"the model fails on {name} (shape {shapes}): {explained(error)}"
        ) from error
    if not hasattr(output, "shape"):
        return [tuple(map(int, one.shape[1:])) for one in keras.tree.flatten(output)]
    return tuple(int(size) for size in output.shape[1:])


def _fixed_rows(model: Any) -> int | None:
    """The batch size that a model insists on, such as a stateful recurrent one; None = any."""
    for tensor in getattr(model, "inputs", None) or ():
        if tensor.shape and tensor.shape[0]:
            return int(tensor.shape[0])
    return None


def scoring_for(labels: Any, output: Any, model: Any) -> Scoring:
    """How the error in % is computed.

    Raises:
        NetworkError: The model has several outputs, or the labels are not classes.
    """
    if not isinstance(output, tuple):
        raise NetworkError("the model has several outputs; the error in % needs exactly one")
    return scoring_of(labels, output, model.loss)


def usable_test_set(test: HeldOut | None, labels: Any, model: Any, output: Any) -> str:
    """Why a test set that nobody asked for cannot be used; "" if it can.

    Args:
        test: The test set, if there is one.
        labels: Labels of the training set.
        model: The model.
        output: Shape of its output.
    """
    if test is None:
        return ""
    try:
        test.refuse_not_finite("x_test and y_test")
        try_forward(model, test.sample(model), "x_test")
        check_same_encoding(data.as_array(test.y), "y_test", labels, output[-1] if output else 1)
    except NetworkError as error:
        return str(error)
    return ""
