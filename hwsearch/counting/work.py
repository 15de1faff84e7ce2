"""What kinds of work a call does, besides its multiply-accumulates: what its time depends on.

Two layers with the same number of multiply-accumulates (MACs) can take very different times: a
convolution copies its input once per tap of the kernel, pooling looks at every element of its
windows, and a `tanh` costs far more than a `relu`. The hardware models of `hwsearch.predicting` put
a price on each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Any

from hwsearch.counting import convolutions
from hwsearch.counting.call import Call, UncountableError, size
from hwsearch.counting.mac_rules import arithmetic_of, axes_of, is_view
from hwsearch.keras_runtime import keras

#: Activation functions that need more than a comparison or a multiplication per element.
_CURVED = """
    celu elu exponential gelu glu hard_tanh log_sigmoid log_softmax mish selu sigmoid silu softmax
    softplus softsign swish tanh tanh_shrink
"""
CURVED = frozenset(_CURVED.split())
#: Layers and operations that are such a function themselves, in lower case without underscores.
CURVED_LAYERS = frozenset(name.replace("_", "") for name in CURVED)

#: What rules raise if they do not know a size.
_UNKNOWN = (UncountableError, TypeError, AttributeError, IndexError, ZeroDivisionError)
#: Kinds of work of a whole network, which are not divided by the batch.
_OF_NETWORK = frozenset(["calls", "blocks", "kernels"])


@dataclass(frozen=True, slots=True)
class Work:
    """Work of one inference; of the whole batch where a call is meant, else per image.

    Attributes:
        convolution_macs: MACs of convolutions.
        other_macs: MACs of everything else: dense layers, attention, recurrence, layers with code
            of their own.
        unfolded: Kernel taps times input channels times output positions of convolutions: elements
            of the input if it is copied once per tap.
        pooled: Elements in the windows of pooling layers.
        curved: Elements that go through a function such as tanh, elu, gelu or softmax.
        calls: Calls of layers and operations that compute something; not divided by the batch.
        filled_macs: MACs of convolutions as libraries compute them: without the taps on padding,
            with channels filled up (see `hwsearch.counting.convolutions`).
        convolved: Output elements of convolutions, filled up in the same way.
        blocks: Passes over the inputs of convolutions, one per 64 output channels; not divided by
            the batch.
        kernels: Numbers in the weights of convolutions, of which libraries keep a reordered copy;
            not divided by the batch.
    """

    convolution_macs: float = 0
    other_macs: float = 0
    unfolded: float = 0
    pooled: float = 0
    curved: float = 0
    calls: float = 0
    filled_macs: float = 0
    convolved: float = 0
    blocks: float = 0
    kernels: float = 0

    def per_image(self, batch: int) -> Work:
        """Work of a whole batch, divided by its size, except for what does not grow with it."""
        parts = {f.name: getattr(self, f.name) for f in fields(self)}
        return Work(**{n: v if n in _OF_NETWORK else v / batch for n, v in parts.items()})


NO_WORK = Work()


def sum_of(works: Iterable[Work]) -> Work:
    """The sum of several calls."""
    works = list(works)
    return Work(**{f.name: sum(getattr(work, f.name) for work in works) for f in fields(Work)})


def work_of(call: Call, macs: int, *, is_container: bool = False) -> Work:
    """The work of one call.

    Args:
        call: The call, with the shapes of its inputs and outputs.
        macs: Its MACs; 0 if they are unknown.
        is_container: Whether it only calls other layers, which are counted by themselves.
    """
    inner = _inner(call.layer)
    is_convolution = "Conv" in _kind(inner)
    return Work(
        convolution_macs=macs if is_convolution else 0,
        other_macs=0 if is_convolution else macs,
        unfolded=_known(_unfolded, call) if "Conv" in _kind(call.layer) else 0,
        pooled=_known(_pooled, call) if "Pooling" in _kind(call.layer) else 0,
        curved=_known(_curved, call),
        calls=0 if is_view(call.layer) or (is_container and not macs) else 1,
        **(_of_convolution(call, inner, macs) if is_convolution else {}),
    )


def _of_convolution(call: Call, layer: Any, macs: int) -> dict[str, float]:
    """The work that only convolutions do; as the plain arithmetic says if a size is unknown."""
    try:
        channels = convolutions.filters(call, layer)
        return {
            "filled_macs": convolutions.filled_macs(call, layer, _kind(layer), macs),
            "convolved": size(call.output) // channels * convolutions.filled(channels),
            "blocks": convolutions.blocks(channels),
            "kernels": sum(size(weight.shape) for weight in layer.weights),
        }
    except _UNKNOWN:
        return {"filled_macs": macs}


def _kind(layer: Any) -> str:
    """The Keras class whose arithmetic a layer has; "" for code of its own."""
    kind = arithmetic_of(type(layer))
    return kind.__name__ if kind is not None else ""


def _inner(layer: Any) -> Any:
    """The layer inside wrappers such as TimeDistributed."""
    while isinstance(layer, keras.layers.Wrapper):
        layer = layer.layer
    return layer


def _known(rule: Callable[[Call], int], call: Call) -> int:
    """A rule's number; 0 if a size is unknown."""
    try:
        return int(rule(call))
    except _UNKNOWN:
        return 0


def _unfolded(call: Call) -> int:
    layer = call.layer
    positions, _ = axes_of(layer, call.output)
    _, channels = axes_of(layer, call.input)
    return call.input[0] * size(positions) * size(layer.kernel_size) * channels


def _pooled(call: Call) -> int:
    window = getattr(call.layer, "pool_size", None)
    if window is None:  # global and adaptive pooling look at each element once
        return size(call.input)
    return size(call.output) * size(window)


def _curved(call: Call) -> int:
    layer = call.layer
    functions = [getattr(layer, key, None) for key in ("activation", "recurrent_activation")]
    count = sum(_is_curved(function) for function in functions if function is not None)
    if not count and type(layer).__name__.lower() in CURVED_LAYERS:
        count = 1
    return count * size(call.output)


def _is_curved(function: Any) -> bool:
    return getattr(function, "__name__", type(function).__name__).lower() in CURVED
