"""The numbers of a model and its optimiser.

They are its weights, the states of its generators and of its stateful layers, slots of the
optimiser, and the learning rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.network import randomness


def variables(model: Any) -> list[Any]:
    """All variables that a training changes, in the same order in each run of a script.

    Those of metrics are left out: each epoch begins with new ones.
    """
    metrics = {id(one) for metric in model.metrics for one in metric.variables}
    found = [one for one in model.variables if id(one) not in metrics]
    return [*found, *randomness.recurrent_states(model), *model.optimizer.variables]


def values(model: Any) -> list[Any]:
    """The values of all variables, as arrays of their own."""
    return [np.array(keras.ops.convert_to_numpy(one)) for one in variables(model)]


def fits(model: Any, arrays: Sequence[Any]) -> bool:
    """Whether arrays have the shapes of the model's variables.

    The optimiser makes its variables here if it has none: some backends do so at the first step.
    """
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    own = variables(model)
    return len(own) == len(arrays) and all(
        tuple(one.shape) == array.shape for one, array in zip(own, arrays, strict=True)
    )


def assign(model: Any, arrays: Sequence[Any]) -> None:
    """Gives the variables the values."""
    for one, array in zip(variables(model), arrays, strict=True):
        one.assign(array)
