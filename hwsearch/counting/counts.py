"""Parameters, multiply-accumulates and activation memory of a Keras model, without running it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from hwsearch.counting.activations import item_bytes
from hwsearch.counting.call import size
from hwsearch.counting.used_weights import unused
from hwsearch.counting.walk import CountError, LayerCount, Walk, graph_of, symbolic_tensors
from hwsearch.counting.work import NO_WORK, Work, sum_of
from hwsearch.keras_runtime import keras


@dataclass(frozen=True, slots=True)
class Counts:
    """What a model needs; MACs and activations per image.

    Attributes:
        params: Numbers in all weights that inference uses, trainable or not; shared weights count
            once.
        trainable_params: Those of them that training changes.
        weight_bytes: Memory of these weights in their own types.
        macs: Multiply-accumulates of one inference. A lower bound if `uncounted` is not empty.
        activation_bytes: Largest memory of the tensors alive at once in one inference, if the
            layers run one after the other in Keras' order. Model inputs and layer outputs count,
            each from the call that makes it to its last use (outputs of the model: to the end), in
            the type that Keras computes in. Flatten, Reshape, Dropout and the like share their
            input's memory; nothing else works in place. Weights, and what a layer needs inside
            (attention scores, gates, unfolded images), are not included.
        activation_bytes_total: Memory of all these tensors together: about what training keeps for
            the backward pass.
        activation_bytes_in_place: As `activation_bytes`, if normalisations, activations and other
            element-wise layers write over an input that is not needed any more.
        uncounted: `name (Class)` of each layer whose arithmetic is unknown; `macs` does not
            include it.
        layers: One record per call of a layer, in the order of execution.
        work: Kinds of work per image, for predicting costs.
        operations: What code that is not Keras' does, in words, in the order of execution.
        unused: What weights of the model do not count, for people; "" if all do.
    """

    params: int
    trainable_params: int
    weight_bytes: int
    macs: int
    activation_bytes: int
    activation_bytes_total: int
    uncounted: tuple[str, ...]
    layers: tuple[LayerCount, ...]
    work: Work = NO_WORK
    activation_bytes_in_place: int = 0
    operations: tuple[str, ...] = ()
    unused: str = ""

    def summary(self) -> dict[str, Any]:
        """A dictionary for the job document, without single layers and what only models need."""
        left_out = {"layers", "work", "activation_bytes_in_place", "operations", "unused"}
        return {name: value for name, value in asdict(self).items() if name not in left_out} | {
            "uncounted": list(self.uncounted)
        }


def count(
    model: Any,
    input_shapes: Sequence[Sequence[int]] | Sequence[int] | None = None,
    images: Any = None,
) -> Counts:
    """Counts a Keras model without running or changing it (an unbuilt model is built).

    Args:
        model: A `keras.Model`.
        input_shapes: Shape of one image, or a list of shapes for several inputs, without the batch
            axis. Needed if the model leaves dimensions open.
        images: Arrays in the structure that a model with a `call` of its own takes: their types
            matter to it as well, and a dictionary has no order. Other models do not use it.

    Raises:
        CountError: The model's input shape, or the output shape of a layer, is unknown.
    """
    inputs, batch = _inputs(model, _as_list(input_shapes), images)
    walk = Walk()
    outputs = symbolic_tensors(walk.call(model, inputs))
    peak, total = walk.activations.peak_and_total(outputs)
    weights = [weight for weight in model.weights if id(weight) in walk.weights]
    trainable = [weight for weight in model.trainable_weights if id(weight) in walk.weights]
    return Counts(
        params=sum(size(weight.shape) for weight in weights),
        trainable_params=sum(size(weight.shape) for weight in trainable),
        weight_bytes=sum(size(weight.shape) * item_bytes(weight.dtype) for weight in weights),
        macs=walk.macs // batch,
        activation_bytes=peak // batch,
        activation_bytes_total=total // batch,
        uncounted=tuple(dict.fromkeys(walk.uncounted)),
        layers=tuple(
            layer if layer.macs is None else replace(layer, macs=layer.macs // batch)
            for layer in walk.layers
        ),
        work=sum_of(walk.works).per_image(batch),
        activation_bytes_in_place=walk.activations.peak_in_place(outputs) // batch,
        operations=tuple(walk.operations),
        unused=unused(model, walk.weights),
    )


def _as_list(shapes: Any) -> list[tuple[int, ...]] | None:
    """One shape or several as a list of shapes."""
    if shapes is None:
        return None
    shapes = list(shapes)
    if not shapes or isinstance(shapes[0], int):
        return [tuple(shapes)]
    return [tuple(shape) for shape in shapes]


def _inputs(model: Any, given: list[tuple[int, ...]] | None, images: Any) -> tuple[Any, int]:
    """Symbolic inputs for the model, and their batch size (1 unless the model fixes it)."""
    if isinstance(model, keras.Sequential) and not model.built and given:
        model.build((None, *given[0]))
    graph = graph_of(model)
    if graph is None:
        if images is not None:
            dtype = model.compute_dtype
            return keras.tree.map_structure(lambda array: _symbol(array, dtype), images), 1
        if given is None:
            raise CountError(
                f"model {model.name!r}: its input shape is unknown; start it with "
                "keras.Input(shape), or give the shape of one image"
            )
        tensors = [keras.KerasTensor((1, *shape), dtype=model.compute_dtype) for shape in given]
        return (tensors[0] if len(tensors) == 1 else tensors), 1
    declared = keras.tree.flatten(graph._inputs_struct)
    if given is not None and len(given) != len(declared):
        raise CountError(
            f"model {model.name!r}: got {len(given)} input shapes; expected {len(declared)}"
        )
    batch = next((int(tensor.shape[0]) for tensor in declared if tensor.shape[0]), 1)
    tensors = []
    shapes: Sequence[tuple[int, ...] | None] = given or [None] * len(declared)
    for tensor, shape in zip(declared, shapes, strict=True):
        image = _image_shape(model.name, tuple(tensor.shape[1:]), shape)
        tensors.append(keras.KerasTensor((batch, *image), dtype=tensor.dtype))
    return keras.tree.pack_sequence_as(graph._inputs_struct, tensors), batch


def _symbol(array: Any, compute_dtype: str) -> Any:
    """One image of an array as a symbolic tensor: Keras casts real numbers, and nothing else."""
    if getattr(array.dtype, "kind", "") in {"O", "S", "U"}:
        dtype = "string"
    else:
        dtype = keras.backend.standardize_dtype(array.dtype)
    if keras.backend.is_float_dtype(dtype):
        dtype = compute_dtype
    return keras.KerasTensor((1, *array.shape[1:]), dtype=dtype)


def _image_shape(
    name: str, declared: tuple[int | None, ...], given: tuple[int, ...] | None
) -> tuple[int | None, ...]:
    """The shape of one image for one input: as given, if it fits what the model declares."""
    shape = declared if given is None else given
    if None in shape:
        raise CountError(
            f"model {name!r}: its input shape {declared} has unknown dimensions; "
            "give the shape of one image"
        )
    fits = len(shape) == len(declared) and all(
        known in {None, length} for known, length in zip(declared, shape, strict=True)
    )
    if not fits:
        raise CountError(
            f"model {name!r}: got {given} as the shape of one image; expected {declared}"
        )
    return shape
