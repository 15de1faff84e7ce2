"""Keeps random numbers as a script alone would get them, whatever is computed in between.

So are the states of stateful recurrent layers, which each batch changes.
"""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from hwsearch.keras_runtime import keras
from hwsearch.network.replaced import replaced


class State:
    """The states of all generators of random numbers at one moment.

    These are the generators of Python, NumPy and the backend, Keras' own, and those of the model's
    layers, such as dropout's.

    Args:
        model: A built Keras model.
        weights: Whether the model's weights and other variables are kept as well.
    """

    def __init__(self, model: Any, *, weights: bool = False) -> None:
        variables = list(model.variables) if weights else _seeds(model)
        self._variables = [
            (variable, keras.ops.convert_to_numpy(variable.value).copy())
            for variable in [*variables, *recurrent_states(model)]
        ]
        self._steps = [_python(), _numpy(), _keras(), _tensorflow(), _torch()]

    def restore(self) -> None:
        """Brings the states back."""
        for variable, value in self._variables:
            variable.assign(value)
        for step in self._steps:
            step()


@contextlib.contextmanager
def unchanged(model: Any) -> Iterator[None]:
    """Brings the states of all generators back at the end."""
    state = State(model)
    try:
        yield
    finally:
        state.restore()


@contextlib.contextmanager
def draws_undone(model: Any) -> Iterator[None]:
    """Takes back at the end what Keras' generators have drawn, but not that they were made.

    So a model may be built meanwhile: in a script alone, `fit` builds it without a draw of noise,
    as of a `Sampling` layer that draws in inference too.

    Args:
        model: A Keras model, which need not be built.
    """
    before = {id(one): (one, _value(one)) for one in _generators(model)}
    make = keras.random.SeedGenerator.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        # In a trace, it has no value yet.
        first = getattr(self.state, "_initializer", None)
        before[id(self)] = self, _value(self) if first is None else first

    try:
        with replaced(keras.random.SeedGenerator, "__init__", made):
            yield
    finally:
        for one, value in before.values():
            one.state.assign(value((2,), dtype=one.state.dtype) if callable(value) else value)


def _value(generator: Any) -> Any:
    return keras.ops.convert_to_numpy(generator.state.value).copy()


def _generators(model: Any) -> list[Any]:
    """The generators of a model's layers, and Keras' global one if it is there."""
    from keras.src.backend.common import global_state  # noqa: PLC0415 - no public name

    layers = model._flatten_layers() if hasattr(model, "_flatten_layers") else []
    found = [one for layer in layers for one in getattr(layer, "_seed_generators", ())]
    everywhere = global_state.get_global_attribute("global_seed_generator")
    return found if everywhere is None else [*found, everywhere]


def stateful_layers(model: Any) -> list[Any]:
    """The recurrent layers that keep their states from one batch to the next."""
    layers = model._flatten_layers() if hasattr(model, "_flatten_layers") else []
    return [one for one in layers if getattr(one, "stateful", False) and hasattr(one, "states")]


def recurrent_states(model: Any) -> list[Any]:
    """The states of these layers, which Keras does not count among a model's variables."""
    states = keras.tree.flatten([one.states for one in stateful_layers(model)])
    return [one for one in states if hasattr(one, "assign")]


def _seeds(model: Any) -> list[Any]:
    """The variables that are not weights: the states of the layers' generators."""
    weights = {id(variable) for variable in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


def _python() -> Any:
    state = random.getstate()
    return lambda: random.setstate(state)


def _numpy() -> Any:
    state = np.random.get_state()  # noqa: NPY002 - the generator that scripts use
    return lambda: np.random.set_state(state)  # noqa: NPY002


def _keras() -> Any:
    """Keras' global generator, which is made at its first use."""
    from keras.src.backend.common import global_state  # noqa: PLC0415 - no public name

    name = "global_seed_generator"
    generator = global_state.get_global_attribute(name)
    value = None
    if generator is not None:
        value = keras.ops.convert_to_numpy(generator.state.value).copy()

    def restore() -> None:
        global_state.set_global_attribute(name, generator)
        if generator is not None:
            generator.state.assign(value)

    return restore


def _tensorflow() -> Any:
    """The generator of seeds of TensorFlow's operations, `tf.data` included.

    It is used with every backend, but is loaded only with its own or by the script.
    """
    if "tensorflow" not in sys.modules:
        return lambda: None
    from tensorflow.python.eager import context  # noqa: PLC0415 - no public name

    current = context.context()
    generator = getattr(current, "_rng", None)
    if generator is None:
        return lambda: None
    state = generator.getstate()
    return lambda: current._rng.setstate(state)


def _torch() -> Any:
    if "torch" not in sys.modules:
        return lambda: None
    import torch  # noqa: PLC0415 - this backend's alone

    state = torch.get_rng_state()
    devices = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []

    def restore() -> None:
        torch.set_rng_state(state)
        if devices:
            torch.cuda.set_rng_state_all(devices)

    return restore
