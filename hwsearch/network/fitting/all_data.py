"""Training on the validation set too, once nothing is compared any more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.network.datasets.data import as_array
from hwsearch.network.datasets.held_out import HeldOut, is_stream
from hwsearch.network.errors import NetworkError, kind
from hwsearch.network.plan import TrainingPlan


def with_validation_set(plan: TrainingPlan, validation: HeldOut) -> TrainingPlan:
    """The same training on all data, without validation.

    Args:
        plan: The call of `fit`.
        validation: What it validates on.

    Raises:
        NetworkError: The data are not arrays, or only one part of them has weights.
    """
    arguments = {
        name: value for name, value in plan.arguments.items() if not name.startswith("validation_")
    }
    if plan.validation_split:  # which `fit` itself holds out
        return replace(plan, arguments=arguments)
    parts = {
        "x": (plan.get("x"), validation.x),
        "y": (plan.get("y"), validation.y),
        "sample_weight": (plan.get("sample_weight"), validation.sample_weight),
    }
    for value in parts["x"]:
        if is_stream(value):
            raise NetworkError(
                f"--all_data: fit gets {kind(value)}; expected arrays, to which the validation set "
                "can be added"
            )
    if (parts["sample_weight"][0] is None) != (parts["sample_weight"][1] is None):
        raise NetworkError(
            "--all_data: only one of training set and validation set has weights; expected both"
        )
    given = {name: _joined(*pair) for name, pair in parts.items() if pair[0] is not None}
    return replace(plan, arguments=arguments | given)


def with_judged_rows(
    plan: TrainingPlan, judged: HeldOut, validation: HeldOut | None
) -> tuple[TrainingPlan, HeldOut | None]:
    """The training of a fold on the rows that it is judged on too.

    Args:
        plan: Its call of `fit`.
        judged: These rows.
        validation: What `fit` compares epochs on.

    Returns:
        The training without validation, and the validation set if it is not in it yet.

    Raises:
        NetworkError: As for `with_validation_set`.
    """
    arguments = {
        name: value for name, value in plan.arguments.items() if not name.startswith("validation_")
    }
    joined = with_validation_set(replace(plan, arguments=arguments), judged)
    return joined, None if plan.validation_split else validation


def _joined(one: Any, other: Any) -> Any:
    try:
        return keras.tree.map_structure(
            lambda *arrays: np.concatenate([as_array(array) for array in arrays]), one, other
        )
    except (TypeError, ValueError) as error:
        raise NetworkError(
            f"--all_data: training set and validation set do not fit together: {error}"
        ) from error
