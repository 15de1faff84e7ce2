"""A walk through a Keras model, call by call, with symbolic tensors: nothing is executed.

A layer that is called twice is counted twice, nested models are walked through, and all shapes are
those of the call at hand. The multiply-accumulates (MACs) of a call come from the layer's attribute
`macs` if it has one, else from the rules in `hwsearch.counting.mac_rules`. Where there is no rule,
the backend traces the layer's code: the operations in it are counted, and so are the layers that it
calls.
"""

from __future__ import annotations

import functools
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hwsearch.counting import used_weights
from hwsearch.counting.activations import Activations
from hwsearch.counting.call import Call, Shape, UncountableError
from hwsearch.counting.mac_rules import is_elementwise, is_view, of_keras, rule_of
from hwsearch.counting.own_code import (
    ChildCall,
    StatementError,
    Traced,
    declared_macs,
    of_activations,
    operations_of,
    trace,
)
from hwsearch.counting.work import Work, work_of
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


class Walk:
    """Follows symbolic tensors through a model and records every call.

    Attributes:
        layers: One record per call, in the order of execution; MACs of the whole batch.
        works: The work of every call, of the whole batch.
        uncounted: `name (Class)` of each call whose MACs are unknown, or `name (Class: reason)`.
        activations: Memory of the tensors.
        operations: What code that is not Keras' does, in words.
        weights: Those that the calls use, by their `id`.
    """

    def __init__(self) -> None:
        self.layers: list[LayerCount] = []
        self.works: list[Work] = []
        self.uncounted: list[str] = []
        self.activations = Activations()
        self.operations: list[str] = []
        self.weights: dict[int, Any] = {}

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
            self.weights |= used_weights.own(layer)
            return graph._run_through_graph(
                inputs, operation_fn=lambda operation: functools.partial(self.call, operation)
            )
        try:
            counted = self._count(layer, args, kwargs)
        except StatementError as error:
            raise CountError(f"layer {_title(layer)}: {error}") from error
        except Exception as error:
            raise CountError(
                f"layer {_title(layer)}: cannot determine its output shape: {_cause(error)}"
            ) from error
        self._record(layer, counted, (args, kwargs))
        for child in counted.children:
            self._count_child(child)
        return counted.outputs

    def _count(self, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Traced:
        """Counts one call, without the layers inside that the result names."""
        shapes = _shapes(symbolic_tensors((args, kwargs)))
        if (declared := declared_macs(layer, shapes)) is not None:
            outputs = layer.compute_output_spec(*args, **kwargs)
            operations, weights = operations_of(layer, args, kwargs), used_weights.of_all(layer)
            return Traced(declared, outputs, operations=operations, weights=weights)
        rule = rule_of(layer)
        if rule is not None:
            outputs = layer.compute_output_spec(*args, **kwargs)
            results = _shapes(symbolic_tensors(outputs))
            # TypeError: a size is None.
            with suppress(UncountableError, TypeError):
                call = Call(layer, shapes, results, args, kwargs, self._wrapped_macs)
                operations, weights = of_activations(layer, outputs), used_weights.of_all(layer)
                return Traced(rule(call), outputs, operations=operations, weights=weights)
        return trace(layer, args, kwargs)

    def _count_child(self, child: ChildCall) -> None:
        """Adds a call inside a layer that has no rule; the memory of its tensors is left out."""
        walk = Walk()
        walk.call(child.layer, *child.args, **child.kwargs)
        self.layers += walk.layers
        self.works += walk.works
        self.uncounted += walk.uncounted
        self.operations += walk.operations
        self.weights |= walk.weights

    def _wrapped_macs(self, layer: Any, *shapes: Any) -> int:
        """MACs of the layer inside a wrapper for one call (for wrapper rules).

        Args:
            layer: The inner layer.
            shapes: The call's arguments: shapes, or lists of shapes.
        """
        walk = Walk()
        walk.call(layer, *(_symbols(shape, layer.compute_dtype) for shape in shapes))
        self.uncounted += walk.uncounted
        self.operations += walk.operations
        return walk.macs

    def _record(self, layer: Any, counted: Traced, arguments: Any) -> None:
        """Adds one call: its MACs and its tensors."""
        inputs, results = symbolic_tensors(arguments), symbolic_tensors(counted.outputs)
        self.operations += counted.operations
        self.weights |= counted.weights
        if counted.macs is None:
            reason = f": {', '.join(counted.unknown)}" if counted.unknown else ""
            self.uncounted.append(f"{layer.name} ({type(layer).__name__}{reason})")
        output = tuple(results[0].shape)[1:] if results else ()
        self.layers.append(LayerCount(layer.name, type(layer).__name__, output, counted.macs))
        call = Call(layer, _shapes(inputs), _shapes(results))
        self.works.append(work_of(call, counted.macs or 0, is_container=bool(counted.children)))
        views = is_view(layer) and len(inputs) == len(results)
        self.activations.record(inputs, results, views=views, in_place=is_elementwise(layer))


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


def _symbols(shape: Any, dtype: str) -> Any:
    """Symbolic tensors for a shape or a list of shapes."""
    if isinstance(shape, list):
        return [_symbols(one, dtype) for one in shape]
    return keras.KerasTensor(shape, dtype=dtype)


def _shapes(tensors: list[Any]) -> tuple[Shape, ...]:
    return tuple(tuple(tensor.shape) for tensor in tensors)


def _cause(error: Exception) -> str:
    """The line of a message with its cause: Keras says first which layer it was called for."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    while len(lines) > 1 and re.search(r"Error encountered:$|^Exception encountered", lines[0]):
        lines.pop(0)
    return lines[0] if lines else type(error).__name__


def _title(layer: Any) -> str:
    return f"{layer.name} ({type(layer).__name__})"
