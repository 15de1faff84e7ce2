"""Layers with code of their own: traced by the backend, or counted by what they state."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from hwsearch.counting import tracing, used_weights
from hwsearch.counting.call import Shape
from hwsearch.keras_runtime import keras


@dataclass(frozen=True, slots=True)
class ChildCall:
    """A call of a layer inside another layer, with symbolic arguments."""

    layer: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Traced:
    """One call of a layer or operation.

    Attributes:
        macs: MACs for the whole batch, without those of `children`; None if they are unknown.
        outputs: Symbolic outputs.
        children: The calls of layers directly inside it that are to be counted by themselves.
        unknown: What in its code cannot be counted.
        operations: The layer's class if its code was traced, and what the code does, in words.
        weights: Those that the call uses, by their `id`.
    """

    macs: int | None
    outputs: Any
    children: Sequence[ChildCall] = ()
    unknown: Sequence[str] = ()
    operations: Sequence[str] = ()
    weights: Mapping[int, Any] = field(default_factory=dict)


class StatementError(Exception):
    """What a layer states about its MACs is unusable."""


def declared_macs(layer: Any, inputs: Sequence[Shape]) -> int | None:
    """The MACs that a layer states by its attribute or method `macs`, for the whole batch.

    Args:
        layer: `layer.macs` is a number, or a function of the input's shape (of several shapes if
            there are several inputs; with the batch axis, as `compute_output_shape` gets them).
            The number is per image, and includes the layers inside.
        inputs: Shapes of the input tensors, batch axis first.

    Returns:
        None if the layer states nothing.

    Raises:
        StatementError: It states something else than a whole number of at least 0.
    """
    stated = getattr(layer, "macs", None)
    if stated is None:
        return None
    value = stated(*inputs) if callable(stated) else stated
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not (number >= 0 and number.is_integer()):
        raise StatementError(f"macs is {value!r}; expected a whole number of at least 0, per image")
    batch = inputs[0][0] if inputs and inputs[0] else 1
    return int(number) * int(batch or 1)


def trace(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Traced:
    """Traces the code of a layer or operation with symbolic tensors, as in inference."""
    kwargs = _in_inference(layer, args, kwargs)
    tracer = tracing.tracer()
    calls: list[ChildCall] = []

    def own(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(*its_args: Any, **its_kwargs: Any) -> Any:
            calls.clear()  # a backend may trace twice
            if tracer is None:
                return original(*its_args, **its_kwargs)
            return tracer.own(original, *its_args, **its_kwargs)

        return call

    def recording(child: Any) -> Callable[..., Any]:
        original = child.call

        @functools.wraps(original)
        def call(*its_args: Any, **its_kwargs: Any) -> Any:
            symbols = keras.tree.map_structure(_symbolic, (its_args, its_kwargs))
            calls.append(ChildCall(child, *symbols))
            if tracer is None:
                return original(*its_args, **its_kwargs)
            return tracer.apart(original, *its_args, **its_kwargs)

        return call

    replacements = {child: recording(child) for child in _children(layer)}
    with used_weights.reads() as read, _replaced({layer: own(layer.call), **replacements}):
        # Keras would not trace a layer that defines `compute_output_shape`; `Operation` does.
        outputs = keras.Operation.compute_output_spec(layer, *args, **kwargs)
    if not _known(outputs):
        with suppress(Exception):  # what the layer says may be more than what its code shows
            outputs = layer.compute_output_spec(*args, **kwargs)
    kind = type(layer).__name__
    weights = used_weights.own(layer) | read
    if tracer is None:
        unknown: tuple[str, ...] = (f"no tracer for {keras.backend.backend()}",)
        return Traced(None, outputs, calls, unknown, (kind,), weights)
    unknown = tuple(dict.fromkeys(tracer.unknown))
    macs = None if unknown else tracer.macs
    return Traced(macs, outputs, calls, unknown, (kind, *tracer.operations), weights)


def operations_of(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Sequence[str]:
    """What the code of a layer does, without the layers inside; () if it cannot be traced."""
    with suppress(Exception):
        return trace(layer, args, kwargs).operations
    return ()


def of_activations(layer: Any, outputs: Any) -> list[str]:
    """What the activation functions of a layer do that are no functions of Keras'.

    They may be functions, methods, a `functools.partial` or other objects that can be called.

    Args:
        layer: One of Keras' layers.
        outputs: Its symbolic output, which has the shape of what the functions get.

    Returns:
        In words, as `operations_of`; [] for Keras' own functions and layers.
    """
    found: list[str] = []
    for key in ("activation", "recurrent_activation"):
        function = getattr(layer, key, None)
        module = str(getattr(function, "__module__", ""))
        if callable(function) and not module.startswith("keras."):
            first = next(iter(keras.tree.flatten(outputs)), None)
            is_layer = isinstance(function, keras.Layer)
            code = function if is_layer else keras.layers.Lambda(function)
            found += operations_of(code, (first,), {})
    return found


def _in_inference(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keywords of a call, with `training=False` if the layer takes it and nothing else is said.

    Keras adds it in `Layer.__call__`, which a trace of the layer's own code does not go through.
    """
    if not getattr(layer, "_call_has_training_arg", False):
        return kwargs
    with suppress(TypeError):
        if "training" in inspect.signature(layer.call).bind_partial(*args, **kwargs).arguments:
            return kwargs
    return {**kwargs, "training": False}


def _known(outputs: Any) -> bool:
    """Whether all sizes of symbolic outputs are known."""
    leaves = keras.tree.flatten(outputs)
    return all(None not in getattr(leaf, "shape", ()) for leaf in leaves)


def _children(layer: Any) -> list[Any]:
    """The layers directly inside a layer."""
    if not isinstance(layer, keras.Layer):
        return []
    inside = layer._flatten_layers(include_self=False, recursive=False)
    return [child for child in inside if "call" not in vars(child)]


@contextmanager
def _replaced(calls: dict[Any, Callable[..., Any]]) -> Iterator[None]:
    """Replaces `call` on single layers for a while."""
    had = {layer: vars(layer).get("call") for layer in calls}
    # Not by assignment: Keras tracks what is assigned to a layer's attributes.
    for layer, call in calls.items():
        object.__setattr__(layer, "call", call)
    try:
        yield
    finally:
        for layer, call in had.items():
            if call is None:
                object.__delattr__(layer, "call")
            else:
                object.__setattr__(layer, "call", call)


def _symbolic(leaf: Any) -> Any:
    """A tensor of the backend as a symbolic tensor of the same shape and type."""
    if not hasattr(leaf, "shape") or not hasattr(leaf, "dtype"):
        return leaf
    dtype = keras.backend.standardize_dtype(leaf.dtype)
    return keras.KerasTensor(tuple(leaf.shape), dtype=dtype)
