"""Parameters, multiply-accumulates and activation memory of a Keras model, computed, not measured.

The model is walked call by call with symbolic tensors, so that nothing is executed: a layer that is
called twice counts twice, nested models are walked through, and shapes are those of this call.
What a MAC is, and the rule of each layer, stands in `hwsearch.counting.mac_rules`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from hwsearch.counting.mac_rules import (
    Call,
    Rule,
    Shape,
    UncountableError,
    is_view,
    of_keras,
    rule_of,
    size,
)
from hwsearch.errors import UserError


class CountError(UserError):
    """The model cannot be walked: what is missing."""


@dataclass(frozen=True, slots=True)
class LayerCount:
    """One call of one layer.

    Attributes:
        name: The layer's name.
        kind: Its class.
        output: Shape of its (first) output without the batch axis.
        macs: Of this call per image; None if it cannot be counted.
    """

    name: str
    kind: str
    output: tuple[int | None, ...]
    macs: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a model needs, per image where that makes a difference.

    Attributes:
        params: Numbers in all weights, each weight once; trainable or not.
        trainable_params: Those of them that training changes.
        weight_bytes: Memory of all weights in their own types.
        macs: Multiply-accumulates of one inference of one image. A lower bound if `uncounted`.
        activation_bytes: Peak of the tensors alive at once in one inference of one image, layers
            run one after the other in Keras' order: model inputs and layer outputs, each from the
            call that makes it until its last use (outputs of the model: to the end), in the type
            that Keras computes in. Flatten, Reshape, Dropout and the like share their input's
            memory; nothing else works in place. What a layer needs inside (attention scores, gates,
            unfolded images) and the weights are not in it.
        activation_bytes_total: All of these tensors together: about what training keeps for the
            backward pass, per image.
        uncounted: `name (Class)` of each layer whose arithmetic is not known; its share is missing
            in `macs`.
        layers: Each call in turn.
    """

    params: int
    trainable_params: int
    weight_bytes: int
    macs: int
    activation_bytes: int
    activation_bytes_total: int
    uncounted: tuple[str, ...]
    layers: tuple[LayerCount, ...]

    @property
    def exact(self) -> bool:
        """Whether every layer could be counted."""
        return not self.uncounted

    def summary(self) -> dict[str, Any]:
        """A dictionary for the job document, without the single layers."""
        return {name: value for name, value in asdict(self).items() if name != "layers"} | {
            "uncounted": list(self.uncounted)
        }


def count(
    model: Any, input_shapes: Sequence[Sequence[int]] | Sequence[int] | None = None
) -> Counts:
    """Counts a Keras model. Neither runs nor changes it (an unbuilt one is built).

    Args:
        model: A `keras.Model`.
        input_shapes: Shape of one image, or a list of shapes for several inputs, without the batch
            axis; needed where the model itself leaves dimensions open.

    Raises:
        CountError: The model's input shape is not known.
    """
    inputs, batch = _inputs(model, _several(input_shapes))
    walk = _Walk()
    peak, total = walk.memory(walk.call(model, inputs))
    weights = model.weights
    return Counts(
        params=sum(size(w.shape) for w in weights),
        trainable_params=sum(size(w.shape) for w in model.trainable_weights),
        weight_bytes=sum(size(w.shape) * _item_bytes(w.dtype) for w in weights),
        macs=walk.macs // batch,
        activation_bytes=peak // batch,
        activation_bytes_total=total // batch,
        uncounted=tuple(dict.fromkeys(walk.uncounted)),
        layers=tuple(
            layer if layer.macs is None else replace(layer, macs=layer.macs // batch)
            for layer in walk.layers
        ),
    )


def _several(shapes: Any) -> list[tuple[int, ...]] | None:
    if shapes is None:
        return None
    shapes = list(shapes)
    if not shapes or isinstance(shapes[0], int):
        return [tuple(shapes)]
    return [tuple(shape) for shape in shapes]


def _inputs(model: Any, given: list[tuple[int, ...]] | None) -> tuple[Any, int]:
    """Symbolic inputs for the model, and their batch size (1 unless the model fixes it)."""
    import keras  # noqa: PLC0415  - heavy

    if isinstance(model, keras.Sequential) and not model.built and given:
        model.build((None, *given[0]))
    structure = _declared(model)
    if structure is None:
        if given is None:
            raise CountError(
                f"model {model.name!r} does not tell the shape of its input; begin it with "
                "keras.Input(shape), or name the shape of one image"
            )
        tensors = [keras.KerasTensor((1, *shape), dtype=model.compute_dtype) for shape in given]
        return (tensors[0] if len(tensors) == 1 else tensors), 1
    known = keras.tree.flatten(structure)
    if given is not None and len(given) != len(known):
        raise CountError(f"model {model.name!r} has {len(known)} inputs, got {len(given)} shapes")
    batch = next((int(tensor.shape[0]) for tensor in known if tensor.shape[0]), 1)
    tensors = []
    for number, tensor in enumerate(known):
        own = tuple(tensor.shape[1:])
        shape = given[number] if given is not None else own
        if None in shape:
            raise CountError(
                f"model {model.name!r} leaves the shape of its input open: {own}; "
                "name the shape of one image"
            )
        if len(shape) != len(own) or any(
            b not in {None, a} for a, b in zip(shape, own, strict=False)
        ):
            raise CountError(f"model {model.name!r} takes {own} for one image, got {shape}")
        tensors.append(keras.KerasTensor((batch, *shape), dtype=tensor.dtype))
    return keras.tree.pack_sequence_as(structure, tensors), batch


def _declared(model: Any) -> Any:
    """The symbolic inputs of a graph of layers, as they are nested; None for other models."""
    graph = _graph(model)
    return None if graph is None else graph._inputs_struct


def _item_bytes(dtype: str) -> int:
    """Bytes of one number: "bfloat16" -> 2; less than a byte counts as one."""
    bits = "".join(filter(str.isdigit, dtype.partition("_")[0]))
    return max(int(bits or 8) // 8, 1)


def _tensors(structure: Any) -> list[Any]:
    """The symbolic tensors in nested arguments, in order."""
    import keras  # noqa: PLC0415  - heavy

    return [leaf for leaf in keras.tree.flatten(structure) if isinstance(leaf, keras.KerasTensor)]


def _shapes(tensors: list[Any]) -> tuple[Shape, ...]:
    return tuple(tuple(tensor.shape) for tensor in tensors)


@dataclass(frozen=True, slots=True)
class _Event:
    """A call in the order of execution: ids of the memory it reads and of what it makes."""

    reads: tuple[int, ...]
    makes: tuple[int, ...]


class _Walk:
    """Follows symbolic tensors through a model and notes every call."""

    def __init__(self) -> None:
        self.layers: list[LayerCount] = []
        self.uncounted: list[str] = []
        self._events: list[_Event] = []
        self._memory: dict[int, int] = {}  # id of a tensor -> id of the tensor whose memory it has
        self._bytes: dict[int, int] = {}
        self._kept: list[Any] = []  # ids stay unique only while their tensors live

    @property
    def macs(self) -> int:
        """Of all calls that could be counted."""
        return sum(layer.macs or 0 for layer in self.layers)

    def call(self, layer: Any, *args: Any, **kwargs: Any) -> Any:
        """One call of a layer, model or operation on symbolic tensors; returns what it puts out."""
        graph = _graph(layer)
        if graph is not None:
            inputs = _tensors((args, kwargs))
            for tensor in inputs:
                self._hold(tensor)
            return graph._run_through_graph(
                inputs, operation_fn=lambda operation: functools.partial(self.call, operation)
            )
        try:
            rule: Rule | None = rule_of(layer)
        except UncountableError:
            rule = None
        try:
            if rule is None:
                outputs, inner = _listen(layer, args, kwargs)
            else:
                outputs, inner = layer.compute_output_spec(*args, **kwargs), []
        except Exception as error:
            text = (str(error).splitlines() or [type(error).__name__])[0]
            raise CountError(
                f"layer {_title(layer)}: the shape of its output cannot be told: {text}"
            ) from error
        self._note(layer, rule, args, kwargs, outputs)
        for part, its_args, its_kwargs in inner:
            self._inside(part, *its_args, **its_kwargs)
        return outputs

    def _inside(self, layer: Any, *args: Any, **kwargs: Any) -> int:
        """MACs of a call inside another layer; its memory is left out. Unknown ones are named."""
        walk = _Walk()
        walk.call(layer, *args, **kwargs)
        self.layers += walk.layers
        self.uncounted += walk.uncounted
        return walk.macs

    def _wrapped(self, layer: Any, shape: Shape) -> int:
        """MACs of the layer in a wrapper on a tensor of this shape, for the wrapper's rule."""
        import keras  # noqa: PLC0415  - heavy

        walk = _Walk()
        walk.call(layer, keras.KerasTensor(shape, dtype=layer.compute_dtype))
        self.uncounted += walk.uncounted
        return walk.macs

    def _note(
        self, layer: Any, rule: Rule | None, args: tuple[Any, ...], kwargs: Any, outputs: Any
    ) -> None:
        sources, results = _tensors((args, kwargs)), _tensors(outputs)
        shapes = _shapes(results)
        macs: int | None = None
        if rule is not None:
            with suppress(UncountableError, TypeError):  # None among the sizes
                macs = rule(Call(layer, _shapes(sources), shapes, args, kwargs, self._wrapped))
        if macs is None:
            self.uncounted.append(_title(layer))
        output = shapes[0][1:] if shapes else ()
        self.layers.append(LayerCount(layer.name, type(layer).__name__, output, macs))
        for tensor in sources:
            self._hold(tensor)
        share = is_view(layer) and len(sources) == len(results)
        for number, tensor in enumerate(results):
            self._hold(tensor, sources[number] if share else None)
        reads, makes = (tuple(self._memory[id(t)] for t in side) for side in (sources, results))
        self._events.append(_Event(reads, makes))

    def _hold(self, tensor: Any, shares: Any = None) -> None:
        """Gives a new tensor memory: its own, or that of the tensor it is a view of."""
        if id(tensor) in self._memory:
            return
        self._kept.append(tensor)
        if shares is not None:
            self._memory[id(tensor)] = self._memory[id(shares)]
            return
        self._memory[id(tensor)] = id(tensor)
        known = (length for length in tensor.shape if length is not None)
        self._bytes[id(tensor)] = size(known) * _item_bytes(tensor.dtype)

    def memory(self, outputs: Any) -> tuple[int, int]:
        """Peak of live bytes, and bytes of all tensors, for the calls noted so far."""
        last = {
            memory: step
            for step, event in enumerate(self._events)
            for memory in (*event.reads, *event.makes)
        }
        last.update({self._memory[id(t)]: len(self._events) for t in _tensors(outputs)})
        made = {memory for event in self._events for memory in event.makes}
        alive = {memory for memory in self._bytes if memory not in made}  # the model's inputs
        peak = sum(self._bytes[memory] for memory in alive)
        for step, event in enumerate(self._events):
            alive |= set(event.makes)
            peak = max(peak, sum(self._bytes[memory] for memory in alive))
            alive = {memory for memory in alive if last.get(memory, -1) > step}
        return peak, sum(self._bytes.values())


def _title(layer: Any) -> str:
    return f"{layer.name} ({type(layer).__name__})"


def _graph(layer: Any) -> Any:
    """The graph of layers that a model runs, or None if it is no graph or has code of its own."""
    for base in type(layer).__mro__:
        if of_keras(base) and base.__name__ in ("Functional", "Sequential"):
            if type(layer).call is not vars(base)["call"]:
                return None
            return layer if base.__name__ == "Functional" else layer._functional
    return None


def _listen(layer: Any, args: tuple[Any, ...], kwargs: Any) -> tuple[Any, list[Any]]:
    """Traces a layer without a rule: what it puts out, and the calls of its parts.

    The parts' `call` is shadowed on the instance while the trace runs.
    """
    import keras  # noqa: PLC0415  - heavy

    heard: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []

    def symbolic(leaf: Any) -> Any:
        if not hasattr(leaf, "shape") or not hasattr(leaf, "dtype"):
            return leaf
        dtype = keras.backend.standardize_dtype(leaf.dtype)
        return keras.KerasTensor(tuple(leaf.shape), dtype=dtype)

    def noting(part: Any) -> Callable[..., Any]:
        original = part.call

        @functools.wraps(original)
        def call(*its_args: Any, **its_kwargs: Any) -> Any:
            heard.append((part, *keras.tree.map_structure(symbolic, (its_args, its_kwargs))))
            return original(*its_args, **its_kwargs)

        return call

    is_layer = isinstance(layer, keras.Layer)
    parts = layer._flatten_layers(include_self=False, recursive=False) if is_layer else ()
    parts = [part for part in parts if "call" not in vars(part)]
    for part in parts:
        object.__setattr__(part, "call", noting(part))
    try:
        if is_layer:  # Keras would skip the trace of a layer that tells its output's shape
            return keras.Operation.compute_output_spec(layer, *args, **kwargs), heard
        return layer.compute_output_spec(*args, **kwargs), heard
    finally:
        for part in parts:
            object.__delattr__(part, "call")
