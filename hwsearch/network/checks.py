"""Whether what a script defines fits together."""

from __future__ import annotations

import os
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network import randomness
from hwsearch.network.datasets import data
from hwsearch.network.datasets.held_out import HeldOut, is_stream
from hwsearch.network.errors import NetworkError, explained
from hwsearch.network.scores.scoring import Scoring, check_same_encoding, scoring_of

_INSTEAD = (
    "expected a loss or metric that the model reports instead of error, such as --optimize val_loss"
)
#: Rows up to which a model that fails on two rows is tried with all of them.
MOST_TRIED = 10_000


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


def refuse_without_call(model: Any) -> None:
    """Refuses a model that trains others, such as the two of a GAN, and cannot be run itself.

    Raises:
        NetworkError: Its class has no method `call`.
    """
    if type(model).call is keras.Model.call:
        name = type(model).__name__
        raise NetworkError(
            f"fit is called on a {name}, a class without a method call(self, inputs), so that no "
            f"network can be measured; expected in {name} a call that runs the network to be used "
            "(and a test_step, if val_loss is wanted), or in the script model = that network, "
            "train(model, epochs), which calls fit, and evaluate(model)"
        )


def try_forward(model: Any, images: Any, name: str) -> Any:
    """Runs the model on two images, or on its fixed batch size, which also builds it.

    Returns:
        The output's shape without the batch; of several outputs, a list of them.

    Raises:
        NetworkError: The model fails.
    """
    try:
        with randomness.draws_undone(model):
            output = model(data.rows(images, slice(0, data.fixed_rows(model) or 2)), training=False)
    except Exception as error:
        shapes = ", ".join(str(("n", *shape)).replace("'", "") for shape in data.row_shapes(images))
        cause = _needs_all_rows(model, images) or explained(error)
        raise NetworkError(f"the model fails on {name} (shape {shapes}): {cause}") from error
    output = data.only(output)
    if not hasattr(output, "shape"):
        return [tuple(map(int, one.shape[1:])) for one in keras.tree.flatten(output)]
    return tuple(int(size) for size in output.shape[1:])


def _needs_all_rows(model: Any, images: Any) -> str:
    """What to write for a model that fails on a few rows but not on all, as graph networks do.

    Images are not tried: a batch of all of them may need more memory than there is.

    Returns:
        "" if it fails on all rows too, or they are too many or too large to try.
    """
    count, shapes = data.length(images), data.row_shapes(images)
    if data.fixed_rows(model) or not 2 < count <= MOST_TRIED or max(map(len, shapes)) > 1:
        return ""
    try:
        model(data.rows(images, slice(None)), training=False)
    except Exception:
        return ""
    inputs = ", ".join(f"keras.Input(batch_shape={(count, *shape)})" for shape in shapes)
    return f"it runs on all {count} rows at once, but not on 2; expected its inputs as {inputs}"


def refuse_without_labels(labels: Any, output: Any) -> None:
    """Refuses labels that the error in % cannot be computed from.

    Args:
        labels: What `fit` gets; None if a stream has no or several labels per row.
        output: As `try_forward` gives it.

    Raises:
        NetworkError: They are no single array.
    """
    _refuse_outputs(output)
    if labels is None:
        raise NetworkError(f"fit gets no labels, which the error in % needs; {_INSTEAD}")
    if keras.tree.is_nested(labels):
        raise NetworkError(
            f"fit gets labels in a {type(labels).__name__}; the error in % needs one array; "
            f"{_INSTEAD}"
        )


def scoring_for(labels: Any, output: Any, model: Any, name: str = "y_train") -> Scoring:
    """How the error in % is computed.

    Args:
        labels: Of the training set.
        output: As `try_forward` gives it.
        model: The model.
        name: What messages call the labels.

    Raises:
        NetworkError: The model has several outputs, or the labels are not classes.
    """
    _refuse_outputs(output)
    with randomness.unchanged(model):  # a loss of the script is tried out
        return scoring_of(labels, output, model.loss, name)


def _refuse_outputs(output: Any) -> None:
    """Refuses several outputs."""
    if not isinstance(output, tuple):
        raise NetworkError(
            f"the model has {len(output)} outputs; the error in % needs exactly one; {_INSTEAD}"
        )


def check_labels(held: HeldOut, labels: Any, output: Any, name: str, ignored: int | None) -> None:
    """Checks that labels of a validation set in arrays are encoded as those of the training set.

    Args:
        held: The validation set.
        labels: Labels of the training set, which `scoring_for` has accepted.
        output: As `try_forward` gives it.
        name: What messages call the labels of the training set.
        ignored: The class that the loss ignores; None = none.

    Raises:
        NetworkError: They are not.
    """
    if is_stream(held.x):
        return
    given = data.only(held.y)
    if given is None or keras.tree.is_nested(given):
        return
    classes = output[-1] if output else 1
    values = data.as_array(given)
    check_same_encoding(values, held.names[1], labels, classes, name, ignored)


def usable_test_set(
    test: HeldOut | None, labels: Any, model: Any, output: Any, name: str, ignored: int | None
) -> str:
    """Why a test set that nobody asked for cannot be used; "" if it can.

    Of a stream, only the first batch is read.

    Args:
        test: The test set, if there is one.
        labels: Labels of the training set.
        model: The model.
        output: Shape of its output.
        name: What messages call the labels of the training set.
        ignored: The class that the loss ignores; None = none.
    """
    if test is None:
        return ""
    batch = data.fixed_rows(model)
    if batch and test.count and test.count % batch:
        return f"{test.names[0]} has {test.count} rows, and the model takes {batch} at a time"
    try:
        test.check()
        x, y = test.first_batch(model)
        if data.only(y) is None or keras.tree.is_nested(data.only(y)):
            return f"{test.names[1]} are not one array"
        values = data.as_array(data.only(y))
        if not values.ndim:
            return f"{test.names[0]} yields rows, not batches; expected {test.names[0]}.batch(32)"
        try_forward(model, x, test.names[0])
        classes = output[-1] if output else 1
        check_same_encoding(values, test.names[1], labels, classes, name, ignored)
    except NetworkError as error:
        return str(error)
    return ""


def threshold_note(model: Any, output: Any) -> str:
    """A warning if Keras' accuracy takes logits for probabilities; "" if it does not.

    Args:
        model: A compiled model.
        output: Shape of its output, as `try_forward` gives it.
    """
    binary = keras.losses.BinaryCrossentropy, keras.losses.BinaryFocalCrossentropy
    loss = data.single(model.loss)
    is_logit = isinstance(loss, binary) and loss.from_logits
    if not is_logit or not isinstance(output, tuple) or output[-1:] != (1,):
        return ""
    given = keras.tree.flatten(getattr(model._compile_metrics, "_user_metrics", None) or [])
    for one in given:
        by_name = isinstance(one, str) and one in {"acc", "accuracy", "binary_accuracy"}
        if by_name or (isinstance(one, keras.metrics.BinaryAccuracy) and one.threshold == 0.5):
            name = one if by_name else one.name
            return (
                f"{name} is misleading: Keras counts outputs above 0.5 as yes, but the outputs are "
                "logits (from_logits=True), where yes begins at 0, as in the error; expected "
                f"keras.metrics.BinaryAccuracy(threshold=0, name={name!r})"
            )
    return ""
