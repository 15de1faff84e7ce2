"""A walk through a Keras model, call by call, with symbolic tensors: nothing is executed.

A layer that is called twice is counted twice, nested models are walked through, and all shapes are
those of the call at hand. The multiply-accumulates (MACs) of a call come from the rules in
`hwsearch.counting.mac_rules`. Layers without a rule are traced, so that the layers that they call
are still counted.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hwsearch.counting.activations import Activations
from hwsearch.counting.call import Call, Rule, Shape, UncountableError
from hwsearch.counting.mac_rules import is_view, of_keras, rule_of
from hwsearch.errors import UserError
from hwsearch.keras_runtime import keras


class CountError(UserError):
    """A model that cannot be counted; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class LayerCount:
    """One call of one layer.

    Attributes:
        name: The layer's name.
        kind: The name of its class.
        output: Shape of its (first) output without the batch axis.
        macs: MACs of this call per image; None if they cannot be counted.
    """

    name: str
    kind: str
    output: tuple[int | None, ...]
    macs: int | None


@dataclass(frozen=True, slots=True)
class _ChildCall:
    """A call of a layer inside another layer, with symbolic arguments."""

    layer: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class Walk:
    """Follows symbolic tensors through a model and records every call.

    Attributes:
        layers: One record per call, in the order of execution; MACs of the whole batch.
        uncounted: `name (Class)` of each call whose MACs are unknown.
        activations: Memory of the tensors.
    """

    def __init__(self) -> None:
        self.layers: list[LayerCount] = []
        self.uncounted: list[str] = []
        self.activations = Activations()

    @property
    def macs(self) -> int:
        """MACs of all calls that could be counted, for the whole batch."""
        return sum(layer.macs or 0 for layer in self.layers)

    def call(self, layer: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls a layer, model or operation on symbolic tensors.

        Returns:
            Its symbolic outputs.

        Raises:
            CountError: The shape of its output cannot be determined.
        """
        graph = graph_of(layer)
        if graph is not None:
            inputs = symbolic_tensors((args, kwargs))
            for tensor in inputs:
                self.activations.allocate(tensor)
            return graph._run_through_graph(
                inputs, operation_fn=lambda operation: functools.partial(self.call, operation)
            )
        rule = rule_of(layer)
        children: list[_ChildCall] = []
        try:
            if rule is None:
                outputs, children = _trace_children(layer, args, kwargs)
            else:
                outputs = layer.compute_output_spec(*args, **kwargs)
        except Exception as error:
            cause = (str(error).splitlines() or [type(error).__name__])[0]
            raise CountError(
                f"layer {_title(layer)}: cannot determine its output shape: {cause}"
            ) from error
        self._record(layer, rule, args, kwargs, outputs)
        for child in children:
            self._count_child(child)
        return outputs

    def _count_child(self, child: _ChildCall) -> None:
        """Adds a call inside a layer that has no rule; the memory of its tensors is left out."""
        walk = Walk()
        walk.call(child.layer, *child.args, **child.kwargs)
        self.layers += walk.layers
        self.uncounted += walk.uncounted

    def _wrapped_macs(self, layer: Any, shape: Shape) -> int:
        """MACs of the layer inside a wrapper for one tensor of this shape (for wrapper rules)."""
        walk = Walk()
        walk.call(layer, keras.KerasTensor(shape, dtype=layer.compute_dtype))
        self.uncounted += walk.uncounted
        return walk.macs

    def _record(
        self, layer: Any, rule: Rule | None, args: tuple[Any, ...], kwargs: Any, outputs: Any
    ) -> None:
        """Adds one call: its MACs and its tensors."""
        inputs, results = symbolic_tensors((args, kwargs)), symbolic_tensors(outputs)
        shapes = _shapes(results)
        macs: int | None = None
        if rule is not None:
            # TypeError: a size is None.
            with suppress(UncountableError, TypeError):
                macs = rule(Call(layer, _shapes(inputs), shapes, args, kwargs, self._wrapped_macs))
        if macs is None:
            self.uncounted.append(_title(layer))
        output = shapes[0][1:] if shapes else ()
        self.layers.append(LayerCount(layer.name, type(layer).__name__, output, macs))
        views = is_view(layer) and len(inputs) == len(results)
        self.activations.record(inputs, results, views=views)


def graph_of(layer: Any) -> Any:
    """The graph of layers that a model runs.

    Returns:
        A Keras `Functional`; None if the layer is not a model, or has a `call` of its own.
    """
    for base in type(layer).__mro__:
        if of_keras(base) and base.__name__ in ("Functional", "Sequential"):
            if type(layer).call is not vars(base)["call"]:
                return None
            return layer if base.__name__ == "Functional" else layer._functional
    return None


def symbolic_tensors(structure: Any) -> list[Any]:
    """The symbolic tensors in nested arguments, in order."""
    return [leaf for leaf in keras.tree.flatten(structure) if isinstance(leaf, keras.KerasTensor)]


def _shapes(tensors: list[Any]) -> tuple[Shape, ...]:
    return tuple(tuple(tensor.shape) for tensor in tensors)


def _title(layer: Any) -> str:
    return f"{layer.name} ({type(layer).__name__})"


def _trace_children(
    layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, list[_ChildCall]]:
    """Traces a layer that has no rule.

    The `call` of each child is replaced on the instance while the trace runs.

    Returns:
        The layer's symbolic outputs, and the calls of the layers directly inside it.
    """
    calls: list[_ChildCall] = []

    def recording(child: Any) -> Callable[..., Any]:
        original = child.call

        @functools.wraps(original)
        def call(*its_args: Any, **its_kwargs: Any) -> Any:
            symbols = keras.tree.map_structure(_symbolic, (its_args, its_kwargs))
            calls.append(_ChildCall(child, *symbols))
            return original(*its_args, **its_kwargs)

        return call

    if not isinstance(layer, keras.Layer):
        return layer.compute_output_spec(*args, **kwargs), calls
    children = [
        child
        for child in layer._flatten_layers(include_self=False, recursive=False)
        if "call" not in vars(child)
    ]
    # Not by assignment: Keras tracks what is assigned to a layer's attributes.
    for child in children:
        object.__setattr__(child, "call", recording(child))
    try:
        # Keras would not trace a layer that defines `compute_output_shape`; `Operation` does.
        return keras.Operation.compute_output_spec(layer, *args, **kwargs), calls
    finally:
        for child in children:
            object.__delattr__(child, "call")


def _symbolic(leaf: Any) -> Any:
    """A tensor of the backend as a symbolic tensor of the same shape and type."""
    if not hasattr(leaf, "shape") or not hasattr(leaf, "dtype"):
        return leaf
    dtype = keras.backend.standardize_dtype(leaf.dtype)
    return keras.KerasTensor(tuple(leaf.shape), dtype=dtype)
