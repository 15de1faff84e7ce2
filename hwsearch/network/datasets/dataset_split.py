"""Takes a validation set from a `tf.data.Dataset` that the script validates on nothing else than.

Every m-th batch is held out. That works if each reading gives the same batches: a data set that is
shuffled anew at each reading, or repeated, would bring held-out rows back into the training.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network import randomness
from hwsearch.network.datasets.data import LEAST_VALIDATION, as_array
from hwsearch.network.datasets.held_out import HeldOut, is_endless
from hwsearch.network.errors import NetworkError, explained, kind
from hwsearch.network.plan import TrainingPlan

#: Batches that are read twice, to see whether they are the same.
_COMPARED = 32
_WANTED = (
    "without validation_data, on which the search compares networks; expected fit(..., "
    "validation_data=...) of rows that are not in the training data"
)


def split(plan: TrainingPlan, share: float | None) -> tuple[TrainingPlan, HeldOut, str]:
    """The training on the other batches, the held-out batches, and where they are from in words.

    Args:
        plan: A call of `fit` that gets a stream of batches.
        share: Share of the batches to take; None = a tenth, but at least `LEAST_VALIDATION` rows
            or a quarter.

    Raises:
        NetworkError: The stream is no data set that can be split; says what to write instead.
    """
    x, name = plan.get("x"), plan.named("x")
    wanted = _WANTED if share is None else f"that --validation_split {share:g} could split"
    if not all(hasattr(x, method) for method in ("cardinality", "shard", "enumerate")):
        remedy = _WANTED.partition("; ")[2]
        raise NetworkError(
            f"{name}: got {kind(x)} {wanted}{'' if share is None else f'; {remedy}'}"
        )
    if is_endless(x):
        raise NetworkError(
            f"{name}: got an endless tf.data.Dataset {wanted}, such as a part that is taken from "
            "it before .repeat()"
        )
    with randomness.unchanged(plan.model):
        try:
            count, rows = _size(x)
            is_fixed = _first_bytes(x) == _first_bytes(x)
        except Exception as error:
            raise NetworkError(f"reading {name} failed: {explained(error)}") from error
    if count < 2:
        raise NetworkError(f"{name}: got a tf.data.Dataset of {count} batches {wanted}")
    if not is_fixed:
        raise NetworkError(
            f"{name}: got a tf.data.Dataset that gives other batches each time {wanted}, or "
            "shuffle(..., reshuffle_each_iteration=False) and augmentation by layers of the model, "
            "so that a part can be held out"
        )
    every = math.ceil(count / _held_out(count, rows, share))
    held_out = count // every
    others = x.enumerate().filter(lambda i, _: i % every != every - 1).map(lambda _, batch: batch)
    validation = _of_size(x.shard(every, every - 1), held_out)
    arguments = plan.arguments | {"x": _of_size(others, count - held_out)}
    steps = plan.get("steps_per_epoch")
    if steps is not None:
        arguments["steps_per_epoch"] = min(int(steps), count - held_out)
    text = f"{held_out} of {count} batches of x, taken at regular intervals"
    part = f"a part of {name}"
    reduced = replace(plan, arguments=arguments)
    return reduced, HeldOut(validation, names=(part, part, part)), text


def _of_size(x: Any, count: int) -> Any:
    """The same data set, so that Keras knows when an epoch ends."""
    import tensorflow as tf  # noqa: PLC0415 - the data set is of it

    return x.apply(tf.data.experimental.assert_cardinality(count))


def _held_out(count: int, rows: int, share: float | None) -> int:
    """How many batches to hold out."""
    if share is not None:
        return min(max(round(count * share), 1), count // 2)
    least = min(math.ceil(LEAST_VALIDATION / max(rows, 1)), count // 4)
    return max(count // 10, least, 1)


def _size(x: Any) -> tuple[int, int]:
    """The number of batches, and the rows of the first one."""
    first = next((keras.tree.flatten(batch)[0] for batch in x.take(1)), None)
    if first is None:
        return 0, 0
    count = int(x.cardinality())
    return (sum(1 for _ in x) if count < 0 else count), int(first.shape[0])


def _first_bytes(x: Any) -> list[bytes]:
    return [part for batch in itertools.islice(x, _COMPARED) for part in _bytes(batch)]


def _bytes(batch: Any) -> Iterator[bytes]:
    for part in keras.tree.flatten(batch):
        array = as_array(part)
        yield repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
