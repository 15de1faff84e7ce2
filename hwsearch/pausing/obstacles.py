"""Which trainings are never paused, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hwsearch.keras_runtime import keras
from hwsearch.network.fitting.user_callbacks import averages_weights, inner
from hwsearch.network.network import Network
from hwsearch.network.plan import TrainingPlan
from hwsearch.pausing import rate_schedules, streams

_OWN_WAY = (
    "the script trains by itself, in several calls of fit or a function train; expected one call "
    "of fit"
)

_FOLDS = (
    "the script trains one network for each fold of a cross-validation; expected one call of fit "
    "outside of a loop"
)


def obstacle(network: Network) -> str:
    """Why the training of a network is not paused; "" if it can be.

    Some obstacles are only found when the state of a training is to be kept: `CannotPauseError`.
    """
    if network.is_cross_validated:
        return _FOLDS
    if not network.is_by_plan:
        return _OWN_WAY
    plan = network.plan
    return (
        _of_call(plan)
        or _of_model(plan.model)
        or rate_schedules.obstacle(inner(plan.model.optimizer), plan.callbacks)
        or streams.obstacle(plan.get("x"))
        or streams.obstacle(network.validation.x if network.validation else None)
    )


def _of_call(plan: TrainingPlan) -> str:
    """What the call of `fit` asks for that spans epochs."""
    if plan.get("steps_per_epoch") is not None:
        return "steps_per_epoch of fit: an epoch begins in the middle of the data"
    if plan.get("validation_freq", 1) != 1:
        return "validation_freq of fit: not every epoch is validated"
    if plan.get("class_weight") and streams.is_tf_dataset(plan.get("x")):
        return "class_weight of fit with a tf.data.Dataset"
    for callback in plan.callbacks:
        if isinstance(callback, keras.callbacks.BackupAndRestore):
            return "the callback BackupAndRestore, which continues trainings by itself"
    return ""


def _of_model(model: Any) -> str:
    """What the model does at the end of `fit`, or keeps where it is not found."""
    if averages_weights(model.optimizer):
        return "the optimiser's use_ema: the weights are replaced by their mean at the end of fit"
    own = (model.optimizer, inner(model.optimizer))
    for name, value in vars(model).items():
        if name.startswith("_"):  # Keras' and TensorFlow's lists of what the others are
            continue
        for one in _values(value):
            if isinstance(one, keras.optimizers.Optimizer) and all(one is not each for each in own):
                return f"the model has another optimiser, {name}"
    return ""


def _values(value: Any) -> Iterable[Any]:
    """A value, or those in it if it is a container."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else (value,)
