"""Variables that a training changes and that are not the model's.

A callback may keep a mean of the weights in another model, or sums in a metric. A loss may change
the weight of one of its terms, and a script may have a variable that a callback raises.
"""

from __future__ import annotations

import hashlib
import sys
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.pausing.errors import CannotPauseError

#: Objects of Keras that hold variables.
_HOLDERS = (keras.layers.Layer, keras.optimizers.Optimizer, keras.metrics.Metric)
#: What a run of the script makes again.
_MADE_AGAIN = (
    *_HOLDERS,
    types.MethodType,
    types.ModuleType,
    keras.losses.Loss,
    keras.random.SeedGenerator,
)
#: Containers in containers that are looked into.
_DEPTH = 3


def is_variable(value: Any) -> bool:
    """Whether a value is a variable of Keras or TensorFlow."""
    if isinstance(value, keras.Variable):
        return True
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and isinstance(value, tensorflow.Variable)


def is_made_again(value: Any, depth: int = _DEPTH) -> bool:
    """Whether each run of a script makes a value again, but for the values of variables in it.

    Args:
        value: An attribute, or a container of such values.
        depth: Containers in containers that are looked into.
    """
    parts = _parts(value)
    if parts is not None:
        return depth > 0 and bool(parts) and all(is_made_again(one, depth - 1) for one in parts)
    return is_variable(value) or isinstance(value, _MADE_AGAIN)


def _parts(value: Any) -> Sequence[Any] | None:
    """The values in a container; None if it is none."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list | tuple) else None


def _variables_in(value: Any) -> list[Any]:
    """The variables in a value that is made again."""
    parts = _parts(value)
    if parts is None and isinstance(value, keras.losses.Loss):
        parts = [one for one in vars(value).values() if is_made_again(one)]
    if parts is not None:
        return [found for one in parts for found in _variables_in(one)]
    if isinstance(value, keras.random.SeedGenerator):
        return [value.state]
    if isinstance(value, _HOLDERS):
        return list(value.variables)
    return [value] if is_variable(value) else []


def _of_model(model: Any) -> list[Any]:
    """The variables of a model, of its metrics and of its optimiser."""
    metrics = [one for metric in model.metrics for one in metric.variables]
    return [*model.variables, *metrics, *model.optimizer.variables]


def losses_of(model: Any) -> list[Any]:
    """The loss objects that a model is compiled with."""
    return [one for one in keras.tree.flatten(model.loss) if isinstance(one, keras.losses.Loss)]


@dataclass(slots=True)
class OwnVariables:
    """The variables in the attributes of an object, without those of the model.

    Args:
        owner: A callback, data set or loss, or the script's module.
        model: Its variables, those of its metrics and of its optimiser are left out.
    """

    owner: Any
    model: Any
    _before: dict[str, tuple[list[Any], bytes]] = field(init=False)

    def __post_init__(self) -> None:
        self._before = {name: (found, _digest(found)) for name, found in self._own().items()}

    def _own(self) -> dict[str, list[Any]]:
        """The variables now, by attribute."""
        known = {id(one) for one in _of_model(self.model)}
        own = {}
        for name, value in vars(self.owner).items():
            if not is_made_again(value):
                continue
            found = [one for one in _variables_in(value) if id(one) not in known]
            if found:
                own[name] = found
        return own

    def changed(self) -> dict[str, list[Any]]:
        """The values of the variables in each attribute in which one has changed since `init`.

        Raises:
            CannotPauseError: There are variables that were not there then: a run of the script has
                none that could take their values.
        """
        values = {}
        for name, found in self._own().items():
            before, digest = self._before.get(name, ([], b""))
            if [id(one) for one in found] != [id(one) for one in before]:
                raise CannotPauseError(f"{self._name(name)} gets its variables during the training")
            if _digest(found) != digest:
                values[name] = [_array(one) for one in found]
        return values

    def _name(self, attribute: str) -> str:
        if isinstance(self.owner, types.ModuleType):
            return attribute
        return f"{type(self.owner).__name__}.{attribute}"

    def fits(self, changed: Mapping[str, Sequence[Any]]) -> bool:
        """Whether there are variables for all values that `changed` gave."""
        own = self._own()
        return all(
            [tuple(one.shape) for one in own.get(name, [])] == [array.shape for array in arrays]
            for name, arrays in changed.items()
        )

    def restore(self, changed: Mapping[str, Sequence[Any]]) -> None:
        """Gives the variables the values that `changed` gave, which fit."""
        own = self._own()
        for name, arrays in changed.items():
            for one, array in zip(own[name], arrays, strict=True):
                one.assign(array)


def _array(variable: Any) -> Any:
    return np.array(keras.ops.convert_to_numpy(variable))


def _digest(variables: Iterable[Any]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for one in variables:
        digest.update(_array(one).tobytes())
    return digest.digest()
