"""Multiply-accumulates (MACs) of one call of one Keras layer or operation: the table of rules.

A MAC is one multiply-add of a contraction (convolution, dense, attention, recurrence), as counted
by MobileNet (Howard et al. 2017, arXiv 1704.04861, section 3.1) and the TFLite tools. Kernel taps
that fall on padding count, because the dense kernels of the libraries compute them. Element-wise
work (biases, activations, pooling, normalisation, scaling) does not count: batch normalisation is
folded into the layer before it when a network is deployed. Shapes include the batch axis, so a rule
gives the MACs of the whole batch.
"""

from __future__ import annotations

from typing import Any

from hwsearch.counting import mac_free
from hwsearch.counting.call import Call, Rule, Shape, UncountableError, size
from hwsearch.counting.einsum import einsum


def axes_of(layer: Any, shape: Shape) -> tuple[Shape, int]:
    """The spatial part of a shape (batch left out) and its number of channels."""
    if layer.data_format == "channels_first":
        return shape[2:], shape[1]
    return shape[1:-1], shape[-1]


def _refuse_adapters(call: Call) -> None:
    """Raises UncountableError for a layer with low-rank adapters (LoRA)."""
    if getattr(call.layer, "lora_enabled", False):
        raise UncountableError("low-rank adapters multiply matrices of their own")


def _conv(call: Call) -> int:
    _refuse_adapters(call)
    layer = call.layer
    _, channels = axes_of(layer, call.input)
    spatial, filters = axes_of(layer, call.output)
    taps = size(layer.kernel_size) * (channels // layer.groups)
    return int(call.input[0] * size(spatial) * filters * taps)


def _conv_transpose(call: Call) -> int:
    layer = call.layer
    spatial, channels = axes_of(layer, call.input)
    return int(call.input[0] * size(spatial) * channels * size(layer.kernel_size) * layer.filters)


def _depthwise(call: Call) -> int:
    spatial, channels_out = axes_of(call.layer, call.output)
    return call.input[0] * size(spatial) * channels_out * size(call.layer.kernel_size)


def _separable(call: Call) -> int:
    layer = call.layer
    _, channels = axes_of(layer, call.input)
    spatial, filters = axes_of(layer, call.output)
    intermediate = channels * layer.depth_multiplier
    per_position = intermediate * size(layer.kernel_size) + intermediate * filters
    return int(call.input[0] * size(spatial) * per_position)


def _dense(call: Call) -> int:
    _refuse_adapters(call)
    return int(size(call.input) * call.layer.units)


def _einsum_dense(call: Call) -> int:
    _refuse_adapters(call)
    kernel = call.layer.kernel.shape
    return einsum(call.layer.equation, [call.input, tuple(kernel)])


def _dot(call: Call) -> int:
    axes = call.layer.axes
    first = axes if isinstance(axes, int) else axes[0]
    return size(call.output) * call.input[first]


def _shape(operand: Any) -> Shape:
    """Shape of an operand of `keras.ops`: a symbolic tensor, a variable or a constant array."""
    try:
        return tuple(operand.shape)
    except AttributeError:
        raise UncountableError("operand without a shape") from None


def _matmul(call: Call) -> int:
    return size(call.output) * _shape(call.argument("x1"))[-1]


def _tensordot(call: Call) -> int:
    axes = call.layer.axes
    first = _shape(call.argument("x1"))
    if isinstance(axes, int):
        return size(call.output) * size(first[len(first) - axes :])
    chosen = [axes[0]] if isinstance(axes[0], int) else axes[0]
    return size(call.output) * size(first[axis] for axis in chosen)


def _einsum_op(call: Call) -> int:
    return einsum(call.layer.subscripts, [_shape(operand) for operand in call.args])


def _attended(call: Call) -> tuple[Shape, Shape, Shape]:
    """The shapes of query, key and value; that of the value stands for a key that is not given."""
    query, value = (tuple(call.argument(name).shape) for name in ("query", "value"))
    given = call.argument("key")
    return query, value if given is None else tuple(given.shape), value


def _multi_head(call: Call) -> int:
    layer = call.layer
    query, key, value = _attended(call)
    heads, width = layer.num_heads, layer.key_dim
    value_width = layer.value_dim or width
    out = size(call.output[len(query) - 1 :])
    rank = len(query)
    axes = layer._attention_axes or tuple(range(1, rank - 1))
    axes = tuple(a % rank for a in axes)
    free = size(query[a] for a in range(rank - 1) if a not in axes)
    queries, keys = size(query[a] for a in axes), size(value[a] for a in axes)
    projections = free * heads * width * (queries * query[-1] + keys * key[-1])
    projections += free * heads * value_width * (keys * value[-1] + queries * out)
    if getattr(layer, "_use_gate", False):
        projections += free * heads * value_width * queries * query[-1]
    return int(projections + free * heads * queries * keys * (width + value_width))


def _grouped_query(call: Call) -> int:
    layer = call.layer
    query, key, value = _attended(call)
    batch, queries, keys = query[0], query[1], value[1]
    heads, groups, width = layer.num_query_heads, layer.num_key_value_heads, layer.head_dim
    per_query = 3 if getattr(layer, "use_gate", False) else 2  # query, output and gate
    projections = queries * query[-1] * heads * width * per_query
    projections += keys * (key[-1] + value[-1]) * groups * width
    return int(batch * (projections + heads * queries * keys * width * 2))


def _listed(call: Call) -> tuple[Shape, Shape, Shape]:
    """The shapes of query, key and value, of layers that take them as a list."""
    query, value, *rest = (tuple(tensor.shape) for tensor in call.argument("inputs"))
    return query, rest[0] if rest else value, value


def _attention(call: Call) -> int:
    query, key, value = _listed(call)
    batch, queries, keys = size(query[:-2]), query[-2], value[-2]
    if getattr(call.layer, "score_mode", "dot") == "concat":
        raise UncountableError("score_mode 'concat'")
    return int(batch * queries * keys * (key[-1] + value[-1]))


def _additive_attention(call: Call) -> int:
    """A weighted sum of tanh(query + key) per pair, then a weighted mean of the values."""
    query, key, value = _listed(call)
    batch, queries, keys = size(query[:-2]), query[-2], value[-2]
    weighing = key[-1] if call.layer.use_scale else 0
    return int(batch * queries * keys * (weighing + value[-1]))


def _reversible_embedding(call: Call) -> int:
    """A lookup is free; the reverse call computes the product with every embedding."""
    reverse = bool(call.argument("reverse"))
    return size(call.input) * call.layer.input_dim if reverse else 0


GATES = {"SimpleRNNCell": 1, "GRUCell": 3, "LSTMCell": 4}


def _recurrent(call: Call) -> int:
    batch, steps, *features = call.input
    if len(features) != 1:
        raise UncountableError(f"recurrence over inputs of shape {call.input}")
    return size([steps]) * _cell(call, call.layer.cell, batch, features[0])


def _cell(call: Call, cell: Any, batch: int, features: int) -> int:
    """MACs of one step of a batch of sequences."""
    if type(cell).__name__ in GATES and of_keras(type(cell)):
        macs = GATES[type(cell).__name__] * (features * cell.units + cell.units * cell.units)
        return int(batch * macs)
    sizes = cell.state_size
    states = _state_shapes(sizes if isinstance(sizes, list | tuple) else [sizes], batch)
    return _inner(call, cell, (batch, features), states)


def _state_shapes(sizes: Any, batch: int) -> Any:
    """Shapes of a cell's states: a number of features, or a list of such for several states."""
    if isinstance(sizes, list | tuple):
        return [_state_shapes(one, batch) for one in sizes]
    return (batch, sizes)


def _conv_lstm(call: Call) -> int:
    layer, cell = call.layer, call.layer.cell
    batch, steps, *frame = call.input
    one_step = (batch, *frame)
    state = tuple(cell.compute_output_shape(one_step)[0]) if frame else ()
    _, channels = axes_of(cell, one_step)
    spatial, _ = axes_of(cell, state)
    taps = size(cell.kernel_size) * (channels + layer.filters)
    macs: int = batch * size([steps]) * size(spatial) * taps * 4 * layer.filters
    return macs


def _inner(call: Call, layer: Any, *shapes: Any) -> int:
    if call.nested is None:
        raise UncountableError("a wrapper, without a function that counts the wrapped layer")
    return call.nested(layer, *shapes)


def _bidirectional(call: Call) -> int:
    layer = call.layer
    return sum(_inner(call, one, call.input) for one in (layer.forward_layer, layer.backward_layer))


def _time_distributed(call: Call) -> int:
    batch, steps, *rest = call.input
    return size([steps]) * _inner(call, call.layer.layer, (batch, *rest))


def _wrapped(call: Call) -> int:
    return _inner(call, call.layer.layer, call.input)


def _resampling(call: Call) -> int:
    taps = {"nearest": 0, "bilinear": 4, "bicubic": 16}.get(call.layer.interpolation)
    if taps is None:
        raise UncountableError(f"interpolation {call.layer.interpolation!r}")
    return size(call.output) * taps


def _zero(_: Call) -> int:
    return 0


LAYERS: dict[str, Rule] = {
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D"), _conv),
    **dict.fromkeys(("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"), _conv_transpose),
    **dict.fromkeys(("DepthwiseConv1D", "DepthwiseConv2D"), _depthwise),
    **dict.fromkeys(("SeparableConv1D", "SeparableConv2D"), _separable),
    **dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "RNN"), _recurrent),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), _conv_lstm),
    **dict.fromkeys(("UpSampling2D", "Resizing"), _resampling),
    "Dense": _dense,
    "EinsumDense": _einsum_dense,
    "Dot": _dot,
    "MultiHeadAttention": _multi_head,
    "GroupedQueryAttention": _grouped_query,
    "Attention": _attention,
    "AdditiveAttention": _additive_attention,
    "ReversibleEmbedding": _reversible_embedding,
    "Bidirectional": _bidirectional,
    "TimeDistributed": _time_distributed,
    "SpectralNormalization": _wrapped,  # normalises its kernel in training only
}
"""Rules for Keras' layers by the name of their class."""

OPERATIONS: dict[str, Rule] = {
    "Matmul": _matmul,
    "Tensordot": _tensordot,
    "Einsum": _einsum_op,
}
"""Rules for `keras.ops` on symbolic tensors, by the name of their class."""

LAYERS.update(dict.fromkeys(mac_free.LAYERS, _zero))
OPERATIONS.update(dict.fromkeys(mac_free.OPERATIONS, _zero))


def of_keras(kind: type) -> bool:
    """Whether a class is Keras' own."""
    return kind.__module__.split(".")[0] == "keras"


def arithmetic_of(kind: type) -> type | None:
    """The Keras class whose arithmetic a class has: itself, or a base whose `call` it keeps."""
    for base in kind.__mro__:
        if of_keras(base):
            return base
        if {"call", "__call__"} & vars(base).keys():
            return None
    return None


def rule_of(layer: Any) -> Rule | None:
    """The rule for a layer or operation; None if there is none.

    A class derived from a Keras layer has the layer's rule unless it overrides `call`.
    """
    kind = arithmetic_of(type(layer))
    if kind is None:
        return None
    table = OPERATIONS if ".ops." in kind.__module__ else LAYERS
    return table.get(kind.__name__)


def is_view(layer: Any) -> bool:
    """Whether the layer's output takes no memory of its own in inference."""
    kind = arithmetic_of(type(layer))
    return kind is not None and kind.__name__ in mac_free.VIEWS


def is_elementwise(layer: Any) -> bool:
    """Whether the layer's output may take the place of an input that nobody needs any more."""
    kind = arithmetic_of(type(layer))
    return kind is not None and kind.__name__ in mac_free.ELEMENTWISE
